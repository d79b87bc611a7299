/* The history of a measure. */
#include "operation.h"

#include "measure_history.sql.h"

const struct binding measure_history_bindings[] = {
    {"listMeasureHistory", operation_list_below, .reads = &measure_history_select,
     .finds = &measure_history_is_visible},
    {0},
};

const struct constraint measure_history_constraints[] = {
    {0},
};
