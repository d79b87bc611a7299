/*
 * Clients of Open311. A key of ours is told once, to who made it; stored is its hash alone.
 * A key of theirs, which pushed updates show (open311_push.c), is stored locked and never told.
 */
#include "operation.h"

#include "app.h"
#include "open311_client.sql.h"
#include "open311_push.h"
#include "outgoing.h"
#include "secret.h"
#include "session.h"

static const char purpose[] = "open311 client";

static bool keep_made(struct request *request, struct db *db, const char *id) {
    const char *const values[] = {request->municipality, secret_make(request, purpose, id)};
    auto_result kept =
        db_run(db, open311_client_key.applies[0]->text, values, 2, &request->problem);
    return kept != NULL;
}

static bool keep_key(struct request *request, struct db *db) {
    const char *made = session_made(request, db);
    return made && keep_made(request, db, made);
}

/* A later key is made of an id of its own. */
static bool keep_renewed(struct request *request, struct db *db) {
    auto_result renewed = db_run(db, open311_client_renewed_key.text, NULL, 0, &request->problem);
    return renewed && keep_made(request, db, PQgetvalue(renewed, 0, 0));
}

/* What the statements are given of the body; what a repetition is known by stays what was sent. */
static bool take_push(struct request *request) {
    json_t *url = json_object_get(request->json, "push_url");
    json_t *key = json_object_get(request->json, "push_api_key");
    if (json_is_string(url) && !outgoing_is_allowed(&request->app->config, json_string_value(url)))
        return problem_add(&request->problem, &request->arena, FAULT_POINTER, "/push_url",
                           PROBLEM_ADDRESS_NOT_ALLOWED, NULL);
    if (!json_is_string(key))
        return true;
    json_string_set(key, secret_lock(request, open311_push_purpose, json_string_value(key)));
    auto_free char *text = json_dumps(request->json, JSON_COMPACT);
    request->json_text = arena_text(&request->arena, text);
    return true;
}

static bool create(struct request *request) {
    if (!take_push(request) || !operation_create(request))
        return false;
    secret_tell(request, "key", purpose);
    return true;
}

static bool renew(struct request *request) {
    if (!operation_act(request))
        return false;
    json_auto_t *renewed = json_loadb(request->reply.data, request->reply.length, 0, NULL);
    secret_fill(request, "key", purpose, json_string_value(json_object_get(renewed, "key_id")));
    return true;
}

static bool update(struct request *request) {
    return take_push(request) && operation_update(request);
}

const struct binding open311_client_bindings[] = {
    {"createOpen311Client", create, &open311_client_create, &open311_client_receipt,
     .effect = keep_key, .tells_secret = true},
    {"deleteOpen311Client", operation_delete, &open311_client_delete, &open311_client_select},
    {"getOpen311Client", operation_get, .reads = &open311_client_select},
    {"getOpen311ClientPush", operation_get, .reads = &open311_client_push},
    {"listOpen311Clients", operation_list, .reads = &open311_client_select},
    {"renewOpen311ClientKey", renew, &open311_client_renew, &open311_client_renewed,
     .effect = keep_renewed, .tells_secret = true},
    {"updateOpen311Client", update, &open311_client_update, &open311_client_select},
    {0},
};

const struct constraint open311_client_constraints[] = {
    {"open311_client_push_whole", "/is_pushed", PROBLEM_RULE_BROKEN},
    {0},
};
