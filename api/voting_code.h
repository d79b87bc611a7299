/* Codes that stand for a voter who has been identified otherwise. */
#pragma once

#include "voter.h"
#include "voting_desk.h"

/* The voter of the body's `code`; NULL with the problem set when it is none of this cycle's, or its
 * time is up. */
const struct voter *voting_code_identify(struct request *request, const struct paper *paper);

/* The code that is derived of `seed`. */
const char *voting_code_of(struct desk *desk, const char *seed);

/* Stores the codes of the desk's rows; one that is there stays. */
bool voting_code_keep(struct desk *desk);
