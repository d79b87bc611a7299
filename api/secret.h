/*
 * Secrets of items: made of the service's key, so that a repeated request is told the same one;
 * stored is a hash alone, and no answer that is kept for repetition holds one.
 */
#pragma once

#include "request.h"

/* The secret of a purpose ("feedback") and an item, 32 hexadecimal digits (arena). */
const char *secret_make(struct request *request, const char *purpose, const char *id);

/*
 * A secret of others that the service has to show again, as it is stored: AES-256-GCM under a key
 * made of the service's own, of the purpose and the municipality. secret_unlock: NULL when it was
 * locked under another (both in the arena).
 */
const char *secret_lock(struct request *request, const char *purpose, const char *secret);
const char *secret_unlock(struct request *request, const char *purpose, const char *locked);

/* Fills the answer's last member, null until now, with the secret of the item (NULL: of none). */
void secret_fill(struct request *request, const char *member, const char *purpose, const char *id);

/* The same for the item that Location names. */
void secret_tell(struct request *request, const char *member, const char *purpose);
