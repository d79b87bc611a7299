/* Versions of programmes. */
#include "operation.h"

#include "programme_version.sql.h"

const struct binding programme_version_bindings[] = {
    {"createProgrammeVersion", operation_create, &programme_version_create,
     &programme_version_select},
    {"enterProgrammeVersionIntoForce", operation_act, &programme_version_enter,
     &programme_version_select},
    {"getProgrammeVersion", operation_get, .reads = &programme_version_select},
    {"listProgrammeVersions", operation_list, .reads = &programme_version_select},
    {"putProgrammeVersion", operation_put, &programme_version_create, &programme_version_select,
     &programme_version_find, &programme_version_update},
    {"updateProgrammeVersion", operation_update, &programme_version_update,
     &programme_version_select},
    {0},
};

const struct constraint programme_version_constraints[] = {
    {"programme_version_number_unique", "/number", PROBLEM_ALREADY_EXISTS},
    {"programme_version_programme_exists", "/programme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
