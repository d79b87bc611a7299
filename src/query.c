/*
 * Reads the query against the operation's parameters. A parameter that is unknown, repeated or
 * malformed is a fault that names it: a filter that silently vanishes would show more than it
 * should. Where the contract says x-open, as Open311 has it, unknown and empty ones are ignored,
 * empty parts of a list, too, a list may come in several parameters, and words of an enum in any
 * case.
 */
#include "spec.h"
#include "target.h"
#include "text.h"

#include <string.h>

enum { LIST_ITEMS_MOST = 100, SHOWN_POINTS = 80 };

static bool add_fault(struct request *request, const char *name, enum problem_code code,
                      const char *first, const char *second) {
    struct problem *problem = &request->problem;
    if (problem->code == PROBLEM_NONE)
        problem_set(problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(problem, &request->arena, FAULT_PARAMETER, name, code, first, second);
}

static const struct parameter *find_parameter(const struct operation *operation, const char *name,
                                              size_t *ret_index) {
    for (size_t i = 0; i < operation->query_parameter_count; i++) {
        *ret_index = i;
        if (strcmp(operation->query_parameters[i].name, name) == 0)
            return &operation->query_parameters[i];
    }
    return NULL;
}

static void add_member_name(const char *name, const struct schema *member, void *data) {
    (void)member;
    struct buffer *names = data;
    buffer_print(names, "%s%s", names->length ? ", " : "", name);
}

/* `fields` chooses among the members of the operation's own item. */
static bool check_field(struct request *request, const struct parameter *parameter,
                        const char *field) {
    const struct schema *item = request->operation->item;
    if (parameter->use != PARAMETER_PAGE || strcmp(parameter->name, "fields") != 0 || !item)
        return true;
    if (schema_member(item, field) && strcmp(field, EMBEDDED) != 0)
        return true;
    auto_buffer names = {0};
    schema_each_member(item, add_member_name, &names);
    return add_fault(request, parameter->name, PROBLEM_VALUE_ENUM,
                     text_shorten(field, SHOWN_POINTS, &request->arena),
                     arena_text(&request->arena, names.data ? names.data : ""));
}

static bool check_one(struct request *request, const struct parameter *parameter,
                      const char *value) {
    if (!*value)
        return add_fault(request, parameter->name, PROBLEM_VALUE_TOO_SHORT, "0", "1");
    return schema_check_text(parameter->schema, value, parameter->name, &request->arena,
                             &request->problem) &&
           check_field(request, parameter, value);
}

/* Whether the item at `item` stands among those before it. */
static bool is_repeated(const char *list, const char *item, size_t length) {
    for (const char *at = list; at < item; at += strcspn(at, ",") + 1)
        if (strcspn(at, ",") == length && memcmp(at, item, length) == 0)
            return true;
    return false;
}

static bool check_list(struct request *request, const struct parameter *parameter,
                       const char *value) {
    size_t most = parameter->items_most ? parameter->items_most : LIST_ITEMS_MOST;
    size_t count = 1;
    for (const char *comma = value; (comma = strchr(comma, ',')); comma++)
        count++;
    if (count > most)
        return add_fault(request, parameter->name, PROBLEM_ITEMS_TOO_MANY,
                         arena_print(&request->arena, "%zu", count),
                         arena_print(&request->arena, "%zu", most));
    for (const char *at = value;; at++) {
        size_t length = strcspn(at, ",");
        if (!check_one(request, parameter, arena_copy(&request->arena, at, length)))
            return false;
        if (parameter->is_unique && is_repeated(value, at, length))
            return add_fault(request, parameter->name, PROBLEM_ITEMS_NOT_UNIQUE, NULL, NULL);
        at += length;
        if (!*at)
            return true;
    }
}

/* What an open parameter means: each part that is not empty, words as the contract writes them. */
static const char *read_openly(struct request *request, const struct parameter *parameter,
                               const char *value) {
    struct arena *arena = &request->arena;
    auto_buffer parts = {0};
    for (const char *at = value; *at; at += *at == ',') {
        size_t length = parameter->is_list ? strcspn(at, ",") : strlen(at);
        if (length)
            buffer_print(&parts, "%s%s", parts.length ? "," : "",
                         schema_choice(parameter->schema, arena_copy(arena, at, length)));
        at += length;
    }
    return arena_text(arena, parts.data ? parts.data : "");
}

static void read_value(struct request *request, const char *name, const char *value) {
    size_t index = 0;
    const struct parameter *parameter = find_parameter(request->operation, name, &index);
    if (request->operation->is_open && parameter)
        value = read_openly(request, parameter, value);
    if (request->operation->is_open && (!parameter || !*value))
        return;
    if (!parameter) {
        const char *shown = text_shorten(name, SHOWN_POINTS, &request->arena);
        add_fault(request, shown, PROBLEM_UNKNOWN_PARAMETER, shown, NULL);
        return;
    }
    const char *before = request->query_values[index];
    bool is_joined = request->operation->is_open && parameter->is_list;
    if (before && !is_joined) {
        if (!request->operation->is_open)
            add_fault(request, parameter->name, PROBLEM_REPEATED_PARAMETER, parameter->name, NULL);
        return;
    }
    request->query_values[index] =
        before ? arena_print(&request->arena, "%s,%s", before, value) : value;
    if (parameter->is_list)
        check_list(request, parameter, value);
    else
        check_one(request, parameter, value);
}

/* One `name=value` or `name`. False when it cannot be decoded at all. */
static bool read_pair(struct request *request, const char *pair, size_t length) {
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals ? (size_t)(equals - pair) : length;
    size_t value_length = equals ? length - name_length - 1 : 0;
    enum reason reason;
    const char *name = target_decode(&request->arena, pair, name_length, TARGET_QUERY, &reason);
    const char *value = NULL;
    if (name)
        value = target_decode(&request->arena, pair + length - value_length, value_length,
                              TARGET_QUERY, &reason);
    if (!value)
        return problem_set(&request->problem, PROBLEM_BAD_REQUEST,
                           reason_text(reason, request->language));
    read_value(request, name, value);
    return true;
}

bool request_read_query(struct request *request) {
    const struct operation *operation = request->operation;
    size_t count = operation->query_parameter_count;
    request->query_values = arena_new(&request->arena, (count + 1) * sizeof *request->query_values);
    for (const char *at = request->query; *at; at += *at == '&') {
        size_t length = strcspn(at, "&");
        if (length && !read_pair(request, at, length))
            return false;
        at += length;
    }
    for (size_t i = 0; i < count; i++) {
        const struct parameter *parameter = &operation->query_parameters[i];
        if (parameter->is_required && !request->query_values[i])
            add_fault(request, parameter->name, PROBLEM_MEMBER_REQUIRED, parameter->name, NULL);
    }
    return request->problem.code == PROBLEM_NONE;
}
