/*
 * One run of the Method of Equal Shares: an endowment goes in, purchases come out. Exact, though
 * nearly all of its work is done in doubles. It rests on these invariants:
 *
 *  1. The money of a voter is either exactly 0 or exactly
 *         endowment − Σ price(q) · points(q)   over the bought projects q on the voter's ballot,
 *     since who pays less than the price is left with nothing, for ever.
 *  2. `price(q)` is the exact payment per point of a bought project. All prices and the endowment
 *     are whole numbers over one common `denominator`, which only grows.
 *  3. `money[g]`, a double, is 0 when the money is exactly 0, and otherwise above 0 and within
 *     `slack` of it. Whether a voter is left with nothing is decided exactly when that is too
 *     coarse.
 *  4. `low[p]` never exceeds the price of p. Prices never fall while the run goes on (money only
 *     falls), so an old one holds, and projects are looked at in its order until the next cannot
 *     be the cheapest.
 *  5. The price of p is the only root of F(x) = Σ min(money, x · points) = cost, and F does not
 *     fall. Two doubles around a root of the approximate F enclose the true one when F is below
 *     the cost at the lower and above it at the upper by more than the error of the sum.
 *  6. Projects whose enclosures overlap at the cheapest are compared exactly, and what is bought
 *     is bought at its exact price. By 1 that takes counts, not sums: how many of the supporters
 *     who give all have bought what before (shares_exact.c).
 */
#pragma once

#include "count.h"

/* One way a project can be bought now. Keys order the offers: price per utility. */
struct offer {
    uint32_t project;
    double low_price, high_price; /* enclose the price; high is infinite when nothing is known */
    double low_key, high_key;
    mpz_t due;       /* exactly, once asked: price = due / (denominator · points) */
    uint64_t points; /* of those who pay the whole price */
};

struct undecided; /* a group of which doubles cannot tell whether it gives all */

struct shares {
    struct count *count;
    const struct election *election;
    const int64_t *costs; /* as this run counts them */
    bool by_cost;         /* utility: cost or one, for each point */

    bool *is_open; /* by project: may still be bought */
    double *low;
    double *money; /* by group */
    double slack;

    mpz_t endowment, denominator;
    mpz_t *prices; /* by purchase */
    uint32_t *bought;
    size_t bought_count;
    uint32_t *purchase_of; /* by project: 1 + its purchase; 0: not bought */
    bool tie_met;

    uint32_t *tied; /* of all purchases; those of purchase i from tied_starts[i] */
    size_t *tied_starts;

    /* scratch */
    struct offer *offers;
    uint32_t *order;
    uint64_t *counts; /* by purchase */
    struct undecided *undecided;
    size_t undecided_count, undecided_capacity;
    mpz_t left, right;
};

void shares_init(struct shares *shares, struct count *count, bool by_cost);
void shares_clear(struct shares *shares);

/* Runs from the start with `endowment` / `denominator` of a unit for each voter. False when the
 * effort is used up. */
bool shares_run(struct shares *shares, const mpz_t endowment, uint64_t denominator);

/* Exact money of a group that has any, over the denominator. */
void shares_money(const struct shares *shares, uint32_t group, mpz_t ret_money);

/* Exact money of all supporters of a project, over the denominator. */
void shares_supporters_money(struct shares *shares, uint32_t project, mpz_t ret_money);

/* Fills in due and points. False when the supporters cannot pay the project. */
bool shares_offer_exactly(struct shares *shares, struct offer *offer);

/* Which of two exact offers is cheaper by utility: below 0 the first, 0 neither. */
int shares_compare_offers(struct shares *shares, const struct offer *a, const struct offer *b);

/* num / den as a double, off by less than 2^-50 of itself. */
double shares_ratio(const mpz_t numerator, const mpz_t denominator);
