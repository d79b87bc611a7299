/* Names of rules, and the frame of every count. The rules themselves: tally_*.c and shares.c. */
#include "tally.h"

#include "count.h"

#include <string.h>

static const char *const rule_names[] = {
    "greedy_votes", "greedy_votes_noskip", "greedy_density", "greedy_density_noskip",
    "mes_cost",     "mes_count",           "phragmen"};
static const char *const completion_names[] = {"none", "u", "add1", "add1u"};
static const char *const flavour_names[] = {"pabutools", "tool", "checker"};
static const char *const end_names[] = {NULL,         "exhausted", "next_too_dear",
                                        "all_bought", "all_fit",   "no_ballots"};

static unsigned find_name(const char *const *names, unsigned count, const char *name) {
    unsigned i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

enum tally_rule tally_find_rule(const char *name) {
    return find_name(rule_names, TALLY_RULE_COUNT, name);
}

enum tally_completion tally_find_completion(const char *name) {
    return find_name(completion_names, TALLY_COMPLETION_COUNT, name);
}

enum tally_flavour tally_find_flavour(const char *name) {
    return find_name(flavour_names, TALLY_FLAVOUR_COUNT, name);
}

const char *tally_rule_name(enum tally_rule rule) {
    return rule_names[rule];
}

const char *tally_completion_name(enum tally_completion completion) {
    return completion_names[completion];
}

const char *tally_flavour_name(enum tally_flavour flavour) {
    return flavour_names[flavour];
}

const char *tally_end_name(enum tally_end end) {
    return end_names[end];
}

bool count_spend(struct count *count, uint64_t effort) {
    count->effort += effort;
    return !count->rules->effort_most || count->effort <= count->rules->effort_most;
}

uint64_t count_numbers(size_t count, const mpz_t number) {
    return count * (20 + mpz_size(number));
}

bool count_are_alternatives(const struct project *a, const struct project *b) {
    return a->alternative && b->alternative && strcmp(a->alternative, b->alternative) == 0;
}

bool count_is_candidate(const struct count *count, uint32_t project) {
    const struct election *election = count->election;
    return count->is_in[project] && election->projects[project].cost <= election->budget &&
           election->support_starts[project] < election->support_starts[project + 1];
}

void count_decide(struct count *count, uint32_t project, enum tally_fate fate, int64_t left) {
    count->result->verdicts[project] = (struct tally_verdict){.fate = fate, .left = left};
}

struct tally_step *count_choose(struct count *count, uint32_t project, enum tally_phase phase,
                                const uint32_t *tied, size_t tied_count) {
    const struct election *election = count->election;
    const struct project *chosen = &election->projects[project];
    struct tally_result *result = count->result;
    struct tally_step *step = &result->steps[result->step_count++];
    uint32_t *kept = arena_new(&result->arena, (tied_count + 1) * sizeof *kept);
    if (tied_count)
        memcpy(kept, tied, tied_count * sizeof *kept);
    count->left -= chosen->cost;
    result->spent += chosen->cost;
    step->project = project;
    step->phase = phase;
    step->left = count->left;
    step->tied = kept;
    step->tied_count = tied_count;
    mpq_inits(step->key, step->payment, NULL);
    for (uint32_t i = 0; i < election->project_count; i++)
        if (count->is_in[i] && count_are_alternatives(&election->projects[i], chosen)) {
            count->is_in[i] = false;
            count_decide(count, i, TALLY_ALTERNATIVE, count->left);
        }
    count->is_in[project] = false;
    count_decide(count, project, TALLY_CHOSEN, count->left);
    result->verdicts[project].position = result->step_count;
    return step;
}

static bool run(struct count *count) {
    switch (count->rules->rule) {
    case TALLY_GREEDY_VOTES:
        return count_greedily(count, false, false);
    case TALLY_GREEDY_VOTES_NOSKIP:
        return count_greedily(count, false, true);
    case TALLY_GREEDY_DENSITY:
        return count_greedily(count, true, false);
    case TALLY_GREEDY_DENSITY_NOSKIP:
        return count_greedily(count, true, true);
    case TALLY_PHRAGMEN:
        return count_by_phragmen(count);
    default:
        break;
    }
    if (!count_by_shares(count))
        return false;
    bool goes_on = count->rules->completion == TALLY_U || count->rules->completion == TALLY_ADD1U;
    return !goes_on || count_greedily(count, false, false);
}

bool tally_count(struct tally_result *result, const struct election *election,
                 const struct tally_rules *rules, struct problem *problem) {
    struct arena *arena = &result->arena;
    mpq_init(result->endowment);
    result->is_begun = true;
    if (rules->rule == TALLY_PHRAGMEN && election->has_points)
        return problem_set(problem, PROBLEM_TALLY_RULE_UNFIT, tally_rule_name(rules->rule));
    size_t count = election->project_count + 1;
    result->steps = arena_new(arena, count * sizeof *result->steps);
    result->verdicts = arena_new(arena, count * sizeof *result->verdicts);
    struct count counting = {.election = election,
                             .rules = rules,
                             .result = result,
                             .is_in = arena_new(arena, count * sizeof *counting.is_in),
                             .left = election->budget};
    for (uint32_t i = 0; i < election->project_count; i++) {
        counting.is_in[i] = election->projects[i].score >= rules->minimum_score;
        if (!counting.is_in[i])
            count_decide(&counting, i, TALLY_BELOW_MINIMUM, counting.left);
    }
    return run(&counting) || problem_set(problem, PROBLEM_TALLY_TOO_LARGE, NULL);
}

void tally_clear(struct tally_result *result) {
    for (size_t i = 0; i < result->step_count; i++)
        mpq_clears(result->steps[i].key, result->steps[i].payment, NULL);
    if (result->is_begun)
        mpq_clear(result->endowment);
    arena_clear(&result->arena);
    *result = (struct tally_result){0};
}
