/*
 * Most points first (greedy_votes), or most points per cost first (greedy_density): walks the
 * projects once and takes what fits.
 */
#include "count.h"

#include <stdlib.h>

struct order {
    const struct count *count;
    bool by_density;
};

/* Above zero when `a` comes first: score / cost (or score alone) compared without division. */
static int compare_keys(const struct order *order, uint32_t a, uint32_t b) {
    const struct project *projects = order->count->election->projects;
    __int128 left = projects[a].score, right = projects[b].score;
    if (order->by_density) {
        left *= projects[b].cost;
        right *= projects[a].cost;
    }
    return (left > right) - (left < right);
}

static int compare_projects(const void *left, const void *right, void *data) {
    const struct order *order = data;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int by_key = compare_keys(order, b, a);
    const uint32_t *rank = order->count->rules->rank;
    return by_key ? by_key : (rank[a] > rank[b]) - (rank[a] < rank[b]);
}

/* How many behind the first of the sorted projects have its key. */
static size_t count_tied(const struct order *order, const uint32_t *projects, size_t count) {
    size_t tied = 0;
    while (tied + 1 < count && compare_keys(order, projects[0], projects[tied + 1]) == 0)
        tied++;
    return tied;
}

static void choose(struct count *count, const struct order *order, const uint32_t *projects,
                   size_t rest) {
    const struct election *election = count->election;
    const struct project *project = &election->projects[*projects];
    size_t tied = count_tied(order, projects, rest);
    struct tally_step *step = count_choose(count, *projects, TALLY_BY_GREEDY, projects + 1, tied);
    mpz_set_si(mpq_numref(step->key), project->score);
    if (order->by_density)
        mpz_set_si(mpq_denref(step->key), project->cost);
    mpq_canonicalize(step->key);
}

bool count_greedily(struct count *count, bool by_density, bool stops) {
    size_t project_count = count->election->project_count, open = 0;
    struct arena *arena = &count->result->arena;
    uint32_t *projects = arena_new(arena, (project_count + 1) * sizeof *projects);
    for (uint32_t i = 0; i < project_count; i++)
        if (count->is_in[i])
            projects[open++] = i;
    const struct order order = {count, by_density};
    qsort_r(projects, open, sizeof *projects, compare_projects, (void *)(uintptr_t)&order);
    bool is_stopped = false;
    for (size_t i = 0; i < open; i++) {
        uint32_t project = projects[i];
        bool fits = count->election->projects[project].cost <= count->left;
        if (count_tied(&order, projects + i, open - i))
            count->result->tie_met = true;
        if (!count->is_in[project])
            continue;
        if (is_stopped)
            count_decide(count, project, TALLY_AFTER_STOP, count->left);
        else if (fits)
            choose(count, &order, projects + i, open - i);
        else
            count_decide(count, project, TALLY_TOO_DEAR, count->left);
        is_stopped = is_stopped || (stops && !fits);
    }
    return count_spend(count, project_count);
}
