/*
 * GET of many. The resource's select is wrapped, never changed: filters, the keyset of the cursor,
 * the order and the limit are added around it from constant pieces and column names of the
 * contract. Each combination that occurs is its own prepared statement (a single statement with
 * `($n is null or …)` was measured at 12 ms where the right plan takes 0.2 ms).
 */
#include "app.h"
#include "bind.h"
#include "bounding_box.h"
#include "csv.h"
#include "cursor.h"
#include "embed.h"
#include "geojson.h"
#include "json.h"
#include "operation.h"
#include "page.h"
#include "reply.h"
#include "session.h"

#include <string.h>

enum { LIST_LIMIT_DEFAULT = 50 };

struct list {
    struct request *request;
    const struct statement *reads;
    struct buffer where;
    const char *values[BIND_VALUES_MOST];
    int count;
    struct page_order order;
    const char *fields;
    long limit;
    struct embedding embedding;
};

static const char *page_parameter(const struct request *request, const char *name) {
    return request_parameter(request, name);
}

/* Appends a value and returns its number for `$n`. */
static int add_value(struct list *list, const char *value) {
    list->values[list->count++] = value;
    return list->count;
}

/* "a,b" as the text of an array: {"a","b"}. */
static const char *array_text(struct arena *arena, const char *list) {
    auto_buffer out = {0};
    buffer_add_text(&out, "{\"");
    for (const char *at = list; *at; at++) {
        if (*at == ',') {
            buffer_add_text(&out, "\",\"");
            continue;
        }
        if (*at == '"' || *at == '\\')
            buffer_add_char(&out, '\\');
        buffer_add_char(&out, *at);
    }
    buffer_add_text(&out, "\"}");
    return arena_copy(arena, out.data, out.length);
}

/*
 * By the column's index first and then by the point that is shown, which may be rounded by a
 * thousandth: who asks for boxes learns no more than who reads.
 */
static void add_box(struct list *list, const struct parameter *parameter, const char *value) {
    struct bounding_box box;
    if (!bounding_box_read(value, &box))
        return; /* the format was checked with the parameter */
    int edge[BOUNDING_BOX_EDGES];
    for (int i = 0; i < BOUNDING_BOX_EDGES; i++)
        edge[i] = add_value(list, arena_text(&list->request->arena, box.edges[i]));
    buffer_print(&list->where,
                 "x.%s && st_expand(st_makeenvelope($%d::float8, $%d::float8, $%d::float8,"
                 " $%d::float8, 4326), 0.002) and x.longitude::float8 between $%d and $%d"
                 " and x.latitude::float8 between $%d and $%d",
                 parameter->column, edge[0], edge[1], edge[2], edge[3], edge[0], edge[2], edge[1],
                 edge[3]);
}

static void add_condition(struct list *list, const struct parameter *parameter, const char *value) {
    buffer_add_text(&list->where, list->where.length ? " and " : " where ");
    switch (parameter->use) {
    case PARAMETER_EQUAL:
        if (strchr(value, ',') && parameter->is_list)
            buffer_print(&list->where, "x.%s = any ($%d)", parameter->column,
                         add_value(list, array_text(&list->request->arena, value)));
        else
            buffer_print(&list->where, "x.%s = $%d", parameter->column, add_value(list, value));
        return;
    case PARAMETER_FROM:
        buffer_print(&list->where, "x.%s >= $%d", parameter->column, add_value(list, value));
        return;
    case PARAMETER_TO:
        buffer_print(&list->where, "x.%s <= $%d", parameter->column, add_value(list, value));
        return;
    case PARAMETER_SEARCH: {
        /* An array: the words are looked up first, and once. Left free, the planner takes a rare
         * word for a frequent one and reads all rows in the list's order (300 ms, not 1). */
        int municipality = add_value(list, list->request->municipality);
        buffer_print(&list->where,
                     "x.%s in (select unnest(array(select s.id from search_entry s"
                     " where s.municipality = $%d and s.words @@ (select search_query($%d)))))",
                     parameter->column, municipality, add_value(list, value));
        return;
    }
    case PARAMETER_BOX:
        add_box(list, parameter, value);
        return;
    case PARAMETER_NAMED:
    case PARAMETER_PAGE:
        return;
    }
}

