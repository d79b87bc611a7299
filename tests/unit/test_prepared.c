/* The memory of prepared statements: found by text, the least recently used makes room. */
#include "prepared.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static void put(struct prepared_cache *cache, int number) {
    char text[32];
    bool is_there;
    snprintf(text, sizeof text, "select %d", number);
    struct prepared *place = prepared_find(cache, text, &is_there);
    CHECK(!is_there);
    prepared_fill(place, text, prepared_next(cache));
}

static bool has(struct prepared_cache *cache, int number) {
    char text[32];
    bool is_there;
    snprintf(text, sizeof text, "select %d", number);
    struct prepared *place = prepared_find(cache, text, &is_there);
    return is_there && strcmp(place->text, text) == 0;
}

static void fills_then_evicts_the_oldest(void) {
    static struct prepared_cache cache;
    for (int i = 0; i < PREPARED_MOST; i++)
        put(&cache, i);
    for (int i = 0; i < PREPARED_MOST; i++)
        CHECK(has(&cache, i));
    CHECK(has(&cache, 0)); /* used last; 1 is now the oldest */
    bool is_there;
    struct prepared *place = prepared_find(&cache, "select 1000", &is_there);
    CHECK(!is_there);
    CHECK_TEXT(place->text, "select 1");
    prepared_fill(place, "select 1000", prepared_next(&cache));
    CHECK(has(&cache, 1000));
    CHECK(has(&cache, 0));
    CHECK(has(&cache, 2));
    prepared_clear(&cache);
    CHECK(!has(&cache, 2));
    prepared_clear(&cache);
}

static void numbers_are_not_used_again(void) {
    static struct prepared_cache cache;
    unsigned first = prepared_next(&cache);
    put(&cache, 1);
    CHECK(prepared_next(&cache) > first + 1);
    prepared_clear(&cache);
}

int main(void) {
    fills_then_evicts_the_oldest();
    numbers_are_not_used_again();
    return check_finish();
}
