/* Pages of lists. */
#include "page.h"

#include "operation.h"

#include <string.h>

/* A sort key that the select computes for the purpose is named sort_<member>. */
struct page_order page_order(struct arena *arena, const struct operation *operation,
                             const char *sort) {
    if (!sort)
        sort = operation->sort_default;
    if (!sort)
        sort = "id";
    bool is_descending = sort[0] == '-';
    sort += is_descending;
    const char *computed = arena_print(arena, "sort_%s", sort);
    bool is_computed = strstr(operation->binding->reads->text, computed);
    return (struct page_order){.column = is_computed ? computed : arena_text(arena, sort),
                               .is_descending = is_descending};
}

void page_add_order(const struct page_order *order, const char *table, struct buffer *sql) {
    const char *direction = order->is_descending ? " desc" : "";
    buffer_add_text(sql, " order by ");
    if (strcmp(order->column, "id") != 0)
        buffer_print(sql, "%s.%s%s, ", table, order->column, direction);
    buffer_print(sql, "%s.id%s", table, direction);
}

bool page_hides_deleted(const struct statement *reads) {
    return strstr(reads->text, "deleted_at\nfrom");
}

const char *page_question(struct arena *arena, const struct operation *operation,
                          const char *municipality, const struct page_order *order,
                          const char *const *query_values, const char *const *path_values) {
    auto_buffer out = {0};
    buffer_print(&out, "%s\n%s\n%d %s\n", operation->id, municipality ? municipality : "",
                 order->is_descending, order->column);
    for (size_t i = 0; i < operation->query_parameter_count; i++)
        if (query_values[i] && operation->query_parameters[i].use != PARAMETER_PAGE)
            buffer_print(&out, "%s=%s\n", operation->query_parameters[i].name, query_values[i]);
    for (size_t i = 0; operation->path_parameters[i]; i++)
        buffer_print(&out, "%s\n", path_values[i]);
    return arena_copy(arena, out.data, out.length);
}
