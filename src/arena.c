/* Request-lifetime memory: a list of blocks, each filled from its start. */
#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_BYTES = 8192 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char data[];
};

static struct arena_block *block_new(struct arena_block *next, size_t size) {
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        abort();
    *block = (struct arena_block){.next = next, .used = 0, .size = size};
    return block;
}

void arena_clear(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}

void *arena_new(struct arena *arena, size_t size) {
    const size_t alignment = _Alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        abort();
    size = (size + alignment - 1) / alignment * alignment;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t wanted = size > ARENA_BLOCK_BYTES ? size : ARENA_BLOCK_BYTES;
        block = block_new(arena->blocks, wanted);
        arena->blocks = block;
    }
    void *result = block->data + block->used;
    block->used += size;
    memset(result, 0, size);
    return result;
}

char *arena_copy(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_new(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *arena_text(struct arena *arena, const char *text) {
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_print(struct arena *arena, const char *format, ...) {
    char shorter[256]; /* most are, and are then printed once and not also measured */
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(shorter, sizeof shorter, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    if ((size_t)length < sizeof shorter)
        return arena_copy(arena, shorter, (size_t)length);
    char *text = arena_new(arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
