/* A checked ballot as text. */
#pragma once

#include "arena.h"
#include "ballot_paper.h"

/* What the ballot says, as canonical JSON: {"area_id":…,"choices":[number…]}, of cumulative votes
 * [[number,points]…]. */
const char *ballot_text(struct arena *arena, const struct paper *paper,
                        const struct filled *filled);

/* Bytes of the longest of them, as a JSON string. */
size_t ballot_text_most(const struct paper *paper);

/* "{1,2}": as PostgreSQL reads an array. */
const char *ballot_number_list(struct arena *arena, const int *numbers, int count);
