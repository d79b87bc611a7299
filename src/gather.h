/*
 * Creations that come together are written together: one transaction, and one statement for all of
 * them where one each would be (coalesce.h, operation.h `gathering`).
 *
 *   1. Only of one operation and municipality, of callers without a token, none a dry run, each
 *      Idempotency-Key once: what differs between them is in :items.
 *   2. Each has the answer it would have had alone. What a guard refuses or a key replays leaves
 *      the others be; when a statement fails, nothing is stored and each is written alone
 *      (write.h). When the database is what fails, or a lock does not come, all are told so: nobody
 *      waits for it twice, and who queued meanwhile for half of database_wait_ms is told so, too.
 *   3. Two write at a time: one alone leaves the database idle while it reads requests and writes
 *      answers.
 *   4. Nobody is answered before the commit is done. When that fails nobody knows whether it was
 *      done: all are told so, none is tried again.
 */
#pragma once

#include "request.h"

#include <stdbool.h>

struct gather;

struct gather *gather_new(void);
void gather_free(struct gather *gather);

/* Whether the request's operation gathers and the request may go with others. */
bool gather_suits(const struct request *request);

/* Waits until the row is made and sets the answer, or the problem. */
bool gather_create(struct request *request);
