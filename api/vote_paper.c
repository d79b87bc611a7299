/* Reading frozen papers, and deriving from their secrets. */
#include "vote_paper.h"

#include "app.h"
#include "ballot.sql.h"
#include "hex.h"
#include "log.h"
#include "memo.h"
#include "seal.h"
#include "session.h"

#include <openssl/crypto.h>
#include <string.h>

const char *vote_hex(struct arena *arena, const unsigned char *bytes, size_t length) {
    char *hex = arena_new(arena, 2 * length + 1);
    hex_write(bytes, length, hex);
    return hex;
}

static bool read_secret(struct paper *paper, const char *hex) {
    paper->secret_length = strlen(hex) / 2;
    return paper->secret_length <= sizeof paper->secret &&
           OPENSSL_hexstr2buf_ex(paper->secret, sizeof paper->secret, NULL, hex, '\0') == 1;
}

static struct paper *read_paper(const PGresult *row) {
    struct paper *paper = paper_new(PQgetvalue(row, 0, 0));
    if (!paper || !read_secret(paper, PQgetvalue(row, 0, 4))) {
        paper_free(paper);
        return NULL;
    }
    paper->sha256 = strdup(PQgetvalue(row, 0, 1));
    paper->seal_id = strdup(PQgetvalue(row, 0, 2));
    paper->origin = strdup(PQgetvalue(row, 0, 3));
    return paper;
}

/* The paper from the database; with the problem set when there is none (yet). */
static const struct paper *load_paper(struct request *request, const char *cycle, const char *key,
                                      struct db *db) {
    const char *const values[] = {request->municipality, cycle};
    auto_result row = db_run(db, ballot_paper.text, values, 2, &request->problem);
    if (!row)
        return NULL;
    if (PQntuples(row) == 1) {
        struct paper *paper = read_paper(row);
        if (paper)
            return memo_keep(request->app->memo, key, paper, paper_free);
        log_write(LOG_ERROR, request->id, "the frozen paper of a vote cannot be read");
        problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
        return NULL;
    }
    auto_result found = db_run(db, ballot_cycle.text, values, 2, &request->problem);
    if (found && PQntuples(found) == 1 && PQgetvalue(found, 0, 1)[0] == 't')
        problem_set(&request->problem, PROBLEM_VOTING_CLOSED, NULL);
    else if (found && PQntuples(found) == 1)
        problem_set(&request->problem, PROBLEM_VOTING_NOT_OPEN, PQgetvalue(found, 0, 0));
    else if (found)
        problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    return NULL;
}

static const char *key_of(struct request *request, const char *cycle) {
    return arena_print(&request->arena, "paper/%s/%s", request->municipality, cycle);
}

static const struct paper *check_seal(struct request *request, const struct paper *paper) {
    const struct seal *seal = request->app->seal;
    if (paper && (!seal || strcmp(seal_id(seal), paper->seal_id) != 0)) {
        log_write(LOG_ERROR, request->id,
                  "this vote was opened with the key %s; ELINVOIMA_VOTE_KEY_FILE is another",
                  paper->seal_id);
        problem_set(&request->problem, PROBLEM_UNAVAILABLE, NULL);
        return NULL;
    }
    return paper;
}

const struct paper *vote_paper_find(struct request *request) {
    const char *cycle = request_parameter(request, "id"), *key = key_of(request, cycle);
    const struct paper *paper = memo_find(request->app->memo, key);
    if (!paper) {
        struct db *db = session_begin_read(request, false);
        if (!db)
            return NULL;
        paper = load_paper(request, cycle, key, db);
        session_end(request, db);
    }
    return check_seal(request, paper);
}

const struct paper *vote_paper_of(struct request *request, struct db *db, const char *cycle) {
    const char *key = key_of(request, cycle);
    const struct paper *paper = memo_find(request->app->memo, key);
    return check_seal(request, paper ? paper : load_paper(request, cycle, key, db));
}

const char *vote_derive(struct request *request, const struct paper *paper, const char *purpose,
                        const char *text) {
    unsigned char key[SEAL_KEY_BYTES];
    seal_derive(request->app->seal, paper->secret, paper->secret_length, purpose, text, key);
    return vote_hex(&request->arena, key, sizeof key);
}
