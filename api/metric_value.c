/* The numbers of metrics, year by year. */
#include "operation.h"

#include "metric_value.sql.h"

const struct binding metric_value_bindings[] = {
    {"createMetricValue", operation_create, &metric_value_create, &metric_value_select},
    {"deleteMetricValue", operation_delete, &metric_value_delete, &metric_value_select},
    {"getMetricValue", operation_get, .reads = &metric_value_select},
    {"listMetricValues", operation_list, .reads = &metric_value_select},
    {"putMetricValue", operation_put, &metric_value_create, &metric_value_select,
     &metric_value_find, &metric_value_update},
    {"updateMetricValue", operation_update, &metric_value_update, &metric_value_select},
    {0},
};

const struct constraint metric_value_constraints[] = {
    {"metric_value_metric_exists", "/metric_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"metric_value_year_unique", "/year", PROBLEM_ALREADY_EXISTS},
    {0},
};
