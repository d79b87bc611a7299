/*
 * Reading frozen papers, and deriving from their secrets.
 *
 *   1. A paper never changes and is kept for the life of the process. Its secret ends when the
 *      voters are forgotten, by whatever process: once a vote is over, and a day after it was last
 *      seen, the database is asked whether it is still there, and when it is not, the key made of
 *      it is wiped.
 */
#include "vote_paper.h"

#include "app.h"
#include "ballot.sql.h"
#include "hex.h"
#include "log.h"
#include "memo.h"
#include "seal.h"
#include "session.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES_MOST = 64, SECOND_CHARS = 19 };

struct vote_secret {
    pthread_rwlock_t lock;
    unsigned char key[SEAL_KEY_BYTES]; /* of the cycle's half and the seal */
    char good_until[SECOND_CHARS + 1]; /* "2026-07-15T21:00:00" */
};

const char *vote_hex(struct arena *arena, const unsigned char *bytes, size_t length) {
    char *hex = arena_new(arena, 2 * length + 1);
    hex_write(bytes, length, hex);
    return hex;
}

static void free_paper(void *data) {
    struct paper *paper = data;
    if (paper && paper->secret) {
        pthread_rwlock_destroy(&paper->secret->lock);
        OPENSSL_cleanse(paper->secret->key, sizeof paper->secret->key);
        free(paper->secret);
    }
    paper_free(paper);
}

static void trust_until(struct vote_secret *secret, const char *time) {
    snprintf(secret->good_until, sizeof secret->good_until, "%.*s", SECOND_CHARS, time);
}

static bool read_secret(const struct seal *seal, struct paper *paper, const char *hex,
                        const char *good_until) {
    struct vote_secret *secret = paper->secret = calloc(1, sizeof *secret);
    if (!secret || pthread_rwlock_init(&secret->lock, NULL) != 0)
        abort();
    trust_until(secret, good_until);
    unsigned char half[SECRET_BYTES_MOST];
    size_t length;
    if (OPENSSL_hexstr2buf_ex(half, sizeof half, &length, hex, '\0') != 1)
        return false;
    if (seal) /* check_seal refuses the paper otherwise */
        seal_key(seal, half, length, secret->key);
    OPENSSL_cleanse(half, sizeof half);
    return true;
}

static struct paper *read_paper(const struct seal *seal, const PGresult *row) {
    struct paper *paper = paper_new(PQgetvalue(row, 0, 0));
    if (!paper || !read_secret(seal, paper, PQgetvalue(row, 0, 4), PQgetvalue(row, 0, 5))) {
        free_paper(paper);
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
    const char *const values[] = {request->now, request->municipality, cycle};
    auto_result row = db_run(db, ballot_paper.text, values, 3, &request->problem);
    if (!row)
        return NULL;
    if (PQntuples(row) == 1) {
        struct paper *paper = read_paper(request->app->seal, row);
        if (paper)
            return memo_keep(request->app->memo, key, paper, free_paper);
        log_write(LOG_ERROR, request->id, "the frozen paper of a vote cannot be read");
        problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
        return NULL;
    }
    auto_result found = db_run(db, ballot_cycle.text, values + 1, 2, &request->problem);
    if (found && PQntuples(found) == 1 && PQgetvalue(found, 0, 0)[0] == 't')
        problem_set(&request->problem, PROBLEM_VOTING_CLOSED, NULL);
    else if (found && PQntuples(found) == 1)
        problem_set(&request->problem, PROBLEM_VOTING_NOT_OPEN, NULL);
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

/* Whether the secret may be used without asking for it. */
static bool is_trusted(const struct request *request, const struct paper *paper) {
    pthread_rwlock_rdlock(&paper->secret->lock);
    bool is_trusted = strncmp(request->now, paper->secret->good_until, SECOND_CHARS) < 0;
    pthread_rwlock_unlock(&paper->secret->lock);
    return is_trusted;
}

/* The paper, if its secret is still in the database; otherwise it goes here too. */
static const struct paper *ask_secret(struct request *request, struct db *db, const char *cycle,
                                      const struct paper *paper) {
    const char *const values[] = {request->now, request->municipality, cycle};
    auto_result row = db_run(db, ballot_secret.text, values, 3, &request->problem);
    if (!row)
        return NULL;
    bool is_there = PQntuples(row) == 1;
    struct vote_secret *secret = paper->secret;
    pthread_rwlock_wrlock(&secret->lock);
    if (is_there)
        trust_until(secret, PQgetvalue(row, 0, 0));
    else
        OPENSSL_cleanse(secret->key, sizeof secret->key);
    pthread_rwlock_unlock(&secret->lock);
    if (is_there)
        return paper;
    problem_set(&request->problem, PROBLEM_VOTING_CLOSED, NULL);
    return NULL;
}

const struct paper *vote_paper_of(struct request *request, struct db *db, const char *cycle) {
    const char *key = key_of(request, cycle);
    const struct paper *paper = memo_find(request->app->memo, key);
    if (!paper)
        paper = load_paper(request, cycle, key, db);
    else if (!is_trusted(request, paper))
        paper = ask_secret(request, db, cycle, paper);
    return check_seal(request, paper);
}

const struct paper *vote_paper_find(struct request *request) {
    const char *cycle = request_parameter(request, "id");
    const struct paper *paper = memo_find(request->app->memo, key_of(request, cycle));
    if (paper && is_trusted(request, paper))
        return check_seal(request, paper);
    struct db *db = session_begin_read(request, false);
    paper = db ? vote_paper_of(request, db, cycle) : NULL;
    session_end(request, db);
    return paper;
}

const char *vote_derive(struct request *request, const struct paper *paper, const char *purpose,
                        const char *text) {
    unsigned char derived[SEAL_KEY_BYTES];
    struct vote_secret *secret = paper->secret;
    pthread_rwlock_rdlock(&secret->lock);
    seal_derive(request->app->seal, secret->key, purpose, text, derived);
    pthread_rwlock_unlock(&secret->lock);
    return vote_hex(&request->arena, derived, sizeof derived);
}
