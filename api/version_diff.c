/* The difference between two versions. */
#include "operation.h"

#include "version_diff.sql.h"

const struct binding version_diff_bindings[] = {
    {"diffProgrammeVersions", operation_get, .reads = &version_diff_select},
    {0},
};

const struct constraint version_diff_constraints[] = {
    {0},
};
