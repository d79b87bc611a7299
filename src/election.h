/*
 * What a count begins from: a pot of money, projects with costs, and ballots. Amounts and points
 * are whole numbers of 10^-money_decimals and 10^-point_decimals. Equal ballots are one group with
 * a weight: their voters have the same money and the same wishes until the end.
 */
#pragma once

#include "arena.h"
#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pb;

enum {
    ELECTION_PROJECTS_MOST = 1000,
    ELECTION_BALLOTS_MOST = 5000000,
    ELECTION_CHOICES_MOST = 100000000 /* of all ballots together, with default scores */
};
/* Pabulib's mark of a project withdrawn late */
#define ELECTION_COST_WITHDRAWN INT64_C(999999999)
#define ELECTION_AMOUNT_MOST INT64_C(1000000000000) /* of the currency */
#define ELECTION_SCALED_MOST INT64_C(1000000000000000000)

struct project {
    const char *id;
    const char *name;        /* NULL: none */
    const char *alternative; /* of projects with the same text at most one is chosen; NULL: none */
    int64_t cost;
    int64_t score; /* sum of the points */
};

/* A project on a ballot; an approval is one point. */
struct choice {
    uint32_t project;
    int32_t points;
};

/* A group that has chosen a project. */
struct support {
    uint32_t group;
    int32_t points;
};

struct election {
    int64_t budget;
    unsigned money_decimals, point_decimals;
    const char *currency; /* ISO 4217; "EUR" unless told otherwise */
    bool has_points;      /* scores are sums of points, not of votes */

    struct project *projects;
    size_t project_count;

    /* Group g chose choices[group_starts[g]] up to group_starts[g + 1]. Blank ballots are no group
     * but count. */
    size_t ballot_count, group_count;
    struct choice *choices;
    size_t *group_starts;
    uint32_t *weights;
    /* Project p is supported, with more than no points, by supports[support_starts[p]] up to … */
    struct support *supports;
    size_t *support_starts;

    struct arena arena;  /* holds all of the above but choices, group_starts and weights */
    size_t choices_most; /* 0: ELECTION_CHOICES_MOST */
    size_t choice_capacity, group_capacity;
    size_t *seen; /* by project: number of the ballot that named it last */
};

/*
 * Making one: set the pot and decimals (and fewer choices_most), make room for the projects and
 * fill them, add every ballot, then close. A ballot with a project twice counts its first place.
 * False when ELECTION_… would be exceeded.
 */
void election_set_projects(struct election *election, size_t count);
size_t election_choices_most(const struct election *election);
bool election_add_ballot(struct election *election, const struct choice *choices, size_t count);
void election_close(struct election *election);

/* Whether the project's cost says that it was withdrawn when ballots could already name it. */
bool election_is_withdrawn(const struct election *election, uint32_t project);

void election_clear(struct election *election);
#define auto_election __attribute__((cleanup(election_clear))) struct election

/* The election a .pb file holds; its texts are copied. Faults as in pb_read. */
bool election_read(struct election *election, const struct pb *pb, const char *where,
                   struct arena *arena, struct problem *problem);
