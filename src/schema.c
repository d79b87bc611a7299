/*
 * Compiles the schemas of the contract, each node once. It does not check values (schema_check.c).
 * A keyword outside the closed set is a fault of the contract, logged with its pointer.
 */
#include "log.h"
#include "own.h"
#include "pointer.h"
#include "schema_node.h"

#include <stdint.h>

enum { UNIQUE_ITEMS_MOST = 1000 };

struct entry {
    struct entry *next;
    const json_t *node;
    const struct schema *schema;
};

struct pattern {
    struct pattern *next;
    pcre2_code *code;
};

enum { BUCKETS = 1024 };

struct schema_set {
    json_t *contract;
    struct arena arena;
    struct entry *buckets[BUCKETS];
    struct pattern *patterns;
};

/* What one keyword's reader needs: where it stands and what it fills. */
struct build {
    struct schema_set *set;
    struct schema *schema;
    json_t *node;
    const char *pointer;
};

static bool refuse(const char *pointer, const char *keyword, const char *why) {
    log_write(LOG_ERROR, NULL, "contract: %s/%s: %s", pointer, keyword, why);
    return false;
}

static const struct schema *refuse_schema(const char *pointer, const char *keyword,
                                          const char *why) {
    refuse(pointer, keyword, why);
    return NULL;
}

struct schema_set *schema_set_new(json_t *contract) {
    struct schema_set *set = calloc(1, sizeof *set);
    if (!set)
        abort();
    set->contract = contract;
    return set;
}

void schema_set_free(struct schema_set *set) {
    if (!set)
        return;
    for (struct pattern *pattern = set->patterns; pattern; pattern = pattern->next)
        pcre2_code_free(pattern->code);
    arena_clear(&set->arena);
    free(set);
}

static struct entry **bucket_of(struct schema_set *set, const json_t *node) {
    return &set->buckets[(uintptr_t)node / 16 % BUCKETS];
}

static const struct schema *find(struct schema_set *set, const json_t *node) {
    for (struct entry *entry = *bucket_of(set, node); entry; entry = entry->next)
        if (entry->node == node)
            return entry->schema;
    return NULL;
}

static void remember(struct schema_set *set, const json_t *node, const struct schema *schema) {
    struct entry *entry = arena_new(&set->arena, sizeof *entry);
    struct entry **bucket = bucket_of(set, node);
    *entry = (struct entry){.next = *bucket, .node = node, .schema = schema};
    *bucket = entry;
}

static unsigned type_of(const char *name) {
    static const struct {
        const char *name;
        unsigned type;
    } types[] = {
        {"null", SCHEMA_NULL},       {"boolean", SCHEMA_BOOLEAN},
        {"integer", SCHEMA_INTEGER}, {"number", SCHEMA_NUMBER},
        {"string", SCHEMA_STRING},   {"array", SCHEMA_ARRAY},
        {"object", SCHEMA_OBJECT},   {0},
    };
    size_t i = 0;
    while (types[i].name && (!name || strcmp(types[i].name, name) != 0))
        i++;
    return types[i].type;
}

static bool read_type(const struct build *build, json_t *value) {
    auto_buffer names = {0};
    json_auto_t *one = json_is_array(value) ? NULL : json_pack("[O]", value);
    json_t *list = one ? one : value;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        unsigned type = type_of(name);
        if (!type)
            return refuse(build->pointer, "type", "is no type");
        build->schema->types |= type;
        buffer_print(&names, "%s%s", i ? ", " : "", name);
    }
    build->schema->type_names = arena_text(&build->set->arena, names.data);
    return names.data || refuse(build->pointer, "type", "names no type");
}

/* Compiles a pattern; the set frees it. */
static bool compile_pattern(const struct build *build, json_t *value, const pcre2_code **ret_code,
                            const char **ret_text) {
    const char *text = json_string_value(value);
    if (!text)
        return refuse(build->pointer, "pattern", "must be a text");
    int error = 0;
    PCRE2_SIZE offset = 0;
    /* ECMA-262, which JSON Schema follows, lets `$` match at the very end only. */
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                     PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &offset, NULL);
    if (!code)
        return refuse(build->pointer, "pattern", "is no regular expression");
    struct pattern *pattern = arena_new(&build->set->arena, sizeof *pattern);
    *pattern = (struct pattern){.next = build->set->patterns, .code = code};
    build->set->patterns = pattern;
    *ret_code = code;
    *ret_text = text;
    return true;
}

static bool read_pattern(const struct build *build, json_t *value) {
    return compile_pattern(build, value, &build->schema->pattern, &build->schema->pattern_text);
}

static bool read_name_pattern(const struct build *build, json_t *value) {
    json_t *pattern = json_object_get(value, "pattern");
    if (!pattern || json_object_size(value) != 1)
        return refuse(build->pointer, "propertyNames", "may hold only a pattern");
    return compile_pattern(build, pattern, &build->schema->name_pattern,
                           &build->schema->name_pattern_text);
}

