/*
 * Rows of a result as JSON text, straight from the database's text by column type: responses pass
 * through no JSON library. A column's name is the member's name. Columns named sort_…, embed_… and
 * deleted_at are the machine's and are not written.
 */
#pragma once

#include "arena.h"
#include "buffer.h"

#include <libpq-fe.h>

struct json_columns;

/* What to write of a result. `fields`: comma-separated members to keep, NULL for all. Lives in the
 * arena. */
const struct json_columns *json_columns_new(const PGresult *result, const char *fields,
                                            struct arena *arena);

/* Adds one row as an object. */
void json_write_row(const struct json_columns *columns, const PGresult *result, int row,
                    struct buffer *out);

/* True when a column of that name is a member rather than a key of the machine. */
bool json_is_member(const char *column);

/* Adds a timestamptz as PostgreSQL prints it in UTC ("2025-03-31 20:59:59.5+00") as RFC 3339 with
 * milliseconds. */
void json_write_time(const char *printed, struct buffer *out);
