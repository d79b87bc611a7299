/*
 * What never changes once it was read, by a text key, for the life of the process. Only for what
 * there are few of and nobody outside can make: nothing is ever given up.
 */
#pragma once

struct memo;

struct memo *memo_new(void);
void memo_free(struct memo *memo);

/* NULL when there is none. What is given stays valid until memo_free. */
const void *memo_find(struct memo *memo, const char *key);

/* Keeps `value`, which the memo owns from here on, and returns what is kept under the key: another
 * thread may have been quicker, then `value` is cleared. */
const void *memo_keep(struct memo *memo, const char *key, void *value, void (*clear)(void *value));
