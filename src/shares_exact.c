/* Equal Shares, the exact part: prices as fractions, from counts (shares.h, invariants 1 and 6). */
#include "shares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct undecided {
    mpz_t money;
    uint32_t weight, points;
};

double shares_ratio(const mpz_t numerator, const mpz_t denominator) {
    long upper, lower;
    double top = mpz_get_d_2exp(&upper, numerator), bottom = mpz_get_d_2exp(&lower, denominator);
    return ldexp(top / bottom, (int)(upper - lower));
}

void shares_money(const struct shares *shares, uint32_t group, mpz_t ret_money) {
    const struct election *election = shares->election;
    mpz_set(ret_money, shares->endowment);
    for (size_t i = election->group_starts[group]; i < election->group_starts[group + 1]; i++) {
        const struct choice *choice = &election->choices[i];
        uint32_t purchase = shares->purchase_of[choice->project];
        if (purchase && choice->points > 0)
            mpz_submul_ui(ret_money, shares->prices[purchase - 1], (unsigned long)choice->points);
    }
}

/* Counts what a group that gives all has paid for before. */
static void count_payments(struct shares *shares, uint32_t group) {
    const struct election *election = shares->election;
    for (size_t i = election->group_starts[group]; i < election->group_starts[group + 1]; i++) {
        const struct choice *choice = &election->choices[i];
        uint32_t purchase = shares->purchase_of[choice->project];
        if (purchase && choice->points > 0)
            shares->counts[purchase - 1] += (uint64_t)choice->points * election->weights[group];
    }
}

/* `voters` endowments less all counted payments. */
static void sum_counted(const struct shares *shares, uint64_t voters, mpz_t ret_sum) {
    mpz_mul_ui(ret_sum, shares->endowment, voters);
    for (size_t i = 0; i < shares->bought_count; i++)
        mpz_submul_ui(ret_sum, shares->prices[i], shares->counts[i]);
}

void shares_supporters_money(struct shares *shares, uint32_t project, mpz_t ret_money) {
    const struct election *election = shares->election;
    uint64_t voters = 0;
    memset(shares->counts, 0, shares->bought_count * sizeof *shares->counts);
    for (size_t i = election->support_starts[project]; i < election->support_starts[project + 1];
         i++) {
        uint32_t group = election->supports[i].group;
        if (shares->money[group] == 0)
            continue;
        voters += election->weights[group];
        count_payments(shares, group);
    }
    sum_counted(shares, voters, ret_money);
}

static struct undecided *add_undecided(struct shares *shares) {
    if (shares->undecided_count == shares->undecided_capacity) {
        size_t capacity = 2 * shares->undecided_capacity + 64;
        shares->undecided = reallocarray(shares->undecided, capacity, sizeof *shares->undecided);
        if (!shares->undecided)
            abort();
        for (size_t i = shares->undecided_capacity; i < capacity; i++)
            mpz_init(shares->undecided[i].money);
        shares->undecided_capacity = capacity;
    }
    return &shares->undecided[shares->undecided_count++];
}

/*
 * Divides the supporters: whose money is surely below the lowest price gives all and is counted,
 * whose is surely above the highest pays the price; the others are kept aside. Returns how many
 * give all.
 */
static uint64_t divide(struct shares *shares, struct offer *offer) {
    const struct election *election = shares->election;
    uint64_t voters = 0;
    size_t start = election->support_starts[offer->project];
    memset(shares->counts, 0, shares->bought_count * sizeof *shares->counts);
    shares->undecided_count = 0;
    offer->points = 0;
    for (size_t i = start; i < election->support_starts[offer->project + 1]; i++) {
        const struct support *support = &election->supports[i];
        uint32_t weight = election->weights[support->group];
        double money = shares->money[support->group];
        double low = offer->low_price * support->points, high = offer->high_price * support->points;
        if (money == 0)
            continue;
        if (money + shares->slack < low * (1 - 0x1p-48)) {
            voters += weight;
            count_payments(shares, support->group);
        } else if (money - shares->slack > high * (1 + 0x1p-48)) {
            offer->points += (uint64_t)support->points * weight;
        } else {
            struct undecided *undecided = add_undecided(shares);
            shares_money(shares, support->group, undecided->money);
            undecided->weight = weight;
            undecided->points = (uint32_t)support->points;
        }
    }
    return voters;
}

