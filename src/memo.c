/* A list under a lock that readers share. */
#include "memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    char *key;
    void *value;
    void (*clear)(void *value);
};

struct memo {
    pthread_rwlock_t lock;
    struct entry *first;
};

struct memo *memo_new(void) {
    struct memo *memo = calloc(1, sizeof *memo);
    if (!memo || pthread_rwlock_init(&memo->lock, NULL) != 0)
        abort();
    return memo;
}

void memo_free(struct memo *memo) {
    if (!memo)
        return;
    for (struct entry *entry = memo->first, *next; entry; entry = next) {
        next = entry->next;
        entry->clear(entry->value);
        free(entry->key);
        free(entry);
    }
    pthread_rwlock_destroy(&memo->lock);
    free(memo);
}

static const void *find(const struct memo *memo, const char *key) {
    for (const struct entry *entry = memo->first; entry; entry = entry->next)
        if (strcmp(entry->key, key) == 0)
            return entry->value;
    return NULL;
}

const void *memo_find(struct memo *memo, const char *key) {
    pthread_rwlock_rdlock(&memo->lock);
    const void *found = find(memo, key);
    pthread_rwlock_unlock(&memo->lock);
    return found;
}

const void *memo_keep(struct memo *memo, const char *key, void *value, void (*clear)(void *value)) {
    pthread_rwlock_wrlock(&memo->lock);
    const void *kept = find(memo, key);
    if (kept) {
        clear(value);
    } else {
        struct entry *entry = malloc(sizeof *entry);
        char *copy = strdup(key);
        if (!entry || !copy)
            abort();
        *entry = (struct entry){memo->first, copy, value, clear};
        memo->first = entry;
        kept = value;
    }
    pthread_rwlock_unlock(&memo->lock);
    return kept;
}
