/* Feedback of the demo. */
#pragma once

#include "demo_call.h"

/*
 * Sends the items and makes their moves, all in the order of their time. *ret_items are the facts;
 * the caller owns them. *ret_fresh has the external ids of those that something was left to do for;
 * the caller owns it too. False: a call failed.
 */
bool demo_load_feedback(struct demo *demo, json_t **ret_facts, json_t **ret_fresh);

/* Compares the fresh ones with what the facts expect: how many differences there were, each said on
 * standard error; -1 when they cannot be read. */
int demo_check_feedback(struct demo *demo, const json_t *facts, const json_t *fresh);
