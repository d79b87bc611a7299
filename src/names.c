/* A hash table with open addressing, at most half full. */
#include "names.h"

#include "hash.h"

#include <stdlib.h>
#include <string.h>

static size_t find_place(const struct names *names, const char *text, size_t length) {
    size_t place = hash_bytes(text, length) & (names->size - 1);
    for (;; place = (place + 1) & (names->size - 1)) {
        if (!names->places[place])
            return place;
        const char *other = names->texts[names->places[place] - 1];
        if (strncmp(other, text, length) == 0 && !other[length])
            return place;
    }
}

static void grow(struct names *names) {
    names->size = names->size ? 2 * names->size : 64;
    names->texts = reallocarray(names->texts, names->size / 2, sizeof *names->texts);
    free(names->places);
    names->places = calloc(names->size, sizeof *names->places);
    if (!names->texts || !names->places)
        abort();
    for (size_t i = 0; i < names->count; i++)
        names->places[find_place(names, names->texts[i], strlen(names->texts[i]))] =
            (uint32_t)i + 1;
}

bool names_add(struct names *names, const char *text, uint32_t *ret_number) {
    if (names->count == names->size / 2)
        grow(names);
    size_t place = find_place(names, text, strlen(text));
    bool is_new = !names->places[place];
    if (is_new) {
        names->texts[names->count++] = text;
        names->places[place] = (uint32_t)names->count;
    }
    *ret_number = names->places[place] - 1;
    return is_new;
}

bool names_find(const struct names *names, const char *text, size_t length, uint32_t *ret_number) {
    if (!names->count)
        return false;
    uint32_t place = names->places[find_place(names, text, length)];
    if (place)
        *ret_number = place - 1;
    return place != 0;
}

void names_clear(struct names *names) {
    free(names->texts);
    free(names->places);
    *names = (struct names){0};
}
