/*
 * What every resource shares: the common verbs. An api/x.c includes this header and its own
 * generated one, and consists of tables; what a resource needs beyond the verbs is a function of
 * the same signature.
 */
#pragma once

#include "db.h"
#include "problem.h"
#include "request.h"
#include "statement.h"

#include <stdbool.h>

/* A database constraint's failure, as the caller meets it. `code` PROBLEM_NONE: by SQLSTATE class.
 */
struct constraint {
    const char *name;
    const char *pointer;
    enum problem_code code;
};

/*
 * A creation for many requests at once (gather.h). Its statements get :items, a JSON array of
 * {n, id, body, language, secret}; guards say in a fourth column for which n a row is, `reads`
 * gives the new rows with their n as `sort_n`.
 */
struct gathering {
    const struct write *write;
    const struct statement *reads;
    /* what an item's `secret` is, made of its id (arena) */
    const char *(*make_secret)(struct request *request, const char *id);
};

struct binding {
    const char *operation_id;
    bool (*run)(struct request *request);
    const struct write *write;     /* what a writing verb does */
    const struct statement *reads; /* what may be seen; read back after a write */
    const struct statement *finds; /* operation_put: id of (source, external_id);
                                      operation_list_below: the item, if it may be seen */
    const struct write *updates;   /* operation_put: when it exists; `write` when it does not */
    bool forgets_grants;           /* auth_forget after the commit */
    bool is_errand;                /* the worker's alone, in no contract: `write`, then `effect` */
    bool keeps_record;      /* of who looked at what: no dry run, which would look without it */
    bool tells_secret;      /* told here alone: Prefer: return=minimal does not leave it out */
    const char *collection; /* where what is made below an item of another kind has its address */
    /* what a write does that is more than SQL: after its applies, in the same transaction; false
     * with the problem set undoes all */
    bool (*effect)(struct request *request, struct db *db);
    /* operation_create: how requests of nobody in particular that come together are written
     * together
     */
    const struct gathering *gathering;
    /* operation_list: makes an Atom feed of the page that stands in `reply` as JSON */
    bool (*rewrite)(struct request *request);
};

/* api/meson.build's list; the table is generated. */
struct resource {
    const char *name;
    const struct binding *bindings;       /* ends with { 0 } */
    const struct constraint *constraints; /* ends with { 0 } */
};
extern const struct resource resources[]; /* ends with { 0 } */

/* GET of many: filters, sort, fields, keyset pages, JSON or CSV. */
bool operation_list(struct request *request);
/* The same for what belongs to one item, which `finds` must find: an empty list would tell that the
 * item exists. */
bool operation_list_below(struct request *request);
/* GET of one by {id} (or of the one row the statement gives): ETag, 304, fields. */
bool operation_get(struct request *request);
/* GET of the bytes of one: its column `bytes`, as the contract's media type. */
bool operation_file(struct request *request);
/* POST that makes a row: 201, Location, ETag, the item. */
bool operation_create(struct request *request);
/* PATCH: If-Match, merge-patch in SQL, the item. */
bool operation_update(struct request *request);
/* DELETE: If-Match, 204. */
bool operation_delete(struct request *request);
/* PUT by source and external id: creates or replaces. */
bool operation_put(struct request *request);
/* POST to a verb below an item: lock, guard, apply, the item. */
bool operation_act(struct request *request);
