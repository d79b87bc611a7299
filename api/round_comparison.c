/* Two rounds of one programme beside each other. */
#include "operation.h"

#include "round_comparison.sql.h"

const struct binding round_comparison_bindings[] = {
    {"compareReportingRounds", operation_get, .reads = &round_comparison_figures},
    {"getTransitionMatrix", operation_get, .reads = &round_comparison_matrix},
    {0},
};

const struct constraint round_comparison_constraints[] = {
    {0},
};
