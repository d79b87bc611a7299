/* Collecting ballots: equal ones become one group, then each project learns its supporters. */
#include "election.h"

#include "amount.h"

#include "hash.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *old, size_t count, size_t size) {
    void *grown = reallocarray(old, count, size);
    if (!grown)
        abort();
    return grown;
}

static void make_room(struct election *election, size_t count) {
    size_t used = election->group_count ? election->group_starts[election->group_count] : 0;
    if (used + count > election->choice_capacity) {
        election->choice_capacity = 2 * (used + count) + 1024;
        election->choices =
            grow(election->choices, election->choice_capacity, sizeof *election->choices);
    }
    if (election->group_count + 2 > election->group_capacity) {
        election->group_capacity = 2 * election->group_capacity + 1024;
        election->group_starts =
            grow(election->group_starts, election->group_capacity, sizeof *election->group_starts);
        election->weights =
            grow(election->weights, election->group_capacity, sizeof *election->weights);
    }
    if (!election->group_count)
        election->group_starts[0] = 0;
}

static int compare_choices(const void *left, const void *right) {
    const struct choice *a = left, *b = right;
    return (a->project > b->project) - (a->project < b->project);
}

void election_set_projects(struct election *election, size_t count) {
    election->project_count = count;
    election->projects = arena_new(&election->arena, (count + 1) * sizeof *election->projects);
    election->seen = arena_new(&election->arena, (count + 1) * sizeof *election->seen);
}

size_t election_choices_most(const struct election *election) {
    return election->choices_most ? election->choices_most : ELECTION_CHOICES_MOST;
}

bool election_add_ballot(struct election *election, const struct choice *choices, size_t count) {
    size_t used = election->group_count ? election->group_starts[election->group_count] : 0;
    if (election->ballot_count == ELECTION_BALLOTS_MOST ||
        used + count > election_choices_most(election))
        return false;
    election->ballot_count++;
    if (count == 0)
        return true; /* blank: it counts, and is of no group */
    make_room(election, count);
    struct choice *own = election->choices + used;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t *seen = &election->seen[choices[i].project];
        if (*seen != election->ballot_count)
            own[kept++] = choices[i];
        *seen = election->ballot_count;
    }
    if (!kept)
        return true;
    qsort(own, kept, sizeof *own, compare_choices);
    election->weights[election->group_count++] = 1;
    election->group_starts[election->group_count] = used + kept;
    return true;
}

static size_t group_bytes(const struct election *election, size_t group) {
    return (election->group_starts[group + 1] - election->group_starts[group]) *
           sizeof *election->choices;
}

static bool is_equal(const struct election *election, size_t a, size_t b) {
    return group_bytes(election, a) == group_bytes(election, b) &&
           memcmp(&election->choices[election->group_starts[a]],
                  &election->choices[election->group_starts[b]], group_bytes(election, a)) == 0;
}

/* The place of the group in the table: that of an equal one, or a free one (0). */
static size_t find_place(const struct election *election, const uint32_t *table, size_t size,
                         size_t group) {
    const void *bytes = &election->choices[election->group_starts[group]];
    size_t place = hash_bytes(bytes, group_bytes(election, group)) & (size - 1);
    while (table[place] && !is_equal(election, table[place] - 1, group))
        place = (place + 1) & (size - 1);
    return place;
}

/* Moves the groups together so that each ballot stands once, with the number of its voters. */
static void join_equal_ballots(struct election *election) {
    size_t size = 16;
    while (size < 2 * election->group_count)
        size *= 2;
    auto_free uint32_t *table = calloc(size, sizeof *table);
    if (!table)
        abort();
    size_t kept = 0;
    for (size_t group = 0; group < election->group_count; group++) {
        size_t place = find_place(election, table, size, group);
        if (table[place]) {
            election->weights[table[place] - 1]++;
            continue;
        }
        size_t length = group_bytes(election, group), start = election->group_starts[kept];
        memmove(&election->choices[start], &election->choices[election->group_starts[group]],
                length);
        election->weights[kept] = 1;
        table[place] = (uint32_t)++kept;
        election->group_starts[kept] = start + length / sizeof *election->choices;
    }
    election->group_count = kept;
}

static void count_supports(struct election *election) {
    for (size_t group = 0; group < election->group_count; group++)
        for (size_t i = election->group_starts[group]; i < election->group_starts[group + 1]; i++) {
            const struct choice *choice = &election->choices[i];
            election->projects[choice->project].score +=
                (int64_t)choice->points * election->weights[group];
            election->support_starts[choice->project + 1] += choice->points > 0;
        }
}

static void fill_supports(struct election *election) {
    size_t *at = arena_new(&election->arena, (election->project_count + 1) * sizeof *at);
    memcpy(at, election->support_starts, election->project_count * sizeof *at);
    for (uint32_t group = 0; group < election->group_count; group++)
        for (size_t i = election->group_starts[group]; i < election->group_starts[group + 1]; i++) {
            const struct choice *choice = &election->choices[i];
            if (choice->points > 0)
                election->supports[at[choice->project]++] = (struct support){group, choice->points};
        }
}

void election_close(struct election *election) {
    make_room(election, 0);
    join_equal_ballots(election);
    size_t count = election->project_count;
    election->support_starts =
        arena_new(&election->arena, (count + 2) * sizeof *election->support_starts);
    count_supports(election);
    for (size_t i = 0; i < count; i++)
        election->support_starts[i + 1] += election->support_starts[i];
    election->supports = arena_new(&election->arena, (election->support_starts[count] + 1) *
                                                         sizeof *election->supports);
    fill_supports(election);
}

bool election_is_withdrawn(const struct election *election, uint32_t project) {
    return election->projects[project].cost ==
           ELECTION_COST_WITHDRAWN * amount_power(election->money_decimals);
}

void election_clear(struct election *election) {
    free(election->choices);
    free(election->group_starts);
    free(election->weights);
    arena_clear(&election->arena);
    *election = (struct election){0};
}
