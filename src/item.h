/* One row of a resource's select: the same predicate that its list is read with. */
#pragma once

#include "bind.h"
#include "db.h"
#include "request.h"

/*
 * Runs `reads` for one id: the override's, else the path's. A select that names :id itself, or a
 * path without an id (the municipality), answers as it stands; any other is wrapped. The caller
 * owns the result; no row: it does not exist or may not be seen. NULL with the problem set on
 * failure.
 */
PGresult *item_read(struct request *request, struct db *db, const struct statement *reads,
                    const struct overrides *overrides);

/*
 * The row the operation answers with: a connection is taken for the binding's select and given
 * back. NULL with the problem set, 404 when there is no row. The caller owns the result.
 */
PGresult *item_get(struct request *request);
