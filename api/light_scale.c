/* Versions of what the lights mean. */
#include "operation.h"

#include "light_scale.sql.h"

const struct binding light_scale_bindings[] = {
    {"createLightScale", operation_create, &light_scale_create, &light_scale_select},
    {"getLightScale", operation_get, .reads = &light_scale_select},
    {"listLightScales", operation_list, .reads = &light_scale_select},
    {0},
};

const struct constraint light_scale_constraints[] = {
    {"light_scale_number_unique", "/valid_from", PROBLEM_ALREADY_EXISTS},
    {0},
};
