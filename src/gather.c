/* The writer of many creations. */
#include "gather.h"

#include "app.h"
#include "bind.h"
#include "coalesce.h"
#include "hash.h"
#include "monotonic.h"
#include "operation.h"
#include "replay.h"
#include "session.h"
#include "write.h"
#include "write.sql.h"
#include "write_answer.h"

#include <stdlib.h>
#include <string.h>

enum { WRITERS = 2 };

struct gather {
    struct coalesce *writers[WRITERS];
};

struct creation {
    struct coalesce_item item; /* first */
    struct request *request;
    int64_t queued_ms;       /* when */
    const char *id, *secret; /* in the request's arena */
    bool is_settled;         /* refused or replayed: whatever becomes of the others */
    bool is_for_alone;       /* nothing is stored: its own thread writes it */
};

struct batch {
    struct creation *items[COALESCE_MOST];
    int count;
    struct request *first; /* speaks for all: its arena, its clock, its log line */
    const struct gathering *gathering;
    struct db *db;
    struct problem problem; /* of all of them */
};

static bool is_pending(const struct creation *creation) {
    return !creation->is_settled;
}

static bool is_keyed(const struct creation *creation) {
    return is_pending(creation) && creation->request->idempotency_key;
}

static int count_pending(const struct batch *batch) {
    int count = 0;
    for (int i = 0; i < batch->count; i++)
        count += is_pending(batch->items[i]);
    return count;
}

/* A statement with :items, those that are `wanted` as `describe` says. */
static PGresult *run(struct batch *batch, const struct statement *statement,
                     bool (*wanted)(const struct creation *creation),
                     json_t *(*describe)(struct creation *creation)) {
    json_auto_t *items = json_array();
    for (int i = 0; i < batch->count; i++) {
        if (!wanted(batch->items[i]))
            continue;
        json_t *item = describe(batch->items[i]);
        json_object_set_new(item, "n", json_integer(i));
        json_array_append_new(items, item);
    }
    auto_free char *text = json_dumps(items, JSON_COMPACT);
    const struct overrides overrides = {.items = text};
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(batch->first, statement, &overrides, values);
    return db_run(batch->db, statement->text, values, count, &batch->problem);
}

static json_t *describe_begin(struct creation *creation) {
    json_t *item =
        creation->request->idempotency_key ? replay_key(creation->request) : json_object();
    json_object_set_new(item, "request", json_string(creation->request->id));
    return item;
}

static json_t *describe_key(struct creation *creation) {
    return replay_key(creation->request);
}

static json_t *describe_entry(struct creation *creation) {
    return replay_entry(creation->request);
}

static json_t *describe_row(struct creation *creation) {
    struct request *request = creation->request;
    return json_pack("{s:s, s:O, s:s, s:s}", "id", creation->id, "body", request->json, "language",
                     language_codes[request->language], "secret", creation->secret);
}

static json_t *describe_id(struct creation *creation) {
    return json_pack("{s:s}", "id", creation->id);
}

/* The item that a row is about. */
static struct creation *item_of(const struct batch *batch, const PGresult *rows, int row,
                                int column) {
    return batch->items[strtol(PQgetvalue(rows, row, column), NULL, 10)];
}

/* Ids for all; whose key is in use waits, whose key has an answer gets it. */
static bool begin(struct batch *batch) {
    auto_result begun = run(batch, &write_begin_many, is_pending, describe_begin);
    if (!begun)
        return false;
    bool is_keyed_at_all = false;
    for (int row = 0; row < PQntuples(begun); row++) {
        struct creation *creation = item_of(batch, begun, row, 0);
        creation->id = arena_text(&creation->request->arena, PQgetvalue(begun, row, 1));
        creation->secret = batch->gathering->make_secret(creation->request, creation->id);
        creation->is_settled = PQgetvalue(begun, row, 3)[0] != 't';
        if (creation->is_settled)
            replay_wait(creation->request);
        is_keyed_at_all = is_keyed_at_all || is_keyed(creation);
    }
    if (!is_keyed_at_all)
        return true;
    auto_result kept = run(batch, &write_find_keys, is_keyed, describe_key);
    for (int row = 0; row < PQntuples(kept); row++) {
        struct creation *creation = item_of(batch, kept, row, 5);
        replay_read(creation->request, kept, row);
        creation->is_settled = true;
    }
    return kept != NULL;
}

static bool check_guard(struct batch *batch) {
    auto_result rows = run(batch, batch->gathering->write->guard, is_pending, describe_row);
    for (int row = 0; row < PQntuples(rows); row++) {
        struct creation *creation = item_of(batch, rows, row, 3);
        write_refuse(creation->request, rows, row);
        creation->is_settled = true;
    }
    return rows != NULL;
}

static bool apply(struct batch *batch) {
    for (const struct statement *const *at = batch->gathering->write->applies; *at; at++) {
        auto_result done = run(batch, *at, is_pending, describe_row);
        if (!done)
            return false;
    }
    return true;
}

