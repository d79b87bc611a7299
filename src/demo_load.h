/* What the demo loads, in the order the parts need one another. Everything is skipped that is there
 * already. */
#pragma once

#include "demo_call.h"

/* The array of the file demo/<name>.json; the caller owns it. NULL with a line on standard error.
 */
json_t *demo_read(const char *name);

/*
 * Municipalities and the demo subjects' grants, then areas, bodies, parties, topics of feedback,
 * decisions, programmes with versions, themes and measures, holders, and the statuses of measures
 * outside of rounds.
 */
bool demo_load(struct demo *demo);

/* A copy of `item` whose members …_id and …_ids hold our ids instead of external ones; the caller
 * owns it. */
json_t *demo_resolve(const struct demo *demo, const json_t *item);

/* One reporting round from planned to where its timetable ends; *ret_is_new: something was left to
 * do. */
bool demo_load_round(struct demo *demo, const json_t *round, bool *ret_is_new);

/*
 * Compares what the public reads of a published round with the facts' own counts and lights: how
 * many differences there were, each said on standard error; -1 when it cannot be read.
 */
int demo_check_round(struct demo *demo, const json_t *round, bool is_new);
