/* Who votes: from the token's claims to a key that tells nothing, and whether the cycle's rules let
 * them. */
#pragma once

#include "ballot_paper.h"
#include "request.h"

struct voter {
    const char *key; /* 64 hexadecimal digits: HMAC of the identity, per cycle */
    const char *channel, *age_band, *sex;
};

/* NULL with the problem set (401, 403) when the caller may not vote in this cycle. The voter lives
 * as long as the request. */
const struct voter *voter_identify(struct request *request, const struct paper *paper);

const char *voter_hex(struct arena *arena, const unsigned char *bytes, size_t length);
