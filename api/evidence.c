/*
 * The log of a vote for everybody: signed head, proofs, leaves, what was frozen, and whether the
 * books balance.
 *
 *   1. Every move of the vote keeps the head it leaves, signed: that one is shown once the service
 *      has another key, and everything else needs none.
 */
#include "evidence.h"

#include "app.h"
#include "evidence.sql.h"
#include "merkle.h"
#include "note.h"
#include "operation.h"
#include "reply.h"
#include "seal.h"
#include "session.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* One request's view of a log. */
struct evidence {
    struct request *request;
    struct db *db;
    struct merkle_frontier frontier;
    const char *origin, *seal_id;
};

static PGresult *ask(struct evidence *evidence, const struct statement *statement,
                     const char *first, const char *second, const char *third) {
    struct request *request = evidence->request;
    const char *const values[] = {request->municipality, request_parameter(request, "id"), first,
                                  second, third};
    int count = 2 + (first != NULL) + (second != NULL) + (third != NULL);
    return db_run(evidence->db, statement->text, values, count, &request->problem);
}

static void name_vote(struct evidence *evidence, const PGresult *vote) {
    evidence->seal_id = arena_text(&evidence->request->arena, PQgetvalue(vote, 0, 2));
    evidence->origin = arena_text(&evidence->request->arena, PQgetvalue(vote, 0, 3));
}

static bool read_vote(struct evidence *evidence, PGresult **ret_vote) {
    auto_result vote = ask(evidence, &evidence_vote, NULL, NULL, NULL);
    if (!vote)
        return false;
    if (PQntuples(vote) == 0)
        return problem_set(&evidence->request->problem, PROBLEM_NOT_FOUND, NULL);
    name_vote(evidence, vote);
    *ret_vote = steal(&vote);
    return true;
}

static bool read_hash(const char *hex, struct merkle_hash *ret_hash) {
    return OPENSSL_hexstr2buf_ex(ret_hash->bytes, sizeof ret_hash->bytes, NULL, hex, '\0') == 1;
}

static bool read_head(struct evidence *evidence) {
    auto_result head = ask(evidence, &evidence_head, NULL, NULL, NULL);
    if (!head || PQntuples(head) == 0)
        return problem_set(&evidence->request->problem, PROBLEM_INTERNAL, NULL);
    uint64_t size = strtoull(PQgetvalue(head, 0, 0), NULL, 10);
    return merkle_read_peaks(size, PQgetvalue(head, 0, 1), &evidence->frontier) ||
           problem_set(&evidence->request->problem, PROBLEM_INTERNAL, NULL);
}

/* Nodes as merkle_range_hash asks for them: a leaf is the hash of its line. */
static bool read_nodes(void *data, int level, uint64_t first, uint64_t count,
                       struct merkle_hash *ret_hashes) {
    struct evidence *evidence = data;
    char texts[3][24];
    snprintf(texts[0], sizeof *texts, "%d", level);
    snprintf(texts[1], sizeof *texts, "%" PRIu64, first);
    snprintf(texts[2], sizeof *texts, "%" PRIu64, count);
    auto_result rows = level == 0 ? ask(evidence, &evidence_lines, texts[1], texts[2], NULL)
                                  : ask(evidence, &evidence_nodes, texts[0], texts[1], texts[2]);
    if (!rows || (uint64_t)PQntuples(rows) != count)
        return false;
    for (int row = 0; row < PQntuples(rows); row++) {
        if (level == 0)
            merkle_leaf(PQgetvalue(rows, row, 0), (size_t)PQgetlength(rows, row, 0),
                        &ret_hashes[row]);
        else if (!read_hash(PQgetvalue(rows, row, 0), &ret_hashes[row]))
            return false;
    }
    return true;
}

static void add_hash(struct buffer *out, const struct merkle_hash *hash) {
    unsigned char text[4 * sizeof hash->bytes / 3 + 8];
    EVP_EncodeBlock(text, hash->bytes, sizeof hash->bytes);
    buffer_print(out, "\"%s\"", (const char *)text);
}

