/* What everybody looks at: a programme with its lights. */
#include "operation.h"

#include "overview.sql.h"

const struct binding overview_bindings[] = {
    {"getProgrammeOverview", operation_get, .reads = &overview_select},
    {0},
};

const struct constraint overview_constraints[] = {
    {0},
};
