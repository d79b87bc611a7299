/* What only the command line makes: municipalities with their first light scale, and grants without
 * a limit. */
#pragma once

#include "db.h"

#include <jansson.h>
#include <stdbool.h>

/* Creates or replaces the municipality that `item` describes (members as in the API). */
bool setup_municipality(struct db *db, const json_t *item, struct problem *problem);

/* Grants a role without limit of body or time; does nothing when it is already held. */
bool setup_grant(struct db *db, const char *municipality, const char *issuer, const char *subject,
                 const char *role, struct problem *problem);
