/*
 * A bounded map from a SHA-256 digest to a value of one fixed size, for many threads.
 *
 *   1. It never grows: a full set of four gives up its dead entry, else the one longest unused.
 *   2. An entry dies at its time and when the generation it was put with is no longer the asked
 *      one, so what was read before a change and put after it is never found.
 *   3. Times are the caller's, of any clock, as long as one cache sees one clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUTH_CACHE_ENTRIES = 4096, AUTH_DIGEST_BYTES = 32 };

struct auth_cache;

struct auth_cache *auth_cache_new(size_t value_size);
void auth_cache_free(struct auth_cache *cache);

/* Copies the value to *ret_value; false when there is none that lives at `now`. */
bool auth_cache_find(struct auth_cache *cache, const unsigned char digest[AUTH_DIGEST_BYTES],
                     uint64_t generation, int64_t now, void *ret_value);

/* Keeps a copy of *value until `dies_at`. */
void auth_cache_put(struct auth_cache *cache, const unsigned char digest[AUTH_DIGEST_BYTES],
                    uint64_t generation, int64_t now, int64_t dies_at, const void *value);
