/* Equal Shares, the run: looking for the cheapest project in doubles, and buying it. See shares.h.
 */
#include "shares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Generous bounds for what doubles lose: a conversion, product or difference less than 2^-50 of
 * itself, a sum of n terms less than (n + 8) · 2^-50 of it. */
static const double LOSS = 0x1p-50;

/* Most Newton steps raise the price by far more; below this it has arrived. */
static const double STEP = 0x1p-40;

/* In looks at a supporter: what a comparison in whole numbers takes, and an offer without its
 * supporters. */
enum { UNDECIDED_EFFORT = 200, OFFER_EFFORT = 300 };

static double utility_scale(const struct shares *shares, uint32_t project) {
    return shares->by_cost ? 1 / (double)shares->costs[project] : 1;
}

static size_t support_count(const struct election *election, uint32_t project) {
    return election->support_starts[project + 1] - election->support_starts[project];
}

/* What comes together when nobody pays more than `price` a point: of those who give all the sum, of
 * the others the points. */
static double collect(const struct shares *shares, uint32_t project, double price,
                      double *ret_points) {
    const struct election *election = shares->election;
    double paid = 0, points = 0;
    for (size_t i = election->support_starts[project]; i < election->support_starts[project + 1];
         i++) {
        const struct support *support = &election->supports[i];
        double money = shares->money[support->group];
        double weight = (double)election->weights[support->group];
        if (money < price * support->points)
            paid += weight * money;
        else
            points += weight * support->points;
    }
    *ret_points = points;
    return paid;
}

static double error_of(const struct shares *shares, uint32_t project) {
    double terms = (double)support_count(shares->election, project) + 8;
    return (double)shares->election->ballot_count * shares->slack +
           terms * 2 * LOSS * (double)shares->costs[project];
}

/* Invariant 5: raises low[p] and fills in high_price, where that can be said for sure. */
static void enclose(struct shares *shares, struct offer *offer, double price, double points) {
    uint32_t project = offer->project;
    double cost = (double)shares->costs[project], error = error_of(shares, project);
    double spread = 4 * error / points + price * STEP, above;
    double low = price - spread, high = price + spread;
    double paid = collect(shares, project, high, &above);
    if (paid + above * high > cost + error)
        offer->high_price = high;
    if (low > shares->low[project]) {
        paid = collect(shares, project, low, &above);
        if (paid + above * low < cost - error)
            shares->low[project] = low;
    }
}

/*
 * Looks for the price from its lower bound upwards by Newton's method, which for F (concave) never
 * goes too far. False when the supporters surely cannot pay.
 */
static bool look_at(struct shares *shares, struct offer *offer) {
    uint32_t project = offer->project;
    double cost = (double)shares->costs[project];
    double price = shares->low[project], points = 0;
    offer->high_price = INFINITY;
    for (;;) {
        double paid = collect(shares, project, price, &points);
        if (points <= 0) {
            if (paid + error_of(shares, project) < cost)
                return false;
            break;
        }
        double next = (cost - paid) / points;
        if (!(next > price * (1 + STEP)))
            break;
        price = next;
    }
    if (points > 0)
        enclose(shares, offer, price, points);
    offer->low_price = shares->low[project];
    offer->low_key = offer->low_price * utility_scale(shares, project) * (1 - 2 * LOSS);
    offer->high_key = offer->high_price * utility_scale(shares, project) * (1 + 2 * LOSS);
    return true;
}

static double low_key(const struct shares *shares, uint32_t project) {
    return shares->low[project] * utility_scale(shares, project) * (1 - 2 * LOSS);
}

static int compare_low_keys(const void *left, const void *right, void *data) {
    const struct shares *shares = data;
    double a = low_key(shares, *(const uint32_t *)left);
    double b = low_key(shares, *(const uint32_t *)right);
    return (a > b) - (a < b);
}

/* Offers that may be the cheapest, to the front of `offers`. False when the effort is used up. */
static bool find_offers(struct shares *shares, size_t *ret_count) {
    size_t open = 0, count = 0, kept = 0;
    double best = INFINITY;
    for (uint32_t i = 0; i < shares->election->project_count; i++)
        if (shares->is_open[i])
            shares->order[open++] = i;
    qsort_r(shares->order, open, sizeof *shares->order, compare_low_keys, shares);
    for (size_t i = 0; i < open && low_key(shares, shares->order[i]) <= best; i++) {
        struct offer *offer = &shares->offers[count];
        offer->project = shares->order[i];
        if (!count_spend(shares->count,
                         OFFER_EFFORT + 4 * support_count(shares->election, offer->project)))
            return false;
        shares->is_open[offer->project] = look_at(shares, offer);
        if (!shares->is_open[offer->project])
            continue;
        count++;
        if (offer->high_key < best)
            best = offer->high_key;
    }
    for (size_t i = 0; i < count; i++)
        if (shares->offers[i].low_key <= best) {
            struct offer spare = shares->offers[kept];
            shares->offers[kept++] = shares->offers[i];
            shares->offers[i] = spare;
        }
    *ret_count = kept;
    return true;
}

