/*
 * A mark for a voter who gets a ballot paper at the desk.
 *
 *   1. The mark is the voter's only trace: what goes into the urn has no name, and no code is made.
 *   2. Nothing else remembers the request. An HMAC of voter and Idempotency-Key stands in the mark,
 *      by which a retry finds its own.
 */
#include "operation.h"

#include "paper_mark.sql.h"
#include "vote_paper.h"
#include "voting_desk.h"

#include <string.h>

/* Where the voters' own area says what they may vote on, it says which ballot paper is given. */
static bool choose_area(struct desk *desk, struct voter *voter) {
    struct request *request = desk->request;
    if (desk->paper->area_rule != AREA_HOME)
        voter->home_area_id = NULL;
    return desk->paper->area_rule != AREA_HOME || voter->home_area_id ||
           problem_add(&request->problem, &request->arena, FAULT_POINTER, "/home_area_id",
                       PROBLEM_MEMBER_REQUIRED, "home_area_id");
}

/* The day of the mark: a new one's, or that of the same request before. NULL with the problem set.
 */
static const char *put(struct desk *desk, const struct voter *voter, bool *ret_is_replay) {
    struct request *request = desk->request;
    const char *cycle = request_parameter(request, "id");
    const char *hash =
        vote_derive(request, desk->paper, "paper mark",
                    arena_print(&request->arena, "%s %s", voter->key, request->idempotency_key));
    const char *const values[] = {
        request->municipality, cycle,      voter->key,   voter->home_area_id,
        voter->age_band,       voter->sex, request->now, hash};
    auto_result made =
        db_run(desk->db, paper_mark_put.applies[0]->text, values, 8, &request->problem);
    if (!made)
        return NULL;
    *ret_is_replay = PQntuples(made) == 0;
    if (!*ret_is_replay)
        return arena_text(&request->arena, PQgetvalue(made, 0, 0));
    const char *const same[] = {hash, request->municipality, cycle, voter->key};
    auto_result kept = db_run(desk->db, paper_mark_kept.text, same, 4, &request->problem);
    if (!kept)
        return NULL;
    if (PQntuples(kept) == 1 && PQgetvalue(kept, 0, 0)[0] == 't')
        return arena_text(&request->arena, PQgetvalue(kept, 0, 1));
    problem_set(&request->problem, PROBLEM_ALREADY_VOTED, NULL);
    return NULL;
}

static bool mark(struct desk *desk) {
    struct request *request = desk->request;
    struct voter voter = {.channel = "paper"};
    bool is_replay = false;
    if (!desk_check_means(request, desk->paper, "paper", true) || !desk_identify(desk, &voter) ||
        !choose_area(desk, &voter))
        return false;
    const char *day = put(desk, &voter, &is_replay);
    if (!day)
        return false;
    if (is_replay)
        request_set_header(request, "Idempotency-Replayed", "true");
    buffer_print(&request->reply, "{\"channel\":\"%s\",\"voted_on\":\"%s\"}", voter.channel, day);
    return desk_end(desk);
}

static bool paper_mark_make(struct request *request) {
    return desk_serve(request, mark);
}

const struct binding paper_mark_bindings[] = {
    {"createPaperMark", paper_mark_make},
    {0},
};

const struct constraint paper_mark_constraints[] = {
    {0},
};
