/*
 * One request from its first byte to its answer. http.c fills the upper half; each stage of
 * request_answer fills in more or sets the problem and returns false; reply members are read by
 * http.c.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "problem.h"
#include "spec.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct db;
struct form;

struct header {
    const char *name; /* as sent */
    const char *value;
};

/* Who asks. Filled by auth_identify and auth_permit. */
struct actor {
    bool is_authenticated;
    const char *issuer;
    const char *subject;
    /* claims a voter is judged by; NULL when absent. Never logged. */
    const char *identity, *birth_date, *residence, *district;
    const char *identification; /* how the issuer knows people: keys.h */
    const char *person_id;      /* NULL when the database knows no such person */
    uint64_t roles; /* bit (1 << role) for each role held in the request's municipality */
};

/* What `Prefer` (RFC 7240) asks for. */
struct preferences {
    bool return_minimal;
    bool count_exact;
    bool rollback; /* tx=rollback: every check, no effect */
};

enum { REQUEST_ID_BYTES = 37, REQUEST_HEADERS_MOST = 24 };

struct request {
    /* set by http.c */
    struct app *app;
    struct arena arena;
    char id[REQUEST_ID_BYTES]; /* UUIDv4 text */
    int64_t started_us;        /* monotonic */
    int64_t waited_ms;         /* from its last byte until a thread took it */
    const char *method;        /* as sent */
    const char *target;        /* as sent: path and query */
    const char *protocol;      /* "HTTP/1.1" */
    const char *peer;          /* address text of the other end of the socket */
    const struct header *headers;
    size_t header_count;
    const char *body;
    size_t body_length;
    bool is_body_dropped; /* there was no memory for it */

    /* set by the stages */
    const struct operation *operation;
    bool is_head;               /* HEAD, answered as GET without the body */
    const char *path_values[4]; /* decoded, in the order of operation->path_parameters */
    const char *municipality;   /* path value of {municipality}, or NULL */
    struct actor actor;
    const char **query_values; /* decoded, by index in operation->query_parameters; NULL = absent */
    const char *query;         /* raw query without '?', "" when none */
    enum media media;
    enum language language; /* from `lang` or Accept-Language; default fi */
    struct preferences prefer;
    const char *idempotency_key;
    const char *tracking_token; /* the secret by which a sender comes back to feedback, or NULL */
    int64_t
        if_match_version; /* :version; -1 = no If-Match, -2 = a tag that is no version, -3 = "*" */
    int64_t *if_match_versions; /* every tag of If-Match, in the arena */
    size_t if_match_count;
    json_t *json;            /* owned: the body, checked and normalised; NULL when none */
    const char *json_text;   /* the same as compact text (arena) */
    const struct form *form; /* the body of an operation that takes forms (arena); else NULL */
    char now[40];            /* RFC 3339 UTC with microseconds: the request's one clock (:now) */

    /* the answer */
    struct problem problem;
    int status;
    struct buffer reply;
    const char *reply_type;
    struct header reply_headers[REQUEST_HEADERS_MOST];
    size_t reply_header_count;
    bool close_connection;
    unsigned database_statements; /* for the log line */
    int64_t database_us;
};

/* Runs all stages. Afterwards status, reply and reply_headers are set, whatever happened. */
void request_answer(struct request *request);

/* Frees what the request owns. */
void request_clear(struct request *request);

/* Sets the request's one clock to the time now, unless it is set already (the demo, the worker's
 * --as-of). */
void request_read_clock(struct request *request);

/* First header of that name (case-insensitive), or NULL. */
const char *request_header(const struct request *request, const char *name);

/* Where this service is, as far as it knows: the setting public_url, else as it was asked. */
const char *request_service_url(struct request *request);

/* Adds a header to the answer; the texts are borrowed (arena or static). CR, LF and NUL never get
 * out. */
void request_set_header(struct request *request, const char *name, const char *value);

/* Value of a path or query parameter by name, or NULL when absent. */
const char *request_parameter(const struct request *request, const char *name);

/*
 * Reading stages, in this order; each sets the problem and returns false on failure.
 * request_read_target splits and decodes the target (400), request_read_query checks the parameters
 * against the operation (400), request_read_headers reads Accept (406), Prefer, If-Match (400,
 * 428), Idempotency-Key (400); request_read_body the body (413, 415, 400, 422).
 */
bool request_read_query(struct request *request);
bool request_read_headers(struct request *request);
bool request_read_body(struct request *request);