/* Compiles the schema in a member of this one; `name` NULL: directly below the keyword. */
static const struct schema *below(const struct build *build, const char *keyword, const char *name,
                                  json_t *node) {
    auto_buffer pointer = {0};
    buffer_add_text(&pointer, build->pointer);
    pointer_add(&pointer, keyword);
    if (name)
        pointer_add(&pointer, name);
    return schema_get(build->set, node, pointer.data);
}

static int compare_members(const void *a, const void *b) {
    const struct schema_member *const *left = a;
    const struct schema_member *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static bool read_properties(const struct build *build, json_t *value) {
    if (!json_is_object(value))
        return refuse(build->pointer, "properties", "must be an object");
    size_t most = json_object_size(value), count = 0;
    struct schema_member *members = arena_new(&build->set->arena, most * sizeof *members);
    const struct schema_member **sorted = arena_new(&build->set->arena, most * sizeof *sorted);
    const char *name;
    json_t *node;
    json_object_foreach(value, name, node) {
        members[count] = (struct schema_member){.name = name};
        members[count].schema = below(build, "properties", name, node);
        if (!members[count].schema)
            return false;
        sorted[count] = &members[count];
        count++;
    }
    if (count)
        qsort(sorted, count, sizeof *sorted, compare_members);
    struct schema *schema = build->schema;
    schema->members = members;
    schema->sorted = sorted;
    schema->member_count = count;
    return true;
}

/* Read after `properties`, whatever the order in the contract. */
static bool read_required(const struct build *build, json_t *value) {
    if (!json_is_array(value))
        return refuse(build->pointer, "required", "must be a list");
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        size_t at = 0;
        while (name && at < build->schema->member_count &&
               strcmp(build->schema->members[at].name, name) != 0)
            at++;
        if (!name || at == build->schema->member_count)
            return refuse(build->pointer, "required", "names a member that is not declared");
        build->schema->members[at].is_required = true;
    }
    return true;
}

static bool read_others(const struct build *build, json_t *value) {
    if (json_is_false(value))
        return true;
    if (!json_is_object(value))
        return refuse(build->pointer, "additionalProperties", "must be false or a schema");
    build->schema->others = below(build, "additionalProperties", NULL, value);
    return build->schema->others;
}

static bool read_items(const struct build *build, json_t *value) {
    build->schema->items = below(build, "items", NULL, value);
    return build->schema->items;
}

static bool read_choices(const struct build *build, json_t *value) {
    if (!json_array_size(value))
        return refuse(build->pointer, "enum", "must be a list of values");
    auto_buffer names = {0};
    for (size_t i = 0; i < json_array_size(value); i++) {
        auto_free char *text = json_dumps(json_array_get(value, i), JSON_ENCODE_ANY | JSON_COMPACT);
        const char *string = json_string_value(json_array_get(value, i));
        buffer_print(&names, "%s%s", i ? ", " : "", string ? string : text);
    }
    build->schema->choices = value;
    build->schema->choice_names = arena_text(&build->set->arena, names.data);
    return true;
}

static bool read_constant(const struct build *build, json_t *value) {
    auto_free char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *string = json_string_value(value);
    build->schema->constant = value;
    build->schema->choice_names = arena_text(&build->set->arena, string ? string : text);
    return true;
}

static bool read_format(const struct build *build, json_t *value) {
    const char *name = json_string_value(value);
    build->schema->format = name ? format_find(name) : NULL;
    return build->schema->format ||
           refuse(build->pointer, "format", "is not one this service checks");
}

/* Words for people, which change nothing. */
static bool is_annotation(const char *keyword) {
    static const char *const annotations[] = {"title",   "description", "example", "examples",
                                              "default", "deprecated",  NULL};
    for (const char *const *annotation = annotations; *annotation; annotation++)
        if (strcmp(*annotation, keyword) == 0)
            return true;
    return false;
}

enum keyword_kind { KEYWORD_COUNT, KEYWORD_FLAG, KEYWORD_LIMIT, KEYWORD_READ };

