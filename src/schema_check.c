/* Applies compiled schemas to values, and lends out what they say. It does not read the contract.
 */
#include "own.h"
#include "pointer.h"
#include "schema_node.h"
#include "text.h"

#include <errno.h>
#include <stdint.h>

enum { SHOWN_POINTS = 80, PATTERN_STEPS_MOST = 100000 };

/* From the value up to the body: the pointer is only written out when there is a fault. */
struct place {
    const struct place *parent;
    const char *name; /* NULL: an item of an array */
    size_t index;
};

struct check {
    struct arena *arena;
    struct problem *problem;
    const char *parameter; /* checking a parameter's text; NULL: a body */
};

const struct schema *schema_target(const struct schema *schema) {
    while (schema->refers)
        schema = schema->refers;
    return schema;
}

static int compare_name(const void *key, const void *element) {
    const struct schema_member *const *member = element;
    return strcmp(key, (*member)->name);
}

const struct schema_member *schema_find_member(const struct schema *schema, const char *name) {
    schema = schema_target(schema);
    if (!schema->member_count)
        return NULL;
    const struct schema_member **found =
        bsearch(name, schema->sorted, schema->member_count, sizeof *schema->sorted, compare_name);
    return found ? *found : NULL;
}

static void write_pointer(const struct place *place, struct buffer *out) {
    if (!place)
        return;
    write_pointer(place->parent, out);
    if (place->name)
        pointer_add(out, place->name);
    else
        buffer_print(out, "/%zu", place->index);
}

static bool fault_with(const struct check *check, const struct place *place, enum problem_code code,
                       const char *first, const char *second) {
    if (check->problem->fault_count == PROBLEM_FAULTS_MOST)
        return false;
    const char *const parameters[PROBLEM_PARAMETERS] = {first, second};
    if (check->parameter)
        return problem_add_with(check->problem, check->arena, FAULT_PARAMETER, check->parameter,
                                code, parameters);
    auto_buffer pointer = {0};
    write_pointer(place, &pointer);
    const char *where = pointer.data ? arena_text(check->arena, pointer.data) : "";
    return problem_add_with(check->problem, check->arena, FAULT_POINTER, where, code, parameters);
}

/* A value as a fault shows it. */
static const char *shown(const struct check *check, const json_t *value) {
    if (json_is_string(value))
        return text_shorten(arena_text(check->arena, json_string_value(value)), SHOWN_POINTS,
                            check->arena);
    if (json_is_object(value))
        return "{…}";
    if (json_is_array(value))
        return "[…]";
    auto_free char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    return arena_text(check->arena, text ? text : "");
}

static bool fault_number(const struct check *check, const struct place *place,
                         enum problem_code code, size_t given, json_int_t rule) {
    return fault_with(check, place, code, arena_print(check->arena, "%zu", given),
                      arena_print(check->arena, "%" JSON_INTEGER_FORMAT, rule));
}

/* -1 in a limit = none. */
static bool check_count(const struct check *check, const struct place *place, size_t given,
                        json_int_t least, enum problem_code too_few, json_int_t most,
                        enum problem_code too_many) {
    if (least >= 0 && (json_int_t)given < least)
        return fault_number(check, place, too_few, given, least);
    if (most >= 0 && (json_int_t)given > most)
        return fault_number(check, place, too_many, given, most);
    return true;
}

static bool matches(const pcre2_code *code, const char *text) {
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (!data || !context)
        abort();
    pcre2_set_match_limit(context, PATTERN_STEPS_MOST);
    int result =
        pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, PCRE2_NO_UTF_CHECK, data, context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return result >= 0;
}

static bool refuse_character(const struct check *check, const struct place *place, uint32_t point) {
    return fault_with(check, place, PROBLEM_TEXT_NOT_ALLOWED,
                      arena_print(check->arena, "U+%04X", point), NULL);
}

static bool check_string(const struct check *check, const struct schema *schema, json_t *value,
                         const struct place *place) {
    const char *sent = json_string_value(value);
    bool is_simple = false;
    bool is_file = schema->format && schema->format->is_file;
    uint32_t refused = is_file ? 0 : text_find_refused(sent, &is_simple);
    if (refused)
        return refuse_character(check, place, refused);
    const char *text = text_normalize(sent, is_simple || is_file, check->arena);
    if (text != sent)
        json_string_set_nocheck(value, text);
    if (!check_count(check, place, text_count(text), schema->length_least, PROBLEM_VALUE_TOO_SHORT,
                     schema->length_most, PROBLEM_VALUE_TOO_LONG))
        return false;
    if (schema->format && !schema->format->is_valid(text))
        return fault_with(check, place, PROBLEM_VALUE_FORMAT, shown(check, value),
                          schema->format->name);
    if (schema->pattern && !matches(schema->pattern, text))
        return fault_with(check, place, PROBLEM_VALUE_PATTERN, shown(check, value),
                          schema->pattern_text);
    return true;
}

