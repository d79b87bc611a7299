/*
 * The write pipeline.
 *
 *   1. Nothing is acknowledged before PostgreSQL said the commit is done.
 *   2. Whatever fails, the transaction is rolled back and nothing is stored.
 *   3. Visibility comes before version, version before rules: who may not see a row learns nothing
 *      of it.
 *   4. Every rule is asked before anything is answered: all faults at once.
 */
#include "write.h"

#include "app.h"
#include "auth.h"
#include "item.h"
#include "log.h"
#include "replay.h"
#include "reply.h"
#include "session.h"
#include "write.sql.h"
#include "write_answer.h"

#include <string.h>

struct work {
    struct request *request;
    struct db *db;
    const struct binding *binding;
    enum write_kind kind;
    const struct write *write;
    struct overrides overrides;
};

static PGresult *run(struct work *work, const struct statement *statement) {
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(work->request, statement, &work->overrides, values);
    return db_run(work->db, statement->text, values, count, &work->request->problem);
}

static PGresult *read_visible(struct work *work) {
    return item_read(work->request, work->db, work->binding->reads, &work->overrides);
}

static bool is_deleted(const PGresult *row) {
    int column = PQfnumber(row, "deleted_at");
    return column >= 0 && !PQgetisnull(row, 0, column);
}

/* 412 with the version the row has now. */
static bool refuse_version(struct work *work, const PGresult *row) {
    const char *tag = reply_version_tag(work->request, write_version(row, 0));
    request_set_header(work->request, "ETag", tag);
    return problem_set(&work->request->problem, PROBLEM_PRECONDITION_FAILED, tag);
}

static bool check_version(struct work *work, const PGresult *row) {
    struct request *request = work->request;
    if (!request->operation->takes_if_match || request->if_match_version == -3)
        return true;
    int64_t current = write_version(row, 0);
    for (size_t i = 0; i < request->if_match_count; i++)
        if (request->if_match_versions[i] == current) {
            request->if_match_version = current;
            return true;
        }
    return refuse_version(work, row);
}

/* The stored value of a member of the row, when it is an object. The caller owns it. */
static json_t *stored_object(const PGresult *row, const char *name) {
    int column = PQfnumber(row, name);
    return column < 0 || PQgetisnull(row, 0, column)
               ? NULL
               : json_loads(PQgetvalue(row, 0, column), 0, NULL);
}

static void clear_unnamed(json_t *sent, json_t *stored) {
    const char *name;
    json_t *value;
    json_object_foreach(stored, name, value) {
        json_t *given = json_object_get(sent, name);
        if (!given)
            json_object_set_new(sent, name, json_null());
        else
            clear_unnamed(given, value);
    }
}

static void fill_null(const char *name, const struct schema *member, void *data) {
    json_t *body = data;
    if (!schema_is_read_only(member) && !json_object_get(body, name))
        json_object_set_new(body, name, json_null());
}

/* PUT replaces: what the body does not name, at any depth, is cleared, which as a merge-patch is
 * null. */
static void replace_whole(struct work *work, const PGresult *row) {
    struct request *request = work->request;
    const char *name;
    json_t *sent;
    json_object_foreach(request->json, name, sent) {
        json_auto_t *stored = json_is_object(sent) ? stored_object(row, name) : NULL;
        clear_unnamed(sent, stored);
    }
    schema_each_member(request->operation->body, fill_null, request->json);
    char *text = json_dumps(request->json, JSON_COMPACT);
    work->overrides.body = arena_text(&request->arena, text);
    free(text);
}

static bool check_target(struct work *work) {
    if (work->write->lock) {
        auto_result locked = run(work, work->write->lock);
        if (!locked)
            return false;
    }
    if (work->kind == WRITE_CREATE)
        return true;
    auto_result row = read_visible(work);
    if (!row)
        return false;
    if (PQntuples(row) == 0)
        return problem_set(&work->request->problem, PROBLEM_NOT_FOUND, NULL);
    if (is_deleted(row))
        return problem_set(&work->request->problem, PROBLEM_GONE, NULL);
    if (work->kind == WRITE_PUT)
        replace_whole(work, row);
    else if (!check_version(work, row))
        return false;
    /* `*` and a PUT by source name no version: the one under our eyes is meant */
    if (!work->overrides.version && work->request->if_match_version < 0)
        work->overrides.version =
            arena_print(&work->request->arena, "%lld", (long long)write_version(row, 0));
    return true;
}

