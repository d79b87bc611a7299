/*
 * The ballot paper of a cycle: what was frozen when voting opened, and whether a filled-in ballot
 * keeps its rules. Pure: no database, no clock.
 */
#pragma once

#include "problem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAPER_CHOICES_MOST = 1000 };

enum vote_method {
    VOTE_APPROVAL,
    VOTE_N_VOTES,
    VOTE_CHOOSE_ONE,
    VOTE_KNAPSACK,
    VOTE_CUMULATIVE,
    VOTE_ORDINAL
};
enum area_rule { AREA_HOME, AREA_ONE, AREA_ONE_PLUS_WHOLE, AREA_ALL };

struct paper_area {
    const char *id;
    int64_t cents;
    bool is_whole;
};

struct paper_project {
    const char *id;
    int number, area; /* index into areas */
    int64_t cost_cents;
    const json_t *categories;
};

struct paper {
    json_t *frozen; /* owned; the texts below are borrowed from it */
    char *sha256, *seal_id, *origin;
    struct vote_secret *secret; /* vote_paper.c's */
    enum vote_method method;
    enum area_rule area_rule;
    int votes_least, votes_most; /* most: 0 = no limit */
    int points_total, points_each_most;
    bool may_change, needs_residence, is_age_on_day;
    int voting_age, voting_year;
    const json_t *category_limits, *identification;
    struct paper_area *areas;
    size_t area_count;
    struct paper_project *projects;
    size_t project_count;
};

/* Reads the frozen JSON. NULL when it is not of our making. */
struct paper *paper_new(const char *frozen);
void paper_free(void *paper);

/* What the count calls a proposal; 0 when it is not on the paper. */
int paper_number(const struct paper *paper, const char *proposal_id);

/* A ballot as it is stored: numbers ascending, but in the voter's order where that is the vote. */
struct filled {
    int numbers[PAPER_CHOICES_MOST];
    int points[PAPER_CHOICES_MOST];
    int count;
    const char *area_id; /* the chosen area that is not the whole; NULL when there is none */
};

/*
 * Checks `choices` (array of {proposal_id, points}) and adds every fault below the pointer
 * `within`: unknown or repeated choices, areas, budgets with the excess in cents, numbers, points,
 * categories. `home_area` is the voter's, where the rule asks for it. True when the problem has no
 * fault, nor had any.
 */
bool paper_check(const struct paper *paper, const json_t *choices, const char *within,
                 const char *home_area, struct arena *arena, struct problem *problem,
                 struct filled *ret_filled);
