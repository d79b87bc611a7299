/* The bounded map behind verified tokens and grants. */
#include "auth_cache.h"

#include "check.h"

#include <openssl/sha.h>

static void digest_of(int number, unsigned char ret_digest[AUTH_DIGEST_BYTES]) {
    SHA256((const unsigned char *)&number, sizeof number, ret_digest);
}

static void put_at(struct auth_cache *cache, int number, uint64_t generation, int64_t now,
                   int64_t dies_at) {
    unsigned char digest[AUTH_DIGEST_BYTES];
    digest_of(number, digest);
    auth_cache_put(cache, digest, generation, now, dies_at, &number);
}

static void put(struct auth_cache *cache, int number, uint64_t generation, int64_t dies_at) {
    put_at(cache, number, generation, 0, dies_at);
}

static bool finds(struct auth_cache *cache, int number, uint64_t generation, int64_t now) {
    unsigned char digest[AUTH_DIGEST_BYTES];
    int found = -1;
    digest_of(number, digest);
    if (!auth_cache_find(cache, digest, generation, now, &found))
        return false;
    CHECK(found == number);
    return true;
}

static void test_entry_is_found_until_it_dies(void) {
    struct auth_cache *cache = auth_cache_new(sizeof(int));
    CHECK(!finds(cache, 1, 0, 0));
    put(cache, 1, 0, 100);
    CHECK(finds(cache, 1, 0, 0));
    CHECK(finds(cache, 1, 0, 99));
    CHECK(!finds(cache, 1, 0, 100));
    CHECK(!finds(cache, 2, 0, 0));
    put(cache, 1, 0, 200); /* put again, it lives longer */
    CHECK(finds(cache, 1, 0, 150));
    auth_cache_free(cache);
}

static void test_entry_dies_with_its_generation(void) {
    struct auth_cache *cache = auth_cache_new(sizeof(int));
    put(cache, 1, 7, 100);
    CHECK(finds(cache, 1, 7, 0));
    CHECK(!finds(cache, 1, 8, 0));
    put(cache, 1, 6, 100); /* read before a change, put after it */
    CHECK(!finds(cache, 1, 7, 0));
    auth_cache_free(cache);
}

static void test_memory_is_bounded_and_recent_entries_stay(void) {
    struct auth_cache *cache = auth_cache_new(sizeof(int));
    for (int i = 0; i < 3 * AUTH_CACHE_ENTRIES; i++) {
        put(cache, i, 0, 100);
        CHECK(finds(cache, i, 0, 0));
        if (i % 8 == 0)
            CHECK(i == 0 || finds(cache, 0, 0, 0)); /* used all the time, never given up */
    }
    int kept = 0;
    for (int i = 0; i < 3 * AUTH_CACHE_ENTRIES; i++)
        kept += finds(cache, i, 0, 0);
    CHECK(kept <= AUTH_CACHE_ENTRIES && kept > AUTH_CACHE_ENTRIES / 2);
    auth_cache_free(cache);
}

/* The next number after `number` that falls into the same set of four. */
static int next_of_set(int number) {
    unsigned char first[AUTH_DIGEST_BYTES], other[AUTH_DIGEST_BYTES];
    digest_of(number, first);
    do
        digest_of(++number, other);
    while (((first[0] ^ other[0]) & 3) != 0 || first[1] != other[1]);
    return number;
}

static void test_dead_entries_are_given_up_first(void) {
    struct auth_cache *cache = auth_cache_new(sizeof(int));
    int numbers[5] = {1};
    for (int i = 1; i < 5; i++)
        numbers[i] = next_of_set(numbers[i - 1]);
    put(cache, numbers[0], 0, 100);
    for (int i = 1; i < 4; i++)
        put(cache, numbers[i], 0, 10); /* used later, but dead when room is needed */
    put_at(cache, numbers[4], 0, 50, 100);
    CHECK(finds(cache, numbers[0], 0, 50));
    CHECK(finds(cache, numbers[4], 0, 50));
    auth_cache_free(cache);
}

int main(void) {
    test_entry_is_found_until_it_dies();
    test_entry_dies_with_its_generation();
    test_memory_is_bounded_and_recent_entries_stay();
    test_dead_entries_are_given_up_first();
    return check_finish();
}
