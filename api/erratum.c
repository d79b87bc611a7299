/* Errata beside approved text. */
#include "operation.h"

#include "erratum.sql.h"

const struct binding erratum_bindings[] = {
    {"createErratum", operation_create, &erratum_create, &erratum_select},
    {"getErratum", operation_get, .reads = &erratum_select},
    {"listErrata", operation_list, .reads = &erratum_select},
    {0},
};

const struct constraint erratum_constraints[] = {
    {0},
};
