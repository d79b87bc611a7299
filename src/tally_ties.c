/* Tie orders. */
#include "names.h"
#include "own.h"
#include "tally.h"
#include "tally_lot.h"

#include "election.h"

#include <stdlib.h>
#include <string.h>

struct order {
    const struct election *election;
    const uint32_t *lot; /* by project, or NULL: ids decide */
    bool by_cost;
};

static int compare_numbers(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int compare(const void *left, const void *right, void *data) {
    const struct order *order = data;
    uint32_t i = *(const uint32_t *)left, j = *(const uint32_t *)right;
    const struct project *a = &order->election->projects[i], *b = &order->election->projects[j];
    int result = order->by_cost ? compare_numbers(a->cost, b->cost) : 0;
    if (!result && order->by_cost)
        result = compare_numbers(b->score, a->score);
    if (!result && order->lot)
        result = compare_numbers(order->lot[i], order->lot[j]);
    return result ? result : strcmp(a->id, b->id);
}

/* The places of the projects in a list of their ids; NULL when it is not a list of just them. */
static const uint32_t *read_lot(const struct election *election, const char *list,
                                struct arena *arena) {
    auto_names ids = {0};
    uint32_t project, *lot = arena_new(arena, (election->project_count + 1) * sizeof *lot);
    bool *is_named = arena_new(arena, election->project_count + 1);
    for (size_t i = 0; i < election->project_count; i++)
        names_add(&ids, election->projects[i].id, &project);
    uint32_t place = 0;
    for (const char *at = list; at; place++) {
        size_t length = strcspn(at, ",");
        if (!names_find(&ids, at, length, &project) || is_named[project])
            return NULL;
        is_named[project] = true;
        lot[project] = place;
        at = at[length] ? at + length + 1 : NULL;
    }
    return place == election->project_count ? lot : NULL;
}

/* The list of ids that a seed draws. */
static const char *draw_list(const struct election *election, const char *seed,
                             struct arena *arena) {
    const char **ids = arena_new(arena, (election->project_count + 1) * sizeof *ids);
    for (size_t i = 0; i < election->project_count; i++)
        ids[i] = election->projects[i].id;
    tally_draw_lot(seed, strlen(seed), ids, election->project_count);
    auto_buffer list = {0};
    for (size_t i = 0; i < election->project_count; i++) {
        buffer_add_text(&list, i ? "," : "");
        buffer_add_text(&list, ids[i]);
    }
    return arena_text(arena, list.data ? list.data : "");
}

static const uint32_t *rank_by(const struct order *order, struct arena *arena) {
    size_t count = order->election->project_count;
    uint32_t *sorted = arena_new(arena, (count + 1) * sizeof *sorted);
    uint32_t *rank = arena_new(arena, (count + 1) * sizeof *rank);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = i;
    qsort_r(sorted, count, sizeof *sorted, compare, (void *)(uintptr_t)order);
    for (uint32_t i = 0; i < count; i++)
        rank[sorted[i]] = i;
    return rank;
}

/* What follows a prefix, or NULL. */
static const char *after(const char *text, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

const uint32_t *tally_rank(const struct election *election, const char *ties, struct arena *arena) {
    struct order order = {.election = election};
    const char *behind = after(ties, "cost_votes_");
    order.by_cost = behind != NULL;
    if (strcmp(ties, "lexico") == 0 || (behind && strcmp(behind, "id") == 0))
        return rank_by(&order, arena);
    behind = behind ? behind : ties;
    const char *seed = after(behind, "seed:");
    const char *list = seed ? draw_list(election, seed, arena) : after(behind, "drawn:");
    order.lot = list ? read_lot(election, list, arena) : NULL;
    return order.lot ? rank_by(&order, arena) : NULL;
}
