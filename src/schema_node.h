/* A compiled schema from inside: shared by schema.c, which builds it, and schema_check.c, which
 * applies it. */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8

#include "format.h"
#include "schema.h"

#include <pcre2.h>

struct schema_member {
    const char *name;
    const struct schema *schema;
    bool is_required;
};

/* A limit that is absent is -1 (lengths and counts) or NULL (values). */
struct schema {
    const struct schema
        *refers; /* a $ref with readOnly beside it: everything else is the target's */
    bool is_read_only;
    unsigned types; /* SCHEMA_ANY when the contract names none */
    const char *type_names;

    struct schema_member *members; /* in the contract's order */
    size_t member_count;
    const struct schema_member **sorted; /* the same by name */
    const struct schema *others;         /* additionalProperties; NULL = closed */
    json_int_t members_least, members_most;
    const pcre2_code *name_pattern;
    const char *name_pattern_text;

    const struct schema *items;
    json_int_t items_least, items_most;
    bool is_unique;

    json_int_t length_least, length_most; /* code points */
    const pcre2_code *pattern;
    const char *pattern_text;
    const struct format *format;

    json_t *minimum, *maximum; /* borrowed from the contract */
    json_t *choices;           /* enum, borrowed */
    json_t *constant;          /* const, borrowed */
    const char *choice_names;
};

/* The declared member of that name, or NULL. */
const struct schema_member *schema_find_member(const struct schema *schema, const char *name);
