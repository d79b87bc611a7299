/* The measures of one round. */
#include "operation.h"

#include "round_measure.sql.h"

const struct binding round_measure_bindings[] = {
    {"listReportingRoundMeasures", operation_list_below, .reads = &round_measure_select,
     .finds = &round_measure_is_visible},
    {0},
};

const struct constraint round_measure_constraints[] = {
    {0},
};
