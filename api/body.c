/* Bodies: council, board, committees, influence bodies. */
#include "operation.h"

#include "body.sql.h"

const struct binding body_bindings[] = {
    {"createBody", operation_create, &body_create, &body_select},
    {"deleteBody", operation_delete, &body_delete, &body_select},
    {"getBody", operation_get, .reads = &body_select},
    {"listBodies", operation_list, .reads = &body_select},
    {"putBody", operation_put, &body_create, &body_select, &body_find, &body_update},
    {"updateBody", operation_update, &body_update, &body_select},
    {0},
};

const struct constraint body_constraints[] = {
    {"body_influence_undecided", "/makes_decisions", PROBLEM_RULE_BROKEN},
    {"body_parent_exists", "/parent_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
