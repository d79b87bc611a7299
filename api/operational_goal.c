/* Operational goals of a year. */
#include "operation.h"

#include "operational_goal.sql.h"

const struct binding operational_goal_bindings[] = {
    {"createOperationalGoal", operation_create, &operational_goal_create, &operational_goal_select},
    {"deleteOperationalGoal", operation_delete, &operational_goal_delete, &operational_goal_select},
    {"getOperationalGoal", operation_get, .reads = &operational_goal_select},
    {"listOperationalGoals", operation_list, .reads = &operational_goal_select},
    {"putOperationalGoal", operation_put, &operational_goal_create, &operational_goal_select,
     &operational_goal_find, &operational_goal_update},
    {"updateOperationalGoal", operation_update, &operational_goal_update, &operational_goal_select},
    {0},
};

const struct constraint operational_goal_constraints[] = {
    {"operational_goal_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"operational_goal_strategic_exists", "/strategic_goal_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
