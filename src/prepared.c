/* The memory of prepared statements. */
#include "prepared.h"

#include "hash.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(const char *text) {
    uint64_t hash = hash_bytes(text, strlen(text));
    return hash ? hash : 1;
}

struct prepared *prepared_find(struct prepared_cache *cache, const char *sql, bool *ret_is_there) {
    uint64_t hash = hash_text(sql);
    struct prepared *oldest = &cache->places[hash % PREPARED_MOST];
    for (size_t i = 0; i < PREPARED_MOST; i++) {
        struct prepared *place = &cache->places[(hash + i) % PREPARED_MOST];
        bool is_same = place->hash == hash && strcmp(place->text, sql) == 0;
        *ret_is_there = is_same;
        if (is_same || !place->hash) {
            place->used_at = ++cache->clock;
            return place;
        }
        if (place->used_at < oldest->used_at)
            oldest = place;
    }
    oldest->used_at = ++cache->clock;
    return oldest;
}

unsigned prepared_next(struct prepared_cache *cache) {
    return ++cache->last_number;
}

void prepared_fill(struct prepared *place, const char *sql, unsigned number) {
    char *text = strdup(sql);
    if (!text)
        abort();
    free(place->text);
    place->hash = hash_text(sql);
    place->text = text;
    place->number = number;
}

void prepared_clear(struct prepared_cache *cache) {
    for (size_t i = 0; i < PREPARED_MOST; i++)
        free(cache->places[i].text);
    *cache = (struct prepared_cache){0};
}
