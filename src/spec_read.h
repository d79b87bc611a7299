/*
 * The contract from inside: what spec.c keeps and what reading it needs. Reading goes on after a
 * fault, so that one start tells all of them.
 */
#pragma once

#include "arena.h"
#include "spec.h"

#include <jansson.h>

enum { SPEC_ROLES_MOST = 64, SPEC_PATH_VALUES_MOST = 4 };

/* What a path may end with: its form, split off before the path is looked up. */
#define SUFFIX ".{format}"

struct route;

struct spec {
    json_t *contract;
    struct schema_set *schemas;
    struct arena arena;
    const char *roles[SPEC_ROLES_MOST];
    int role_count;
    struct operation *operations;
    size_t operation_count;
    struct route *routes;
    struct route *suffixed; /* those of paths that end with ".{format}" */
    bool is_refused;
};

/* Fills roles and operations from the contract; faults are logged and set is_refused. */
void spec_read(struct spec *spec);

/* Reads the path-level and the operation's own parameters into `operation`. */
void spec_read_parameters(struct spec *spec, json_t *path_item, json_t *node, const char *pointer,
                          struct operation *operation);

/* Reads x-embeds of a parameter; spec_find_embeds ties all of them to their lists. */
void spec_read_embeds(struct spec *spec, json_t *node, const char *pointer,
                      struct operation *operation);
void spec_find_embeds(struct spec *spec);

/* Reads the content of a requestBody that is a form; false, with nothing done, when it is none. */
bool spec_read_form(struct spec *spec, json_t *content, const char *pointer,
                    struct operation *operation);

/* The same of a requestBody that is a picture. */
bool spec_read_picture(struct spec *spec, json_t *content, const char *pointer,
                       struct operation *operation);

/* Logs a fault of the contract. */
void spec_refuse(struct spec *spec, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuses every member of `node` that is not in `keys`, a list separated by blanks. */
void spec_allow_keys(struct spec *spec, json_t *node, const char *pointer, const char *keys);

/* The node, or what its $ref below `#/components/<kind>/` leads to; NULL, refused, when it leads
 * nowhere. */
json_t *spec_resolve(struct spec *spec, json_t *node, const char *pointer, const char *kind);

/* Compiles the schema in member "schema" of a node; NULL, refused, when there is none. */
const struct schema *spec_read_schema(struct spec *spec, json_t *node, const char *pointer);

/* "pointer/name" in the contract's arena, escaped. */
const char *spec_below(struct spec *spec, const char *pointer, const char *name);
