/*
 * Putting ballots into the box, many in one transaction, each with its leaf in the log.
 *
 *   1. The primary key of marks decides who votes once, whatever channel, connection or process.
 *   2. A ballot, its mark and its leaf are written together or not at all.
 *   3. Nobody is told of a ballot before the commit is done.
 */
#pragma once

#include "ballot_paper.h"
#include "coalesce.h"
#include "request.h"
#include "voter.h"

struct cast {
    struct coalesce_item item; /* first */
    struct request *request;
    const struct paper *paper;
    const struct voter *voter;
    const char *token, *token_hash, *replaces; /* hash of the token of the ballot it replaces */
    const char *ballot, *commitment;
    const char *area_id, *numbers, *points; /* NULL: none chosen, no points */

    /* the writer's */
    const char *replaced_commitment;
    bool names_withdrawn, is_known, is_accepted;

    /* the outcome, when the request has no problem */
    int64_t position;
    const char *line; /* the leaf, in the request's arena */
    char *note;       /* the signed head that holds it; malloc */
    bool is_replay;
};

/* Waits until the ballot is in the box, or the request's problem is set. */
void ballot_box_put(struct cast *cast);
