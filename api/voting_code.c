/*
 * Sessions opened at a desk, codes for those on a register, and codes without names: secrets that
 * stand for a voter.
 *
 *   1. A secret is derived, never kept: what is stored is its hash. A request that is repeated
 *      gives the same secret again, another's gives others, and another request under its key none.
 *   2. The key of a voter is the one of strong identification; so what names them at a desk must be
 *      what names them online.
 */
#include "voting_code.h"

#include "app.h"
#include "operation.h"
#include "person.h"
#include "reply.h"
#include "session.h"
#include "vote_paper.h"
#include "voting_code.sql.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CODE_CHARS = 16, SESSION_S = 30 * 60 };

/* 80 bits in characters that are not mistaken for each other. */
const char *voting_code_of(struct desk *desk, const char *seed) {
    static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const char *hex = vote_derive(desk->request, desk->paper, "code", seed);
    char *code = arena_new(&desk->request->arena, CODE_CHARS + 1);
    for (size_t i = 0; i < CODE_CHARS; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        code[i] = letters[byte % (sizeof letters - 1)];
    }
    return code;
}

bool voting_code_keep(struct desk *desk) {
    return desk_run(desk, &voting_code_issue);
}

static bool check_unvoted(struct desk *desk, const struct voter *voter) {
    const char *const values[] = {desk->request->municipality,
                                  request_parameter(desk->request, "id"), voter->key};
    struct problem *problem = &desk->request->problem;
    auto_result voted = db_run(desk->db, voting_code_voted.text, values, 3, problem);
    return voted && (PQntuples(voted) == 0 || problem_set(problem, PROBLEM_ALREADY_VOTED, NULL));
}

static const char *time_after(struct request *request, int seconds) {
    struct tm time = {0};
    strptime(request->now, "%Y-%m-%dT%H:%M:%S", &time);
    time_t instant = timegm(&time) + seconds;
    gmtime_r(&instant, &time);
    char *text = arena_new(&request->arena, sizeof request->now);
    strftime(text, sizeof request->now, "%Y-%m-%dT%H:%M:%SZ", &time);
    return text;
}

/* A repeated request opens nothing anew: the session ends when it always did. */
static bool tell_session(struct desk *desk, const char *code) {
    struct request *request = desk->request;
    const char *const values[] = {request->municipality, request_parameter(request, "id"),
                                  vote_derive(request, desk->paper, "code hash", code)};
    auto_result end = db_run(desk->db, voting_code_end.text, values, 3, &request->problem);
    if (!end)
        return false;
    buffer_print(&request->reply, "{\"code\":\"%s\",\"expires_at\":\"%s\"}", code,
                 PQgetvalue(end, 0, 0));
    return true;
}

static bool open_session(struct desk *desk) {
    struct request *request = desk->request;
    struct voter voter = {.channel = "assisted"};
    if (!desk_check_means(request, desk->paper, "assisted", true) || !desk_identify(desk, &voter) ||
        !check_unvoted(desk, &voter))
        return false;
    const char *code = voting_code_of(
        desk, arena_print(&request->arena, "session %s %s", voter.key, request->idempotency_key));
    desk_add_row(desk, code, &voter, time_after(request, SESSION_S));
    return voting_code_keep(desk) && tell_session(desk, code) && desk_end(desk);
}

/* Nobody knows whose they are: the code itself is the voter. */
static bool make_codes(struct desk *desk) {
    struct request *request = desk->request;
    struct arena *arena = &request->arena;
    struct voter voter = {.channel = "code",
                          .home_area_id =
                              json_string_value(json_object_get(request->json, "home_area_id"))};
    if (!desk_check_means(request, desk->paper, "voter_code", false))
        return false;
    if (voter.home_area_id && !desk_is_area(desk->paper, voter.home_area_id))
        return problem_add(&request->problem, arena, FAULT_POINTER, "/home_area_id",
                           PROBLEM_REFERENCE_NOT_FOUND, NULL);
    if (!desk_begin(desk, false))
        return false;
    json_int_t count = json_integer_value(json_object_get(request->json, "count"));
    const char *asked = arena_print(arena, "%s\n%s", person_of_actor(arena, &request->actor),
                                    request->idempotency_key);
    buffer_add_text(&request->reply, "{\"codes\":[");
    for (json_int_t i = 0; i < count; i++) {
        const char *code =
            voting_code_of(desk, arena_print(arena, "unnamed %lld %s", (long long)i, asked));
        voter.key = vote_derive(request, desk->paper, "voter", arena_print(arena, "code %s", code));
        desk_add_row(desk, code, &voter, NULL);
        buffer_print(&request->reply, "%s\"%s\"", i ? "," : "", code);
    }
    buffer_add_text(&request->reply, "]}");
    return voting_code_keep(desk) && desk_end(desk);
}

static bool voting_code_open_session(struct request *request) {
    return desk_serve(request, open_session);
}

static bool voting_code_make(struct request *request) {
    return desk_serve(request, make_codes);
}

const struct voter *voting_code_identify(struct request *request, const struct paper *paper) {
    const char *code = json_string_value(json_object_get(request->json, "code"));
    request_read_clock(request);
    const char *const values[] = {request->municipality, request_parameter(request, "id"),
                                  vote_derive(request, paper, "code hash", code), request->now};
    struct db *db = session_begin_read(request, false);
    if (!db)
        return NULL;
    auto_result row = db_run(db, voting_code_find.text, values, 4, &request->problem);
    session_end(request, db);
    if (!row)
        return NULL;
    if (PQntuples(row) == 0) {
        problem_set(&request->problem, PROBLEM_CODE_UNKNOWN, NULL);
        return NULL;
    }
    const char *texts[5];
    for (int i = 0; i < 5; i++)
        texts[i] =
            PQgetisnull(row, 0, i) ? NULL : arena_text(&request->arena, PQgetvalue(row, 0, i));
    struct voter *voter = arena_new(&request->arena, sizeof *voter);
    *voter = (struct voter){texts[0], texts[1], texts[2], texts[3], texts[4]};
    return voter;
}

const struct binding voting_code_bindings[] = {
    {"createVotingCodes", voting_code_make},
    {"openVotingSession", voting_code_open_session},
    {0},
};

const struct constraint voting_code_constraints[] = {
    {0},
};
