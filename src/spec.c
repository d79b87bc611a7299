/* The contract as the program uses it: the routes, and the ties between operations and functions.
 */
#include "spec.h"

#include "log.h"
#include "operation.h"
#include "own.h"
#include "request.h"
#include "spec_read.h"

enum { SEGMENTS_MOST = 16 };

/* One segment of the paths: the fixed names below it by name, and at most one parameter. */
struct route {
    struct route *next; /* sibling, while the tree is built */
    const char *segment;
    struct route **children; /* sorted */
    size_t child_count;
    struct route *first_child;
    struct route *parameter;
    const struct operation *operations[METHOD_COUNT];
    const char *allow; /* NULL when no path ends here */
};

struct segment {
    const char *text;
    size_t length;
};

struct walk {
    struct segment segments[SEGMENTS_MOST];
    size_t segment_count;
    struct segment values[SPEC_PATH_VALUES_MOST];
    const char *suffix; /* "xml": what stood for ".{format}"; else NULL */
};

static const char *const method_names[METHOD_COUNT] = {"DELETE", "GET", "PATCH", "POST", "PUT"};

/* False when there are too many. "/" has none; "/a/" has two, the second empty. */
static bool split(const char *path, size_t path_length, struct walk *walk) {
    const char *end = path + path_length;
    walk->segment_count = 0;
    if (path[0] != '/')
        return false;
    if (path_length == 1)
        return true;
    while (path < end) {
        size_t length = strcspn(++path, "/");
        if (length > (size_t)(end - path))
            length = (size_t)(end - path);
        if (walk->segment_count == SEGMENTS_MOST)
            return false;
        walk->segments[walk->segment_count++] = (struct segment){.text = path, .length = length};
        path += length;
    }
    return true;
}

/* Bytes before the ending that is a form of answers ("xml"); all of them when there is none. */
static size_t length_of_stem(const char *path) {
    const char *dot = strrchr(path, '.');
    bool is_form = dot && media_find_format(dot + 1) < MEDIA_COUNT;
    return is_form ? (size_t)(dot - path) : strlen(path);
}

static int compare_segment(const void *key, const void *element) {
    const struct segment *segment = key;
    const struct route *const *route = element;
    int order = strncmp(segment->text, (*route)->segment, segment->length);
    return order ? order : -((*route)->segment[segment->length] != '\0');
}

static struct route *find_child(const struct route *route, const struct segment *segment) {
    struct route **child = route->child_count
                               ? bsearch(segment, route->children, route->child_count,
                                         sizeof *route->children, compare_segment)
                               : NULL;
    return child ? *child : NULL;
}

/* Fixed names come first; a parameter takes what is left (RFC 3986 paths, OpenAPI 3.1 "Paths
 * Object"). */
static const struct route *find_below(const struct route *route, struct walk *walk, size_t at,
                                      size_t value) {
    if (at == walk->segment_count)
        return route->allow ? route : NULL;
    const struct segment *segment = &walk->segments[at];
    const struct route *child = find_child(route, segment);
    const struct route *found = child ? find_below(child, walk, at + 1, value) : NULL;
    if (found || !route->parameter || !segment->length)
        return found;
    walk->values[value] = *segment;
    return find_below(route->parameter, walk, at + 1, value + 1);
}

static const struct route *find_route(const struct spec *spec, const char *path,
                                      struct walk *walk) {
    size_t stem = length_of_stem(path);
    walk->suffix = path[stem] ? path + stem + 1 : NULL;
    if (walk->suffix && split(path, stem, walk)) {
        const struct route *found = find_below(spec->suffixed, walk, 0, 0);
        if (found)
            return found;
    }
    return split(path, strlen(path), walk) ? find_below(spec->routes, walk, 0, 0) : NULL;
}

bool spec_is_suffixed(const struct spec *spec, const char *path) {
    if (path[0] != '/')
        return false;
    struct segment first = {.text = path + 1, .length = strcspn(path + 1, "/?")};
    return find_child(spec->suffixed, &first) && !find_child(spec->routes, &first);
}

static const struct operation *find_operation(const struct route *route, const char *method) {
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    for (enum method i = 0; i < METHOD_COUNT; i++)
        if (strcmp(method_names[i], method) == 0)
            return route->operations[i];
    return NULL;
}

const struct operation *spec_find(const struct spec *spec, const char *method, const char *path) {
    struct walk walk;
    const struct route *route = find_route(spec, path, &walk);
    return route ? find_operation(route, method) : NULL;
}

/* A value its schema refuses names nothing: 404, not 400. */
static bool fill_values(const struct operation *operation, const struct walk *walk,
                        struct request *request) {
    for (size_t i = 0; operation->path_parameters[i]; i++) {
        const struct segment *value = &walk->values[i];
        bool is_suffix = operation->is_suffixed && !operation->path_parameters[i + 1];
        const char *text = is_suffix ? arena_text(&request->arena, walk->suffix)
                                     : arena_copy(&request->arena, value->text, value->length);
        struct problem ignored = {0};
        if (!schema_check_text(operation->path_schemas[i], text, operation->path_parameters[i],
                               &request->arena, &ignored))
            return problem_set(&request->problem, PROBLEM_NOT_FOUND);
        request->path_values[i] = text;
        if (strcmp(operation->path_parameters[i], "municipality") == 0)
            request->municipality = text;
    }
    return true;
}

bool spec_match(const struct spec *spec, struct request *request, const char *path,
                const char **ret_allow) {
    struct walk walk;
    const struct route *route = find_route(spec, path, &walk);
    if (!route)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND);
    *ret_allow = route->allow;
    if (strcmp(request->method, "OPTIONS") == 0)
        return true;
    const struct operation *operation = find_operation(route, request->method);
    if (!operation) {
        request_set_header(request, "Allow", route->allow);
        return problem_set(&request->problem, PROBLEM_METHOD_NOT_ALLOWED, route->allow);
    }
    request->operation = operation;
    request->is_head = strcmp(request->method, "HEAD") == 0;
    return fill_values(operation, &walk, request);
}