/* The cheapest offers exactly, all of one key, to the front. */
static size_t find_cheapest(struct shares *shares, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct offer *offer = &shares->offers[i];
        shares->is_open[offer->project] = shares_offer_exactly(shares, offer);
        count_spend(shares->count, support_count(shares->election, offer->project) +
                                       (uint64_t)UNDECIDED_EFFORT * shares->undecided_count +
                                       count_numbers(shares->bought_count, shares->denominator));
        if (!shares->is_open[offer->project])
            continue;
        int order = kept ? shares_compare_offers(shares, offer, &shares->offers[0]) : -1;
        if (order < 0)
            kept = 0;
        if (order <= 0) {
            struct offer spare = shares->offers[kept];
            shares->offers[kept++] = *offer;
            *offer = spare;
        }
    }
    return kept;
}

/* The first in the tie order to the front; the others are noted beside the purchase. */
static void break_tie(struct shares *shares, size_t count) {
    const uint32_t *rank = shares->count->rules->rank;
    for (size_t i = 1; i < count; i++)
        if (rank[shares->offers[i].project] < rank[shares->offers[0].project]) {
            struct offer spare = shares->offers[0];
            shares->offers[0] = shares->offers[i];
            shares->offers[i] = spare;
        }
    size_t start = shares->tied_starts[shares->bought_count];
    for (size_t i = 1; i < count; i++)
        shares->tied[start + i - 1] = shares->offers[i].project;
    shares->tied_starts[shares->bought_count + 1] = start + count - 1;
    shares->tie_met = shares->tie_met || count > 1;
}

/* Brings price, earlier prices and the endowment to one denominator (invariant 2). */
static void add_price(struct shares *shares, struct offer *offer) {
    uint64_t common = mpz_gcd_ui(NULL, offer->due, offer->points);
    uint64_t factor = offer->points / common;
    mpz_ptr price = shares->prices[shares->bought_count];
    mpz_divexact_ui(price, offer->due, common);
    mpz_mul_ui(shares->denominator, shares->denominator, factor);
    mpz_mul_ui(shares->endowment, shares->endowment, factor);
    for (size_t i = 0; i < shares->bought_count; i++)
        mpz_mul_ui(shares->prices[i], shares->prices[i], factor);
}

/* What a supporter has after paying, when doubles cannot tell whether that is nothing. */
static double pay_exactly(struct shares *shares, const struct support *support) {
    mpz_ptr price = shares->prices[shares->bought_count];
    shares_money(shares, support->group, shares->left);
    mpz_submul_ui(shares->left, price, (unsigned long)support->points);
    return mpz_sgn(shares->left) > 0 ? shares_ratio(shares->left, shares->denominator) : 0;
}

static void buy(struct shares *shares, struct offer *offer) {
    const struct election *election = shares->election;
    uint32_t project = offer->project;
    add_price(shares, offer);
    double price = shares_ratio(shares->prices[shares->bought_count], shares->denominator);
    for (size_t i = election->support_starts[project]; i < election->support_starts[project + 1];
         i++) {
        const struct support *support = &election->supports[i];
        double *money = &shares->money[support->group];
        double payment = price * support->points, margin = shares->slack + 4 * LOSS * payment;
        if (*money == 0)
            continue;
        if (*money - payment > margin)
            *money -= payment;
        else if (payment - *money > margin)
            *money = 0;
        else
            *money = pay_exactly(shares, support);
    }
    shares->bought[shares->bought_count++] = project;
    shares->purchase_of[project] = (uint32_t)shares->bought_count;
    shares->slack += 4 * LOSS * shares_ratio(shares->endowment, shares->denominator);
    shares->is_open[project] = false;
    for (uint32_t i = 0; i < election->project_count; i++)
        if (count_are_alternatives(&election->projects[i], &election->projects[project]))
            shares->is_open[i] = false;
}

static void begin(struct shares *shares, const mpz_t endowment, uint64_t denominator) {
    const struct election *election = shares->election;
    mpz_set(shares->endowment, endowment);
    mpz_set_ui(shares->denominator, denominator);
    double money = shares_ratio(shares->endowment, shares->denominator);
    for (size_t i = 0; i < election->group_count; i++)
        shares->money[i] = money;
    shares->slack = money * LOSS;
    shares->bought_count = 0;
    memset(shares->purchase_of, 0, election->project_count * sizeof *shares->purchase_of);
    for (uint32_t i = 0; i < election->project_count; i++) {
        double points;
        shares->is_open[i] = count_is_candidate(shares->count, i) && shares->costs[i] > 0;
        shares->low[i] = 0;
        if (!shares->is_open[i])
            continue;
        collect(shares, i, 0, &points);
        double cost = (double)shares->costs[i];
        shares->low[i] = cost / points * (1 - ((double)support_count(election, i) + 8) * 2 * LOSS);
    }
}

bool shares_run(struct shares *shares, const mpz_t endowment, uint64_t denominator) {
    begin(shares, endowment, denominator);
    if (mpz_sgn(endowment) == 0)
        return true;
    for (;;) {
        size_t count;
        if (!find_offers(shares, &count))
            return false;
        count = find_cheapest(shares, count);
        if (!count)
            return count_spend(shares->count, shares->election->group_count);
        break_tie(shares, count);
        buy(shares, &shares->offers[0]);
    }
}