static const struct keyword {
    const char *name;
    enum keyword_kind kind;
    size_t offset; /* of the member that COUNT, FLAG and LIMIT fill */
    bool (*read)(const struct build *build, json_t *value);
} keywords[] = {
    {"additionalProperties", KEYWORD_READ, 0, read_others},
    {"const", KEYWORD_READ, 0, read_constant},
    {"enum", KEYWORD_READ, 0, read_choices},
    {"format", KEYWORD_READ, 0, read_format},
    {"items", KEYWORD_READ, 0, read_items},
    {"maxItems", KEYWORD_COUNT, offsetof(struct schema, items_most), NULL},
    {"maxLength", KEYWORD_COUNT, offsetof(struct schema, length_most), NULL},
    {"maxProperties", KEYWORD_COUNT, offsetof(struct schema, members_most), NULL},
    {"maximum", KEYWORD_LIMIT, offsetof(struct schema, maximum), NULL},
    {"minItems", KEYWORD_COUNT, offsetof(struct schema, items_least), NULL},
    {"minLength", KEYWORD_COUNT, offsetof(struct schema, length_least), NULL},
    {"minProperties", KEYWORD_COUNT, offsetof(struct schema, members_least), NULL},
    {"minimum", KEYWORD_LIMIT, offsetof(struct schema, minimum), NULL},
    {"pattern", KEYWORD_READ, 0, read_pattern},
    {"properties", KEYWORD_READ, 0, read_properties},
    {"propertyNames", KEYWORD_READ, 0, read_name_pattern},
    {"readOnly", KEYWORD_FLAG, offsetof(struct schema, is_read_only), NULL},
    {"type", KEYWORD_READ, 0, read_type},
    {"uniqueItems", KEYWORD_FLAG, offsetof(struct schema, is_unique), NULL},
    {0},
};

static bool read_keyword(const struct build *build, const char *name, json_t *value) {
    const struct keyword *keyword = keywords;
    while (keyword->name && strcmp(keyword->name, name) != 0)
        keyword++;
    if (!keyword->name)
        return refuse(build->pointer, name, "is not a keyword this service knows");
    void *member = (char *)build->schema + keyword->offset;
    switch (keyword->kind) {
    case KEYWORD_COUNT:
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return refuse(build->pointer, name, "must be a whole number of at least 0");
        *(json_int_t *)member = json_integer_value(value);
        return true;
    case KEYWORD_FLAG:
        if (!json_is_boolean(value))
            return refuse(build->pointer, name, "must be true or false");
        *(bool *)member = json_is_true(value);
        return true;
    case KEYWORD_LIMIT:
        if (!json_is_number(value))
            return refuse(build->pointer, name, "must be a number");
        *(json_t **)member = value;
        return true;
    case KEYWORD_READ:
    default:
        return keyword->read(build, value);
    }
}

static bool read_all(const struct build *build) {
    const char *keyword;
    json_t *value;
    json_object_foreach(build->node, keyword, value) {
        if (is_annotation(keyword) || strcmp(keyword, "required") == 0)
            continue;
        if (!read_keyword(build, keyword, value))
            return false;
    }
    json_t *required = json_object_get(build->node, "required");
    if (required && !read_required(build, required))
        return false;
    /* Comparing each item with each is quadratic. */
    if (build->schema->is_unique &&
        (build->schema->items_most < 0 || build->schema->items_most > UNIQUE_ITEMS_MOST))
        return refuse(build->pointer, "uniqueItems", "needs maxItems of at most 1000 beside it");
    return true;
}

/* A $ref: the target itself, or a node that adds readOnly to it. */
static const struct schema *follow(const struct build *build, json_t *reference) {
    const char *pointer = json_string_value(reference);
    if (!pointer || strncmp(pointer, "#/components/schemas/", 21) != 0)
        return refuse_schema(build->pointer, "$ref", "must begin with #/components/schemas/");
    json_t *node = pointer_find(build->set->contract, pointer);
    if (!node || node == build->node)
        return refuse_schema(build->pointer, "$ref", "leads nowhere");
    const char *keyword;
    json_t *value;
    json_object_foreach(build->node, keyword, value) {
        if (strcmp(keyword, "$ref") == 0 || is_annotation(keyword))
            continue;
        if (strcmp(keyword, "readOnly") != 0)
            return refuse_schema(build->pointer, keyword, "may not stand beside $ref");
        if (!read_keyword(build, keyword, value))
            return NULL;
    }
    build->schema->refers = schema_get(build->set, node, pointer);
    for (const struct schema *at = build->schema->refers; at; at = at->refers)
        if (at == build->schema)
            return refuse_schema(build->pointer, "$ref", "leads back to itself");
    return build->schema->refers ? build->schema : NULL;
}

const struct schema *schema_get(struct schema_set *set, json_t *node, const char *pointer) {
    const struct schema *known = find(set, node);
    if (known)
        return known;
    if (!json_is_object(node))
        return refuse_schema(pointer, "", "must be a schema");
    struct schema *schema = arena_new(&set->arena, sizeof *schema);
    *schema = (struct schema){.members_least = -1,
                              .members_most = -1,
                              .items_least = -1,
                              .items_most = -1,
                              .length_least = -1,
                              .length_most = -1};
    struct build build = {.set = set, .schema = schema, .node = node, .pointer = pointer};
    remember(set, node, schema); /* before its parts: a schema may hold itself */
    json_t *reference = json_object_get(node, "$ref");
    if (reference)
        return follow(&build, reference);
    return read_all(&build) ? schema : NULL;
}
