/*
 * `embed`: rows of other lists within an item, in the same statement. What stands within is what
 * the list of those rows answers for this item: its select with its visibility, its order, its
 * first rows; `next` is that list's own next page. The contract says which (x-embeds).
 *
 *   1. One statement, whatever the number of items: each embedded list is a lateral sub-select.
 *   2. An embedded list asks nothing more of the caller than the operation itself (spec_embed.c).
 *   3. Depth one: embedded rows have no `embedded` of their own.
 */
#pragma once

#include "request.h"

#include <libpq-fe.h>

enum { EMBED_ROWS_MOST = 20 };

/* What one request embeds; lives in its arena. */
struct embedding {
    struct request *request;
    const struct embed **chosen;
    size_t count;
    bool is_restricted;  /* one of the selects asks row-level security who reads */
    bool is_revalidated; /* kept copies of one of the lists are asked for anew */
};

/* Reads the parameter; without it, or without one in the contract, count is 0. */
struct embedding embed_choose(struct request *request);

/* Adds the columns of the embedded lists to a select list. */
void embed_add_columns(const struct embedding *embedding, struct buffer *sql);

/* Adds a join for each embedded list to a from clause whose rows are named x, and its values. */
void embed_add_joins(const struct embedding *embedding, struct buffer *sql, const char **values,
                     int *count);

/* The join of one embedded list, its parameters numbered from `offset` + 1: for `check`. */
void embed_add_join(const struct embed *embed, size_t number, int offset, struct arena *arena,
                    struct buffer *sql);

/* Adds "embedded" to the object that `out` ends with. */
void embed_write(const struct embedding *embedding, const PGresult *result, int row,
                 struct buffer *out);
