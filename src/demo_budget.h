/* Budget cycles of the demo. */
#pragma once

#include "demo_life.h"

/* One cycle from planned to where its timetable ends; *ret_is_new: something was left to do. */
bool demo_load_budget(struct demo *demo, const json_t *facts, bool *ret_is_new);

/* Casts the cycle's ballots of the file, each with a one-time code, over the days of the vote. */
bool demo_cast_ballots(struct demo_life *cycle);

/* Whether the lot decides about this proposal. */
bool demo_is_tied(const json_t *cycle_facts, const json_t *proposal_facts);

/*
 * Compares what the public reads of a counted cycle with the facts: how many differences there
 * were, each said on standard error; -1 when it cannot be read.
 */
int demo_check_budget(struct demo *demo, const json_t *facts, bool is_new);
