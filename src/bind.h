/* Where the `:names` of a statement get their values. */
#pragma once

#include "request.h"
#include "statement.h"

enum { BIND_VALUES_MOST = 64 };

/* Values that the machine itself supplies; each wins over the request's own. NULL = not overridden.
 */
struct overrides {
    const char *id;
    const char *body;
    const char *version;
    const char *items; /* what a creation for many requests gets (gather.h) */
};

/*
 * In this order: overrides; municipality, actor, now, language, body, version; path parameter;
 * query parameter; member of the body (a scalar as its text, an array or object as JSON text). What
 * is absent is SQL null. Fills values[0…] and returns how many.
 */
int bind_values(struct request *request, const struct statement *statement,
                const struct overrides *overrides, const char *values[BIND_VALUES_MOST]);

/* Adds the statement's text, its $1…$n renumbered to come after `offset` others. */
void bind_text(const struct statement *statement, int offset, struct buffer *out);
