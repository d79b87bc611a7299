/* Strategic goals. Below them stand operational goals and metrics; goal_chain.c shows all three. */
#include "operation.h"

#include "strategic_goal.sql.h"

const struct binding strategic_goal_bindings[] = {
    {"createStrategicGoal", operation_create, &strategic_goal_create, &strategic_goal_select},
    {"deleteStrategicGoal", operation_delete, &strategic_goal_delete, &strategic_goal_select},
    {"getStrategicGoal", operation_get, .reads = &strategic_goal_select},
    {"listStrategicGoals", operation_list, .reads = &strategic_goal_select},
    {"putStrategicGoal", operation_put, &strategic_goal_create, &strategic_goal_select,
     &strategic_goal_find, &strategic_goal_update},
    {"updateStrategicGoal", operation_update, &strategic_goal_update, &strategic_goal_select},
    {0},
};

const struct constraint strategic_goal_constraints[] = {
    {"strategic_goal_programme_exists", "/programme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"strategic_goal_term_form", "/council_term_year", PROBLEM_RULE_BROKEN},
    {0},
};