static int compare_numbers(const json_t *left, const json_t *right) {
    if (json_is_integer(left) && json_is_integer(right)) {
        json_int_t a = json_integer_value(left), b = json_integer_value(right);
        return (a > b) - (a < b);
    }
    double a = json_number_value(left), b = json_number_value(right);
    return (a > b) - (a < b);
}

static bool check_number(const struct check *check, const struct schema *schema,
                         const json_t *value, const struct place *place) {
    if (schema->minimum && compare_numbers(value, schema->minimum) < 0)
        return fault_with(check, place, PROBLEM_VALUE_TOO_SMALL, shown(check, value),
                          shown(check, schema->minimum));
    if (schema->maximum && compare_numbers(value, schema->maximum) > 0)
        return fault_with(check, place, PROBLEM_VALUE_TOO_LARGE, shown(check, value),
                          shown(check, schema->maximum));
    return true;
}

static bool check_value(const struct check *check, const struct schema *schema, json_t *value,
                        bool is_patch, const struct place *place);

static bool is_unique(json_t *array) {
    for (size_t i = 1; i < json_array_size(array); i++)
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_array_get(array, i), json_array_get(array, j)))
                return false;
    return true;
}

/* Arrays are replaced whole by a merge patch (RFC 7396), so what is inside one is no patch. */
static bool check_array(const struct check *check, const struct schema *schema, json_t *value,
                        const struct place *place) {
    if (!check_count(check, place, json_array_size(value), schema->items_least,
                     PROBLEM_ITEMS_TOO_FEW, schema->items_most, PROBLEM_ITEMS_TOO_MANY))
        return false;
    bool is_valid = true;
    for (size_t i = 0; schema->items && i < json_array_size(value); i++) {
        const struct place item = {.parent = place, .index = i};
        is_valid &= check_value(check, schema->items, json_array_get(value, i), false, &item);
    }
    if (is_valid && schema->is_unique && !is_unique(value))
        return fault_with(check, place, PROBLEM_ITEMS_NOT_UNIQUE, NULL, NULL);
    return is_valid;
}

static bool fault_name(const struct check *check, const struct place *place, enum problem_code code,
                       const char *rule) {
    const char *name = arena_text(check->arena, place->name);
    return fault_with(check, place, code, text_shorten(name, SHOWN_POINTS, check->arena), rule);
}

/* A member the schema does not declare: additionalProperties and propertyNames. */
static bool check_other_name(const struct check *check, const struct schema *schema,
                             const struct place *place) {
    if (!schema->others)
        return fault_name(check, place, PROBLEM_MEMBER_UNKNOWN, NULL);
    bool is_simple;
    uint32_t refused = text_find_refused(place->name, &is_simple);
    if (refused)
        return refuse_character(check, place, refused);
    if (schema->name_pattern && !matches(schema->name_pattern, place->name))
        return fault_name(check, place, PROBLEM_VALUE_PATTERN, schema->name_pattern_text);
    return true;
}

static bool check_member(const struct check *check, const struct schema *schema, const char *name,
                         json_t *value, bool is_patch, const struct place *parent) {
    const struct place place = {.parent = parent, .name = name};
    const struct schema_member *member = schema_find_member(schema, name);
    if (!member && !check_other_name(check, schema, &place))
        return false;
    const struct schema *rule = member ? member->schema : schema->others;
    if (member && schema_is_read_only(rule))
        return fault_name(check, &place, PROBLEM_MEMBER_READ_ONLY, NULL);
    /* Inside a stored object a null takes a member out, which is right for any that may be absent.
     */
    bool is_removal = is_patch && parent && json_is_null(value) && !(member && member->is_required);
    return is_removal || check_value(check, rule, value, is_patch, &place);
}

static bool check_required(const struct check *check, const struct schema *schema,
                           const json_t *value, const struct place *parent) {
    bool is_valid = true;
    for (size_t i = 0; i < schema->member_count; i++) {
        const struct schema_member *member = &schema->members[i];
        if (!member->is_required || json_object_get(value, member->name) ||
            schema_is_read_only(member->schema))
            continue;
        const struct place place = {.parent = parent, .name = member->name};
        is_valid = fault_with(check, &place, PROBLEM_MEMBER_REQUIRED, member->name, NULL);
    }
    return is_valid;
}

static bool check_object(const struct check *check, const struct schema *schema, json_t *value,
                         bool is_patch, const struct place *place) {
    bool is_valid = is_patch || check_required(check, schema, value, place);
    const char *name;
    json_t *member;
    json_object_foreach(value, name, member) {
        is_valid &= check_member(check, schema, name, member, is_patch, place);
    }
    /* How many members a nested object has after a merge is not known here. */
    json_int_t least = is_patch && place ? -1 : schema->members_least;
    return check_count(check, place, json_object_size(value), least, PROBLEM_ITEMS_TOO_FEW,
                       schema->members_most, PROBLEM_ITEMS_TOO_MANY) &&
           is_valid;
}

