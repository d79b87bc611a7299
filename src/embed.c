/* Lists within items. */
#include "embed.h"

#include "app.h"
#include "bind.h"
#include "cursor.h"
#include "operation.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

static const struct embed *find(const struct operation *operation, const char *name,
                                size_t length) {
    for (size_t i = 0; i < operation->embed_count; i++)
        if (strncmp(operation->embeds[i].name, name, length) == 0 &&
            !operation->embeds[i].name[length])
            return &operation->embeds[i];
    abort(); /* the contract's enum lets no other name through */
}

struct embedding embed_choose(struct request *request) {
    const struct operation *operation = request->operation;
    struct embedding embedding = {.request = request};
    const char *names = operation->embed_count ? request_parameter(request, "embed") : NULL;
    if (!names)
        return embedding;
    embedding.chosen =
        arena_new(&request->arena, operation->embed_count * sizeof *embedding.chosen);
    for (const char *at = names; *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        const struct embed *embed = find(operation, at, length);
        embedding.chosen[embedding.count++] = embed;
        embedding.is_restricted |= embed->list->binding->reads->is_restricted;
        embedding.is_revalidated |= embed->list->is_revalidated;
        at += length;
    }
    return embedding;
}

void embed_add_columns(const struct embedding *embedding, struct buffer *sql) {
    for (size_t i = 0; i < embedding->count; i++)
        buffer_print(sql,
                     ", e%zu.items as embed_%zu_items, e%zu.key as embed_%zu_key"
                     ", e%zu.id as embed_%zu_id, x.%s as embed_%zu_value",
                     i, i, i, i, i, i, embedding->chosen[i]->by, i);
}

/* As the list writes it (json.c): times in RFC 3339, all else as PostgreSQL's JSON has it. */
static void add_member(const char *name, const struct schema *member, void *data) {
    struct buffer *sql = data;
    const char *format = schema_format(member);
    if (strcmp(name, EMBEDDED) == 0)
        return;
    const char *comma = sql->data[sql->length - 1] == ' ' ? "" : ", ";
    if (format && strcmp(format, "date-time") == 0)
        buffer_print(sql, "%srfc3339(y.%s) as %s", comma, name, name);
    else
        buffer_print(sql, "%sy.%s", comma, name);
}

void embed_add_join(const struct embed *embed, size_t number, int offset, struct arena *arena,
                    struct buffer *sql) {
    const struct operation *list = embed->list;
    const struct statement *reads = list->binding->reads;
    struct page_order order = page_order(arena, list, NULL);
    buffer_print(sql,
                 "\nleft join lateral (select coalesce(json_agg(r.item order by r.n)"
                 " filter (where r.n <= %d), '[]') as items,"
                 " case when count(*) > %d then (array_agg(r.key order by r.n))[%d] end as key,"
                 " case when count(*) > %d then (array_agg(r.id order by r.n))[%d] end as id"
                 " from (select y.id, y.%s::text as key, row_number() over (",
                 EMBED_ROWS_MOST, EMBED_ROWS_MOST, EMBED_ROWS_MOST, EMBED_ROWS_MOST,
                 EMBED_ROWS_MOST, order.column);
    page_add_order(&order, "y", sql);
    buffer_add_text(sql, ") as n, (select row_to_json(m) from (select ");
    schema_each_member(list->item, add_member, sql);
    buffer_add_text(sql, ") as m) as item from (select y.* from (");
    bind_text(reads, offset, sql);
    buffer_print(sql, ") as y where y.%s = x.%s%s", embed->filter, embed->by,
                 page_hides_deleted(reads) ? " and y.deleted_at is null" : "");
    page_add_order(&order, "y", sql);
    buffer_print(sql, " limit %d) as y) as r) as e%zu on true", EMBED_ROWS_MOST + 1, number);
}

void embed_add_joins(const struct embedding *embedding, struct buffer *sql, const char **values,
                     int *count) {
    for (size_t i = 0; i < embedding->count; i++) {
        const struct embed *embed = embedding->chosen[i];
        embed_add_join(embed, i, *count, &embedding->request->arena, sql);
        *count +=
            bind_values(embedding->request, embed->list->binding->reads, NULL, values + *count);
    }
}

/* The list's own address of the rows that follow. */
static const char *next_address(struct request *request, const struct embed *embed,
                                const char *value, const struct cursor *cursor) {
    const struct operation *list = embed->list;
    struct page_order order = page_order(&request->arena, list, NULL);
    const char **asked = arena_new(&request->arena, list->query_parameter_count * sizeof *asked);
    for (size_t i = 0; i < list->query_parameter_count; i++)
        if (strcmp(list->query_parameters[i].name, embed->filter) == 0)
            asked[i] = value;
    const char *question = page_question(&request->arena, list, request->municipality, &order,
                                         asked, (const char *const[]){request->municipality});
    const char *rest = strchr(list->path, '}') + 1; /* the only parameter is the municipality */
    return arena_print(&request->arena, "/v1/%s%s?%s=%s&cursor=%s", request->municipality, rest,
                       embed->filter, value,
                       cursor_write(request->app->cursor_key, question, cursor, &request->arena));
}

static const char *text_of(const PGresult *result, int row, struct arena *arena, size_t number,
                           const char *what) {
    int column = PQfnumber(result, arena_print(arena, "embed_%zu_%s", number, what));
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

void embed_write(const struct embedding *embedding, const PGresult *result, int row,
                 struct buffer *out) {
    struct request *request = embedding->request;
    if (!embedding->count)
        return;
    out->length--; /* the object's end */
    buffer_add_text(out, ",\"" EMBEDDED "\":");
    for (size_t i = 0; i < embedding->count; i++) {
        const struct embed *embed = embedding->chosen[i];
        struct cursor cursor = {.key = text_of(result, row, &request->arena, i, "key"),
                                .id = text_of(result, row, &request->arena, i, "id")};
        buffer_print(out, "%c\"%s\":{\"items\":", i ? ',' : '{', embed->name);
        buffer_add_text(out, text_of(result, row, &request->arena, i, "items"));
        buffer_add_text(out, ",\"next\":");
        const char *value = text_of(result, row, &request->arena, i, "value");
        buffer_add_json_text(out, cursor.id ? next_address(request, embed, value, &cursor) : NULL);
        buffer_add_char(out, '}');
    }
    buffer_add_text(out, "}}");
}
