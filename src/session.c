/* Sessions of requests. */
#include "session.h"

#include "app.h"
#include "bind.h"
#include "spec.h"
#include "write.sql.h"

#include <string.h>

static struct db *acquire(struct request *request) {
    return db_acquire(request->app->pool, &request->problem);
}

/* The first role that both the operation names and the actor holds: the one that is acted in. */
static const char *acting_role(const struct request *request) {
    uint64_t held = request->operation->roles & request->actor.roles;
    return held ? spec_role_name(request->app->spec, __builtin_ctzll(held)) : NULL;
}

/* `reason` and `decision_id` of the body, when it has them, go with every transition of the
 * transaction. */
static const char *reason_text(struct request *request) {
    const json_t *reason = json_object_get(request->json, "reason");
    if (json_is_string(reason))
        return json_string_value(reason);
    const char *text = json_string_value(json_object_get(reason, "fi"));
    if (!text)
        text = json_string_value(json_object_get(reason, "sv"));
    return text ? text : json_string_value(json_object_get(reason, "en"));
}

static bool tell(struct request *request, struct db *db) {
    const char *const values[] = {
        request->municipality,
        request->actor.person_id,
        acting_role(request),
        request->now,
        request->id,
        reason_text(request),
        json_string_value(json_object_get(request->json, "decision_id")),
    };
    auto_result result = db_run(db, write_settings.text, values, 7, &request->problem);
    return result != NULL;
}

static struct db *begin(struct request *request) {
    struct db *db = acquire(request);
    if (!db)
        return NULL;
    if (db_command(db, "begin", &request->problem) && tell(request, db))
        return db;
    session_end(request, db);
    return NULL;
}

struct db *session_begin_read(struct request *request, bool is_restricted) {
    return is_restricted ? begin(request) : acquire(request);
}

struct db *session_begin_write(struct request *request) {
    return begin(request);
}

const char *session_made(struct request *request, struct db *db) {
    auto_result made = db_run(db, write_made.text, NULL, 0, &request->problem);
    return made ? arena_text(&request->arena, PQgetvalue(made, 0, 0)) : NULL;
}

void session_end(struct request *request, struct db *db) {
    if (!db)
        return;
    db_account(db, &request->database_statements, &request->database_us);
    db_release(db);
}