static unsigned type_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return SCHEMA_OBJECT;
    case JSON_ARRAY:
        return SCHEMA_ARRAY;
    case JSON_STRING:
        return SCHEMA_STRING;
    case JSON_INTEGER:
        return SCHEMA_INTEGER | SCHEMA_NUMBER;
    case JSON_REAL:
        return SCHEMA_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return SCHEMA_BOOLEAN;
    case JSON_NULL:
    default:
        return SCHEMA_NULL;
    }
}

static bool is_chosen(const struct schema *schema, json_t *value) {
    if (schema->constant)
        return json_equal(schema->constant, value);
    for (size_t i = 0; i < json_array_size(schema->choices); i++)
        if (json_equal(json_array_get(schema->choices, i), value))
            return true;
    return !schema->choices;
}

static bool check_value(const struct check *check, const struct schema *schema, json_t *value,
                        bool is_patch, const struct place *place) {
    schema = schema_target(schema);
    unsigned type = type_of(value);
    if (schema->types && !(schema->types & type))
        return fault_with(check, place, PROBLEM_VALUE_TYPE, shown(check, value),
                          schema->type_names);
    if (!is_chosen(schema, value))
        return fault_with(check, place, PROBLEM_VALUE_ENUM, shown(check, value),
                          schema->choice_names);
    if (type & SCHEMA_STRING)
        return check_string(check, schema, value, place);
    if (type & SCHEMA_NUMBER)
        return check_number(check, schema, value, place);
    if (type & SCHEMA_ARRAY)
        return check_array(check, schema, value, place);
    if (type & SCHEMA_OBJECT)
        return check_object(check, schema, value, is_patch, place);
    return true;
}

bool schema_check(const struct schema *schema, json_t *value, bool is_patch, struct arena *arena,
                  struct problem *problem) {
    /* Set at first, so that a fault does not give the problem its own code. */
    struct problem found = {.code = PROBLEM_INVALID_BODY};
    const struct check check = {.arena = arena, .problem = &found};
    if (check_value(&check, schema, value, is_patch, NULL))
        return true;
    *problem = found;
    return false;
}

/* The text as a value of one of the schema's types; NULL when it is of none. Owned by the caller.
 */
static json_t *read_text(const struct schema *schema, const char *text) {
    bool is_number = *text && strspn(text, "-0123456789.eE+") == strlen(text);
    if (schema->types & SCHEMA_BOOLEAN && strcmp(text, "true") == 0)
        return json_true();
    if (schema->types & SCHEMA_BOOLEAN && strcmp(text, "false") == 0)
        return json_false();
    if (schema->types & (SCHEMA_INTEGER | SCHEMA_NUMBER) && is_number)
        return json_loads(text, JSON_DECODE_ANY, NULL);
    if (!schema->types || schema->types & SCHEMA_STRING)
        return json_string(text);
    return NULL;
}

bool schema_check_text(const struct schema *schema, const char *text, const char *name,
                       struct arena *arena, struct problem *problem) {
    const struct check check = {.arena = arena, .problem = problem, .parameter = name};
    schema = schema_target(schema);
    if (problem->code == PROBLEM_NONE)
        problem_set(problem, PROBLEM_INVALID_PARAMETER);
    json_auto_t *value = read_text(schema, text);
    bool is_valid = value ? check_value(&check, schema, value, false, NULL)
                          : fault_with(&check, NULL, PROBLEM_VALUE_TYPE,
                                       text_shorten(text, SHOWN_POINTS, arena), schema->type_names);
    if (is_valid && !problem->faults)
        problem_set(problem, PROBLEM_NONE);
    return is_valid;
}

const struct schema *schema_member(const struct schema *schema, const char *name) {
    const struct schema_member *member = schema_find_member(schema, name);
    return member ? member->schema : NULL;
}

void schema_each_member(const struct schema *schema,
                        void (*visit)(const char *name, const struct schema *member, void *data),
                        void *data) {
    schema = schema_target(schema);
    for (size_t i = 0; i < schema->member_count; i++)
        visit(schema->members[i].name, schema->members[i].schema, data);
}

bool schema_is_read_only(const struct schema *schema) {
    return schema->is_read_only || schema_target(schema)->is_read_only;
}

bool schema_allows_null(const struct schema *schema) {
    unsigned types = schema_target(schema)->types;
    return !types || types & SCHEMA_NULL;
}

unsigned schema_types(const struct schema *schema) {
    return schema_target(schema)->types;
}

const char *schema_format(const struct schema *schema) {
    const struct format *format = schema_target(schema)->format;
    return format ? format->name : NULL;
}

const char *schema_choice(const struct schema *schema, const char *text) {
    const json_t *choices = schema_target(schema)->choices;
    for (size_t i = 0; i < json_array_size(choices); i++) {
        const char *choice = json_string_value(json_array_get(choices, i));
        if (choice && strcasecmp(choice, text) == 0)
            return choice;
    }
    return text;
}

const struct schema *schema_items(const struct schema *schema) {
    return schema_target(schema)->items;
}
