/* Decisions of bodies. */
#include "operation.h"

#include "decision.sql.h"

const struct binding decision_bindings[] = {
    {"createDecision", operation_create, &decision_create, &decision_select},
    {"getDecision", operation_get, .reads = &decision_select},
    {"listDecisions", operation_list, .reads = &decision_select},
    {"publishDecision", operation_act, &decision_publish, &decision_select},
    {"putDecision", operation_put, &decision_create, &decision_select, &decision_find,
     &decision_update},
    {0},
};

const struct constraint decision_constraints[] = {
    {"decision_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"decision_body_given", "/body_id", PROBLEM_MEMBER_REQUIRED},
    {"decision_section_unique", "/section_number", PROBLEM_DECISION_EXISTS},
    {0},
};
