/* Duties: what parties owe, for the coordinator and for the party. */
#include "operation.h"

#include "duty.sql.h"

const struct binding duty_bindings[] = {
    {"listDuties", operation_list, .reads = &duty_select},
    {"listMyDuties", operation_list, .reads = &duty_select_mine},
    {0},
};

const struct constraint duty_constraints[] = {
    {0},
};
