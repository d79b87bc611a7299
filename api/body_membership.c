/* Who sits in a body. */
#include "operation.h"

#include "body_membership.sql.h"

const struct binding body_membership_bindings[] = {
    {"createBodyMembership", operation_create, &body_membership_create, &body_membership_select},
    {"deleteBodyMembership", operation_delete, &body_membership_delete, &body_membership_select},
    {"getBodyMembership", operation_get, .reads = &body_membership_select},
    {"listBodyMemberships", operation_list, .reads = &body_membership_select_on},
    {"putBodyMembership", operation_put, &body_membership_create, &body_membership_select,
     &body_membership_find, &body_membership_update},
    {"updateBodyMembership", operation_update, &body_membership_update, &body_membership_select},
    {0},
};

const struct constraint body_membership_constraints[] = {
    {"body_membership_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"body_membership_chair_single", "/role", PROBLEM_ALREADY_EXISTS},
    {"body_membership_dates_ordered", "/ends_on", PROBLEM_RULE_BROKEN},
    {0},
};