/* False as well when a row is not there. */
static bool read_back(struct batch *batch) {
    auto_result rows = run(batch, batch->gathering->reads, is_pending, describe_id);
    if (!rows || PQntuples(rows) != count_pending(batch))
        return false;
    int column = PQfnumber(rows, "sort_n");
    for (int row = 0; row < PQntuples(rows); row++) {
        struct creation *creation = item_of(batch, rows, row, column);
        creation->request->status = 201;
        write_answer(creation->request, rows, row, creation->id);
    }
    return true;
}

static bool keep(struct batch *batch) {
    auto_result kept = run(batch, write_keep_keys.applies[0], is_keyed, describe_entry);
    return kept != NULL;
}

static bool write_steps(struct batch *batch) {
    if (!begin(batch) || (count_pending(batch) && !check_guard(batch)))
        return false;
    return !count_pending(batch) || (apply(batch) && read_back(batch) && keep(batch));
}

/* As if it had not been tried. */
static void leave_alone(struct creation *creation, size_t headers) {
    creation->is_for_alone = true;
    creation->request->reply_header_count = headers;
    buffer_clear(&creation->request->reply);
}

/* Not for want of the database: each alone would wait for the same once more. */
static bool is_worth_writing_alone(const struct batch *batch) {
    return batch->problem.code != PROBLEM_UNAVAILABLE || db_gave_way(batch->db);
}

static void write_batch(struct batch *batch) {
    size_t headers[COALESCE_MOST];
    for (int i = 0; i < batch->count; i++)
        headers[i] = batch->items[i]->request->reply_header_count;
    batch->db = session_begin_write(batch->first);
    if (!batch->db)
        batch->problem = batch->first->problem;
    bool is_written = batch->db && write_steps(batch);
    bool is_done = is_written && db_command(batch->db, "commit", &batch->problem);
    bool is_for_alone = batch->db && !is_written && is_worth_writing_alone(batch);
    session_end(batch->first, batch->db);
    for (int i = 0; i < batch->count && !is_done; i++) {
        struct creation *creation = batch->items[i];
        if (is_pending(creation) && is_for_alone)
            leave_alone(creation, headers[i]);
        else if (is_pending(creation))
            creation->request->problem = batch->problem;
    }
}

/* Equal to one that is chosen: it finds that one's answer, later. */
static bool is_repeated(const struct batch *batch, const char *key) {
    for (int i = 0; key && i < batch->count; i++) {
        const char *other = batch->items[i]->request->idempotency_key;
        if (other && strcmp(other, key) == 0)
            return true;
    }
    return false;
}

static bool goes_along(const struct batch *batch, const struct request *request) {
    return batch->count == 0 || (batch->first->operation == request->operation &&
                                 strcmp(batch->first->municipality, request->municipality) == 0 &&
                                 !is_repeated(batch, request->idempotency_key));
}

/* Takes the first that is left and all that may go with it. */
static void choose(struct coalesce_item **items, int count, struct batch *batch) {
    for (int i = 0; i < count; i++) {
        struct creation *creation = (struct creation *)items[i];
        if (!creation || !goes_along(batch, creation->request))
            continue;
        if (batch->count == 0)
            batch->first = creation->request;
        batch->items[batch->count++] = creation;
        items[i] = NULL;
    }
    batch->gathering = batch->first->operation->binding->gathering;
}

/* Whoever has waited for half as long as anybody waits is not made to wait for a lock as well. */
static bool has_waited_too_long(struct creation *creation) {
    struct request *request = creation->request;
    if (monotonic_ms() - creation->queued_ms <= request->app->config.database_wait_ms / 2)
        return false;
    request->problem.retry_after_s = 1;
    problem_set(&request->problem, PROBLEM_UNAVAILABLE, "1");
    return true;
}

static void write_all(struct coalesce_item **items, int count) {
    struct coalesce_item *left[COALESCE_MOST];
    int done = 0;
    for (int i = 0; i < count; i++) {
        left[i] = has_waited_too_long((struct creation *)items[i]) ? NULL : items[i];
        done += !left[i];
    }
    while (done < count) {
        struct batch batch = {0};
        choose(left, count, &batch);
        write_batch(&batch);
        done += batch.count;
    }
}

struct gather *gather_new(void) {
    struct gather *gather = calloc(1, sizeof *gather);
    if (!gather)
        abort();
    for (int i = 0; i < WRITERS; i++)
        gather->writers[i] = coalesce_new();
    return gather;
}

void gather_free(struct gather *gather) {
    for (int i = 0; gather && i < WRITERS; i++)
        coalesce_free(gather->writers[i]);
    free(gather);
}

bool gather_suits(const struct request *request) {
    return request->operation->binding->gathering && !request->actor.is_authenticated &&
           !request->prefer.rollback;
}

/* A key's repetition comes to the same writer, after the first. */
static struct coalesce *writer_of(const struct request *request) {
    const char *key = request->idempotency_key ? request->idempotency_key : request->id;
    return request->app->gather->writers[hash_bytes(key, strlen(key)) % WRITERS];
}

bool gather_create(struct request *request) {
    struct creation creation = {.request = request, .queued_ms = monotonic_ms()};
    coalesce_run(writer_of(request), &creation.item, write_all);
    if (creation.is_for_alone)
        return write_run(request, WRITE_CREATE);
    return request->problem.code == PROBLEM_NONE;
}
