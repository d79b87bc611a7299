/* Metrics of operational goals. */
#include "operation.h"

#include "metric.sql.h"

const struct binding metric_bindings[] = {
    {"createMetric", operation_create, &metric_create, &metric_select},
    {"deleteMetric", operation_delete, &metric_delete, &metric_select},
    {"getMetric", operation_get, .reads = &metric_select},
    {"listMetrics", operation_list, .reads = &metric_select},
    {"putMetric", operation_put, &metric_create, &metric_select, &metric_find, &metric_update},
    {"updateMetric", operation_update, &metric_update, &metric_select},
    {0},
};

const struct constraint metric_constraints[] = {
    {"metric_goal_exists", "/operational_goal_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
