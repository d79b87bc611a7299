/* Codes that stand for a voter who has been identified otherwise. */
#pragma once

#include "voter.h"

/* The voter of the body's `code`; NULL with the problem set when it is none of this cycle's, or its
 * time is up. */
const struct voter *voting_code_identify(struct request *request, const struct paper *paper);
