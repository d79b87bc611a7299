/*
 * Sessions opened at a desk, an uploaded register, and codes without names: each makes secrets that
 * stand for a voter.
 *
 *   1. A secret is derived, never kept: what is stored is its hash. A request that is repeated
 * gives the same secret again.
 *   2. The key of a voter is the one of strong identification; so what names them at a desk must be
 * what names them online.
 */
#include "voting_code.h"

#include "app.h"
#include "bind.h"
#include "operation.h"
#include "reply.h"
#include "session.h"
#include "vote_paper.h"
#include "voting_code.sql.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CODE_CHARS = 16, SESSION_S = 30 * 60 };

/* One request that hands out codes. */
struct issue {
    struct request *request;
    const struct paper *paper;
    struct db *db;
    json_t *rows; /* of the request's body: what the statements are told */
};

/* 80 bits in characters that are not mistaken for each other. */
static const char *make_code(struct issue *issue, const char *seed) {
    static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const char *hex = vote_derive(issue->request, issue->paper, "code", seed);
    char *code = arena_new(&issue->request->arena, CODE_CHARS + 1);
    for (size_t i = 0; i < CODE_CHARS; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        code[i] = letters[byte % (sizeof letters - 1)];
    }
    return code;
}

static void add_row(struct issue *issue, const char *code, const struct voter *voter,
                    const char *expires_at) {
    const char *hash = code ? vote_derive(issue->request, issue->paper, "code hash", code) : NULL;
    json_array_append_new(issue->rows,
                          json_pack("{s:s?, s:s, s:s, s:s?, s:s?, s:s?, s:s?}", "code_hash", hash,
                                    "voter_key", voter->key, "channel", voter->channel, "age_band",
                                    voter->age_band, "sex", voter->sex, "home_area_id",
                                    voter->home_area_id, "expires_at", expires_at));
}

static bool run(struct issue *issue, const struct write *write) {
    const struct statement *statement = write->applies[0];
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(issue->request, statement, NULL, values);
    auto_result done = db_run(issue->db, statement->text, values, count, &issue->request->problem);
    return done != NULL;
}

static bool check_phase(struct issue *issue, bool is_now) {
    const char *values[BIND_VALUES_MOST];
    struct problem *problem = &issue->request->problem;
    int count = bind_values(issue->request, &voting_code_phase, NULL, values);
    auto_result phase = db_run(issue->db, voting_code_phase.text, values, count, problem);
    if (!phase)
        return false;
    if (!PQgetisnull(phase, 0, 0))
        return problem_set(problem, PROBLEM_VOTING_CLOSED, NULL);
    if (is_now && !PQgetisnull(phase, 0, 1))
        return problem_set(problem, PROBLEM_VOTING_NOT_OPEN, NULL);
    return true;
}

/* The means must be the cycle's, and a person known by name must be known so online too. */
static bool check_means(struct request *request, const struct paper *paper, const char *means,
                        bool is_named) {
    if (!voter_may_use(paper, means))
        return problem_set(&request->problem, PROBLEM_IDENTIFICATION_NOT_ACCEPTED, NULL);
    bool is_mixed = voter_may_use(paper, "strong") || voter_may_use(paper, "school_account");
    if (is_named && is_mixed && !*request->app->config.claim_identity)
        return problem_set(&request->problem, PROBLEM_IDENTITY_UNNAMED, NULL);
    return true;
}

static bool is_area_of(const struct paper *paper, const char *id) {
    for (size_t i = 0; i < paper->area_count; i++)
        if (strcmp(paper->areas[i].id, id) == 0)
            return !paper->areas[i].is_whole;
    return false;
}

/* One person as a clerk or a register names them; every fault is added below `pointer`. */
static bool read_person(struct issue *issue, const json_t *from, const char *pointer,
                        struct voter *ret_voter) {
    struct request *request = issue->request;
    struct arena *arena = &request->arena;
    const struct person person = {json_string_value(json_object_get(from, "identity")),
                                  json_string_value(json_object_get(from, "birth_date")),
                                  json_string_value(json_object_get(from, "residence"))};
    const char *parameter;
    enum problem_code refusal =
        voter_check(request, issue->paper, &person, &ret_voter->age_band, &parameter);
    if (refusal != PROBLEM_NONE)
        problem_add(&request->problem, arena, FAULT_POINTER, pointer, refusal, parameter);
    ret_voter->sex = json_string_value(json_object_get(from, "sex"));
    ret_voter->home_area_id = json_string_value(json_object_get(from, "home_area_id"));
    if (ret_voter->home_area_id && !is_area_of(issue->paper, ret_voter->home_area_id))
        problem_add(&request->problem, arena, FAULT_POINTER,
                    arena_print(arena, "%s/home_area_id", pointer), PROBLEM_REFERENCE_NOT_FOUND,
                    NULL);
    ret_voter->key = voter_key_of(request, issue->paper, person.identity);
    return request->problem.code == PROBLEM_NONE;
}

static bool begin(struct issue *issue, bool is_now) {
    issue->db = session_begin_write(issue->request);
    return issue->db && check_phase(issue, is_now);
}