/* Money per point, rising. */
static int compare_undecided(const void *left, const void *right, void *data) {
    struct shares *shares = data;
    const struct undecided *a = left, *b = right;
    if (a->points == b->points)
        return mpz_cmp(a->money, b->money);
    mpz_mul_ui(shares->left, a->money, b->points);
    mpz_mul_ui(shares->right, b->money, a->points);
    return mpz_cmp(shares->left, shares->right);
}

/* The poorest of those kept aside give all, as long as their money per point is below the price
 * that would leave. */
static void settle_undecided(struct shares *shares, struct offer *offer) {
    if (!shares->undecided_count)
        return;
    qsort_r(shares->undecided, shares->undecided_count, sizeof *shares->undecided,
            compare_undecided, shares);
    for (size_t i = 0; i < shares->undecided_count; i++)
        offer->points += (uint64_t)shares->undecided[i].points * shares->undecided[i].weight;
    for (size_t i = 0; i < shares->undecided_count; i++) {
        const struct undecided *poorest = &shares->undecided[i];
        mpz_mul_ui(shares->left, poorest->money, offer->points);
        mpz_mul_ui(shares->right, offer->due, poorest->points);
        if (mpz_cmp(shares->left, shares->right) >= 0)
            break;
        mpz_submul_ui(offer->due, poorest->money, poorest->weight);
        offer->points -= (uint64_t)poorest->points * poorest->weight;
    }
}

bool shares_offer_exactly(struct shares *shares, struct offer *offer) {
    uint64_t voters = divide(shares, offer);
    sum_counted(shares, voters, shares->left);
    mpz_mul_si(offer->due, shares->denominator, shares->costs[offer->project]);
    mpz_sub(offer->due, offer->due, shares->left);
    settle_undecided(shares, offer);
    return offer->points > 0;
}

int shares_compare_offers(struct shares *shares, const struct offer *a, const struct offer *b) {
    mpz_mul_ui(shares->left, a->due, b->points);
    mpz_mul_ui(shares->right, b->due, a->points);
    if (shares->by_cost) {
        mpz_mul_si(shares->left, shares->left, shares->costs[b->project]);
        mpz_mul_si(shares->right, shares->right, shares->costs[a->project]);
    }
    return mpz_cmp(shares->left, shares->right);
}

static void *new_array(size_t count, size_t size) {
    void *array = calloc(count + 1, size);
    if (!array)
        abort();
    return array;
}

void shares_init(struct shares *shares, struct count *count, bool by_cost) {
    const struct election *election = count->election;
    size_t projects = election->project_count;
    *shares = (struct shares){.count = count, .election = election, .by_cost = by_cost};
    shares->is_open = new_array(projects, sizeof *shares->is_open);
    shares->low = new_array(projects, sizeof *shares->low);
    shares->money = new_array(election->group_count, sizeof *shares->money);
    shares->prices = new_array(projects, sizeof *shares->prices);
    shares->bought = new_array(projects, sizeof *shares->bought);
    shares->purchase_of = new_array(projects, sizeof *shares->purchase_of);
    shares->tied = new_array(projects * projects, sizeof *shares->tied);
    shares->tied_starts = new_array(projects + 1, sizeof *shares->tied_starts);
    shares->offers = new_array(projects, sizeof *shares->offers);
    shares->order = new_array(projects, sizeof *shares->order);
    shares->counts = new_array(projects, sizeof *shares->counts);
    mpz_inits(shares->endowment, shares->denominator, shares->left, shares->right, NULL);
    for (size_t i = 0; i < projects; i++)
        mpz_inits(shares->prices[i], shares->offers[i].due, NULL);
}

void shares_clear(struct shares *shares) {
    for (size_t i = 0; i < shares->election->project_count; i++)
        mpz_clears(shares->prices[i], shares->offers[i].due, NULL);
    for (size_t i = 0; i < shares->undecided_capacity; i++)
        mpz_clear(shares->undecided[i].money);
    mpz_clears(shares->endowment, shares->denominator, shares->left, shares->right, NULL);
    free(shares->is_open);
    free(shares->low);
    free(shares->money);
    free(shares->prices);
    free(shares->bought);
    free(shares->purchase_of);
    free(shares->tied);
    free(shares->tied_starts);
    free(shares->offers);
    free(shares->order);
    free(shares->counts);
    free(shares->undecided);
}
