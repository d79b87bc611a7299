/* Priorities of a round. */
#include "operation.h"

#include "priority.sql.h"

const struct binding priority_bindings[] = {
    {"createPriority", operation_create, &priority_create, &priority_select},
    {"deletePriority", operation_delete, &priority_delete, &priority_select},
    {"getPriority", operation_get, .reads = &priority_select},
    {"listPriorities", operation_list, .reads = &priority_select},
    {0},
};

const struct constraint priority_constraints[] = {
    {"priority_target_one", "/measure_line_id", PROBLEM_RULE_BROKEN},
    {"priority_target_unique", "/measure_line_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
