/* Reads what an operation embeds: x-embeds of its parameter `embed`, and the lists these are. */
#include "spec_read.h"

#include <string.h>

/* The names that may be asked for are those that are described. */
static bool is_same(json_t *choices, json_t *embeds) {
    size_t count = json_array_size(choices), found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(choices, i));
        found += name && json_object_get(embeds, name);
    }
    return count > 0 && found == count && count == json_object_size(embeds);
}

void spec_read_embeds(struct spec *spec, json_t *node, const char *pointer,
                      struct operation *operation) {
    json_t *embeds = json_object_get(node, "x-embeds");
    json_t *items = json_object_get(json_object_get(node, "schema"), "items");
    if (!is_same(json_object_get(items, "enum"), embeds))
        spec_refuse(spec, pointer, "x-embeds and the schema's enum must have the same names");
    operation->embed_count = json_object_size(embeds);
    struct embed *all = arena_new(&spec->arena, (operation->embed_count + 1) * sizeof *all);
    operation->embeds = all;
    const char *name;
    json_t *embed;
    json_object_foreach(embeds, name, embed) {
        spec_allow_keys(spec, embed, pointer, "by filter list");
        const char *by = json_string_value(json_object_get(embed, "by"));
        *all++ = (struct embed){.name = name,
                                .list_id = json_string_value(json_object_get(embed, "list")),
                                .filter = json_string_value(json_object_get(embed, "filter")),
                                .by = by ? by : "id"};
    }
}

static const struct operation *find_list(const struct spec *spec, const char *id) {
    for (size_t i = 0; id && i < spec->operation_count; i++)
        if (strcmp(spec->operations[i].id, id) == 0 && spec->operations[i].is_list)
            return &spec->operations[i];
    return NULL;
}

/* By id there is one row at most, so no further page is asked for. */
static bool has_filter(const struct operation *list, const char *name) {
    for (size_t i = 0; name && i < list->query_parameter_count; i++) {
        const struct parameter *parameter = &list->query_parameters[i];
        if (strcmp(parameter->name, name) == 0 && parameter->use == PARAMETER_EQUAL &&
            strcmp(parameter->column, name) == 0)
            return true;
    }
    return name && strcmp(name, "id") == 0;
}

static bool asks_no_more(const struct operation *list, const struct operation *operation) {
    if (list->is_public || operation->is_public)
        return list->is_public;
    return !list->roles || (operation->roles && !(operation->roles & ~list->roles));
}

/* embedded.<name>.items of the item's schema are the list's own. */
static bool is_described(const struct embed *embed, const struct operation *operation) {
    const struct schema *at = operation->item ? schema_member(operation->item, EMBEDDED) : NULL;
    at = at ? schema_member(at, embed->name) : NULL;
    at = at ? schema_member(at, "items") : NULL;
    at = at ? schema_items(at) : NULL;
    return at && schema_target(at) == schema_target(embed->list->item);
}

static const char *fault_of(const struct embed *embed, const struct operation *operation) {
    if (!embed->list)
        return "list names no list";
    if (strncmp(embed->list->path, "/v1/{municipality}/", 19) != 0 ||
        embed->list->path_parameters[1])
        return "the list has more in its path than the municipality";
    if (!has_filter(embed->list, embed->filter))
        return "filter is none of the list's";
    if (!schema_member(operation->item, embed->by))
        return "by is no member of the item";
    if (!asks_no_more(embed->list, operation))
        return "the list asks more of the caller";
    return is_described(embed, operation) ? NULL : "the item's schema has no such rows";
}

void spec_find_embeds(struct spec *spec) {
    for (size_t i = 0; i < spec->operation_count; i++) {
        const struct operation *operation = &spec->operations[i];
        for (size_t n = 0; n < operation->embed_count; n++) {
            struct embed *embed = &operation->embeds[n];
            embed->list = find_list(spec, embed->list_id);
            const char *fault = fault_of(embed, operation);
            if (fault)
                spec_refuse(spec, operation->id, "x-embeds %s: %s", embed->name, fault);
        }
    }
}
