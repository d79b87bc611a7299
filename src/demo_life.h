/*
 * What goes through its states at the moments of its timetable: rounds and budget cycles. Each goes
 * on from the state it is in, so a run that was cut short is finished by the next.
 */
#pragma once

#include "demo_call.h"

struct demo_life {
    struct demo *demo;
    const json_t *facts;
    const char *municipality, *external_id;
    const char *path;   /* "reporting-rounds" */
    const json_t *more; /* what its steps need besides; NULL: nothing */
};

/* A move out of `status`, made at its moment after what has to come first. */
struct demo_step {
    const char *status, *verb;
    const char *moment; /* member of the timetable: without it the item stays where it is */
    const char *subject;
    const char *decision; /* member of the facts that names the body's decision_id, or NULL */
    const char *with;     /* member of the facts that the body takes as it is, or NULL */
    bool (*first)(struct demo_life *life);
};

struct demo_life demo_life_of(struct demo *demo, const json_t *facts, const char *path);

/* Borrowed: the item as the API answered it last; NULL when there is none yet. */
const json_t *demo_life_item(const struct demo_life *life);

/* When the timetable has it, or NULL. */
const char *demo_moment(const struct demo_life *life, const char *name);

/* Makes it at `planned_at`. */
bool demo_plan(struct demo_life *life, const char *subject, const json_t *body);

/* Takes the steps (which end with {0}) that are left; *ret_is_new is set when there were any. */
bool demo_take_steps(struct demo_life *life, const struct demo_step *steps, bool *ret_is_new);