static bool end(struct issue *issue) {
    struct request *request = issue->request;
    if (request->prefer.rollback)
        request_set_header(request, "Preference-Applied", "tx=rollback");
    request_set_header(request, "Cache-Control", "private, no-store");
    request->status = 200;
    request->reply_type = "application/json";
    return db_command(issue->db, request->prefer.rollback ? "rollback" : "commit",
                      &request->problem);
}

static bool check_unvoted(struct issue *issue, const struct voter *voter) {
    const char *const values[] = {issue->request->municipality,
                                  request_parameter(issue->request, "id"), voter->key};
    struct problem *problem = &issue->request->problem;
    auto_result voted = db_run(issue->db, voting_code_voted.text, values, 3, problem);
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

static bool open_session(struct issue *issue) {
    struct request *request = issue->request;
    struct voter voter = {.channel = "assisted"};
    if (!check_means(request, issue->paper, "assisted", true) ||
        !read_person(issue, request->json, "", &voter) || !begin(issue, true) ||
        !check_unvoted(issue, &voter))
        return false;
    const char *code = make_code(
        issue, arena_print(&request->arena, "session %s %s", voter.key, request->idempotency_key));
    const char *expires_at = time_after(request, SESSION_S);
    add_row(issue, code, &voter, expires_at);
    buffer_print(&request->reply, "{\"code\":\"%s\",\"expires_at\":\"%s\"}", code, expires_at);
    return run(issue, &voting_code_issue) && end(issue);
}

static bool read_register(struct issue *issue, bool with_codes, struct buffer *codes) {
    struct request *request = issue->request;
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(request->json, "voters"), i, one) {
        struct voter voter = {.channel = "register"};
        const char *code = NULL;
        read_person(issue, one, arena_print(&request->arena, "/voters/%zu", i), &voter);
        if (with_codes) {
            code = make_code(issue, arena_print(&request->arena, "register %s", voter.key));
            buffer_print(codes, "%s\"%s\"", i ? "," : "", code);
        }
        add_row(issue, code, &voter, NULL);
    }
    return request->problem.code == PROBLEM_NONE;
}

static bool upload_register(struct issue *issue) {
    struct request *request = issue->request;
    bool with_codes = json_is_true(json_object_get(request->json, "with_codes"));
    auto_buffer codes = {0};
    if (!check_means(request, issue->paper, "voter_register", true) ||
        !read_register(issue, with_codes, &codes) || !begin(issue, false))
        return false;
    buffer_print(&request->reply, "{\"registered\":%zu,\"codes\":[", json_array_size(issue->rows));
    buffer_add_text(&request->reply, codes.length ? codes.data : "");
    buffer_add_text(&request->reply, "]}");
    return run(issue, &voting_code_register) && (!with_codes || run(issue, &voting_code_issue)) &&
           end(issue);
}

/* Nobody knows whose they are: the code itself is the voter. */
static bool make_codes(struct issue *issue) {
    struct request *request = issue->request;
    struct arena *arena = &request->arena;
    struct voter voter = {.channel = "code",
                          .home_area_id =
                              json_string_value(json_object_get(request->json, "home_area_id"))};
    if (!check_means(request, issue->paper, "voter_code", false))
        return false;
    if (voter.home_area_id && !is_area_of(issue->paper, voter.home_area_id))
        return problem_add(&request->problem, arena, FAULT_POINTER, "/home_area_id",
                           PROBLEM_REFERENCE_NOT_FOUND, NULL);
    if (!begin(issue, false))
        return false;
    json_int_t count = json_integer_value(json_object_get(request->json, "count"));
    buffer_add_text(&request->reply, "{\"codes\":[");
    for (json_int_t i = 0; i < count; i++) {
        const char *code = make_code(
            issue, arena_print(arena, "unnamed %lld %s", (long long)i, request->idempotency_key));
        voter.key =
            vote_derive(request, issue->paper, "voter", arena_print(arena, "code %s", code));
        add_row(issue, code, &voter, NULL);
        buffer_print(&request->reply, "%s\"%s\"", i ? "," : "", code);
    }
    buffer_add_text(&request->reply, "]}");
    return run(issue, &voting_code_issue) && end(issue);
}

static bool with_vote(struct request *request, bool (*hand_out)(struct issue *issue)) {
    struct issue issue = {.request = request, .paper = vote_paper_find(request)};
    if (!issue.paper)
        return false;
    issue.rows = json_array();
    json_object_set_new(request->json, "rows", issue.rows);
    request_read_clock(request);
    bool is_done = hand_out(&issue);
    session_end(request, issue.db);
    return is_done;
}

static bool voting_code_open_session(struct request *request) {
    return with_vote(request, open_session);
}

static bool voting_code_upload_register(struct request *request) {
    return with_vote(request, upload_register);
}

static bool voting_code_make(struct request *request) {
    return with_vote(request, make_codes);
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
    {"uploadVoterRegister", voting_code_upload_register},
    {0},
};

const struct constraint voting_code_constraints[] = {
    {0},
};
