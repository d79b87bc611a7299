/* A count under way: what the rules share. Only tally.c, tally_*.c and shares*.c see this. */
#pragma once

#include "election.h"
#include "tally.h"

struct count {
    const struct election *election;
    const struct tally_rules *rules;
    struct tally_result *result;
    bool *is_in; /* by project: may still be chosen */
    int64_t left;
    uint64_t effort;
};

/* False when the allowed effort is used up. */
bool count_spend(struct count *count, uint64_t effort);

/* The effort of `count` multiplications by numbers as long as this one. */
uint64_t count_numbers(size_t count, const mpz_t number);

/* Whether both stand for the same thing, so that one excludes the other. */
bool count_are_alternatives(const struct project *a, const struct project *b);

/* Chooses a project: its cost leaves the pot and its alternatives are out. The caller sets key and
 * payment. `tied` is copied. */
struct tally_step *count_choose(struct count *count, uint32_t project, enum tally_phase phase,
                                const uint32_t *tied, size_t tied_count);

void count_decide(struct count *count, uint32_t project, enum tally_fate fate, int64_t left);

/* Whether a project takes part, is supported and costs no more than the whole pot. */
bool count_is_candidate(const struct count *count, uint32_t project);

/* The rules. False when the effort is used up. */
bool count_greedily(struct count *count, bool by_density, bool stops);
bool count_by_shares(struct count *count);
bool count_by_phragmen(struct count *count);
