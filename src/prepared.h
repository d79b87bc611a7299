/*
 * Which statements a connection has prepared, by text: at most 256, then the least recently used
 * gives its place. Open addressing; the hash only finds the place, texts are compared whole.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PREPARED_MOST = 256 };

struct prepared {
    uint64_t hash; /* 0: never used */
    char *text;
    uint64_t used_at;
    unsigned number; /* prepared under the name s<number> */
};

struct prepared_cache {
    struct prepared places[PREPARED_MOST];
    uint64_t clock;
    unsigned last_number;
};

/*
 * The place of `sql`: *ret_is_there when it is prepared, else the place to fill, whose old text
 * (NULL when it is free) must be deallocated first.
 */
struct prepared *prepared_find(struct prepared_cache *cache, const char *sql, bool *ret_is_there);

/* A number no statement of this connection has had. */
unsigned prepared_next(struct prepared_cache *cache);

/* Notes that `sql` is prepared under the number. */
void prepared_fill(struct prepared *place, const char *sql, unsigned number);

/* Forgets all: the connection is gone. */
void prepared_clear(struct prepared_cache *cache);