static struct route *route_below(struct spec *spec, struct route *parent,
                                 const struct segment *segment) {
    bool is_parameter = segment->text[0] == '{';
    struct route *child = is_parameter ? parent->parameter : parent->first_child;
    for (; child && !is_parameter; child = child->next)
        if (strncmp(child->segment, segment->text, segment->length) == 0 &&
            !child->segment[segment->length])
            break;
    if (child)
        return child;
    child = arena_new(&spec->arena, sizeof *child);
    child->segment = arena_copy(&spec->arena, segment->text, segment->length);
    if (is_parameter) {
        parent->parameter = child;
        return child;
    }
    child->next = parent->first_child;
    parent->first_child = child;
    parent->child_count++;
    return child;
}

static int compare_routes(const void *a, const void *b) {
    const struct route *const *left = a;
    const struct route *const *right = b;
    return strcmp((*left)->segment, (*right)->segment);
}

static const char *allow_of(struct spec *spec, const struct route *route) {
    auto_buffer allow = {0};
    for (enum method method = 0; method < METHOD_COUNT; method++)
        if (route->operations[method])
            buffer_print(&allow, "%s%s, ", method_names[method],
                         method == METHOD_GET ? ", HEAD" : "");
    if (!allow.length)
        return NULL;
    buffer_add_text(&allow, "OPTIONS");
    return arena_text(&spec->arena, allow.data);
}

static void finish_route(struct spec *spec, struct route *route) {
    route->allow = allow_of(spec, route);
    route->children = arena_new(&spec->arena, route->child_count * sizeof *route->children);
    size_t count = 0;
    for (struct route *child = route->first_child; child; child = child->next) {
        route->children[count++] = child;
        finish_route(spec, child);
    }
    if (count)
        qsort(route->children, count, sizeof *route->children, compare_routes);
    if (route->parameter)
        finish_route(spec, route->parameter);
}

static void build_route(struct spec *spec, const struct operation *operation) {
    size_t length = strlen(operation->path) - (operation->is_suffixed ? strlen(SUFFIX) : 0);
    struct walk walk;
    if (!split(operation->path, length, &walk)) {
        spec_refuse(spec, operation->path, "a path begins with / and has at most 16 segments");
        return;
    }
    struct route *route = operation->is_suffixed ? spec->suffixed : spec->routes;
    for (size_t at = 0; at < walk.segment_count; at++)
        route = route_below(spec, route, &walk.segments[at]);
    if (route->operations[operation->method])
        spec_refuse(spec, operation->path, "differs from another path only by a parameter's name");
    route->operations[operation->method] = operation;
}

static void build_routes(struct spec *spec) {
    spec->routes = arena_new(&spec->arena, sizeof *spec->routes);
    spec->suffixed = arena_new(&spec->arena, sizeof *spec->suffixed);
    for (size_t i = 0; i < spec->operation_count; i++)
        build_route(spec, &spec->operations[i]);
    finish_route(spec, spec->routes);
    finish_route(spec, spec->suffixed);
}

struct spec *spec_new(const char *json, size_t length) {
    struct spec *spec = calloc(1, sizeof *spec);
    if (!spec)
        abort();
    json_error_t error;
    spec->contract = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
    if (!spec->contract) {
        log_write(LOG_ERROR, NULL, "contract: %s at byte %d", error.text, error.position);
        spec_free(spec);
        return NULL;
    }
    spec->schemas = schema_set_new(spec->contract);
    spec_read(spec);
    build_routes(spec);
    if (!spec->is_refused)
        return spec;
    spec_free(spec);
    return NULL;
}

void spec_free(struct spec *spec) {
    if (!spec)
        return;
    schema_set_free(spec->schemas);
    json_decref(spec->contract);
    arena_clear(&spec->arena);
    free(spec);
}

const struct operation *spec_operations(const struct spec *spec, size_t *ret_count) {
    *ret_count = spec->operation_count;
    return spec->operations;
}

int spec_role(const struct spec *spec, const char *name) {
    for (int role = 0; role < spec->role_count; role++)
        if (strcmp(spec->roles[role], name) == 0)
            return role;
    return -1;
}

const char *spec_role_name(const struct spec *spec, int role) {
    return role >= 0 && role < spec->role_count ? spec->roles[role] : NULL;
}

static bool bind_one(struct spec *spec, const struct binding *binding) {
    struct operation *operation = spec->operations;
    struct operation *end = operation + spec->operation_count;
    while (operation < end && strcmp(operation->id, binding->operation_id) != 0)
        operation++;
    if (operation == end)
        log_write(LOG_ERROR, NULL, "binding %s: not in the contract", binding->operation_id);
    else if (operation->binding || !binding->run)
        log_write(LOG_ERROR, NULL, "binding %s: bound twice, or to nothing", binding->operation_id);
    else
        operation->binding = binding;
    return operation < end && operation->binding == binding;
}

bool spec_bind(struct spec *spec) {
    bool is_whole = true;
    for (const struct resource *resource = resources; resource->name; resource++)
        for (const struct binding *binding = resource->bindings; binding->operation_id; binding++)
            is_whole &= binding->is_errand || bind_one(spec, binding);
    for (size_t i = 0; i < spec->operation_count; i++) {
        if (spec->operations[i].binding)
            continue;
        log_write(LOG_ERROR, NULL, "operation %s: bound to no function", spec->operations[i].id);
        is_whole = false;
    }
    return is_whole;
}
