/* Feedback in numbers. */
#include "operation.h"

#include "feedback_statistic.sql.h"

const struct binding feedback_statistic_bindings[] = {
    {"listFeedbackStatistics", operation_list, .reads = &feedback_statistic_select},
    {0},
};

const struct constraint feedback_statistic_constraints[] = {
    {0},
};
