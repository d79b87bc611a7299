/* The bounded map of auth_cache.h: 1024 sets of four, one lock held only while an entry is copied.
 */
#include "auth_cache.h"

#include <openssl/crypto.h>
#include <pthread.h>

enum { WAYS = 4, SETS = AUTH_CACHE_ENTRIES / WAYS };

struct entry {
    unsigned char digest[AUTH_DIGEST_BYTES];
    uint64_t generation;
    int64_t dies_at;
    uint64_t used; /* 0: never filled */
};

struct auth_cache {
    pthread_mutex_t lock;
    uint64_t uses;
    size_t value_size;
    unsigned char *values;
    struct entry entries[AUTH_CACHE_ENTRIES];
};

struct auth_cache *auth_cache_new(size_t value_size) {
    struct auth_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    cache->values = calloc(AUTH_CACHE_ENTRIES, value_size);
    if (!cache->values || pthread_mutex_init(&cache->lock, NULL) != 0)
        abort();
    cache->value_size = value_size;
    return cache;
}

void auth_cache_free(struct auth_cache *cache) {
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->lock);
    free(cache->values);
    free(cache);
}

/* A digest's bytes are as good as random, so its first ten bits choose the set. */
static size_t first_of_set(const unsigned char *digest) {
    return ((size_t)digest[0] << 8 | digest[1]) % SETS * WAYS;
}

static bool is_alive(const struct entry *entry, uint64_t generation, int64_t now) {
    return entry->used != 0 && entry->generation == generation && now < entry->dies_at;
}

static bool is_of(const struct entry *entry, const unsigned char *digest) {
    return entry->used != 0 && CRYPTO_memcmp(entry->digest, digest, AUTH_DIGEST_BYTES) == 0;
}

bool auth_cache_find(struct auth_cache *cache, const unsigned char digest[AUTH_DIGEST_BYTES],
                     uint64_t generation, int64_t now, void *ret_value) {
    bool is_found = false;
    size_t first = first_of_set(digest);
    pthread_mutex_lock(&cache->lock);
    for (size_t i = first; i < first + WAYS && !is_found; i++) {
        struct entry *entry = &cache->entries[i];
        if (!is_alive(entry, generation, now) || !is_of(entry, digest))
            continue;
        entry->used = ++cache->uses;
        memcpy(ret_value, cache->values + i * cache->value_size, cache->value_size);
        is_found = true;
    }
    pthread_mutex_unlock(&cache->lock);
    return is_found;
}

/* The entry of the same digest, else a dead one, else the one longest unused. */
static size_t choose(const struct auth_cache *cache, const unsigned char *digest,
                     uint64_t generation, int64_t now) {
    size_t first = first_of_set(digest);
    size_t chosen = first;
    uint64_t least = UINT64_MAX;
    for (size_t i = first; i < first + WAYS; i++) {
        const struct entry *entry = &cache->entries[i];
        if (is_of(entry, digest))
            return i;
        uint64_t used = is_alive(entry, generation, now) ? entry->used : 0;
        if (used >= least)
            continue;
        least = used;
        chosen = i;
    }
    return chosen;
}

void auth_cache_put(struct auth_cache *cache, const unsigned char digest[AUTH_DIGEST_BYTES],
                    uint64_t generation, int64_t now, int64_t dies_at, const void *value) {
    pthread_mutex_lock(&cache->lock);
    size_t i = choose(cache, digest, generation, now);
    struct entry *entry = &cache->entries[i];
    memcpy(entry->digest, digest, AUTH_DIGEST_BYTES);
    entry->generation = generation;
    entry->dies_at = dies_at;
    entry->used = ++cache->uses;
    memcpy(cache->values + i * cache->value_size, value, cache->value_size);
    pthread_mutex_unlock(&cache->lock);
}
