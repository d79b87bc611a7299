/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the key row is written in the same
 * transaction as the effect, so an answer that was acknowledged is kept and one that was not left
 * nothing. Scope: caller, method and path. Only 2xx is kept, for 24 h.
 */
#pragma once

#include "db.h"
#include "request.h"

#include <stdbool.h>

enum replay { REPLAY_NEW, REPLAY_DONE, REPLAY_FAILED };

/* DONE: the kept answer is the reply. FAILED: the problem is set (still running, or another body).
 */
enum replay replay_find(struct request *request, struct db *db);

/* Keeps the answer that request->status, reply and the headers Location and ETag make. */
bool replay_keep(struct request *request, struct db *db);

/*
 * The same for many requests at once (gather.c). A key and an entry are objects whose members are
 * what the statements of write.sql call so; the caller owns them. replay_read takes a row of
 * `find_keys`; replay_wait refuses because a request with the key is running.
 */
json_t *replay_key(struct request *request);
json_t *replay_entry(struct request *request);
enum replay replay_read(struct request *request, const PGresult *kept, int row);
enum replay replay_wait(struct request *request);
