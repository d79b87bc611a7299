/*
 * Memory with the lifetime of one request. Nothing is freed singly; arena_clear frees all of it.
 * Running out of memory ends the process: a service that cannot allocate cannot answer, and its
 * supervisor starts another.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks;
};

/* Frees everything; the arena may be used again. */
void arena_clear(struct arena *arena);

/* Returns zeroed memory aligned for any type. Never NULL. */
void *arena_new(struct arena *arena, size_t size);

/* Copies the first `length` bytes of `text` and ends them with NUL. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* Copies a NUL-terminated text; NULL gives NULL. */
char *arena_text(struct arena *arena, const char *text);

/* printf into the arena. */
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
