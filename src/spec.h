/*
 * openapi.yaml as the program uses it: built from the embedded JSON at start, constant afterwards.
 * The keyword set is closed: a contract that uses anything else is refused, never ignored.
 *
 *   1. Every operation states `security`; an operation without it refuses to start.
 *   2. Every operationId is bound exactly once, and every binding is in the contract.
 *   3. Query parameters: a name that equals a column is an equality filter (comma = or),
 *      `<column>_from` and `<column>_to` are inclusive bounds, `updated_since` is `updated_at >=`;
 *      `q` is searched for in the words of the row, or of the row its x-column names; `embed` puts
 *      the lists of its x-embeds within the items; `limit`, `cursor`, `sort`, `fields`, `format`,
 *      `lang` have the meaning that the contract gives them; any other name is a `:name` of the
 *      statement.
 */
#pragma once

#include "media.h"
#include "schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct binding;
struct request;

enum method { METHOD_DELETE, METHOD_GET, METHOD_PATCH, METHOD_POST, METHOD_PUT, METHOD_COUNT };

enum parameter_use {
    PARAMETER_NAMED,  /* bound to `:name` */
    PARAMETER_EQUAL,  /* column = value, or column = any(values) */
    PARAMETER_FROM,   /* column >= value */
    PARAMETER_TO,     /* column <= value */
    PARAMETER_SEARCH, /* column names a row whose words the value finds (search_entry) */
    PARAMETER_BOX, /* column is a point, which lies in the box as longitude and latitude tell it */
    PARAMETER_PAGE /* limit, cursor, sort, fields, embed, format, lang */
};

struct parameter {
    const char *name;
    const struct schema *schema; /* of one value; of the items when is_list */
    bool is_list;                /* comma-separated (style: form, explode: false) */
    bool is_required;
    size_t items_most;      /* maxItems of a list; 0 = 100 */
    bool is_unique;         /* uniqueItems of a list */
    enum parameter_use use; /* x-use in the contract: named, equal, from, to, search, box */
    const char *column;     /* for EQUAL, FROM, TO, SEARCH, BOX */
};

/* A list that may stand within an item: its rows whose `filter` is the item's `by`. */
struct embed {
    const char *name; /* "themes" */
    const char *list_id;
    const struct operation *list;
    const char *filter; /* an equality filter of the list, or id */
    const char *by;     /* member of the item; "id" unless said */
};

/* The member of an item that holds what `embed` asked for. */
#define EMBEDDED "embedded"

struct operation {
    const char *id;
    enum method method;
    const char *path; /* "/v1/{municipality}/bodies/{id}" */
    bool is_suffixed; /* the path ends with ".{format}": spec_match splits it off */
    bool is_open; /* x-open: parameters it does not know are ignored, and so are empty ones; lists
                   * may come in several, words of an enum in any case */
    const char *const *path_parameters; /* names in order, ends with NULL */
    const struct schema *const
        *path_schemas;      /* beside path_parameters: a value that breaks it is 404 */
    bool is_public;         /* security has {}: no token needed */
    uint64_t roles;         /* any of these; 0 with !is_public = any authenticated person */
    const char *role_names; /* "admin, presenter": for 403 */
    const struct parameter *query_parameters;
    size_t query_parameter_count;
    const struct schema *body; /* of a JSON body; NULL: takes none */
    unsigned form_kinds; /* bit (1 << kind) for each kind of form the body may have (form.h) */
    const struct schema *form; /* of the fields that the contract names (body_form.c) */
    bool body_required;
    /* "application/json", "application/merge-patch+json", or with commas between: the forms, or the
     * kinds of pictures */
    const char *body_media;
    bool takes_picture; /* the body is one, and `body` is NULL: body_picture.c */
    size_t body_most_bytes;
    bool takes_if_match;        /* declares the header If-Match as required: 428 without it */
    bool takes_idempotency_key; /* declares the header Idempotency-Key */
    bool requires_idempotency_key;
    bool is_revalidated;       /* x-revalidate: kept copies of a good answer are asked for anew */
    bool masks_identity_codes; /* x-mask-identity-codes: in the values of its body (body.h) */
    bool takes_tracking_token; /* declares the header Tracking-Token: `:tracking_token` */
    unsigned offers;           /* bit (1 << media) for each form of a good answer */
    bool is_list;              /* answers {"items": …} */
    const char *file_media;    /* of a good answer that is bytes (operation_file), or NULL */
    const struct schema *item; /* schema of the answer's item; NULL when there is none */
    struct embed *embeds;      /* x-embeds of the parameter `embed` */
    size_t embed_count;
    const char *sort_default;      /* first of the sort enum, e.g. "-updated_at"; NULL = "id" */
    const struct binding *binding; /* set by spec_bind */
};

struct spec;

/*
 * Reads the contract (JSON text of openapi.yaml). Returns NULL and writes each fault to the log
 * when it breaks a rule above. The caller frees it with spec_free.
 */
struct spec *spec_new(const char *json, size_t length);
void spec_free(struct spec *spec);

/* All operations, in the contract's order. */
const struct operation *spec_operations(const struct spec *spec, size_t *ret_count);

/* Bit number of a role name, -1 when the contract does not know it. Roles: components/x-roles. */
int spec_role(const struct spec *spec, const char *name);
const char *spec_role_name(const struct spec *spec, int role);

/*
 * Finds the operation of a decoded path by segments and fills request->operation, path_values,
 * municipality, is_head. Otherwise sets 404, or 405 with an Allow header. OPTIONS is answered by
 * the caller with *ret_allow; request->operation is then NULL.
 */
bool spec_match(const struct spec *spec, struct request *request, const char *path,
                const char **ret_allow);

/*
 * Whether everything in the place of a path or target ("/open311/…") says by its ending in which
 * form it answers: then its problems do, too (refusal.h).
 */
bool spec_is_suffixed(const struct spec *spec, const char *path);

/* The operation of a method as sent ("GET", "HEAD", …) at a decoded path, or NULL. */
const struct operation *spec_find(const struct spec *spec, const char *method, const char *path);

/* Ties every binding to its operation; false (and log lines) when one is missing, doubled or left
 * over. */
bool spec_bind(struct spec *spec);
