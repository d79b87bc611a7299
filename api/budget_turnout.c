/* Turnout of votes. */
#include "operation.h"

#include "budget_turnout.sql.h"

const struct binding budget_turnout_bindings[] = {
    {"listBudgetCycleTurnout", operation_list_below, .reads = &budget_turnout_select,
     .finds = &budget_turnout_is_visible},
    {0},
};

const struct constraint budget_turnout_constraints[] = {
    {0},
};
