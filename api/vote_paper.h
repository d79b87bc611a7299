/* The paper of a request's cycle, and what is derived from its secret while that is not forgotten.
 */
#pragma once

#include "ballot_paper.h"
#include "db.h"
#include "request.h"

/* NULL with the problem set when there is no such vote, or it was opened with another key. */
const struct paper *vote_paper_find(struct request *request);

/* The same of any cycle, on a connection that the caller holds. */
const struct paper *vote_paper_of(struct request *request, struct db *db, const char *cycle);

/* HMAC of `text` for one purpose, keyed with the service's key and the cycle's secret: 64
 * hexadecimal digits in the request's arena. */
const char *vote_derive(struct request *request, const struct paper *paper, const char *purpose,
                        const char *text);

const char *vote_hex(struct arena *arena, const unsigned char *bytes, size_t length);
