/* Replays of answers to repeated requests. */
#include "replay.h"

#include "hex.h"
#include "statement.h"
#include "write.sql.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_VALUES = 5 };

static const char *hash_hex(struct arena *arena, const char *bytes, size_t length) {
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)bytes, length, hash);
    char *text = arena_new(arena, 2 * sizeof hash + 1);
    hex_write(hash, sizeof hash, text);
    return text;
}

/* municipality, caller, operation, key: the order of the statements in write.sql. */
static void fill_key(struct request *request, const char *values[KEY_VALUES]) {
    const char *caller =
        request->actor.is_authenticated
            ? arena_print(&request->arena, "%s\n%s", request->actor.issuer, request->actor.subject)
            : "anonymous";
    values[0] = request->municipality;
    values[1] = hash_hex(&request->arena, caller, strlen(caller));
    values[2] = arena_print(&request->arena, "%s %.*s", request->method,
                            (int)strcspn(request->target, "?"), request->target);
    values[3] = request->idempotency_key;
    values[4] = request->now;
}

static const char *text_or_null(struct arena *arena, const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL
                                            : arena_text(arena, PQgetvalue(result, row, column));
}

static void repeat(struct request *request, const PGresult *kept, int row) {
    request->status = (int)strtol(PQgetvalue(kept, row, 1), NULL, 10);
    const char *location = text_or_null(&request->arena, kept, row, 2);
    const char *etag = text_or_null(&request->arena, kept, row, 3);
    const char *body = text_or_null(&request->arena, kept, row, 4);
    if (location)
        request_set_header(request, "Location", location);
    if (etag)
        request_set_header(request, "ETag", etag);
    request_set_header(request, "Idempotency-Replayed", "true");
    if (body) {
        buffer_add_text(&request->reply, body);
        request->reply_type = "application/json";
    }
}

enum replay replay_read(struct request *request, const PGresult *kept, int row) {
    const char *body_hash = hash_hex(&request->arena, request->body, request->body_length);
    if (strcmp(body_hash, PQgetvalue(kept, row, 0)) != 0) {
        problem_set(&request->problem, PROBLEM_IDEMPOTENCY_KEY_REUSED, NULL);
        return REPLAY_FAILED;
    }
    repeat(request, kept, row);
    return REPLAY_DONE;
}

enum replay replay_wait(struct request *request) {
    request->problem.retry_after_s = 1;
    problem_set(&request->problem, PROBLEM_IDEMPOTENCY_IN_PROGRESS, NULL);
    return REPLAY_FAILED;
}

enum replay replay_find(struct request *request, struct db *db) {
    const char *values[KEY_VALUES];
    fill_key(request, values);
    auto_result lock = db_run(db, write_try_key.text, values, 4, &request->problem);
    if (!lock)
        return REPLAY_FAILED;
    if (PQgetvalue(lock, 0, 0)[0] != 't')
        return replay_wait(request);
    auto_result kept = db_run(db, write_find_key.text, values, KEY_VALUES, &request->problem);
    if (!kept)
        return REPLAY_FAILED;
    return PQntuples(kept) == 0 ? REPLAY_NEW : replay_read(request, kept, 0);
}

static const char *reply_header(const struct request *request, const char *name) {
    for (size_t i = 0; i < request->reply_header_count; i++)
        if (strcmp(request->reply_headers[i].name, name) == 0)
            return request->reply_headers[i].value;
    return NULL;
}

bool replay_keep(struct request *request, struct db *db) {
    const char *key[KEY_VALUES];
    fill_key(request, key);
    const char *const values[] = {
        key[0],
        key[1],
        key[2],
        key[3],
        hash_hex(&request->arena, request->body, request->body_length),
        arena_print(&request->arena, "%d", request->status),
        reply_header(request, "Location"),
        reply_header(request, "ETag"),
        request->reply.length ? request->reply.data : NULL,
    };
    auto_result kept = db_run(db, write_keep_key.applies[0]->text, values, 9, &request->problem);
    return kept != NULL;
}

json_t *replay_key(struct request *request) {
    const char *key[KEY_VALUES];
    fill_key(request, key);
    return json_pack("{s:s, s:s, s:s}", "caller", key[1], "operation", key[2], "key", key[3]);
}

json_t *replay_entry(struct request *request) {
    json_t *entry = replay_key(request);
    json_auto_t *answer = json_pack(
        "{s:s, s:i, s:s?, s:s?, s:s?}", "body_hash",
        hash_hex(&request->arena, request->body, request->body_length), "status", request->status,
        "location", reply_header(request, "Location"), "etag", reply_header(request, "ETag"),
        "reply", request->reply.length ? request->reply.data : NULL);
    json_object_update(entry, answer);
    return entry;
}
