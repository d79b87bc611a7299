/*
 * Calls of the demo loader: requests made inside the process and answered by request_answer, so
 * that the demo's data passes every check of the API. Items are known by their external id (source
 * "demo").
 */
#pragma once

#include "app.h"
#include "own.h"

#include <jansson.h>
#include <stdbool.h>

enum { DEMO_CLOCK_BYTES = 40, DEMO_VOTERS_AT_ONCE = 8 };
#define DEMO_SOURCE "demo"

struct demo {
    struct app app;
    json_t *tokens;               /* subject → token */
    json_t *known;                /* external id → item as the API answered it */
    char clock[DEMO_CLOCK_BYTES]; /* RFC 3339, UTC: the clock of the next requests; "" = the real
                                     one */
    atomic_uint requests;
};

/* printf into malloc'd text. */
char *demo_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The clock of the requests that follow: `at`, or the real one when it is NULL or "now". */
void demo_set_clock(struct demo *demo, const char *at);

/*
 * One request as `subject` (NULL: nobody) with the body `body` (borrowed, NULL: none). The caller
 * owns the answer's JSON. NULL, with the problem on standard error, when the answer is not 2xx.
 */
json_t *demo_call(struct demo *demo, const char *subject, const char *method, const char *target,
                  const json_t *body);

/* The same with an Idempotency-Key. Any thread, when `subject` is NULL. */
json_t *demo_post(struct demo *demo, const char *subject, const char *target, const char *key,
                  const json_t *body);

/* All items of a list, over all its pages: an array the caller owns; NULL as above. */
json_t *demo_list(struct demo *demo, const char *subject, const char *target);

/* A call whose answer is kept as what `external_id` is known by. */
bool demo_call_known(struct demo *demo, const char *subject, const char *method, const char *target,
                     const json_t *body, const char *external_id);

/* Borrowed: the item known by an external id, or NULL. */
const json_t *demo_find(const struct demo *demo, const char *external_id);

/* Borrowed: a member's text, or NULL. */
const char *demo_text(const json_t *item, const char *member);

/* Whether a member is that text. */
bool demo_holds(const json_t *item, const char *member, const char *value);

/* Borrowed: our id for the external id in `item`'s `member`; NULL, with a line on standard error,
 * when unknown. */
const char *demo_id(const struct demo *demo, const json_t *item, const char *member);
