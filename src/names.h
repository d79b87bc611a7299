/* Texts and their numbers, 0 onwards in the order they came in. The texts are borrowed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names {
    const char **texts;
    uint32_t *places; /* number + 1, by hash; 0: free */
    size_t count, size;
};

/* False when the text is there already; *ret_number is its number in both cases. */
bool names_add(struct names *names, const char *text, uint32_t *ret_number);

bool names_find(const struct names *names, const char *text, size_t length, uint32_t *ret_number);

void names_clear(struct names *names);
#define auto_names __attribute__((cleanup(names_clear))) struct names
