/* Reporting rounds and their moves. The round's scope and papers are round_measure.c and
 * board_pack.c. */
#include "operation.h"

#include "reporting_round.sql.h"

const struct binding reporting_round_bindings[] = {
    {"assessReportingRound", operation_act, &reporting_round_assess, &reporting_round_select},
    {"cancelReportingRound", operation_act, &reporting_round_cancel, &reporting_round_select},
    {"closeReportingRound", operation_act, &reporting_round_close, &reporting_round_select},
    {"createReportingRound", operation_create, &reporting_round_create, &reporting_round_select},
    {"getReportingRound", operation_get, .reads = &reporting_round_select},
    {"listReportingRounds", operation_list, .reads = &reporting_round_select},
    {"openReportingRound", operation_act, &reporting_round_open, &reporting_round_select},
    {"presentReportingRound", operation_act, &reporting_round_present, &reporting_round_select},
    {"publishReportingRound", operation_act, &reporting_round_publish, &reporting_round_select},
    {"putReportingRound", operation_put, &reporting_round_create, &reporting_round_select,
     &reporting_round_find, &reporting_round_update},
    {"remindReportingRound", operation_act, &reporting_round_remind, &reporting_round_select},
    {"startReportingRoundReview", operation_act, &reporting_round_review, &reporting_round_select},
    {"updateReportingRound", operation_update, &reporting_round_update, &reporting_round_select},
    {0},
};

const struct constraint reporting_round_constraints[] = {
    {"reporting_round_assessing_body_exists", "/assessing_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"reporting_round_assessment_decision_exists", "/decision_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"reporting_round_assessment_ordered", "/assessment_ends_on", PROBLEM_RULE_BROKEN},
    {"reporting_round_days_ordered", "/invite_on", PROBLEM_RULE_BROKEN},
    {"reporting_round_onward_body_exists", "/onward_report_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"reporting_round_onward_decision_exists", "/decision_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"reporting_round_start_decision_exists", "/start_decision_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"reporting_round_year_unique", "/year", PROBLEM_ROUND_EXISTS},
    {0},
};
