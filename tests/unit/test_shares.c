/* What shares.h promises of its doubles, checked against the exact numbers. */
#include "shares.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>

static uint64_t state;

/* Knuth's MMIX: the same elections everywhere. */
static uint32_t draw(uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static void make_election(struct election *election, uint64_t seed, uint32_t projects,
                          uint32_t ballots) {
    state = seed;
    election_set_projects(election, projects);
    election->budget = 100 * (int64_t)ballots + 7;
    for (uint32_t i = 0; i < projects; i++)
        election->projects[i] =
            (struct project){.id = "p", .cost = 1 + draw(3 * ballots) * (int64_t)(1 + draw(9))};
    for (uint32_t i = 0; i < ballots; i++) {
        struct choice choices[20];
        uint32_t count = draw(20);
        for (uint32_t j = 0; j < count; j++)
            choices[j] = (struct choice){draw(1 + draw(projects)), 1 + (int32_t)draw(4) / 3};
        election_add_ballot(election, choices, count);
    }
    election_close(election);
}

struct count_room {
    struct tally_rules rules;
    struct tally_result result;
    struct count count;
    struct shares shares;
    int64_t *costs;
    uint32_t *rank;
};

static void begin(struct count_room *room, const struct election *election, bool by_cost) {
    size_t projects = election->project_count;
    *room = (struct count_room){0};
    room->rank = calloc(projects, sizeof *room->rank);
    room->costs = calloc(projects, sizeof *room->costs);
    room->rules.rank = room->rank;
    room->count = (struct count){.election = election,
                                 .rules = &room->rules,
                                 .result = &room->result,
                                 .is_in = calloc(projects, sizeof(bool))};
    for (uint32_t i = 0; i < projects; i++) {
        room->rank[i] = i;
        room->costs[i] = election->projects[i].cost;
        room->count.is_in[i] = true;
    }
    shares_init(&room->shares, &room->count, by_cost);
    room->shares.costs = room->costs;
}

static void end(struct count_room *room) {
    shares_clear(&room->shares);
    free(room->rank);
    free(room->costs);
    free(room->count.is_in);
}

static void run(struct count_room *room, const struct election *election) {
    mpz_t money;
    mpz_init_set_si(money, election->budget);
    CHECK(shares_run(&room->shares, money, election->ballot_count));
    mpz_clear(money);
}

/* Invariants 1 and 3: nothing is nothing, and the rest is as near as slack says. */
static void check_money(const struct shares *shares) {
    mpz_t exact, near;
    mpq_t off, slack;
    mpz_inits(exact, near, NULL);
    mpq_inits(off, slack, NULL);
    mpq_set_d(slack, shares->slack);
    bool is_near = true, is_nothing = true;
    for (uint32_t group = 0; group < shares->election->group_count; group++) {
        shares_money(shares, group, exact);
        if (shares->money[group] == 0) {
            is_nothing = is_nothing && mpz_sgn(exact) <= 0;
            continue;
        }
        is_nothing = is_nothing && mpz_sgn(exact) > 0;
        mpq_t money;
        mpq_init(money);
        mpq_set_d(money, shares->money[group]);
        mpz_set(mpq_numref(off), exact);
        mpz_set(mpq_denref(off), shares->denominator);
        mpq_canonicalize(off);
        mpq_sub(off, off, money);
        mpq_abs(off, off);
        is_near = is_near && mpq_cmp(off, slack) <= 0;
        mpq_clear(money);
    }
    CHECK(is_near);
    CHECK(is_nothing);
    mpz_clears(exact, near, NULL);
    mpq_clears(off, slack, NULL);
}

/* Everybody pays what was paid: the prices are exact. */
static void check_sum(const struct shares *shares) {
    mpz_t left, exact, cost;
    mpz_inits(left, exact, cost, NULL);
    mpz_mul_ui(left, shares->endowment, shares->election->ballot_count);
    for (size_t i = 0; i < shares->bought_count; i++) {
        mpz_mul_si(cost, shares->denominator, shares->costs[shares->bought[i]]);
        mpz_sub(left, left, cost);
    }
    uint64_t grouped = 0;
    for (uint32_t group = 0; group < shares->election->group_count; group++) {
        grouped += shares->election->weights[group];
        if (shares->money[group] == 0)
            continue;
        shares_money(shares, group, exact);
        mpz_submul_ui(left, exact, shares->election->weights[group]);
    }
    mpz_submul_ui(left, shares->endowment, shares->election->ballot_count - grouped);
    CHECK(mpz_sgn(left) == 0);
    mpz_clears(left, exact, cost, NULL);
}

static void test_invariants(void) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        auto_election election = {0};
        struct count_room room;
        make_election(&election, seed, 40, seed % 3 ? 900 : 60);
        begin(&room, &election, seed % 2);
        run(&room, &election);
        CHECK(room.shares.bought_count > 5);
        check_money(&room.shares);
        check_sum(&room.shares);
        end(&room);
    }
}

/*
 * All that all have: projects that cost the whole pot together, of which each voter has a share
 * that no double holds. The sum of the doubles is more or less than the last one's cost; all can
 * pay it, and are left with nothing.
 */
static void test_whole_pot(void) {
    static const int64_t costs[] = {1, 2, 3, 4};
    for (uint32_t voters = 2; voters <= 150; voters++) {
        auto_election election = {0};
        struct count_room room;
        election_set_projects(&election, voters + 4);
        election.budget = 10;
        for (uint32_t i = 0; i < voters + 4; i++)
            election.projects[i] = (struct project){.id = "p", .cost = i < 4 ? costs[i] : 10};
        for (uint32_t i = 0; i < voters; i++)
            election_add_ballot(&election,
                                (struct choice[]){{0, 1}, {1, 1}, {2, 1}, {3, 1}, {i + 4, 1}}, 5);
        election_close(&election);
        begin(&room, &election, true);
        run(&room, &election);
        CHECK(room.shares.bought_count == 4);
        check_money(&room.shares);
        check_sum(&room.shares);
        end(&room);
    }
}

/* The same with two kinds of voters, the poorer of whom give all first. */
static void test_rest_of_pot(void) {
    for (uint32_t voters = 2; voters <= 150; voters += 2) {
        auto_election election = {0};
        struct count_room room;
        election_set_projects(&election, voters + 3);
        election.budget = 10;
        for (uint32_t i = 0; i < voters + 3; i++)
            election.projects[i] = (struct project){.id = "p", .cost = i < 3 ? 1 + 3 * i : 10};
        election.projects[1].cost = 2;
        for (uint32_t i = 0; i < voters; i++)
            election_add_ballot(&election, (struct choice[]){{i % 2, 1}, {2, 1}, {i + 3, 1}}, 3);
        election_close(&election);
        begin(&room, &election, false);
        run(&room, &election);
        CHECK(room.shares.bought_count == 3 && room.shares.bought[2] == 2);
        check_money(&room.shares);
        check_sum(&room.shares);
        end(&room);
    }
}

int main(void) {
    test_invariants();
    test_whole_pot();
    test_rest_of_pot();
    return check_finish();
}
