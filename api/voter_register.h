/* The register of a cycle whose voters are those that stand in it. */
#pragma once

#include "db.h"
#include "voter.h"

/* What the register knows of the voter of this key: age band and, where it gives them, sex and area
 * over what else is known; false with the problem set for who is not in it. */
bool voter_register_find(struct request *request, struct db *db, struct voter *voter);
