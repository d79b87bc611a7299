/* The chain from strategic goal to metric, as a programme serves it. */
#include "operation.h"

#include "goal_chain.sql.h"

const struct binding goal_chain_bindings[] = {
    {"getProgrammeGoalChain", operation_get, .reads = &goal_chain_select},
    {0},
};

const struct constraint goal_chain_constraints[] = {
    {0},
};