static bool check_guard(struct work *work) {
    if (!work->write->guard)
        return true;
    auto_result rows = run(work, work->write->guard);
    if (!rows)
        return false;
    for (int row = 0; row < PQntuples(rows); row++)
        write_refuse(work->request, rows, row);
    return PQntuples(rows) == 0;
}

static void take_id(struct work *work, const PGresult *rows) {
    int column = PQfnumber(rows, "id");
    if (column >= 0 && PQntuples(rows) > 0 && !PQgetisnull(rows, 0, column))
        work->overrides.id = arena_text(&work->request->arena, PQgetvalue(rows, 0, column));
}

/* A broken constraint in the words of the resource that owns it. */
static bool explain_constraint(struct work *work) {
    struct problem *problem = &work->request->problem;
    const char *name = db_last_constraint(work->db);
    if (!name || strncmp(db_last_state(work->db), "23", 2) != 0)
        return false;
    for (const struct resource *resource = resources; resource->name; resource++)
        for (const struct constraint *at = resource->constraints; at->name; at++)
            if (strcmp(at->name, name) == 0) {
                enum problem_code code = at->code ? at->code : problem->code;
                *problem = (struct problem){0};
                return problem_add(problem, &work->request->arena, FAULT_POINTER, at->pointer, code,
                                   code == PROBLEM_RULE_BROKEN ? at->name : NULL);
            }
    size_t length = strlen(name);
    if (length > 14 && strcmp(name + length - 14, "_source_unique") == 0) {
        *problem = (struct problem){0};
        return problem_add(problem, &work->request->arena, FAULT_POINTER, "/external_id",
                           PROBLEM_ALREADY_EXISTS, NULL);
    }
    log_write(LOG_WARNING, work->request->id, "constraint %s has no words", name);
    return false;
}

/* The version was right when it was read, and another writer was quicker. */
static bool refuse_overtaken(struct work *work) {
    auto_result row = read_visible(work);
    if (!row)
        return false;
    if (PQntuples(row) == 0)
        return problem_set(&work->request->problem, PROBLEM_NOT_FOUND, NULL);
    return is_deleted(row) ? problem_set(&work->request->problem, PROBLEM_GONE, NULL)
                           : refuse_version(work, row);
}

static bool apply(struct work *work) {
    for (const struct statement *const *at = work->write->applies; *at; at++) {
        auto_result rows = run(work, *at);
        if (!rows)
            return explain_constraint(work);
        bool is_first = at == work->write->applies;
        bool is_versioned =
            work->kind == WRITE_UPDATE || work->kind == WRITE_DELETE || work->kind == WRITE_PUT;
        if (is_first && is_versioned && PQresultStatus(rows) == PGRES_TUPLES_OK &&
            PQntuples(rows) == 0)
            return refuse_overtaken(work);
        if (is_first || !work->overrides.id)
            take_id(work, rows);
    }
    return true;
}

/*
 * A null inside a patch takes a member out of a stored object, and an object may begin with a
 * patch: whether what is left still is what the contract asks for is seen only after the merge.
 */
static bool check_merged(struct work *work, const PGresult *row) {
    struct request *request = work->request;
    json_auto_t *merged = json_object();
    const char *name;
    json_t *sent;
    json_object_foreach(request->json, name, sent) {
        json_t *stored = json_is_object(sent) ? stored_object(row, name) : NULL;
        if (stored)
            json_object_set_new(merged, name, stored);
    }
    return schema_check(request->operation->body, merged, false, &request->arena,
                        &request->problem);
}

