/*
 * A desk that identifies people otherwise than online, or that makes what stands for them: what a
 * session, a register, codes and a mark on paper have in common.
 */
#pragma once

#include "db.h"
#include "operation.h"
#include "voter.h"

/* One request at it. */
struct desk {
    struct request *request;
    const struct paper *paper;
    struct db *db;
    json_t *rows; /* of the request's body: what the statements are told */
};

/* Runs `serve` for a vote that there is; ends its session. */
bool desk_serve(struct request *request, bool (*serve)(struct desk *desk));

/* The means must be the cycle's, and a person known by name must be known so online too. */
bool desk_check_means(struct request *request, const struct paper *paper, const char *means,
                      bool is_named);

/* Whether `id` is an area of the vote other than the whole. */
bool desk_is_area(const struct paper *paper, const char *id);

/* One person as a clerk or a register names them; every fault is added below `pointer`. */
bool desk_read_person(struct desk *desk, const json_t *from, const char *pointer,
                      struct voter *ret_voter);

/* The person of the body whom a clerk has before them, within the transaction that it begins while
 * the vote runs: by the register where the cycle has one, by what their ID shows otherwise. */
bool desk_identify(struct desk *desk, struct voter *ret_voter);

/* One more row of the statements: a voter, with what stands for them or NULL, and until when. */
void desk_add_row(struct desk *desk, const char *code, const struct voter *voter,
                  const char *expires_at);

/* Runs a write that is told the rows. */
bool desk_run(struct desk *desk, const struct write *write);

/* Begins the transaction, while the vote is not over; `is_now`: and has begun. */
bool desk_begin(struct desk *desk, bool is_now);

/* Commits, unless it is a dry run, and answers what stands in the reply. */
bool desk_end(struct desk *desk);
