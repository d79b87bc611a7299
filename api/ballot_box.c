/* The writer of the box: one batch of casts after another. */
#include "ballot_box.h"

#include "app.h"
#include "arena.h"
#include "ballot.sql.h"
#include "db.h"
#include "hex.h"
#include "log.h"
#include "merkle.h"
#include "note.h"
#include "seal.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

/* Some casts of one cycle, within one transaction. */
struct batch {
    struct cast *casts[COALESCE_MOST];
    int count;
    struct db *db;
    struct problem problem; /* of all of them */
    struct merkle_frontier frontier;
    struct buffer withdrawn; /* numbers of proposals */
    struct buffer levels, places, hashes;
};

static const char *cycle_of(const struct cast *cast) {
    return request_parameter(cast->request, "id");
}

/* Text arrays as PostgreSQL reads them: what we put in holds no quotes or backslashes. */
static void add_element(struct buffer *array, const char *text) {
    buffer_add_char(array, array->length ? ',' : '{');
    if (text)
        buffer_print(array, "\"%s\"", text);
    else
        buffer_add_text(array, "NULL");
}

static const char *end_array(struct buffer *array) {
    buffer_add_text(array, array->length ? "}" : "{}");
    return array->data;
}

static void add_number(struct buffer *array, int64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    add_element(array, text);
}

static bool lock_log(struct batch *batch, const char *const *scope) {
    auto_result locked = db_run(batch->db, ballot_lock.text, scope, 2, &batch->problem);
    return locked != NULL;
}

/* What was withdrawn since the vote was opened stays on earlier ballots and comes on no later one;
 * a repetition of an earlier one is still answered, so it is looked for first and told afterwards.
 */
static void find_withdrawn(struct cast *cast, const char *withdrawn, bool is_told) {
    struct request *request = cast->request;
    size_t at;
    const json_t *choice;
    json_array_foreach(json_object_get(request->json, "choices"), at, choice) {
        const char *id = json_string_value(json_object_get(choice, "proposal_id"));
        if (!text_lists(withdrawn, paper_number(cast->paper, id)))
            continue;
        cast->names_withdrawn = true;
        if (is_told)
            problem_add(&request->problem, &request->arena, FAULT_POINTER,
                        arena_print(&request->arena, "/choices/%zu/proposal_id", at),
                        PROBLEM_CHOICE_WITHDRAWN, id);
    }
}

/* Who came too early or too late leaves the batch: each is judged by when it came, not by when the
 * first of the batch did. */
static void judge_times(struct batch *batch, const char *starts_at, const char *ends_at) {
    int timely = 0;
    for (int i = 0; i < batch->count; i++) {
        struct request *request = batch->casts[i]->request;
        if (strcmp(request->now, ends_at) >= 0)
            problem_set(&request->problem, PROBLEM_VOTING_CLOSED, NULL);
        else if (strcmp(request->now, starts_at) < 0)
            problem_set(&request->problem, PROBLEM_VOTING_NOT_OPEN, NULL);
        else
            batch->casts[timely++] = batch->casts[i];
    }
    batch->count = timely;
}

/* False with no problem of the batch when none of it came in time. */
static bool read_head(struct batch *batch, const char *const *scope) {
    auto_result head = db_run(batch->db, ballot_head.text, scope, 2, &batch->problem);
    if (!head)
        return false;
    if (PQntuples(head) != 1)
        return problem_set(&batch->problem, PROBLEM_NOT_FOUND, NULL);
    if (!PQgetisnull(head, 0, 0))
        return problem_set(&batch->problem, problem_find(PQgetvalue(head, 0, 0)), NULL);
    judge_times(batch, PQgetvalue(head, 0, 4), PQgetvalue(head, 0, 5));
    if (batch->count == 0)
        return false;
    buffer_add_text(&batch->withdrawn, PQgetvalue(head, 0, 3));
    for (int i = 0; i < batch->count; i++)
        find_withdrawn(batch->casts[i], batch->withdrawn.data, false);
    uint64_t size = strtoull(PQgetvalue(head, 0, 1), NULL, 10);
    if (merkle_read_peaks(size, PQgetvalue(head, 0, 2), &batch->frontier))
        return true;
    log_write(LOG_ERROR, NULL, "the head of a vote's log is not of its size");
    return problem_set(&batch->problem, PROBLEM_INTERNAL, NULL);
}

