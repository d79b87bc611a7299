/* What lists and the lists within items (embed.h) share: the order, what a cursor is bound to. */
#pragma once

#include "request.h"

struct statement;

/* The order of a list: by one column, then by id in the same direction. */
struct page_order {
    const char *column;
    bool is_descending;
};

/* The order that `sort` asks for; NULL: the contract's first. */
struct page_order page_order(struct arena *arena, const struct operation *operation,
                             const char *sort);

/* Adds " order by …" for the columns of `table`. */
void page_add_order(const struct page_order *order, const char *table, struct buffer *sql);

/* Whether the list leaves out deleted rows: the select has the column deleted_at. */
bool page_hides_deleted(const struct statement *reads);

/* Everything a page depends on but the cursor and the page's size; written as the releases before
 * did, whose cursors stay good. `municipality` may be NULL. `query_values` and
 * `path_values` are by index in the operation's parameters. */
const char *page_question(struct arena *arena, const struct operation *operation,
                          const char *municipality, const struct page_order *order,
                          const char *const *query_values, const char *const *path_values);
