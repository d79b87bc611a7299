/*
 * What names a person behind a keyed hash: the identity where the issuers tell one
 * (ELINVOIMA_CLAIM_IDENTITY), so that a person is one person at every issuer and at a desk; else
 * issuer and subject.
 */
#pragma once

#include "request.h"

/* "identity 150690-123A": an identity code is written in capitals or not. */
const char *person_of_identity(struct arena *arena, const char *identity);

/* Of a caller whose token was verified. */
const char *person_of_actor(struct arena *arena, const struct actor *actor);
