/* Making ballots void. */
#include "operation.h"

#include "ballot_void.sql.h"

const struct binding ballot_void_bindings[] = {
    {"confirmBallotVoid", operation_act, &ballot_void_confirm, &ballot_void_select},
    {"createBallotVoid", operation_create, &ballot_void_create, &ballot_void_select},
    {"getBallotVoid", operation_get, .reads = &ballot_void_select},
    {"listBallotVoids", operation_list, .reads = &ballot_void_select},
    {0},
};

const struct constraint ballot_void_constraints[] = {
    {"ballot_void_once", "/commitment", PROBLEM_ALREADY_EXISTS},
    {0},
};
