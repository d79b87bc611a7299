/* Counters of addresses. */
#include "peer_limit.h"

#include "hash.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

enum { COUNTERS = 4096 };

/* The minute in the upper half, the count in the lower: both change at once. */
struct peer_limit {
    uint64_t key;
    _Atomic uint64_t counters[COUNTERS];
};

struct peer_limit *peer_limit_new(void) {
    struct peer_limit *limit = calloc(1, sizeof *limit);
    if (!limit || getrandom(&limit->key, sizeof limit->key, 0) != sizeof limit->key)
        abort();
    return limit;
}

void peer_limit_free(struct peer_limit *limit) {
    free(limit);
}

bool peer_limit_take(struct peer_limit *limit, const char *peer, int64_t now_s, unsigned most) {
    uint64_t hash = hash_word(hash_bytes(peer, strlen(peer)), limit->key);
    _Atomic uint64_t *counter = &limit->counters[hash_word(hash, limit->key) % COUNTERS];
    uint64_t minute = (uint64_t)now_s / 60 << 32, before = atomic_load(counter), after;
    do {
        uint64_t count = before >> 32 == minute >> 32 ? before & UINT32_MAX : 0;
        if (count >= most)
            return false;
        after = minute | (count + 1);
    } while (!atomic_compare_exchange_weak(counter, &before, after));
    return true;
}
