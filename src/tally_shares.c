/*
 * Equal Shares, the rule: which endowments are tried (completion and flavour, see tally.h), and
 * what the run that counts says of every project.
 */
#include "amount.h"
#include "shares.h"

#include <stdlib.h>
#include <string.h>

struct add1 {
    struct shares shares;
    struct count *count;
    int64_t *costs;   /* as the flavour counts them */
    int64_t unit;     /* of the currency */
    mpz_t money;      /* all voters' together: the endowment's numerator */
    bool is_finished; /* the effort was not used up */
};

/* Every run's ties are told: each of them might have led elsewhere. */
static bool run(struct add1 *add1) {
    add1->is_finished = shares_run(&add1->shares, add1->money, add1->count->election->ballot_count);
    if (add1->shares.tie_met)
        add1->count->result->tie_met = true;
    return add1->is_finished;
}

/* What the bought projects cost, by the costs given. */
static __int128 sum_bought(const struct add1 *add1, const int64_t *costs) {
    __int128 sum = 0;
    for (size_t i = 0; i < add1->shares.bought_count; i++) {
        uint32_t project = add1->shares.bought[i];
        sum += costs ? costs[project] : add1->count->election->projects[project].cost;
    }
    return sum;
}

static bool is_over(const struct add1 *add1) {
    int64_t budget = add1->count->election->budget;
    return sum_bought(add1, add1->costs) > budget || sum_bought(add1, NULL) > budget;
}

/* Whether the project is bought, or cannot be any more since an alternative is. */
static bool is_settled(const struct add1 *add1, uint32_t project) {
    const struct election *election = add1->count->election;
    if (add1->shares.purchase_of[project])
        return true;
    for (size_t i = 0; i < add1->shares.bought_count; i++)
        if (count_are_alternatives(&election->projects[project],
                                   &election->projects[add1->shares.bought[i]]))
            return true;
    return false;
}

/* Whether add1 is at its end with this outcome. `checker` only asks whether all are bought. */
static enum tally_end find_end(const struct add1 *add1) {
    const struct count *count = add1->count;
    const struct election *election = count->election;
    enum tally_flavour flavour = count->rules->flavour;
    __int128 left = election->budget - sum_bought(add1, NULL);
    bool all_bought = true, any_fits = flavour == TALLY_CHECKER;
    for (uint32_t i = 0; i < election->project_count; i++) {
        if (!count->is_in[i] || is_settled(add1, i))
            continue;
        bool is_candidate = count_is_candidate(count, i) && add1->costs[i] > 0;
        all_bought = all_bought && !is_candidate;
        if ((is_candidate || flavour == TALLY_TOOL) && election->projects[i].cost <= left)
            any_fits = true;
    }
    if (all_bought)
        return TALLY_END_ALL_BOUGHT;
    return any_fits ? TALLY_END_NONE : TALLY_END_EXHAUSTED;
}

/* The pot in whole units for each voter. */
static void set_whole_units(struct add1 *add1) {
    uint64_t voters = add1->count->election->ballot_count;
    uint64_t each = (uint64_t)add1->count->election->budget / voters / (uint64_t)add1->unit;
    mpz_set_ui(add1->money, each * (uint64_t)add1->unit);
    mpz_mul_ui(add1->money, add1->money, voters);
}

static void raise_by_one(struct add1 *add1) {
    mpz_t raise;
    mpz_init_set_ui(raise, (uint64_t)add1->unit);
    mpz_mul_ui(raise, raise, add1->count->election->ballot_count);
    mpz_add(add1->money, add1->money, raise);
    mpz_clear(raise);
}

/* Raises the endowment as long as the outcome is affordable and not at its end. */
static bool raise_endowment(struct add1 *add1) {
    struct tally_result *result = add1->count->result;
    mpz_t kept;
    mpz_init(kept);
    for (;; result->increments++) {
        result->end = find_end(add1);
        if (result->end != TALLY_END_NONE)
            break;
        mpz_set(kept, add1->money);
        if (result->increments == 0 && add1->count->rules->flavour == TALLY_CHECKER)
            set_whole_units(add1);
        raise_by_one(add1);
        if (!run(add1))
            break;
        if (is_over(add1)) {
            result->end = TALLY_END_NEXT_DEAR;
            mpz_set(add1->money, kept);
            run(add1);
            break;
        }
    }
    mpz_clear(kept);
    return add1->is_finished;
}

