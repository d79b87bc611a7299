/*
 * JSON Schema (2020-12) as far as the contract uses it. Keywords: $ref (to components/schemas, also
 * to a property below one), type (with "null" in a list), properties, required,
 * additionalProperties (false or a schema; objects are closed when it is absent), items, enum,
 * const, minLength, maxLength (code points), pattern (PCRE2, matched anywhere as the standard
 * says), minimum, maximum, minItems, maxItems, uniqueItems, minProperties, maxProperties, format
 * (format.h), readOnly; title, description, examples,
 * default, deprecated are accepted and mean nothing here. Anything else is refused by schema_new.
 */
#pragma once

#include "arena.h"
#include "problem.h"

#include <jansson.h>
#include <stdbool.h>

struct schema;

/*
 * Compiles the schema at `pointer` in the contract. The result lives in `arena`. On failure writes
 * what is wrong to the log and returns NULL. Compiled schemas are shared by pointer (`cache` inside
 * the arena's owner), so recursion through $ref is legal.
 */
struct schema_set;
struct schema_set *
schema_set_new(json_t *contract); /* borrows the contract, which must outlive it */
void schema_set_free(struct schema_set *set);
const struct schema *schema_get(struct schema_set *set, json_t *node, const char *pointer);

/*
 * Checks a request body and normalises it in place: texts become NFC. Every fault is added to the
 * problem as INVALID_BODY with its pointer; readOnly and undeclared members are faults. `is_patch`
 * = merge-patch: null is allowed for any member that may be null and clears it; nothing is
 * required. Limits: depth 32 is the reader's (request.c), not this function's.
 */
bool schema_check(const struct schema *schema, json_t *value, bool is_patch, struct arena *arena,
                  struct problem *problem);

/*
 * Checks one parameter's text (decoded). Numbers and booleans are read from their text; on success
 * returns true. Faults are added with FAULT_PARAMETER and `name`, the problem's code being
 * INVALID_PARAMETER.
 */
bool schema_check_text(const struct schema *schema, const char *text, const char *name,
                       struct arena *arena, struct problem *problem);

/* The schema of a member of an object schema, or NULL. */
const struct schema *schema_member(const struct schema *schema, const char *name);

/* Calls `visit` for each declared member, in the contract's order. */
void schema_each_member(const struct schema *schema,
                        void (*visit)(const char *name, const struct schema *member, void *data),
                        void *data);

/* The schema itself, or what its $ref leads to: the same for all that refer to it. */
const struct schema *schema_target(const struct schema *schema);

bool schema_is_read_only(const struct schema *schema);
bool schema_allows_null(const struct schema *schema);

enum schema_type {
    SCHEMA_ANY = 0,
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_INTEGER = 4,
    SCHEMA_NUMBER = 8,
    SCHEMA_STRING = 16,
    SCHEMA_ARRAY = 32,
    SCHEMA_OBJECT = 64
};
/* Bit set of the types the schema allows. */
unsigned schema_types(const struct schema *schema);
const char *schema_format(const struct schema *schema); /* NULL when none */
/* The text of the enum that this is when case does not count, else the text itself. */
const char *schema_choice(const struct schema *schema, const char *text);
const struct schema *schema_items(const struct schema *schema);
