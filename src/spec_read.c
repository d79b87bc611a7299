/* Reads roles, operations, bodies and answers of the contract. Parameters: spec_parameter.c. */
#include "spec_read.h"

#include "log.h"
#include "own.h"
#include "pointer.h"

#include <stdarg.h>

void spec_refuse(struct spec *spec, const char *pointer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    auto_free char *why = NULL;
    if (vasprintf(&why, format, arguments) < 0)
        abort();
    va_end(arguments);
    log_write(LOG_ERROR, NULL, "contract: %s: %s", pointer, why);
    spec->is_refused = true;
}

static bool is_listed(const char *keys, const char *key) {
    size_t length = strlen(key);
    for (const char *at = keys; (at = strstr(at, key)); at += length)
        if ((at == keys || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return length > 0;
    return false;
}

void spec_allow_keys(struct spec *spec, json_t *node, const char *pointer, const char *keys) {
    if (!json_is_object(node))
        spec_refuse(spec, pointer, "must be an object");
    const char *key;
    json_t *value;
    json_object_foreach(node, key, value) {
        if (!is_listed(keys, key))
            spec_refuse(spec, pointer, "%s is not a member this service knows", key);
    }
}

json_t *spec_resolve(struct spec *spec, json_t *node, const char *pointer, const char *kind) {
    json_t *reference = json_object_get(node, "$ref");
    if (!reference)
        return node;
    const char *target = json_string_value(reference);
    auto_buffer prefix = {0};
    buffer_print(&prefix, "#/components/%s/", kind);
    json_t *found = NULL;
    if (target && strncmp(target, prefix.data, prefix.length) == 0)
        found = pointer_find(spec->contract, target);
    if (!found || json_object_get(found, "$ref"))
        spec_refuse(spec, pointer, "$ref must lead to an entry of %s", prefix.data);
    return found;
}

const char *spec_below(struct spec *spec, const char *pointer, const char *name) {
    auto_buffer below = {0};
    buffer_add_text(&below, pointer);
    pointer_add(&below, name);
    return arena_text(&spec->arena, below.data);
}

const struct schema *spec_read_schema(struct spec *spec, json_t *node, const char *pointer) {
    const struct schema *schema = schema_get(spec->schemas, json_object_get(node, "schema"),
                                             spec_below(spec, pointer, "schema"));
    spec->is_refused |= !schema;
    return schema;
}

static void read_roles(struct spec *spec, json_t *components) {
    json_t *roles = json_object_get(components, "x-roles");
    const char *name;
    json_t *role;
    json_object_foreach(roles, name, role) {
        spec_allow_keys(spec, role, "#/components/x-roles", "description");
        if (spec->role_count < SPEC_ROLES_MOST)
            spec->roles[spec->role_count++] = name;
        else
            spec_refuse(spec, "#/components/x-roles", "more than %d roles", SPEC_ROLES_MOST);
    }
}

/* One alternative: {} or {bearer: []} or {bearer: [role]}. Tells whether any authenticated person
 * will do. */
static bool read_requirement(struct spec *spec, json_t *requirement, const char *pointer,
                             struct operation *operation) {
    if (json_is_object(requirement) && !json_object_size(requirement)) {
        operation->is_public = true;
        return false;
    }
    spec_allow_keys(spec, requirement, pointer, "bearer");
    json_t *list = json_object_get(requirement, "bearer");
    if (json_is_array(list) && !json_array_size(list))
        return true;
    const char *name = json_string_value(json_array_get(list, 0));
    int role = name ? spec_role(spec, name) : -1;
    if (role < 0)
        spec_refuse(spec, pointer, "names a role that components/x-roles does not have");
    else
        operation->roles |= UINT64_C(1) << role;
    /* OpenAPI reads several in one requirement as "all of these". */
    if (json_array_size(list) > 1)
        spec_refuse(spec, pointer, "several roles are several requirements, one in each");
    return false;
}

static void read_security(struct spec *spec, json_t *node, const char *pointer,
                          struct operation *operation) {
    json_t *security = json_object_get(node, "security");
    if (!json_array_size(security)) {
        spec_refuse(spec, pointer, "must say who may: security with at least one requirement");
        return;
    }
    bool is_any_person = false;
    for (size_t i = 0; i < json_array_size(security); i++)
        is_any_person |= read_requirement(spec, json_array_get(security, i), pointer, operation);
    if (is_any_person)
        operation->roles = 0;
    auto_buffer names = {0};
    for (int role = 0; role < spec->role_count; role++)
        if (operation->roles >> role & 1)
            buffer_print(&names, "%s%s", names.length ? ", " : "", spec->roles[role]);
    operation->role_names = arena_text(&spec->arena, names.data ? names.data : "");
}

static void read_most_bytes(struct spec *spec, json_t *node, const char *pointer,
                            struct operation *operation) {
    json_t *most = json_object_get(node, "x-body-most-bytes");
    if (!most)
        return;
    if (!json_is_integer(most) || json_integer_value(most) < 1)
        spec_refuse(spec, pointer, "x-body-most-bytes must be a whole number");
    else
        operation->body_most_bytes = (size_t)json_integer_value(most);
}

static bool is_body_media(const struct operation *operation, const char *media) {
    const char *wanted =
        operation->method == METHOD_PATCH ? "application/merge-patch+json" : "application/json";
    return strcmp(media, wanted) == 0;
}

static void read_body(struct spec *spec, json_t *node, const char *pointer,
                      struct operation *operation) {
    json_t *body = json_object_get(node, "requestBody");
    if (!body)
        return;
    pointer = spec_below(spec, pointer, "requestBody");
    body = spec_resolve(spec, body, pointer, "requestBodies");
    spec_allow_keys(spec, body, pointer, "content description required x-body-most-bytes");
    operation->body_required = json_is_true(json_object_get(body, "required"));
    read_most_bytes(spec, body, pointer, operation);
    json_t *content = json_object_get(body, "content");
    if (spec_read_form(spec, content, pointer, operation) ||
        spec_read_picture(spec, content, pointer, operation))
        return;
    const char *media = json_object_iter_key(json_object_iter(content));
    if (!media || json_object_size(content) != 1 || !is_body_media(operation, media)) {
        spec_refuse(spec, pointer,
                    "needs one media type: application/json, or "
                    "application/merge-patch+json for a PATCH");
        return;
    }
    json_t *form = json_object_get(content, media);
    const char *at = spec_below(spec, spec_below(spec, pointer, "content"), media);
    spec_allow_keys(spec, form, at, "example examples schema");
    operation->body = spec_read_schema(spec, form, at);
    operation->body_media = media;
}

static void read_problems(struct spec *spec, json_t *node, const char *pointer) {
    json_t *problems = json_object_get(node, "x-problems");
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const char *name = json_string_value(json_array_get(problems, i));
        if (!name || problem_find(name) == PROBLEM_NONE)
            spec_refuse(spec, pointer, "x-problems: %s is not in problem.def", name ? name : "?");
    }
    if (problems && !json_is_array(problems))
        spec_refuse(spec, pointer, "x-problems must be a list");
}

/* What a good answer's form says: the item, whether it is a list, the media offered. */
static void read_form(const char *media, const struct schema *schema, struct operation *operation) {
    enum media form = media_find_type(media);
    operation->offers |= form < MEDIA_COUNT ? 1u << form : 0;
    if (form != MEDIA_JSON)
        return;
    if (schema_types(schema) & SCHEMA_ARRAY)
        return; /* of Open311: rows that no column is compared with */
    const struct schema *items = schema_member(schema, "items");
    operation->is_list = items && schema_types(items) == SCHEMA_ARRAY && schema_items(items);
    operation->item = operation->is_list ? schema_items(items) : schema;
}

static void read_response(struct spec *spec, const char *status, json_t *response,
                          const char *pointer, struct operation *operation) {
    response = spec_resolve(spec, response, pointer, "responses");
    spec_allow_keys(spec, response, pointer, "content description headers x-problems");
    read_problems(spec, response, pointer);
    bool is_item = strcmp(status, "200") == 0 || strcmp(status, "201") == 0;
    json_t *content = json_object_get(response, "content");
    const char *content_pointer = spec_below(spec, pointer, "content");
    const char *media;
    json_t *form;
    json_object_foreach(content, media, form) {
        const char *at = spec_below(spec, content_pointer, media);
        if (is_item && strncmp(media, "image/", 6) == 0) {
            spec_allow_keys(spec, form, at, "");
            operation->file_media = media;
            continue;
        }
        spec_allow_keys(spec, form, at, "example examples schema");
        const struct schema *schema = spec_read_schema(spec, form, at);
        if (schema && is_item)
            read_form(media, schema, operation);
    }
}

static void read_responses(struct spec *spec, json_t *node, const char *pointer,
                           struct operation *operation) {
    json_t *responses = json_object_get(node, "responses");
    pointer = spec_below(spec, pointer, "responses");
    if (!json_object_size(responses))
        spec_refuse(spec, pointer, "an operation needs answers");
    const char *status;
    json_t *response;
    json_object_foreach(responses, status, response) {
        read_response(spec, status, response, spec_below(spec, pointer, status), operation);
    }
}

static void read_operation(struct spec *spec, json_t *path_item, json_t *node, const char *pointer,
                           struct operation *operation) {
    spec_allow_keys(spec, node, pointer,
                    "deprecated description externalDocs operationId parameters requestBody "
                    "responses security summary tags x-body-most-bytes "
                    "x-mask-identity-codes x-open x-problems x-revalidate");
    operation->is_open = json_is_true(json_object_get(node, "x-open"));
    operation->id = json_string_value(json_object_get(node, "operationId"));
    if (!operation->id) {
        spec_refuse(spec, pointer, "needs an operationId");
        operation->id = "";
    }
    for (size_t i = 0; i < spec->operation_count; i++)
        if (strcmp(spec->operations[i].id, operation->id) == 0)
            spec_refuse(spec, pointer, "operationId %s occurs twice", operation->id);
    read_security(spec, node, pointer, operation);
    spec_read_parameters(spec, path_item, node, pointer, operation);
    operation->is_revalidated = json_is_true(json_object_get(node, "x-revalidate"));
    operation->masks_identity_codes = json_is_true(json_object_get(node, "x-mask-identity-codes"));
    read_most_bytes(spec, node, pointer, operation);
    read_body(spec, node, pointer, operation);
    read_problems(spec, node, pointer);
    read_responses(spec, node, pointer, operation);
}

static const char *const method_members[METHOD_COUNT] = {"delete", "get", "patch", "post", "put"};

static void read_path(struct spec *spec, const char *path, json_t *path_item) {
    const char *pointer = spec_below(spec, "#/paths", path);
    spec_allow_keys(spec, path_item, pointer,
                    "delete description get parameters patch post put summary");
    for (enum method method = 0; method < METHOD_COUNT; method++) {
        json_t *node = json_object_get(path_item, method_members[method]);
        if (!node)
            continue;
        struct operation *operation = &spec->operations[spec->operation_count];
        size_t length = strlen(path), cut = strlen(SUFFIX);
        bool is_suffixed = length > cut && strcmp(path + length - cut, SUFFIX) == 0;
        *operation = (struct operation){.method = method, .path = path, .is_suffixed = is_suffixed};
        read_operation(spec, path_item, node, spec_below(spec, pointer, method_members[method]),
                       operation);
        spec->operation_count++;
    }
}

static void read_schemas(struct spec *spec, json_t *components) {
    const char *name;
    json_t *node;
    json_object_foreach(json_object_get(components, "schemas"), name, node) {
        const char *pointer = spec_below(spec, "#/components/schemas", name);
        spec->is_refused |= !schema_get(spec->schemas, node, pointer);
    }
}

void spec_read(struct spec *spec) {
    spec_allow_keys(spec, spec->contract, "#", "components info openapi paths servers tags");
    json_t *components = json_object_get(spec->contract, "components");
    spec_allow_keys(spec, components, "#/components",
                    "examples headers parameters requestBodies responses schemas securitySchemes "
                    "x-roles");
    read_roles(spec, components);
    read_schemas(spec, components);
    json_t *paths = json_object_get(spec->contract, "paths");
    size_t most = json_object_size(paths) * METHOD_COUNT;
    spec->operations = arena_new(&spec->arena, most * sizeof *spec->operations);
    const char *path;
    json_t *path_item;
    json_object_foreach(paths, path, path_item) {
        read_path(spec, path, path_item);
    }
    spec_find_embeds(spec);
    if (!spec->operation_count)
        spec_refuse(spec, "#/paths", "holds no operation");
}
