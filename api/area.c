/* Areas. */
#include "operation.h"

#include "area.sql.h"

#include <stdlib.h>

/* What the whole municipality gets is a part of what there is. */
static bool get_population_shares(struct request *request) {
    const char *all = request_parameter(request, "appropriation_cents");
    const char *whole = request_parameter(request, "whole_cents");
    if (!whole || strtoll(whole, NULL, 10) <= strtoll(all, NULL, 10))
        return operation_get(request);
    problem_set(&request->problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, "whole_cents",
                       PROBLEM_VALUE_TOO_LARGE, all);
}

/* A point is two numbers: which areas hold it cannot be asked with one. */
static bool list_areas(struct request *request) {
    const char *latitude = request_parameter(request, "lat");
    const char *longitude = request_parameter(request, "lon");
    if (!latitude == !longitude)
        return operation_list(request);
    const char *missing = latitude ? "lon" : "lat";
    problem_set(&request->problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, missing,
                       PROBLEM_MEMBER_REQUIRED, missing, NULL);
}

const struct binding area_bindings[] = {
    {"createArea", operation_create, &area_create, &area_select},
    {"deleteArea", operation_delete, &area_delete, &area_select},
    {"getArea", operation_get, .reads = &area_select},
    {"getAreaGeometry", operation_get, .reads = &area_geometry},
    {"getPopulationShares", get_population_shares, .reads = &area_population_shares},
    {"listAreas", list_areas, .reads = &area_select_on},
    {"putArea", operation_put, &area_create, &area_select, &area_find, &area_update},
    {"replaceArea", operation_act, &area_replace, &area_select},
    {"updateArea", operation_update, &area_update, &area_select},
    {0},
};

const struct constraint area_constraints[] = {
    {"area_code_unique", "/code", PROBLEM_ALREADY_EXISTS},
    {"area_no_cycle", "/parent_area_id", PROBLEM_AREA_CYCLE},
    {"area_parent_exists", "/parent_area_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"area_period_ordered", "/valid_to", PROBLEM_RULE_BROKEN},
    {"area_source_unique", "/external_id", PROBLEM_ALREADY_EXISTS},
    {"area_whole_single", "/kind", PROBLEM_ALREADY_EXISTS},
    {"area_whole_top", "/parent_area_id", PROBLEM_RULE_BROKEN},
    {"area_within_parent", "/parent_area_id", PROBLEM_AREA_OUTSIDE_PARENT},
    {0},
};
