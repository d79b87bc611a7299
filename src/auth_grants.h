/*
 * What the database says of a caller, remembered for at most 5 s: the list of municipalities, and
 * each actor's roles in one. The only part of auth that asks the database.
 *
 *   1. Five seconds count from before the question, on the monotonic clock.
 *   2. The list is read by one request at a time; the others wait for its outcome, good or bad. So
 *      unknown municipalities cost the database one question in 5 s, and a slow database is asked
 *      once.
 *   3. Nothing older is served when the database is down: then the problem is UNAVAILABLE.
 */
#pragma once

#include <stdbool.h>

struct auth_grants;
struct request;

struct auth_grants *auth_grants_new(void);
void auth_grants_free(struct auth_grants *grants);

/* NOT_FOUND unless request->municipality exists. */
bool auth_grants_find_municipality(struct auth_grants *grants, struct request *request);

/* Fills person_id and roles of request->actor, who has an issuer and a subject, in its
 * municipality. */
bool auth_grants_fill(struct auth_grants *grants, struct request *request);

/* What is remembered, and what is being read at this moment, is not used again. */
void auth_grants_forget(struct auth_grants *grants);
