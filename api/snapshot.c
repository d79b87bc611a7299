/* Snapshots of measures in rounds. */
#include "operation.h"

#include "snapshot.sql.h"

const struct binding snapshot_bindings[] = {
    {"getSnapshot", operation_get, .reads = &snapshot_select},
    {"listSnapshots", operation_list, .reads = &snapshot_select},
    {0},
};

const struct constraint snapshot_constraints[] = {
    {0},
};
