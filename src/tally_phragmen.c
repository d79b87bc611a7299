/*
 * Sequential Phragmén. A voter's load is the load at which the last chosen of its projects was
 * bought, so loads are told by that project alone: for each project it is enough to count its
 * supporters by the project they were last loaded with. All loads are whole numbers over one common
 * denominator.
 */
#include "count.h"

#include <stdlib.h>
#include <string.h>

struct phragmen {
    struct count *count;
    uint32_t *last;    /* by group: 1 + number of the step it was last loaded in */
    uint64_t *at_step; /* supporters by that, of the project looked at */
    mpz_t *loads;      /* by step, over `denominator` */
    mpz_t *due;        /* by project: what its supporters would bear together, over `denominator` */
    uint64_t *voters;  /* by project */
    uint32_t *first;   /* projects of the least load, found so far */
    size_t first_count;
    mpz_t denominator, left, right;
};

static void find_due(struct phragmen *phragmen, uint32_t project) {
    const struct election *election = phragmen->count->election;
    size_t steps = phragmen->count->result->step_count;
    memset(phragmen->at_step, 0, (steps + 1) * sizeof *phragmen->at_step);
    phragmen->voters[project] = 0;
    for (size_t i = election->support_starts[project]; i < election->support_starts[project + 1];
         i++) {
        uint32_t group = election->supports[i].group;
        phragmen->at_step[phragmen->last[group]] += election->weights[group];
        phragmen->voters[project] += election->weights[group];
    }
    mpz_mul_si(phragmen->due[project], phragmen->denominator, election->projects[project].cost);
    for (size_t i = 0; i < steps; i++)
        mpz_addmul_ui(phragmen->due[project], phragmen->loads[i], phragmen->at_step[i + 1]);
}

/* Load of `a` against that of `b`: due / voters. */
static int compare_loads(struct phragmen *phragmen, uint32_t a, uint32_t b) {
    mpz_mul_ui(phragmen->left, phragmen->due[a], phragmen->voters[b]);
    mpz_mul_ui(phragmen->right, phragmen->due[b], phragmen->voters[a]);
    return mpz_cmp(phragmen->left, phragmen->right);
}

/* Fills in `first`. False when the effort is used up. */
static bool find_first(struct phragmen *phragmen) {
    struct count *count = phragmen->count;
    phragmen->first_count = 0;
    for (uint32_t i = 0; i < count->election->project_count; i++) {
        if (!count_is_candidate(count, i))
            continue;
        find_due(phragmen, i);
        uint64_t supporters =
            count->election->support_starts[i + 1] - count->election->support_starts[i];
        if (!count_spend(count, supporters + count_numbers(count->result->step_count + 1,
                                                           phragmen->denominator)))
            return false;
        int order = phragmen->first_count ? compare_loads(phragmen, i, phragmen->first[0]) : -1;
        if (order < 0)
            phragmen->first_count = 0;
        if (order <= 0)
            phragmen->first[phragmen->first_count++] = i;
    }
    return true;
}

/* Moves the first in the tie order to the front. */
static void break_tie(struct phragmen *phragmen) {
    const uint32_t *rank = phragmen->count->rules->rank;
    for (size_t i = 1; i < phragmen->first_count; i++)
        if (rank[phragmen->first[i]] < rank[phragmen->first[0]]) {
            uint32_t project = phragmen->first[0];
            phragmen->first[0] = phragmen->first[i];
            phragmen->first[i] = project;
        }
    if (phragmen->first_count > 1)
        phragmen->count->result->tie_met = true;
}

static void choose(struct phragmen *phragmen) {
    struct count *count = phragmen->count;
    const struct election *election = count->election;
    uint32_t project = phragmen->first[0];
    size_t number = count->result->step_count;
    struct tally_step *step = count_choose(count, project, TALLY_BY_PHRAGMEN, phragmen->first + 1,
                                           phragmen->first_count - 1);
    for (size_t i = 0; i < number; i++)
        mpz_mul_ui(phragmen->loads[i], phragmen->loads[i], phragmen->voters[project]);
    mpz_mul_ui(phragmen->denominator, phragmen->denominator, phragmen->voters[project]);
    mpz_set(phragmen->loads[number], phragmen->due[project]);
    mpz_set(mpq_numref(step->key), phragmen->due[project]);
    mpz_set(mpq_denref(step->key), phragmen->denominator);
    mpq_canonicalize(step->key);
    for (size_t i = election->support_starts[project]; i < election->support_starts[project + 1];
         i++)
        phragmen->last[election->supports[i].group] = (uint32_t)number + 1;
}

/* The rule ends as soon as any of the first does not fit. */
static bool has_end(const struct phragmen *phragmen) {
    for (size_t i = 0; i < phragmen->first_count; i++)
        if (phragmen->count->election->projects[phragmen->first[i]].cost > phragmen->count->left)
            return true;
    return phragmen->first_count == 0;
}

static bool run(struct phragmen *phragmen) {
    for (;;) {
        if (!find_first(phragmen))
            return false;
        break_tie(phragmen);
        if (has_end(phragmen))
            return true;
        choose(phragmen);
    }
}

static void decide_rest(struct count *count) {
    const struct election *election = count->election;
    for (uint32_t i = 0; i < election->project_count; i++) {
        if (!count->is_in[i])
            continue;
        enum tally_fate fate = TALLY_UNSUPPORTED;
        if (count_is_candidate(count, i) || election->projects[i].cost > election->budget)
            fate = election->projects[i].cost > count->left ? TALLY_TOO_DEAR : TALLY_AFTER_STOP;
        count_decide(count, i, fate, count->left);
    }
}

static mpz_t *new_numbers(struct arena *arena, size_t count) {
    mpz_t *numbers = arena_new(arena, (count + 1) * sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        mpz_init(numbers[i]);
    return numbers;
}

bool count_by_phragmen(struct count *count) {
    const struct election *election = count->election;
    struct arena *arena = &count->result->arena;
    size_t projects = election->project_count;
    struct phragmen phragmen = {.count = count};
    phragmen.last = arena_new(arena, (election->group_count + 1) * sizeof *phragmen.last);
    phragmen.at_step = arena_new(arena, (projects + 1) * sizeof *phragmen.at_step);
    phragmen.loads = new_numbers(arena, projects);
    phragmen.due = new_numbers(arena, projects);
    phragmen.voters = arena_new(arena, (projects + 1) * sizeof *phragmen.voters);
    phragmen.first = arena_new(arena, (projects + 1) * sizeof *phragmen.first);
    mpz_inits(phragmen.left, phragmen.right, NULL);
    mpz_init_set_ui(phragmen.denominator, 1);
    bool is_done = run(&phragmen);
    if (is_done)
        decide_rest(count);
    for (size_t i = 0; i < projects; i++)
        mpz_clears(phragmen.loads[i], phragmen.due[i], NULL);
    mpz_clears(phragmen.left, phragmen.right, phragmen.denominator, NULL);
    return is_done;
}