/* A ballot of the same token: the answer is given again, if it is the same ballot. */
static void replay(struct cast *cast, const char *commitment, int64_t position) {
    cast->is_known = true;
    if (strcmp(commitment, cast->commitment) != 0) {
        problem_set(&cast->request->problem, PROBLEM_IDEMPOTENCY_KEY_REUSED, NULL);
        return;
    }
    cast->position = position;
    cast->is_replay = true;
}

static int find_token(const PGresult *known, const char *token) {
    for (int row = 0; token && row < PQntuples(known); row++)
        if (strcmp(PQgetvalue(known, row, 0), token) == 0)
            return row;
    return -1;
}

/* The ballot to be replaced must be in the box, not yet replaced and not void. */
static void check_replaced(struct cast *cast, const PGresult *known) {
    int row = find_token(known, cast->replaces);
    if (row < 0)
        problem_add(&cast->request->problem, &cast->request->arena, FAULT_POINTER, "/replaces",
                    PROBLEM_TOKEN_UNKNOWN, NULL);
    else if (PQgetvalue(known, row, 3)[0] == 't')
        problem_set(&cast->request->problem, PROBLEM_BALLOT_REPLACED, NULL);
    else if (PQgetvalue(known, row, 4)[0] == 't')
        problem_set(&cast->request->problem, PROBLEM_BALLOT_VOID, NULL);
}

static PGresult *mark_voters(struct batch *batch, const char *const *scope) {
    auto_buffer keys = {0}, areas = {0}, channels = {0}, bands = {0}, sexes = {0};
    for (int i = 0; i < batch->count; i++) {
        const struct cast *cast = batch->casts[i];
        if (cast->replaces || cast->names_withdrawn)
            continue;
        add_element(&keys, cast->voter->key);
        add_element(&areas, cast->area_id);
        add_element(&channels, cast->voter->channel);
        add_element(&bands, cast->voter->age_band);
        add_element(&sexes, cast->voter->sex);
    }
    const char *const values[] = {scope[0],          scope[1],          scope[2],
                                  end_array(&keys),  end_array(&areas), end_array(&channels),
                                  end_array(&bands), end_array(&sexes)};
    return db_run(batch->db, ballot_mark.applies[0]->text, values, 8, &batch->problem);
}

static bool is_marked(const PGresult *marked, const char *key) {
    for (int row = 0; row < PQntuples(marked); row++)
        if (strcmp(PQgetvalue(marked, row, 0), key) == 0)
            return true;
    return false;
}

/* Who has not got a mark now has voted before: perhaps by this very request. */
static bool asks_known(const struct cast *cast, const PGresult *marked) {
    return cast->replaces || cast->names_withdrawn || !is_marked(marked, cast->voter->key);
}

static bool read_known(struct batch *batch, const PGresult *marked, const char *const *scope) {
    auto_buffer tokens = {0};
    for (int i = 0; i < batch->count; i++) {
        if (!asks_known(batch->casts[i], marked))
            continue;
        add_element(&tokens, batch->casts[i]->token_hash);
        if (batch->casts[i]->replaces)
            add_element(&tokens, batch->casts[i]->replaces);
    }
    if (tokens.length == 0)
        return true;
    const char *const values[] = {scope[0], scope[1], end_array(&tokens)};
    auto_result known = db_run(batch->db, ballot_known.text, values, 3, &batch->problem);
    if (!known)
        return false;
    for (int i = 0; i < batch->count; i++) {
        struct cast *cast = batch->casts[i];
        int row = find_token(known, cast->token_hash), replaced = find_token(known, cast->replaces);
        if (replaced >= 0)
            cast->replaced_commitment =
                arena_text(&cast->request->arena, PQgetvalue(known, replaced, 1));
        if (row >= 0)
            replay(cast, PQgetvalue(known, row, 1), strtoll(PQgetvalue(known, row, 2), NULL, 10));
        else if (cast->replaces)
            check_replaced(cast, known);
    }
    return true;
}

