/* Group commit: every item is written once, by one writer at a time, in batches that fit. */
#include "coalesce.h"

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 64, EACH = 200 };

struct item {
    struct coalesce_item head;
    int written;
};

static struct coalesce *coalesce;
static atomic_int writers, written, batches, largest, faults;

static void write_items(struct coalesce_item **items, int count) {
    if (atomic_fetch_add(&writers, 1) != 0 || count < 1 || count > COALESCE_MOST)
        atomic_fetch_add(&faults, 1);
    for (int i = 0; i < count; i++)
        ((struct item *)items[i])->written++;
    atomic_fetch_add(&written, count);
    atomic_fetch_add(&batches, 1);
    if (count > atomic_load(&largest))
        atomic_store(&largest, count);
    sched_yield(); /* so that others queue meanwhile */
    atomic_fetch_sub(&writers, 1);
}

static void *run_many(void *data) {
    (void)data;
    for (int i = 0; i < EACH; i++) {
        struct item item = {0};
        coalesce_run(coalesce, &item.head, write_items);
        if (item.written != 1)
            atomic_fetch_add(&faults, 1);
    }
    return NULL;
}

static void writes_each_once_and_together(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_many, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(atomic_load(&faults) == 0);
    CHECK(atomic_load(&written) == THREADS * EACH);
    CHECK(atomic_load(&batches) < THREADS * EACH);
    CHECK(atomic_load(&largest) > 1);
}

int main(void) {
    coalesce = coalesce_new();
    writes_each_once_and_together();
    coalesce_free(coalesce);
    return check_finish();
}
