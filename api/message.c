/* Messages to responsible parties. */
#include "operation.h"

#include "message.sql.h"

const struct binding message_bindings[] = {
    {"getMessage", operation_get, .reads = &message_select},
    {"listMessages", operation_list, .reads = &message_select},
    {0},
};

const struct constraint message_constraints[] = {
    {0},
};