static bool all_fit(const struct count *count) {
    __int128 sum = 0;
    for (uint32_t i = 0; i < count->election->project_count; i++)
        if (count->is_in[i])
            sum += count->election->projects[i].cost;
    return sum <= count->election->budget;
}

/* `checker` counts costs in whole units of currency. */
static void set_costs(struct add1 *add1, bool in_units) {
    const struct election *election = add1->count->election;
    for (size_t i = 0; i < election->project_count; i++) {
        int64_t cost = election->projects[i].cost;
        add1->costs[i] = in_units ? cost - cost % add1->unit : cost;
    }
}

static bool count_all(struct add1 *add1) {
    const struct tally_rules *rules = add1->count->rules;
    bool adds = rules->completion == TALLY_ADD1 || rules->completion == TALLY_ADD1U;
    mpz_set_si(add1->money, add1->count->election->budget);
    set_costs(add1, adds && rules->flavour == TALLY_CHECKER);
    if (adds && rules->flavour == TALLY_TOOL) {
        if (all_fit(add1->count)) {
            add1->count->result->end = TALLY_END_ALL_FIT;
            return run(add1);
        }
        set_whole_units(add1);
    }
    if (!run(add1))
        return false;
    if (is_over(add1)) {
        set_costs(add1, false);
        if (!run(add1))
            return false;
    }
    return !adds || raise_endowment(add1);
}

/* The purchases become steps. */
static void tell_steps(struct add1 *add1) {
    struct shares *shares = &add1->shares;
    for (size_t i = 0; i < shares->bought_count; i++) {
        size_t start = shares->tied_starts[i];
        uint32_t project = shares->bought[i];
        struct tally_step *step =
            count_choose(add1->count, project, TALLY_BY_SHARES, shares->tied + start,
                         shares->tied_starts[i + 1] - start);
        mpz_set(mpq_numref(step->payment), shares->prices[i]);
        mpz_set(mpq_denref(step->payment), shares->denominator);
        mpq_canonicalize(step->payment);
        mpq_set(step->key, step->payment);
        if (shares->by_cost)
            mpz_mul_si(mpq_denref(step->key), mpq_denref(step->key), add1->costs[project]);
        mpq_canonicalize(step->key);
    }
    mpq_ptr endowment = add1->count->result->endowment;
    mpz_set(mpq_numref(endowment), shares->endowment);
    mpz_set(mpq_denref(endowment), shares->denominator);
    mpq_canonicalize(endowment);
}

/* Whole units of 10^-decimals, cut off; supporters may have more than the count can hold after many
 * raises. */
static int64_t supporters_money(struct shares *shares, uint32_t project) {
    mpz_t money;
    mpz_init(money);
    shares_supporters_money(shares, project, money);
    mpz_fdiv_q(money, money, shares->denominator);
    int64_t whole = mpz_fits_slong_p(money) ? mpz_get_si(money) : INT64_MAX;
    mpz_clear(money);
    return whole;
}

static void decide_rest(struct add1 *add1) {
    struct count *count = add1->count;
    for (uint32_t i = 0; i < count->election->project_count; i++) {
        if (!count->is_in[i])
            continue;
        if (count_is_candidate(count, i) && !add1->costs[i])
            count_decide(count, i, TALLY_BELOW_UNIT, count->left);
        else if (count_is_candidate(count, i))
            count_decide(count, i, TALLY_SUPPORTERS_POOR, supporters_money(&add1->shares, i));
        else if (count->election->projects[i].cost > count->election->budget)
            count_decide(count, i, TALLY_TOO_DEAR, count->left);
        else
            count_decide(count, i, TALLY_UNSUPPORTED, count->left);
    }
}

bool count_by_shares(struct count *count) {
    const struct election *election = count->election;
    if (!election->ballot_count) {
        count->result->end = TALLY_END_NO_BALLOTS;
        for (uint32_t i = 0; i < election->project_count; i++)
            if (count->is_in[i])
                count_decide(count, i, TALLY_UNSUPPORTED, count->left);
        return true;
    }
    struct add1 add1 = {.count = count, .unit = amount_power(election->money_decimals)};
    add1.costs =
        arena_new(&count->result->arena, (election->project_count + 1) * sizeof *add1.costs);
    shares_init(&add1.shares, count, count->rules->rule == TALLY_MES_COST);
    add1.shares.costs = add1.costs;
    mpz_init(add1.money);
    bool is_done = count_all(&add1);
    if (is_done) {
        tell_steps(&add1);
        decide_rest(&add1);
    }
    mpz_clear(add1.money);
    shares_clear(&add1.shares);
    return is_done;
}
