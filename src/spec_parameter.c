/* Reads the parameters of an operation: path, query, and the few headers the service knows. */
#include "own.h"
#include "spec_read.h"

#include <string.h>

/* Everything one operation's parameters fill; the tables of struct operation are const. */
struct reading {
    struct spec *spec;
    struct operation *operation;
    const char *pointer;
    const char **path_names;
    const struct schema **path_schemas;
    struct parameter *parameters;
};

/* The names between braces, in the path's order. */
static void read_path_names(struct reading *reading) {
    size_t count = 0;
    for (const char *at = reading->operation->path; (at = strchr(at, '{')); at++) {
        size_t length = strcspn(at + 1, "}/");
        bool is_suffix = strcmp(at - 1, SUFFIX) == 0;
        if ((at[-1] != '/' && !is_suffix) || at[1 + length] != '}' || !length ||
            count == SPEC_PATH_VALUES_MOST) {
            spec_refuse(
                reading->spec, reading->pointer,
                "a path has at most %d parameters, each a whole segment or the ending " SUFFIX,
                SPEC_PATH_VALUES_MOST);
            return;
        }
        reading->path_names[count++] = arena_copy(&reading->spec->arena, at + 1, length);
    }
}

static void read_path_parameter(struct reading *reading, const char *name, json_t *node,
                                const char *pointer) {
    size_t at = 0;
    while (reading->path_names[at] && strcmp(reading->path_names[at], name) != 0)
        at++;
    if (!reading->path_names[at] || !json_is_true(json_object_get(node, "required")))
        spec_refuse(reading->spec, pointer, "%s must be in the path and required", name);
    else
        reading->path_schemas[at] = spec_read_schema(reading->spec, node, pointer);
}

static void read_header(struct reading *reading, const char *name, json_t *node,
                        const char *pointer) {
    struct operation *operation = reading->operation;
    bool is_required = json_is_true(json_object_get(node, "required"));
    if (strcmp(name, "If-Match") == 0) {
        operation->takes_if_match = is_required;
        return;
    }
    if (strcmp(name, "Idempotency-Key") == 0) {
        operation->takes_idempotency_key = true;
        operation->requires_idempotency_key = is_required;
        return;
    }
    if (strcmp(name, "Tracking-Token") == 0) {
        operation->takes_tracking_token = true;
        return;
    }
    static const char *const known[] = {"Prefer", "Accept-Language", "If-None-Match", NULL};
    for (const char *const *at = known; *at; at++)
        if (strcmp(*at, name) == 0)
            return;
    spec_refuse(reading->spec, pointer, "the header %s is not one this service reads", name);
}

static bool is_page_name(const char *name) {
    static const char *const names[] = {"limit", "cursor", "sort", "fields",
                                        "embed", "format", "lang", NULL};
    for (const char *const *at = names; *at; at++)
        if (strcmp(*at, name) == 0)
            return true;
    return false;
}

static enum parameter_use use_of(struct reading *reading, const char *name, json_t *node,
                                 const char *pointer) {
    const char *use = json_string_value(json_object_get(node, "x-use"));
    if (is_page_name(name) && (!use || strcmp(use, "page") == 0))
        return PARAMETER_PAGE;
    if (!use || strcmp(use, "named") == 0)
        return PARAMETER_NAMED;
    if (strcmp(use, "equal") == 0)
        return PARAMETER_EQUAL;
    if (strcmp(use, "from") == 0)
        return PARAMETER_FROM;
    if (strcmp(use, "to") == 0)
        return PARAMETER_TO;
    if (strcmp(use, "search") == 0)
        return PARAMETER_SEARCH;
    if (strcmp(use, "box") == 0)
        return PARAMETER_BOX;
    spec_refuse(reading->spec, pointer, "x-use %s does not fit %s", use, name);
    return PARAMETER_NAMED;
}

/* The name without the ending that its use implies; NULL when it does not end so. */
static const char *column_of(struct arena *arena, const char *name, enum parameter_use use) {
    if (use == PARAMETER_EQUAL)
        return name;
    if (use == PARAMETER_SEARCH)
        return "id";
    if (strcmp(name, "updated_since") == 0)
        return "updated_at";
    const char *ending = use == PARAMETER_FROM ? "_from" : "_to";
    size_t length = strlen(name), cut = strlen(ending);
    if (length <= cut || strcmp(name + length - cut, ending) != 0)
        return NULL;
    return arena_copy(arena, name, length - cut);
}

static void read_use(struct reading *reading, json_t *node, const char *pointer,
                     struct parameter *parameter) {
    parameter->use = use_of(reading, parameter->name, node, pointer);
    if (parameter->use == PARAMETER_NAMED || parameter->use == PARAMETER_PAGE)
        return;
    parameter->column = json_string_value(json_object_get(node, "x-column"));
    if (!parameter->column)
        parameter->column = column_of(&reading->spec->arena, parameter->name, parameter->use);
    /* It becomes a piece of SQL. */
    const char *allowed = "abcdefghijklmnopqrstuvwxyz_0123456789";
    if (!parameter->column || !*parameter->column ||
        parameter->column[strspn(parameter->column, allowed)])
        spec_refuse(reading->spec, pointer, "%s names no column; x-column would", parameter->name);
}

