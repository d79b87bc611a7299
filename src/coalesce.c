/* The queue and who is first in it. */
#include "coalesce.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct coalesce {
    pthread_mutex_t lock;
    struct coalesce_item *first, **end;
    bool is_writing;
};

struct coalesce *coalesce_new(void) {
    struct coalesce *coalesce = calloc(1, sizeof *coalesce);
    if (!coalesce || pthread_mutex_init(&coalesce->lock, NULL) != 0)
        abort();
    coalesce->end = &coalesce->first;
    return coalesce;
}

void coalesce_free(struct coalesce *coalesce) {
    if (!coalesce)
        return;
    pthread_mutex_destroy(&coalesce->lock);
    free(coalesce);
}

/* Puts the item last; true when nobody writes, and its owner shall. */
static bool enter(struct coalesce *coalesce, struct coalesce_item *item) {
    pthread_mutex_lock(&coalesce->lock);
    *coalesce->end = item;
    coalesce->end = &item->next;
    bool is_first = !coalesce->is_writing;
    coalesce->is_writing = true;
    pthread_mutex_unlock(&coalesce->lock);
    return is_first;
}

/* Cuts the next batch off the queue. */
static int take(struct coalesce *coalesce, struct coalesce_item *ret_items[COALESCE_MOST]) {
    int count = 0;
    pthread_mutex_lock(&coalesce->lock);
    for (; coalesce->first && count < COALESCE_MOST; coalesce->first = coalesce->first->next)
        ret_items[count++] = coalesce->first;
    if (!coalesce->first)
        coalesce->end = &coalesce->first;
    pthread_mutex_unlock(&coalesce->lock);
    return count;
}

/* The first who waits writes next. */
static void hand_on(struct coalesce *coalesce) {
    pthread_mutex_lock(&coalesce->lock);
    struct coalesce_item *next = coalesce->first;
    coalesce->is_writing = next != NULL;
    pthread_mutex_unlock(&coalesce->lock);
    if (next)
        sem_post(&next->turn);
}

void coalesce_run(struct coalesce *coalesce, struct coalesce_item *item,
                  void (*write)(struct coalesce_item **items, int count)) {
    item->next = NULL;
    item->is_done = false;
    if (sem_init(&item->turn, 0, 0) != 0)
        abort();
    bool is_writer = enter(coalesce, item);
    while (!is_writer && sem_wait(&item->turn) != 0 && errno == EINTR)
        ;
    if (!item->is_done) {
        struct coalesce_item *items[COALESCE_MOST];
        int count = take(coalesce, items);
        write(items, count);
        hand_on(coalesce);
        for (int i = 0; i < count; i++) {
            items[i]->is_done = true;
            if (items[i] != item)
                sem_post(&items[i]->turn); /* from here on it is its owner's again */
        }
    }
    sem_destroy(&item->turn);
}