static bool is_pending(const struct cast *cast) {
    return !cast->is_known && cast->request->problem.code == PROBLEM_NONE;
}

/* An earlier cast of the batch that took the same mark, or replaces the same ballot. */
static const struct cast *find_rival(const struct batch *batch, int at) {
    const struct cast *cast = batch->casts[at];
    for (int i = 0; i < at; i++) {
        const struct cast *other = batch->casts[i];
        if (other->is_accepted && strcmp(other->voter->key, cast->voter->key) == 0)
            return other;
    }
    return NULL;
}

/* Who of them is in: the first of a voter; the same request twice is answered twice. */
static void settle(struct batch *batch, const PGresult *marked) {
    for (int at = 0; at < batch->count; at++) {
        struct cast *cast = batch->casts[at];
        if (!is_pending(cast))
            continue;
        const struct cast *rival = find_rival(batch, at);
        if (rival && strcmp(rival->token_hash, cast->token_hash) == 0)
            replay(cast, rival->commitment, rival->position);
        else if (cast->names_withdrawn)
            find_withdrawn(cast, batch->withdrawn.data, true);
        else if (rival || (!cast->replaces && !is_marked(marked, cast->voter->key)))
            problem_set(&cast->request->problem, PROBLEM_ALREADY_VOTED, NULL);
        else {
            cast->is_accepted = true;
            cast->position = (int64_t)batch->frontier.size;
            batch->frontier.size++; /* counts on; leaves are appended when all are known */
        }
    }
}

static const char *leaf_line(struct cast *cast) {
    struct arena *arena = &cast->request->arena;
    return cast->replaces ? arena_print(arena, "replacement %s %s", cast->replaced_commitment,
                                        cast->commitment)
                          : arena_print(arena, "ballot %s", cast->commitment);
}

static void keep_node(void *data, int level, uint64_t position, const struct merkle_hash *hash) {
    struct batch *batch = data;
    if (level == 0)
        return; /* the leaf itself is its line */
    char hex[2 * sizeof hash->bytes + 1];
    hex_write(hash, sizeof *hash, hex);
    add_number(&batch->levels, level);
    add_number(&batch->places, (int64_t)position);
    add_element(&batch->hashes, hex);
}

static bool cast_accepted(struct batch *batch, const char *const *scope) {
    auto_buffer tokens = {0}, replaced = {0}, areas = {0}, choices = {0}, points = {0},
                commitments = {0}, positions = {0}, lines = {0}, movers = {0}, moved = {0};
    for (int i = 0; i < batch->count; i++) {
        struct cast *cast = batch->casts[i];
        if (!cast->is_accepted)
            continue;
        struct merkle_hash leaf;
        cast->line = leaf_line(cast);
        merkle_leaf(cast->line, strlen(cast->line), &leaf);
        merkle_append(&batch->frontier, &leaf, keep_node, batch);
        add_element(&tokens, cast->token_hash);
        add_element(&replaced, cast->replaces);
        add_element(&areas, cast->area_id);
        add_element(&choices, cast->numbers);
        add_element(&points, cast->points);
        add_element(&commitments, cast->commitment);
        add_number(&positions, cast->position);
        add_element(&lines, cast->line);
        if (cast->replaces) {
            add_element(&movers, cast->voter->key);
            add_element(&moved, cast->area_id);
        }
    }
    char size[24], peaks[MERKLE_PEAKS_CHARS];
    merkle_write_peaks(&batch->frontier, peaks);
    snprintf(size, sizeof size, "%" PRIu64, batch->frontier.size);
    const char *const values[] = {
        scope[0],
        scope[1],
        end_array(&tokens),
        end_array(&replaced),
        end_array(&areas),
        end_array(&choices),
        end_array(&points),
        end_array(&commitments),
        end_array(&positions),
        end_array(&lines),
        end_array(&batch->levels),
        end_array(&batch->places),
        end_array(&batch->hashes),
        end_array(&movers),
        end_array(&moved),
        size,
        peaks,
    };
    auto_result done = db_run(batch->db, ballot_cast.applies[0]->text, values,
                              sizeof values / sizeof *values, &batch->problem);
    return done != NULL;
}

