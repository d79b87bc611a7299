/* Programme kinds and a municipality's rules for them. */
#include "operation.h"

#include "programme_kind.sql.h"

const struct binding programme_kind_bindings[] = {
    {"getProgrammeKind", operation_get, .reads = &programme_kind_select},
    {"listProgrammeKinds", operation_list, .reads = &programme_kind_select},
    {"updateProgrammeKind", operation_update, &programme_kind_update, &programme_kind_select},
    {0},
};

const struct constraint programme_kind_constraints[] = {
    {0},
};