static bool add_proof(struct evidence *evidence, const struct merkle_range *path, int count) {
    struct request *request = evidence->request;
    const struct merkle_store store = {read_nodes, evidence};
    buffer_add_text(&request->reply, "\"hashes\":[");
    for (int i = 0; i < count; i++) {
        struct merkle_hash hash;
        if (!merkle_range_hash(path[i], &store, &hash))
            return request->problem.code != PROBLEM_NONE
                       ? false
                       : problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
        if (i > 0)
            buffer_add_char(&request->reply, ',');
        add_hash(&request->reply, &hash);
    }
    buffer_add_char(&request->reply, ']');
    return true;
}

static bool has_key(const struct evidence *evidence) {
    const struct seal *seal = evidence->request->app->seal;
    return seal && strcmp(seal_id(seal), evidence->seal_id) == 0;
}

static void write_note(struct evidence *evidence, struct buffer *out) {
    struct note note = {.size = evidence->frontier.size};
    snprintf(note.origin, sizeof note.origin, "%s", evidence->origin);
    merkle_root(&evidence->frontier, &note.root);
    note_write(&note, evidence->request->app->seal, out);
}

/* The newest head, and the key that signed it: of what is configured, or as they were kept. */
static bool find_note(struct evidence *evidence, struct buffer *note, struct buffer *key) {
    if (has_key(evidence)) {
        write_note(evidence, note);
        note_write_verifier_key(evidence->origin, evidence->request->app->seal, key);
        return true;
    }
    auto_result kept = ask(evidence, &evidence_note, NULL, NULL, NULL);
    if (!kept)
        return false;
    if (PQntuples(kept) == 0)
        return problem_set(&evidence->request->problem, PROBLEM_UNAVAILABLE, NULL);
    buffer_add_text(note, PQgetvalue(kept, 0, 0));
    buffer_add_text(key, PQgetvalue(kept, 0, 1));
    return true;
}

static bool keep_head(struct evidence *evidence) {
    struct request *request = evidence->request;
    auto_buffer note = {0}, key = {0};
    if (!read_head(evidence) || !find_note(evidence, &note, &key))
        return false;
    const char *const values[] = {request->municipality, request_parameter(request, "id"),
                                  arena_print(&request->arena, "%" PRIu64, evidence->frontier.size),
                                  note.data, key.data};
    auto_result kept =
        db_run(evidence->db, evidence_keep.applies[0]->text, values, 5, &request->problem);
    return kept != NULL;
}

bool evidence_keep_head(struct request *request, struct db *db) {
    struct evidence evidence = {.request = request, .db = db};
    auto_result vote = ask(&evidence, &evidence_vote, NULL, NULL, NULL);
    if (!vote)
        return false;
    if (PQntuples(vote) == 0)
        return true;
    name_vote(&evidence, vote);
    return !has_key(&evidence) || keep_head(&evidence);
}

/* Runs `answer` on an open view of the log. */
static bool with_log(struct request *request,
                     bool (*answer)(struct evidence *evidence, const PGresult *vote)) {
    struct evidence evidence = {.request = request, .db = session_begin_read(request, false)};
    if (!evidence.db)
        return false;
    auto_result vote = NULL;
    bool is_answered =
        read_vote(&evidence, &vote) && read_head(&evidence) && answer(&evidence, vote);
    session_end(request, evidence.db);
    return is_answered;
}

static bool answer_checkpoint(struct evidence *evidence, const PGresult *vote) {
    (void)vote;
    auto_buffer key = {0};
    if (!find_note(evidence, &evidence->request->reply, &key))
        return false;
    return reply_finish(evidence->request, "text/plain; charset=utf-8", 0);
}

static bool evidence_checkpoint(struct request *request) {
    return with_log(request, answer_checkpoint);
}

static bool read_size(struct evidence *evidence, const char *name, uint64_t fallback,
                      uint64_t *ret_size) {
    const char *text = request_parameter(evidence->request, name);
    *ret_size = text ? strtoull(text, NULL, 10) : fallback;
    return *ret_size <= evidence->frontier.size ||
           problem_add(&evidence->request->problem, &evidence->request->arena, FAULT_PARAMETER,
                       name, PROBLEM_BEYOND_LOG,
                       arena_print(&evidence->request->arena, "%" PRIu64, evidence->frontier.size));
}

