/* Asking about a voter. That somebody asked is kept whatever the answer. */
#include "operation.h"

#include "app.h"
#include "session.h"
#include "spec.h"
#include "vote_paper.h"
#include "voter.h"
#include "voter_inquiry.sql.h"

#include <string.h>

static bool note(struct request *request, struct db *db, const char *action, const char *outcome) {
    uint64_t held = request->operation->roles & request->actor.roles;
    const char *role = spec_role_name(request->app->spec, __builtin_ctzll(held));
    const char *const values[] = {
        request->municipality,    action, outcome,    request_parameter(request, "id"),
        request->actor.person_id, role,   request->id};
    auto_result noted =
        db_run(db, voter_inquiry_note.applies[0]->text, values, 7, &request->problem);
    return noted && db_command(db, "commit", &request->problem);
}

static bool find_mark(struct request *request, struct db *db, const struct paper *paper) {
    const char *identity = json_string_value(json_object_get(request->json, "identity"));
    const char *const values[] = {voter_key_of(request, paper, identity), request->municipality,
                                  request_parameter(request, "id")};
    auto_result voted = db_run(db, voter_inquiry_voted.text, values, 3, &request->problem);
    if (!voted)
        return false;
    if (PQntuples(voted) == 0)
        return problem_set(&request->problem, PROBLEM_VOTERS_FORGOTTEN, NULL);
    buffer_print(&request->reply, "{\"has_voted\":%s}",
                 PQgetvalue(voted, 0, 0)[0] == 't' ? "true" : "false");
    return true;
}

/* Whoever it is: no role opens a ballot. */
static bool refuse(struct request *request, struct db *db, enum problem_code code,
                   const char *action) {
    return note(request, db, action, "refused") &&
           problem_set(&request->problem, code, "vote_officer");
}

static bool answer(struct request *request, struct db *db, const struct paper *paper) {
    const char *about = json_string_value(json_object_get(request->json, "about"));
    if (strcmp(about, "ballot") == 0)
        return refuse(request, db, PROBLEM_BALLOT_SECRET, "ballot_of_person");
    int officer = spec_role(request->app->spec, "vote_officer");
    if (!(request->actor.roles & (uint64_t)1 << officer))
        return refuse(request, db, PROBLEM_INSUFFICIENT_SCOPE, "participation_of_person");
    if (!find_mark(request, db, paper) || !note(request, db, "participation_of_person", "answered"))
        return false;
    request->status = 200;
    request->reply_type = "application/json";
    request_set_header(request, "Cache-Control", "private, no-store");
    return true;
}

static bool voter_inquiry_ask(struct request *request) {
    const struct paper *paper = vote_paper_find(request);
    if (request->problem.code == PROBLEM_VOTING_CLOSED)
        return problem_set(&request->problem, PROBLEM_VOTERS_FORGOTTEN, NULL);
    struct db *db = paper ? session_begin_write(request) : NULL;
    bool is_answered = db && answer(request, db, paper);
    session_end(request, db);
    return is_answered;
}

const struct binding voter_inquiry_bindings[] = {
    {"askAboutVoter", voter_inquiry_ask},
    {"getAuditEntry", operation_get, .reads = &voter_inquiry_select},
    {"listAuditEntries", operation_list, .reads = &voter_inquiry_select},
    {0},
};

const struct constraint voter_inquiry_constraints[] = {
    {0},
};
