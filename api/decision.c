/* Decisions of bodies, and the matters they come from. Their moves are decision_life.c. */
#include "operation.h"

#include "decision.sql.h"

const struct binding decision_bindings[] = {
    {"createDecision", operation_create, &decision_create, &decision_select},
    {"getDecision", operation_get, .reads = &decision_select},
    {"listDecisions", operation_list, .reads = &decision_select},
    {"putDecision", operation_put, &decision_create, &decision_select, &decision_find,
     &decision_update},
    {"updateDecision", operation_update, &decision_update, &decision_select},
    {0},
};

const struct constraint decision_constraints[] = {
    {"decision_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"decision_body_given", "/body_id", PROBLEM_MEMBER_REQUIRED},
    {"decision_outcome_given", "/outcome", PROBLEM_RULE_BROKEN},
    {"decision_outcome_in_time", "/decision", PROBLEM_RULE_BROKEN},
    {"decision_record_in_time", "/decision", PROBLEM_MEMBER_REQUIRED},
    {"decision_section_unique", "/section_number", PROBLEM_DECISION_EXISTS},
    {0},
};