static bool answer_inclusion(struct evidence *evidence, const PGresult *vote) {
    (void)vote;
    struct request *request = evidence->request;
    uint64_t position, size;
    if (!read_size(evidence, "size", evidence->frontier.size, &size) ||
        !read_size(evidence, "position", 0, &position))
        return false;
    if (position >= size)
        return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, "position",
                           PROBLEM_BEYOND_LOG, arena_print(&request->arena, "%" PRIu64, size));
    char first[24];
    snprintf(first, sizeof first, "%" PRIu64, position);
    auto_result line = ask(evidence, &evidence_lines, first, "1", NULL);
    if (!line)
        return false;
    struct merkle_range path[MERKLE_PROOF_MOST];
    buffer_print(&request->reply,
                 "{\"position\":%" PRIu64 ",\"size\":%" PRIu64 ",\"line\":", position, size);
    buffer_add_json_text(&request->reply, PQgetvalue(line, 0, 0));
    buffer_add_char(&request->reply, ',');
    if (!add_proof(evidence, path, merkle_inclusion(position, size, path)))
        return false;
    buffer_add_char(&request->reply, '}');
    return reply_finish(request, "application/json", 0);
}

static bool evidence_inclusion(struct request *request) {
    return with_log(request, answer_inclusion);
}

static bool answer_consistency(struct evidence *evidence, const PGresult *vote) {
    (void)vote;
    struct request *request = evidence->request;
    uint64_t older, size;
    if (!read_size(evidence, "size", evidence->frontier.size, &size) ||
        !read_size(evidence, "older", 0, &older))
        return false;
    if (older > size)
        return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, "older",
                           PROBLEM_BEYOND_LOG, arena_print(&request->arena, "%" PRIu64, size));
    struct merkle_range path[MERKLE_PROOF_MOST];
    buffer_print(&request->reply, "{\"older\":%" PRIu64 ",\"size\":%" PRIu64 ",", older, size);
    if (!add_proof(evidence, path, merkle_consistency(older, size, path)))
        return false;
    buffer_add_char(&request->reply, '}');
    return reply_finish(request, "application/json", 0);
}

static bool evidence_consistency(struct request *request) {
    return with_log(request, answer_consistency);
}

static bool answer_leaves(struct evidence *evidence, const PGresult *vote) {
    (void)vote;
    struct request *request = evidence->request;
    const char *first = request_parameter(request, "first");
    const char *count = request_parameter(request, "count");
    auto_result lines =
        ask(evidence, &evidence_lines, first ? first : "0", count ? count : "100", NULL);
    if (!lines)
        return false;
    buffer_print(&request->reply, "{\"size\":%" PRIu64 ",\"lines\":[", evidence->frontier.size);
    for (int row = 0; row < PQntuples(lines); row++) {
        if (row > 0)
            buffer_add_char(&request->reply, ',');
        buffer_add_json_text(&request->reply, PQgetvalue(lines, row, 0));
    }
    buffer_add_text(&request->reply, "]}");
    return reply_finish(request, "application/json", 0);
}

static bool evidence_leaves(struct request *request) {
    return with_log(request, answer_leaves);
}

static bool answer_vote(struct evidence *evidence, const PGresult *vote) {
    struct request *request = evidence->request;
    auto_buffer note = {0}, key = {0};
    if (!find_note(evidence, &note, &key))
        return false;
    buffer_add_text(&request->reply, "{\"frozen\":");
    buffer_add_json_text(&request->reply, PQgetvalue(vote, 0, 0));
    buffer_print(&request->reply,
                 ",\"frozen_sha256\":\"%s\",\"verifier_key\":", PQgetvalue(vote, 0, 1));
    buffer_add_json_text(&request->reply, key.data);
    buffer_print(&request->reply, ",\"officers\":%s}", PQgetvalue(vote, 0, 4));
    return reply_finish(request, "application/json", 0);
}

static bool evidence_show(struct request *request) {
    return with_log(request, answer_vote);
}

const struct binding evidence_bindings[] = {
    {"getBudgetCycleBooks", operation_get, .reads = &evidence_books},
    {"getBudgetCycleVote", evidence_show},
    {"getCheckpoint", evidence_checkpoint},
    {"getConsistencyProof", evidence_consistency},
    {"getInclusionProof", evidence_inclusion},
    {"getLogLeaves", evidence_leaves},
    {0},
};

const struct constraint evidence_constraints[] = {
    {0},
};
