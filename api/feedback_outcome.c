/* What was done about feedback. */
#include "operation.h"

#include "feedback_outcome.sql.h"

const struct binding feedback_outcome_bindings[] = {
    {"createFeedbackOutcome", operation_create, &feedback_outcome_create, &feedback_outcome_select},
    {"deleteFeedbackOutcome", operation_delete, &feedback_outcome_delete, &feedback_outcome_select},
    {"getFeedbackOutcome", operation_get, .reads = &feedback_outcome_select},
    {"listFeedbackOutcomes", operation_list, .reads = &feedback_outcome_select},
    {0},
};

const struct constraint feedback_outcome_constraints[] = {
    {"feedback_outcome_decision_exists", "/decision_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_outcome_measure_line_exists", "/measure_line_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_outcome_proposal_exists", "/proposal_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_outcome_report_exists", "/report_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_outcome_unique", "/feedback_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
