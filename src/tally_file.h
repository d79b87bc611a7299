/* A .pb file and what somebody wants to know of it: from bytes to the outcome's text. */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "tally.h"

struct tally_wishes {
    struct tally_rules rules;  /* rank and minimum_score are read from the next two */
    const char *ties;          /* as tally_rank has it */
    const char *minimum_score; /* a decimal number, or NULL for 0 */
    size_t choices_most;       /* on all ballots together; 0: ELECTION_CHOICES_MOST */
    bool as_lines;             /* text for a terminal, not JSON */
};

/*
 * Counts the file and adds the outcome. What is wrong with the file is told at `where`, what is
 * wrong with the wishes at /ties and /minimum_score. Then nothing is added and false is returned.
 */
bool tally_file(const struct tally_wishes *wishes, const char *bytes, size_t length,
                const char *where, struct arena *arena, struct problem *problem,
                struct buffer *out);