static bool read_back(struct work *work, int status) {
    struct request *request = work->request;
    request->status = status;
    if (work->kind == WRITE_DELETE) {
        request->status = 204;
        return true;
    }
    auto_result row = read_visible(work);
    if (!row)
        return false;
    if (PQntuples(row) == 0) {
        log_write(LOG_ERROR, request->id, "%s: what was written cannot be read back",
                  work->write->name);
        return problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
    }
    if (work->kind == WRITE_UPDATE && !check_merged(work, row))
        return false;
    return write_answer(request, row, 0, status == 201 ? work->overrides.id : NULL);
}

static bool end(struct work *work) {
    struct request *request = work->request;
    if (request->prefer.rollback && !request->operation->binding->keeps_record) {
        request_set_header(request, "Preference-Applied", "tx=rollback");
        return db_command(work->db, "rollback", &request->problem);
    }
    if (request->idempotency_key && !replay_keep(request, work->db))
        return false;
    if (!db_command(work->db, "commit", &request->problem))
        return false;
    if (work->binding->forgets_grants)
        auth_forget(request->app->auth);
    return true;
}

/*
 * Chooses between creating and replacing by what stands under (source, external_id). Puts to one
 * address wait for each other, so that each finds what the one before it left.
 */
static bool choose_put(struct work *work, int *ret_status) {
    struct request *request = work->request;
    const char *const address[] = {request->target};
    auto_result locked = db_run(work->db, write_lock_address.text, address, 1, &request->problem);
    if (!locked)
        return false;
    auto_result found = run(work, work->binding->finds);
    if (!found)
        return false;
    if (PQntuples(found) == 0) {
        work->kind = WRITE_CREATE;
        *ret_status = 201;
        return true;
    }
    const char *create_only = request_header(request, "If-None-Match");
    if (create_only && strcmp(create_only, "*") == 0)
        return problem_set(&request->problem, PROBLEM_PRECONDITION_FAILED, "*");
    take_id(work, found);
    work->write = work->binding->updates;
    *ret_status = 200;
    return true;
}

static bool take_effect(struct work *work) {
    return !work->binding->effect || work->binding->effect(work->request, work->db);
}

static bool write_steps(struct work *work) {
    struct request *request = work->request;
    int status = work->kind == WRITE_CREATE ? 201 : 200;
    if (request->idempotency_key) {
        enum replay replay = replay_find(request, work->db);
        if (replay != REPLAY_NEW)
            return replay == REPLAY_DONE;
    }
    if (work->kind == WRITE_PUT && !choose_put(work, &status))
        return false;
    return check_target(work) && check_guard(work) && apply(work) && take_effect(work) &&
           read_back(work, status) && end(work);
}

static struct work work_of(struct request *request, struct db *db, enum write_kind kind) {
    const struct binding *binding = request->operation->binding;
    return (struct work){
        .request = request, .db = db, .binding = binding, .kind = kind, .write = binding->write};
}

bool write_ask(struct request *request) {
    struct db *db = session_begin_write(request);
    if (!db)
        return false;
    struct work work = work_of(request, db, WRITE_CREATE);
    enum replay replay = request->idempotency_key ? replay_find(request, db) : REPLAY_NEW;
    bool is_allowed = replay == REPLAY_DONE || (replay == REPLAY_NEW && check_guard(&work));
    session_end(request, db);
    return is_allowed;
}

static bool try_once(struct request *request, enum write_kind kind, bool *ret_again) {
    struct db *db = session_begin_write(request);
    if (!db)
        return false;
    struct work work = work_of(request, db, kind);
    bool is_done = write_steps(&work);
    *ret_again = !is_done && db_gave_way(db);
    session_end(request, db);
    return is_done;
}

bool write_run(struct request *request, enum write_kind kind) {
    size_t headers = request->reply_header_count;
    bool again = false;
    if (try_once(request, kind, &again))
        return true;
    if (!again)
        return false;
    request->problem = (struct problem){0};
    request->reply_header_count = headers;
    buffer_clear(&request->reply);
    return try_once(request, kind, &again);
}