static void add_filters(struct list *list) {
    const struct operation *operation = list->request->operation;
    for (size_t i = 0; i < operation->query_parameter_count; i++) {
        const struct parameter *parameter = &operation->query_parameters[i];
        const char *value = list->request->query_values[i];
        if (value && parameter->column)
            add_condition(list, parameter, value);
    }
    if (page_hides_deleted(list->reads))
        buffer_print(&list->where, "%sx.deleted_at is null",
                     list->where.length ? " and " : " where ");
}

static const char *question_of(const struct list *list) {
    struct request *request = list->request;
    return page_question(&request->arena, request->operation, request->municipality, &list->order,
                         (const char *const *)request->query_values, request->path_values);
}

static bool add_keyset(struct list *list) {
    const char *text = page_parameter(list->request, "cursor");
    if (!text)
        return true;
    struct cursor cursor;
    if (!cursor_read(list->request->app->cursor_key, question_of(list), text, &list->request->arena,
                     &cursor, &list->request->problem))
        return false;
    buffer_add_text(&list->where, list->where.length ? " and " : " where ");
    const char *direction = list->order.is_descending ? "<" : ">";
    if (strcmp(list->order.column, "id") == 0) {
        buffer_print(&list->where, "x.id %s $%d", direction, add_value(list, cursor.id));
        return true;
    }
    int key = add_value(list, cursor.key);
    int id = add_value(list, cursor.id);
    buffer_print(&list->where, "(x.%s, x.id) %s ($%d, $%d)", list->order.column, direction, key,
                 id);
    return true;
}

static void add_selected(const struct list *list, struct buffer *sql) {
    if (!list->fields) {
        buffer_add_text(sql, "select x.*");
        return;
    }
    buffer_print(sql, "select x.id as sort_id, x.%s as sort_key", list->order.column);
    for (const char *at = list->fields; *at;) {
        size_t length = strcspn(at, ",");
        buffer_print(sql, ", x.%.*s", (int)length, at);
        at += length + (at[length] == ',');
    }
    if (list->request->media == MEDIA_GEOJSON)
        buffer_add_text(sql, ", x.latitude as sort_latitude, x.longitude as sort_longitude");
}

static PGresult *run_page(struct list *list, struct db *db) {
    auto_buffer sql = {0};
    add_selected(list, &sql);
    embed_add_columns(&list->embedding, &sql);
    buffer_add_text(&sql, list->embedding.count ? " from (select x.* from (" : " from (");
    buffer_print(&sql, "%s) as x%s", list->reads->text, list->where.length ? list->where.data : "");
    page_add_order(&list->order, "x", &sql);
    int count = list->count;
    list->values[count++] = arena_print(&list->request->arena, "%ld", list->limit + 1);
    buffer_print(&sql, " limit $%d", count);
    if (list->embedding.count) {
        buffer_add_text(&sql, ") as x");
        embed_add_joins(&list->embedding, &sql, list->values, &count);
        page_add_order(&list->order, "x", &sql);
    }
    return db_run(db, sql.data, list->values, count, &list->request->problem);
}

static bool count_all(struct list *list, struct db *db, const char **ret_total) {
    auto_buffer sql = {0};
    buffer_print(&sql, "select count(*) from (%s) as x%s", list->reads->text,
                 list->where.length ? list->where.data : "");
    auto_result result = db_run(db, sql.data, list->values, list->count, &list->request->problem);
    if (!result)
        return false;
    *ret_total = arena_text(&list->request->arena, PQgetvalue(result, 0, 0));
    return true;
}

/* The same address with another cursor, as a path: it works behind any host name. */
static const char *page_address(struct request *request, const char *cursor) {
    auto_buffer out = {0};
    buffer_add(&out, request->target, strcspn(request->target, "?"));
    char separator = '?';
    for (const char *at = request->query; *at;) {
        size_t length = strcspn(at, "&");
        if (length && strncmp(at, "cursor=", 7) != 0) {
            buffer_add_char(&out, separator);
            buffer_add(&out, at, length);
            separator = '&';
        }
        at += length + (at[length] == '&');
    }
    if (cursor)
        buffer_print(&out, "%ccursor=%s", separator, cursor);
    return arena_copy(&request->arena, out.data, out.length);
}

static const char *next_address(struct list *list, const PGresult *result) {
    if (PQntuples(result) <= list->limit)
        return NULL;
    int last = (int)list->limit - 1;
    int key = PQfnumber(result, list->fields ? "sort_key" : list->order.column);
    int id = PQfnumber(result, list->fields ? "sort_id" : "id");
    struct cursor cursor = {.key = PQgetvalue(result, last, key),
                            .id = PQgetvalue(result, last, id)};
    return page_address(list->request,
                        cursor_write(list->request->app->cursor_key, question_of(list), &cursor,
                                     &list->request->arena));
}

