/* What every desk does. */
#include "voting_desk.h"

#include "app.h"
#include "bind.h"
#include "session.h"
#include "vote_paper.h"
#include "voter_register.h"
#include "voting_code.sql.h"

#include <string.h>

static bool check_phase(struct desk *desk, bool is_now) {
    const char *values[BIND_VALUES_MOST];
    struct problem *problem = &desk->request->problem;
    int count = bind_values(desk->request, &voting_code_phase, NULL, values);
    auto_result phase = db_run(desk->db, voting_code_phase.text, values, count, problem);
    if (!phase)
        return false;
    if (!PQgetisnull(phase, 0, 0))
        return problem_set(problem, PROBLEM_VOTING_CLOSED, NULL);
    if (is_now && !PQgetisnull(phase, 0, 1))
        return problem_set(problem, PROBLEM_VOTING_NOT_OPEN, NULL);
    return true;
}

bool desk_check_means(struct request *request, const struct paper *paper, const char *means,
                      bool is_named) {
    if (!voter_may_use(paper, means))
        return problem_set(&request->problem, PROBLEM_IDENTIFICATION_NOT_ACCEPTED, NULL);
    bool is_mixed = voter_may_use(paper, "strong") || voter_may_use(paper, "school_account");
    if (is_named && is_mixed && !*request->app->config.claim_identity)
        return problem_set(&request->problem, PROBLEM_IDENTITY_UNNAMED, NULL);
    return true;
}

bool desk_is_area(const struct paper *paper, const char *id) {
    for (size_t i = 0; i < paper->area_count; i++)
        if (strcmp(paper->areas[i].id, id) == 0)
            return !paper->areas[i].is_whole;
    return false;
}

/* Who it is, whether or not they may vote. */
static void read_name(struct desk *desk, const json_t *from, const char *pointer,
                      struct voter *ret_voter) {
    struct request *request = desk->request;
    struct arena *arena = &request->arena;
    ret_voter->sex = json_string_value(json_object_get(from, "sex"));
    ret_voter->home_area_id = json_string_value(json_object_get(from, "home_area_id"));
    if (ret_voter->home_area_id && !desk_is_area(desk->paper, ret_voter->home_area_id))
        problem_add(&request->problem, arena, FAULT_POINTER,
                    arena_print(arena, "%s/home_area_id", pointer), PROBLEM_REFERENCE_NOT_FOUND,
                    NULL);
    ret_voter->key =
        voter_key_of(request, desk->paper, json_string_value(json_object_get(from, "identity")));
}

bool desk_read_person(struct desk *desk, const json_t *from, const char *pointer,
                      struct voter *ret_voter) {
    struct request *request = desk->request;
    const struct person person = {json_string_value(json_object_get(from, "identity")),
                                  json_string_value(json_object_get(from, "birth_date")),
                                  json_string_value(json_object_get(from, "residence"))};
    const char *parameter;
    enum problem_code refusal =
        voter_check(request, desk->paper, &person, &ret_voter->age_band, &parameter);
    if (refusal != PROBLEM_NONE)
        problem_add(&request->problem, &request->arena, FAULT_POINTER, pointer, refusal, parameter);
    read_name(desk, from, pointer, ret_voter);
    return request->problem.code == PROBLEM_NONE;
}

bool desk_identify(struct desk *desk, struct voter *ret_voter) {
    struct request *request = desk->request;
    if (!voter_may_use(desk->paper, "voter_register"))
        return desk_read_person(desk, request->json, "", ret_voter) && desk_begin(desk, true);
    read_name(desk, request->json, "", ret_voter);
    return request->problem.code == PROBLEM_NONE && desk_begin(desk, true) &&
           voter_register_find(request, desk->db, ret_voter);
}

void desk_add_row(struct desk *desk, const char *code, const struct voter *voter,
                  const char *expires_at) {
    const char *hash = code ? vote_derive(desk->request, desk->paper, "code hash", code) : NULL;
    json_array_append_new(desk->rows,
                          json_pack("{s:s?, s:s, s:s, s:s?, s:s?, s:s?, s:s?}", "code_hash", hash,
                                    "voter_key", voter->key, "channel", voter->channel, "age_band",
                                    voter->age_band, "sex", voter->sex, "home_area_id",
                                    voter->home_area_id, "expires_at", expires_at));
}

bool desk_run(struct desk *desk, const struct write *write) {
    const struct statement *statement = write->applies[0];
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(desk->request, statement, NULL, values);
    auto_result done = db_run(desk->db, statement->text, values, count, &desk->request->problem);
    return done != NULL;
}

/* The answers hold secrets and are not kept: that a repeated request is the same one is. */
static bool claim_key(struct desk *desk) {
    struct request *request = desk->request;
    if (!request->idempotency_key)
        return true;
    struct arena *arena = &request->arena;
    const char *asked =
        arena_print(arena, "%s\n%s\n%s\n%s", request->actor.issuer, request->actor.subject,
                    request->operation->id, request->idempotency_key);
    const char *key = vote_derive(request, desk->paper, "desk key", asked);
    const char *body = vote_derive(request, desk->paper, "desk body",
                                   arena_copy(arena, request->body, request->body_length));
    const char *const values[] = {request->municipality, request_parameter(request, "id"), key,
                                  body};
    auto_result claimed =
        db_run(desk->db, voting_code_claim.applies[0]->text, values, 4, &request->problem);
    if (!claimed)
        return false;
    const char *const same[] = {body, request->municipality, request_parameter(request, "id"), key};
    auto_result kept = db_run(desk->db, voting_code_claimed.text, same, 4, &request->problem);
    if (!kept)
        return false;
    return PQgetvalue(kept, 0, 0)[0] == 't' ||
           problem_set(&request->problem, PROBLEM_IDEMPOTENCY_KEY_REUSED, NULL);
}

bool desk_begin(struct desk *desk, bool is_now) {
    desk->db = session_begin_write(desk->request);
    return desk->db && check_phase(desk, is_now) && claim_key(desk);
}

bool desk_end(struct desk *desk) {
    struct request *request = desk->request;
    if (request->prefer.rollback)
        request_set_header(request, "Preference-Applied", "tx=rollback");
    request_set_header(request, "Cache-Control", "private, no-store");
    request->status = 200;
    request->reply_type = "application/json";
    return db_command(desk->db, request->prefer.rollback ? "rollback" : "commit",
                      &request->problem);
}

bool desk_serve(struct request *request, bool (*serve)(struct desk *desk)) {
    struct desk desk = {.request = request, .paper = vote_paper_find(request)};
    if (!desk.paper)
        return false;
    desk.rows = json_array();
    json_object_set_new(request->json, "rows", desk.rows);
    request_read_clock(request);
    bool is_done = serve(&desk);
    session_end(request, desk.db);
    return is_done;
}
