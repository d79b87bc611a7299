/* The register of a cycle whose voters are those that stand in it. */
#pragma once

#include "db.h"
#include "voter.h"

/* What the register knows of the voter of this key: age band, sex and, where it gives one, the
 * area; false with the problem set for who is not in it. */
bool voter_register_find(struct request *request, struct db *db, struct voter *voter);
