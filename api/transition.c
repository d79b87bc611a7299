/* Transitions: what became of things, and who answered for it. */
#include "operation.h"

#include "transition.sql.h"

const struct binding transition_bindings[] = {
    {"getTransition", operation_get, .reads = &transition_select},
    {"listTransitions", operation_list, .reads = &transition_select},
    {0},
};

const struct constraint transition_constraints[] = {
    {0},
};
