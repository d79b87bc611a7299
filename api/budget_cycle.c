/* Cycles of participatory budgeting and the moves of their early phases. */
#include "operation.h"

#include "budget_cycle.sql.h"
#include "evidence.h"

const struct binding budget_cycle_bindings[] = {
    {"cancelBudgetCycle", operation_act, &budget_cycle_cancel, &budget_cycle_select,
     .effect = evidence_keep_head},
    {"createBudgetCycle", operation_create, &budget_cycle_create, &budget_cycle_select},
    {"developBudgetCycle", operation_act, &budget_cycle_develop, &budget_cycle_select},
    {"getBudgetCycle", operation_get, .reads = &budget_cycle_select},
    {"listBudgetCycles", operation_list, .reads = &budget_cycle_select},
    {"openBudgetCycleIdeas", operation_act, &budget_cycle_open_ideas, &budget_cycle_select},
    {"putBudgetCycle", operation_put, &budget_cycle_create, &budget_cycle_select,
     &budget_cycle_find, &budget_cycle_update},
    {"updateBudgetCycle", operation_update, &budget_cycle_update, &budget_cycle_select},
    {0},
};

const struct constraint budget_cycle_constraints[] = {
    {"budget_cycle_confirming_body_exists", "/confirming_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"budget_cycle_decision_exists", "/decision_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"budget_cycle_decision_once", "/decision_id", PROBLEM_DECISION_USED},
    {"budget_cycle_ideas_ordered", "/ideas_end_at", PROBLEM_RULE_BROKEN},
    {"budget_cycle_phases_apart", "/voting_starts_at", PROBLEM_RULE_BROKEN},
    {"budget_cycle_voting_ordered", "/voting_ends_at", PROBLEM_RULE_BROKEN},
    {"budget_cycle_years_ordered", "/end_year", PROBLEM_RULE_BROKEN},
    {"budget_share_area_exists", "/shares", PROBLEM_REFERENCE_NOT_FOUND},
    {"budget_share_pkey", "/shares", PROBLEM_ALREADY_EXISTS},
    {0},
};
