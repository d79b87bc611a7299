/* What the moves of a vote leave in its log. */
#pragma once

#include "db.h"
#include "request.h"

/* Keeps the newest head of the cycle's log, signed, if the vote's key is here. True without a vote.
 */
bool evidence_keep_head(struct request *request, struct db *db);
