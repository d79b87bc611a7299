/* Programmes. What people look at of them is overview.c. */
#include "operation.h"

#include "programme.sql.h"

const struct binding programme_bindings[] = {
    {"createProgramme", operation_create, &programme_create, &programme_select},
    {"getProgramme", operation_get, .reads = &programme_select},
    {"listProgrammes", operation_list, .reads = &programme_select},
    {"putProgramme", operation_put, &programme_create, &programme_select, &programme_find,
     &programme_update},
    {"updateProgramme", operation_update, &programme_update, &programme_select},
    {0},
};

const struct constraint programme_constraints[] = {
    {"programme_coordinating_party_exists", "/coordinating_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"programme_evaluating_body_exists", "/evaluating_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"programme_managing_body_exists", "/managing_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"programme_onward_body_exists", "/onward_report_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
