/*
 * Group commit: requests that write alike share a transaction. What queued while the last one was
 * being committed goes into the next, at most COALESCE_MOST, without any delay; whoever comes when
 * nobody writes does the writing for all, and hands it on to the first who waits.
 *
 *   1. An item is done when coalesce_run returns: its writer has set its outcome after the commit,
 *      or its problem.
 *   2. At most one batch of a writer runs at a time in a process; what must hold between processes
 *      is the database's affair.
 */
#pragma once

#include <semaphore.h>
#include <stdbool.h>

#ifndef COALESCE_MOST /* bench/ballots builds one with 1: a transaction for each */
#define COALESCE_MOST 512
#endif

struct coalesce;

/* The head of an item: the caller's struct begins with it. */
struct coalesce_item {
    struct coalesce_item *next;
    sem_t turn; /* each waits for its own: waking all for one costs more than the writing */
    bool is_done;
};

struct coalesce *coalesce_new(void);
void coalesce_free(struct coalesce *coalesce);

/* Waits until the item was part of a batch; `write` gets the batch in order of coming. */
void coalesce_run(struct coalesce *coalesce, struct coalesce_item *item,
                  void (*write)(struct coalesce_item **items, int count));