static void set_links(struct request *request, const char *next) {
    const char *first = page_address(request, NULL);
    request_set_header(
        request, "Link",
        next ? arena_print(&request->arena, "<%s>; rel=\"first\", <%s>; rel=\"next\"", first, next)
             : arena_print(&request->arena, "<%s>; rel=\"first\"", first));
}

static void write_rows(struct list *list, const PGresult *result, int rows) {
    struct request *request = list->request;
    bool is_geojson = request->media == MEDIA_GEOJSON;
    const struct json_columns *columns = json_columns_new(result, list->fields, &request->arena);
    buffer_add_text(&request->reply, is_geojson ? GEOJSON_BEGIN : "{\"items\":[");
    for (int row = 0; row < rows; row++) {
        if (row)
            buffer_add_char(&request->reply, ',');
        if (is_geojson)
            geojson_begin_feature(result, row, &request->reply);
        json_write_row(columns, result, row, &request->reply);
        embed_write(&list->embedding, result, row, &request->reply);
        if (is_geojson)
            geojson_end_feature(&request->reply);
    }
    buffer_add_char(&request->reply, ']');
}

static bool write_page(struct list *list, const PGresult *result, const char *total) {
    struct request *request = list->request;
    int rows = PQntuples(result) > list->limit ? (int)list->limit : PQntuples(result);
    const char *next = next_address(list, result);
    set_links(request, next);
    if (request->media == MEDIA_CSV) {
        const char *format = page_parameter(request, "format");
        csv_write(result, rows, list->fields, request->language,
                  format && strcmp(format, "csv-bom") == 0, &request->reply);
        return reply_finish(request, "text/csv; charset=utf-8", 0);
    }
    write_rows(list, result, rows);
    buffer_add_text(&request->reply, ",\"next\":");
    buffer_add_json_text(&request->reply, next);
    if (total)
        buffer_print(&request->reply, ",\"total\":%s", total);
    buffer_add_char(&request->reply, '}');
    if (request->operation->binding->rewrite && request->media == MEDIA_ATOM)
        return request->operation->binding->rewrite(request);
    return reply_finish(request, media_types[request->media], 0);
}

static bool list_with(struct list *list, struct db *db) {
    const char *total = NULL;
    /* counted before the cursor narrows the question */
    if (list->request->prefer.count_exact) {
        if (!count_all(list, db, &total))
            return false;
        request_set_header(list->request, "Preference-Applied", "count=exact");
    }
    if (!add_keyset(list))
        return false;
    auto_result result = run_page(list, db);
    return result && write_page(list, result, total);
}

/* A cell has no place for rows. */
static bool refuse_flat(struct request *request) {
    problem_set(&request->problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, "embed",
                       PROBLEM_NOT_FLAT, NULL, NULL);
}

bool operation_list(struct request *request) {
    const char *limit = page_parameter(request, "limit");
    struct list list = {.request = request,
                        .reads = request->operation->binding->reads,
                        .fields = page_parameter(request, "fields"),
                        .limit = limit ? strtol(limit, NULL, 10) : LIST_LIMIT_DEFAULT,
                        .embedding = embed_choose(request)};
    if (list.embedding.count && request->media == MEDIA_CSV)
        return refuse_flat(request);
    list.count = bind_values(request, list.reads, NULL, list.values);
    list.order = page_order(&request->arena, request->operation, page_parameter(request, "sort"));
    add_filters(&list);
    struct db *db =
        session_begin_read(request, list.reads->is_restricted || list.embedding.is_restricted);
    bool is_done = db && list_with(&list, db);
    session_end(request, db);
    buffer_clear(&list.where);
    return is_done;
}

static bool is_found(struct request *request) {
    const struct statement *finds = request->operation->binding->finds;
    struct db *db = session_begin_read(request, finds->is_restricted);
    if (!db)
        return false;
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, finds, NULL, values);
    auto_result rows = db_run(db, finds->text, values, count, &request->problem);
    session_end(request, db);
    return rows && (PQntuples(rows) > 0 || problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL));
}

bool operation_list_below(struct request *request) {
    return is_found(request) && operation_list(request);
}
