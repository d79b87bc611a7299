/*
 * JSON against the schemas of openapi.yaml itself: bodies and merge-patches of every operation. The
 * first byte chooses the operation. What is taken once is taken again and does not change: the
 * merge itself is PostgreSQL's (merge_patch), so what C decides of a patch is decided here.
 */
#include "contract.h"
#include "problem.h"
#include "spec.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPERATIONS_MOST = 256 };
static const struct operation *with_body[OPERATIONS_MOST];
static size_t count;
static struct spec *spec;

static void read_contract(void) {
    spec = spec_new((const char *)contract_json, contract_json_length);
    size_t all;
    const struct operation *operations = spec_operations(spec, &all);
    for (size_t i = 0; i < all; i++)
        if (operations[i].body && count < OPERATIONS_MOST)
            with_body[count++] = &operations[i];
}

static bool check(const struct operation *operation, json_t *value, bool is_patch) {
    struct arena arena = {0};
    struct problem problem = {0};
    bool is_valid = schema_check(operation->body, value, is_patch, &arena, &problem);
    if (is_valid == (problem.code != PROBLEM_NONE))
        abort();
    arena_clear(&arena);
    return is_valid;
}

static void check_twice(const struct operation *operation, const json_t *value, bool is_patch) {
    json_t *once = json_deep_copy(value);
    if (check(operation, once, is_patch)) {
        json_t *twice = json_deep_copy(once);
        if (!check(operation, twice, is_patch) || !json_equal(once, twice))
            abort();
        json_decref(twice);
    }
    json_decref(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!count)
        read_contract();
    if (size < 2)
        return 0;
    const struct operation *operation = with_body[data[0] % count];
    json_t *value = json_loadb((const char *)data + 1, size - 1,
                               JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (!value)
        return 0;
    check_twice(operation, value, false);
    check_twice(operation, value, true);
    json_decref(value);
    return 0;
}
