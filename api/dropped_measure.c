/* Measures that a version drops. */
#include "operation.h"

#include "dropped_measure.sql.h"

const struct binding dropped_measure_bindings[] = {
    {"createDroppedMeasure", operation_create, &dropped_measure_create, &dropped_measure_select},
    {"deleteDroppedMeasure", operation_delete, &dropped_measure_delete, &dropped_measure_select},
    {"getDroppedMeasure", operation_get, .reads = &dropped_measure_select},
    {"listDroppedMeasures", operation_list, .reads = &dropped_measure_select},
    {"updateDroppedMeasure", operation_update, &dropped_measure_update, &dropped_measure_select},
    {0},
};

const struct constraint dropped_measure_constraints[] = {
    {"dropped_measure_line_exists", "/measure_line_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"dropped_measure_line_unique", "/measure_line_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
