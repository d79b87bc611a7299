/*
 * Counting an election by a named rule, exactly: everything is a whole number or a fraction of
 * whole numbers (GMP). The same election, rules and tie order give the same outcome everywhere.
 *
 * Equal Shares: every voter gets the same endowment; a project is bought when its supporters can
 * pay it, in the order of the least each must pay per utility. Utility of a supported project is
 * its cost (mes_cost) or one (mes_count), times the points given. What is left over is for the
 * completion: `u` spends it as greedy_votes would; `add1` raises the endowment by one unit of
 * currency per voter and counts anew, until that costs more than the pot. The flavours of add1:
 *
 *   pabutools  begins with pot / voters; ends when no supported project fits what is left
 *   tool       begins with that in whole units; ends when no project at all fits; does without add1
 *              when the pot buys every project
 *   checker    begins with pot / voters, goes on from that in whole units; costs count in whole
 *              units; does not ask whether anything fits (when whole units would hide that the
 *              first outcome costs more than the pot, costs count exactly)
 *
 * All flavours also end when every supported project is bought; without that tool and checker
 * could go on for ever.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "problem.h"

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct election;

enum tally_rule {
    TALLY_GREEDY_VOTES,        /* most points first, what does not fit is passed over */
    TALLY_GREEDY_VOTES_NOSKIP, /* the same up to the first that does not fit */
    TALLY_GREEDY_DENSITY,      /* most points per cost first */
    TALLY_GREEDY_DENSITY_NOSKIP,
    TALLY_MES_COST,
    TALLY_MES_COUNT,
    TALLY_PHRAGMEN, /* sequential; approvals only */
    TALLY_RULE_COUNT
};

enum tally_completion { TALLY_NONE, TALLY_U, TALLY_ADD1, TALLY_ADD1U, TALLY_COMPLETION_COUNT };

enum tally_flavour { TALLY_PABUTOOLS, TALLY_TOOL, TALLY_CHECKER, TALLY_FLAVOUR_COUNT };

/* Names as the command line and the interface have them; TALLY_…_COUNT when there is none. */
enum tally_rule tally_find_rule(const char *name);
enum tally_completion tally_find_completion(const char *name);
enum tally_flavour tally_find_flavour(const char *name);
const char *tally_rule_name(enum tally_rule rule);
const char *tally_completion_name(enum tally_completion completion);
const char *tally_flavour_name(enum tally_flavour flavour);

struct tally_rules {
    enum tally_rule rule;
    enum tally_completion completion;
    enum tally_flavour flavour;
    int64_t
        minimum_score;    /* of the election's points, scaled; projects below it do not take part */
    const uint32_t *rank; /* by project: its place in the tie order, 0 first */
    uint64_t effort_most; /* looks at a supporter, about; 0: no bound */
};

/*
 * Tie orders by text: "lexico" (id by code point), "cost_votes_id" (lower cost, higher score, id),
 * "drawn:ID,ID,…" (an order of all projects, drawn before), "seed:TEXT" (the order drawn from the
 * text, see tally_lot.h), "cost_votes_drawn:ID,ID,…" and "cost_votes_seed:TEXT" (lower cost, higher
 * score, that order). NULL when it is none of them, or when the ids are not the projects. The
 * result is by project, in the arena.
 */
const uint32_t *tally_rank(const struct election *election, const char *ties, struct arena *arena);

/* How the money was given in one step. */
enum tally_phase { TALLY_BY_GREEDY, TALLY_BY_SHARES, TALLY_BY_PHRAGMEN };

struct tally_step {
    uint32_t project;
    enum tally_phase phase;
    mpq_t key;     /* by greedy: score, or score per cost; by shares: payment per utility; else the
                      supporters' load */
    mpq_t payment; /* by shares: the most a supporter pays per point; else 0 */
    int64_t left;  /* of the pot, after it */
    const uint32_t *tied; /* projects of the same key that came after it in the tie order */
    size_t tied_count;
};

/* What became of a project. `left` is the money that was there when it was decided. */
enum tally_fate {
    TALLY_CHOSEN,
    TALLY_BELOW_MINIMUM,
    TALLY_UNSUPPORTED,
    TALLY_TOO_DEAR,        /* did not fit what was left */
    TALLY_SUPPORTERS_POOR, /* `left` is what its supporters had */
    TALLY_AFTER_STOP,      /* an earlier one did not fit, and the rule ends there */
    TALLY_ALTERNATIVE,     /* another of its alternatives was chosen */
    TALLY_BELOW_UNIT       /* costs nothing in whole units, by which `checker` counts */
};

struct tally_verdict {
    enum tally_fate fate;
    size_t position; /* 1 for the first chosen */
    int64_t left;
};

/* Why a rule of Equal Shares with add1 ended. */
enum tally_end {
    TALLY_END_NONE,       /* no add1 */
    TALLY_END_EXHAUSTED,  /* nothing more fits */
    TALLY_END_NEXT_DEAR,  /* the next outcome would cost more than the pot */
    TALLY_END_ALL_BOUGHT, /* every supported project is in */
    TALLY_END_ALL_FIT,    /* tool: the pot buys everything */
    TALLY_END_NO_BALLOTS
};
const char *tally_end_name(enum tally_end end);

struct tally_result {
    struct tally_step *steps; /* one for each chosen project, in their order */
    size_t step_count;
    struct tally_verdict *verdicts; /* by project */
    int64_t spent;
    bool tie_met;    /* in any step of any run: another tie order might have chosen otherwise */
    mpq_t endowment; /* Equal Shares: of the run that counts; else 0 */
    uint64_t increments;
    enum tally_end end;
    bool is_begun; /* the numbers are there to be cleared */
    struct arena arena;
};

/*
 * Counts. False with a problem when the rule cannot count these ballots or it would take more
 * effort than allowed. The caller clears the result in both cases.
 */
bool tally_count(struct tally_result *result, const struct election *election,
                 const struct tally_rules *rules, struct problem *problem);

void tally_clear(struct tally_result *result);
#define auto_tally __attribute__((cleanup(tally_clear))) struct tally_result
