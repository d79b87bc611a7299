/* Grants of roles. */
#include "operation.h"

#include "grant.sql.h"

const struct binding grant_bindings[] = {
    {"createGrant", operation_create, &grant_create, &grant_select, .forgets_grants = true},
    {"deleteGrant", operation_delete, &grant_delete, &grant_select, .forgets_grants = true},
    {"getGrant", operation_get, .reads = &grant_select},
    {"listGrants", operation_list, .reads = &grant_select},
    {"updateGrant", operation_update, &grant_update, &grant_select, .forgets_grants = true},
    {0},
};

const struct constraint grant_constraints[] = {
    {"role_grant_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"role_grant_dates_ordered", "/ends_on", PROBLEM_RULE_BROKEN},
    {"role_grant_programme_exists", "/programme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
