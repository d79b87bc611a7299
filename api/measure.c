/* Measures. */
#include "operation.h"

#include "measure.sql.h"

const struct binding measure_bindings[] = {
    {"createMeasure", operation_create, &measure_create, &measure_select},
    {"deleteMeasure", operation_delete, &measure_delete, &measure_select},
    {"getMeasure", operation_get, .reads = &measure_select},
    {"listMeasures", operation_list, .reads = &measure_select},
    {"putMeasure", operation_put, &measure_create, &measure_select, &measure_find,
     &measure_replace},
    {"updateMeasure", operation_update, &measure_update, &measure_select},
    {0},
};

const struct constraint measure_constraints[] = {
    {"goal_pkey", "/goals", PROBLEM_ITEMS_NOT_UNIQUE},
    {"goal_window_years", "/goals", PROBLEM_RULE_BROKEN},
    {"goal_years_ordered", "/goals", PROBLEM_RULE_BROKEN},
    {"measure_line_exists", "/measure_line_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"measure_line_in_version_unique", "/measure_line_id", PROBLEM_ALREADY_EXISTS},
    {"measure_number_unique", "/number", PROBLEM_ALREADY_EXISTS},
    {"measure_theme_exists", "/theme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