/* `sort` lists its choices; the first is the default. */
static void read_sort(struct reading *reading, json_t *schema) {
    json_t *choices = json_object_get(schema, "enum");
    if (!choices)
        choices = json_object_get(json_object_get(schema, "items"), "enum");
    reading->operation->sort_default = json_string_value(json_array_get(choices, 0));
}

static void read_query_parameter(struct reading *reading, const char *name, json_t *node,
                                 const char *pointer) {
    struct spec *spec = reading->spec;
    struct operation *operation = reading->operation;
    for (size_t i = 0; i < operation->query_parameter_count; i++)
        if (strcmp(reading->parameters[i].name, name) == 0)
            spec_refuse(spec, pointer, "%s occurs twice", name);
    struct parameter *parameter = &reading->parameters[operation->query_parameter_count++];
    *parameter = (struct parameter){.name = name, .schema = spec_read_schema(spec, node, pointer)};
    parameter->is_required = json_is_true(json_object_get(node, "required"));
    read_use(reading, node, pointer, parameter);
    if (!parameter->schema)
        return;
    json_t *schema = spec_resolve(spec, json_object_get(node, "schema"), pointer, "schemas");
    if (strcmp(name, "sort") == 0)
        read_sort(reading, schema);
    if (strcmp(name, "embed") == 0)
        spec_read_embeds(spec, node, pointer, operation);
    unsigned types = schema_types(parameter->schema);
    if (!types || types & (SCHEMA_OBJECT | SCHEMA_NULL))
        spec_refuse(spec, pointer, "%s needs a type that a text can have", name);
    if (!(types & SCHEMA_ARRAY))
        return;
    parameter->is_list = true;
    parameter->schema = schema_items(parameter->schema);
    parameter->items_most = (size_t)json_integer_value(json_object_get(schema, "maxItems"));
    parameter->is_unique = json_is_true(json_object_get(schema, "uniqueItems"));
    if (!parameter->schema || !json_is_false(json_object_get(node, "explode")))
        spec_refuse(spec, pointer, "%s is a list: it needs items, and explode: false", name);
}

static void read_parameter(struct reading *reading, json_t *node, const char *pointer) {
    struct spec *spec = reading->spec;
    node = spec_resolve(spec, node, pointer, "parameters");
    spec_allow_keys(spec, node, pointer,
                    "deprecated description example examples explode in name required schema style "
                    "x-column x-embeds x-use");
    const char *name = json_string_value(json_object_get(node, "name"));
    const char *in = json_string_value(json_object_get(node, "in"));
    const char *style = json_string_value(json_object_get(node, "style"));
    if (!name || !in) {
        spec_refuse(spec, pointer, "a parameter needs name and in");
        return;
    }
    if (style && strcmp(style, strcmp(in, "query") == 0 ? "form" : "simple") != 0)
        spec_refuse(spec, pointer, "style %s is not read", style);
    if (strcmp(in, "path") == 0)
        read_path_parameter(reading, name, node, pointer);
    else if (strcmp(in, "header") == 0)
        read_header(reading, name, node, pointer);
    else if (strcmp(in, "query") == 0)
        read_query_parameter(reading, name, node, pointer);
    else
        spec_refuse(spec, pointer, "parameters in %s are not read", in);
}

static void read_list(struct reading *reading, json_t *list, const char *pointer) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *at = arena_print(&reading->spec->arena, "%s/parameters/%zu", pointer, i);
        read_parameter(reading, json_array_get(list, i), at);
    }
}

void spec_read_parameters(struct spec *spec, json_t *path_item, json_t *node, const char *pointer,
                          struct operation *operation) {
    json_t *shared = json_object_get(path_item, "parameters");
    json_t *own = json_object_get(node, "parameters");
    size_t most = json_array_size(shared) + json_array_size(own);
    struct reading reading = {.spec = spec, .operation = operation, .pointer = pointer};
    const size_t slots = SPEC_PATH_VALUES_MOST + 1;
    reading.path_names = arena_new(&spec->arena, slots * sizeof *reading.path_names);
    reading.path_schemas = arena_new(&spec->arena, slots * sizeof *reading.path_schemas);
    reading.parameters = arena_new(&spec->arena, most * sizeof *reading.parameters);
    read_path_names(&reading);
    read_list(&reading, shared, pointer);
    read_list(&reading, own, pointer);
    operation->path_parameters = reading.path_names;
    operation->path_schemas = reading.path_schemas;
    operation->query_parameters = reading.parameters;
    for (size_t i = 0; reading.path_names[i]; i++)
        if (!reading.path_schemas[i])
            spec_refuse(spec, pointer, "path parameter %s is not declared", reading.path_names[i]);
}
