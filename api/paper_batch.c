/*
 * Ballot papers in batches.
 *
 *   1. A ballot on paper is checked by the rules of one cast online, all faults of all ballots at
 *      once.
 *   2. What salts a batch's hash is derived and never kept: the database alone cannot tell which
 *      ballots were the batch's.
 */
#include "operation.h"

#include "ballot_text.h"
#include "paper_batch.sql.h"
#include "reply.h"
#include "session.h"
#include "vote_paper.h"

#include <string.h>

static const char *text_at(struct request *request, const PGresult *row, int column) {
    return PQgetisnull(row, 0, column) ? NULL
                                       : arena_text(&request->arena, PQgetvalue(row, 0, column));
}

/* The paper of the batch's cycle, and the batch's area. NULL with the problem set. */
static const struct paper *find_paper(struct request *request, struct db *db,
                                      const char **ret_area) {
    const char *const values[] = {request->municipality, request_parameter(request, "id")};
    auto_result batch = db_run(db, paper_batch_cycle.text, values, 2, &request->problem);
    if (!batch)
        return NULL;
    *ret_area = text_at(request, batch, 1);
    return vote_paper_of(request, db, text_at(request, batch, 0));
}

static json_t *row_of(struct arena *arena, const struct paper *paper, const struct filled *filled) {
    bool has_points = paper->method == VOTE_CUMULATIVE;
    return json_pack("{s:s?, s:s, s:s?, s:s}", "area_id", filled->area_id, "proposals",
                     ballot_number_list(arena, filled->numbers, filled->count), "points",
                     has_points ? ballot_number_list(arena, filled->points, filled->count) : NULL,
                     "ballot", ballot_text(arena, paper, filled));
}

/* The ballots of the body as rows; the caller owns them. NULL with every fault added. */
static json_t *read_ballots(struct request *request, const struct paper *paper, const char *area) {
    struct arena *arena = &request->arena;
    struct filled *filled = arena_new(arena, sizeof *filled);
    json_auto_t *rows = json_array();
    size_t i;
    const json_t *ballot;
    json_array_foreach(json_object_get(request->json, "ballots"), i, ballot) {
        if (paper_check(paper, json_object_get(ballot, "choices"),
                        arena_print(arena, "/ballots/%zu", i), area, arena, &request->problem,
                        filled))
            json_array_append_new(rows, row_of(arena, paper, filled));
    }
    return request->problem.code == PROBLEM_NONE ? json_incref(rows) : NULL;
}

static bool keep_ballots(struct request *request, struct db *db) {
    const char *area;
    const struct paper *paper = find_paper(request, db, &area);
    json_auto_t *rows = paper ? read_ballots(request, paper, area) : NULL;
    if (!rows)
        return false;
    char *text = json_dumps(rows, JSON_COMPACT);
    const char *const values[] = {request->municipality, request_parameter(request, "id"), text};
    auto_result kept = db_run(db, paper_batch_keep.applies[0]->text, values, 3, &request->problem);
    free(text);
    return kept != NULL;
}

static const char *salt_of(struct request *request, const struct paper *paper) {
    return vote_derive(request, paper, "paper batch", request_parameter(request, "id"));
}

static bool box(struct request *request, struct db *db) {
    const char *area;
    const struct paper *paper = find_paper(request, db, &area);
    if (!paper)
        return false;
    const char *const values[] = {request->municipality, request_parameter(request, "id"),
                                  salt_of(request, paper)};
    auto_result boxed = db_run(db, paper_batch_box.text, values, 3, &request->problem);
    return boxed != NULL;
}

static bool write_opening(struct request *request, struct db *db) {
    const char *const values[] = {request->municipality, request_parameter(request, "id")};
    auto_result row = db_run(db, paper_batch_opening.text, values, 2, &request->problem);
    if (!row)
        return false;
    if (PQntuples(row) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    const struct paper *paper = vote_paper_of(request, db, text_at(request, row, 0));
    if (!paper)
        return false;
    buffer_print(&request->reply,
                 "{\"salt\":\"%s\",\"sha256\":\"%s\",\"leaf_position\":%s,\"line\":",
                 salt_of(request, paper), PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 2));
    buffer_add_json_text(&request->reply, PQgetvalue(row, 0, 3));
    buffer_add_char(&request->reply, '}');
    return true;
}

static bool paper_batch_show_opening(struct request *request) {
    struct db *db = session_begin_read(request, false);
    bool is_written = db && write_opening(request, db);
    session_end(request, db);
    return is_written && reply_finish(request, "application/json", 0);
}

const struct binding paper_batch_bindings[] = {
    {"confirmPaperBatch", operation_act, &paper_batch_confirm, &paper_batch_select, .effect = box},
    {"createPaperBatch", operation_create, &paper_batch_create, &paper_batch_select},
    {"discardPaperBatch", operation_act, &paper_batch_discard, &paper_batch_select},
    {"enterPaperBallots", operation_act, &paper_batch_enter, &paper_batch_select,
     .effect = keep_ballots},
    {"getPaperBatch", operation_get, .reads = &paper_batch_select},
    {"getPaperBatchOpening", paper_batch_show_opening},
    {"listPaperBatches", operation_list, .reads = &paper_batch_select},
    {0},
};

const struct constraint paper_batch_constraints[] = {
    {"paper_batch_reference_unique", "/reference", PROBLEM_ALREADY_EXISTS},
    {0},
};
