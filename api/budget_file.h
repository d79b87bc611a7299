/* The ballots of one area as a .pb file (Pabulib's format): what is published is what is counted.
 */
#pragma once

#include "ballot_paper.h"
#include "buffer.h"

#include <libpq-fe.h>

struct budget_file {
    struct arena *arena;
    const struct paper *paper;
    const PGresult *about;   /* the row of budget_result.paper */
    int area;                /* index into the paper's */
    const PGresult *ballots; /* the rows of budget_result.ballots of that area, in random order */
    const char *salt;
};

/* Adds the file; returns how many ballots have a choice in the area, and are in it. */
int budget_file_write(const struct budget_file *file, struct buffer *out);
