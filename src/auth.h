/*
 * Who asks and what they may. A token says who; grants in the database say what.
 *
 *   1. The algorithm is the one bound to the configured key, never the token's choice.
 *   2. Every cause of 401 gives the same answer.
 *   3. Grants are cached per (issuer, subject) for at most 5 s and dropped when a grant or holder
 *      changes here.
 *   4. The list of municipalities is cached alike, so an unknown municipality is 404 before 401.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct app;
struct auth;
struct request;

/*
 * Reads the keys the configuration names; NULL (and log lines) when there is none or one cannot be
 * read.
 */
struct auth *auth_new(struct app *app);
void auth_free(struct auth *auth);

/* Re-reads the keys (SIGHUP); keeps the old ones and returns false when the new ones are bad. */
bool auth_reload(struct auth *auth);

/* 404 unless the path's municipality exists. True when the operation names none. */
bool auth_find_municipality(struct request *request);

/* Fills request->actor from Authorization. 401 when a token is sent that is not valid, or none is
 * sent and one is needed. */
bool auth_identify(struct request *request);

/* 403 unless the operation is public or the actor holds one of its roles in this municipality. Also
 * fills actor.roles and person_id. */
bool auth_permit(struct request *request);

/* Forgets cached grants and municipalities: called after every committed write of the resources
 * they come from. */
void auth_forget(struct auth *auth);

/* 32 secret bytes derived from the service's own key for a purpose ("cursor"): same on every
 * instance. */
void auth_derive(const struct auth *auth, const char *purpose, unsigned char ret_key[32]);

/* Mints a token of the service's own issuer. Returns malloc'd text, NULL with a log line on
 * failure. */
char *auth_mint(const struct auth *auth, const char *subject, int64_t lifetime_s);