static int count_accepted(const struct batch *batch) {
    int count = 0;
    for (int i = 0; i < batch->count; i++)
        count += batch->casts[i]->is_accepted;
    return count;
}

/* The head that holds every ballot of the batch, a kept one's too. Never for a dry run: a signed
 * head that the log does not get is a second history of it. */
static void tell(struct batch *batch) {
    const struct paper *paper = batch->casts[0]->paper;
    struct note note = {.size = batch->frontier.size};
    snprintf(note.origin, sizeof note.origin, "%s", paper->origin);
    merkle_root(&batch->frontier, &note.root);
    auto_buffer text = {0};
    note_write(&note, batch->casts[0]->request->app->seal, &text);
    for (int i = 0; i < batch->count; i++) {
        struct cast *cast = batch->casts[i];
        if (cast->request->problem.code != PROBLEM_NONE)
            continue;
        cast->note = strdup(text.data);
        if (!cast->line)
            cast->line = leaf_line(cast);
    }
}

static bool write_steps(struct batch *batch, const char *const *scope) {
    if (!lock_log(batch, scope) || !read_head(batch, scope))
        return false;
    auto_result marked = mark_voters(batch, scope);
    if (!marked || !read_known(batch, marked, scope))
        return false;
    uint64_t size = batch->frontier.size;
    settle(batch, marked);
    batch->frontier.size = size;
    return count_accepted(batch) == 0 || cast_accepted(batch, scope);
}

static void write_one_cycle(struct batch *batch) {
    struct request *request = batch->casts[0]->request;
    request_read_clock(request);
    const char *const scope[] = {request->municipality, cycle_of(batch->casts[0]), request->now};
    batch->db = db_acquire(request->app->pool, &batch->problem);
    bool is_written =
        batch->db && db_command(batch->db, "begin", &batch->problem) && write_steps(batch, scope) &&
        db_command(batch->db, request->prefer.rollback ? "rollback" : "commit", &batch->problem);
    db_release(batch->db);
    if (is_written && !request->prefer.rollback)
        tell(batch);
    for (int i = 0; !is_written && i < batch->count; i++)
        if (batch->casts[i]->request->problem.code == PROBLEM_NONE)
            batch->casts[i]->request->problem = batch->problem;
    buffer_clear(&batch->withdrawn);
    buffer_clear(&batch->levels);
    buffer_clear(&batch->places);
    buffer_clear(&batch->hashes);
}

/* May stand in one transaction: of one paper, and none a dry run. */
static bool goes_with(const struct cast *first, const struct cast *other) {
    return first->paper == other->paper && !first->request->prefer.rollback &&
           !other->request->prefer.rollback;
}

/* Takes the first that is left and all that go with it. */
static void choose(struct coalesce_item **items, int count, struct batch *ret_batch) {
    for (int i = 0; i < count; i++) {
        struct cast *cast = (struct cast *)items[i];
        if (!cast)
            continue;
        if (ret_batch->count > 0 && !goes_with(ret_batch->casts[0], cast))
            continue;
        ret_batch->casts[ret_batch->count++] = cast;
        items[i] = NULL;
    }
}

static void write_all(struct coalesce_item **items, int count) {
    struct coalesce_item *left[COALESCE_MOST];
    memcpy(left, items, (size_t)count * sizeof *left);
    for (int done = 0; done < count;) {
        struct batch batch = {0};
        choose(left, count, &batch);
        done += batch.count;
        write_one_cycle(&batch);
    }
}

void ballot_box_put(struct cast *cast) {
    coalesce_run(cast->request->app->ballots, &cast->item, write_all);
}
