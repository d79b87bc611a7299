/* Municipalities and grants, read from the database and remembered for a moment. See auth_grants.h.
 */
#include "auth_grants.h"

#include "app.h"
#include "auth.sql.h"
#include "auth_cache.h"
#include "db.h"
#include "monotonic.h"
#include "own.h"
#include "request.h"

#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>

enum { LIFE_MS = 5000, CODE_BYTES = 8, PERSON_ID_BYTES = 37, ROLES_MOST = 64 };

/* What is remembered of one actor in one municipality. */
struct grant {
    char person_id[PERSON_ID_BYTES]; /* "" when the database knows no such person */
    uint64_t roles;
};

struct codes {
    char (*items)[CODE_BYTES]; /* sorted */
    size_t count;
};

struct auth_grants {
    atomic_uint_fast64_t generation;
    struct auth_cache *cache; /* of struct grant, times in ms */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t read_ended;
    bool is_reading;
    bool has_failed; /* the last read */
    uint64_t reads;  /* ended so far */
    bool is_read;    /* codes holds a list */
    int64_t read_ms; /* when that read began */
    uint64_t generation_read;
    struct codes codes;
};

struct auth_grants *auth_grants_new(void) {
    struct auth_grants *grants = calloc(1, sizeof *grants);
    if (!grants || pthread_mutex_init(&grants->lock, NULL) != 0 ||
        pthread_cond_init(&grants->read_ended, NULL) != 0)
        abort();
    grants->cache = auth_cache_new(sizeof(struct grant));
    return grants;
}

void auth_grants_free(struct auth_grants *grants) {
    if (!grants)
        return;
    auth_cache_free(grants->cache);
    pthread_cond_destroy(&grants->read_ended);
    pthread_mutex_destroy(&grants->lock);
    free(grants->codes.items);
    free(grants);
}

void auth_grants_forget(struct auth_grants *grants) {
    atomic_fetch_add(&grants->generation, 1);
}

/* The caller owns the result; NULL with the request's problem set. */
static PGresult *ask(struct request *request, const struct statement *statement,
                     const char *const *values, int count) {
    int64_t started_us = monotonic_us();
    struct db *db = db_acquire(request->app->pool, &request->problem);
    PGresult *result = NULL;
    if (db) {
        result = db_run(db, statement->text, values, count, &request->problem);
        request->database_statements++;
        db_release(db);
    }
    request->database_us += monotonic_us() - started_us;
    return result;
}

static int compare_codes(const void *left, const void *right) {
    return strcmp(left, right);
}

static bool read_codes(struct request *request, struct codes *ret_codes) {
    auto_result result = ask(request, &auth_municipalities, NULL, 0);
    if (!result)
        return false;
    int rows = PQntuples(result);
    struct codes codes = {.items = calloc((size_t)rows + 1, CODE_BYTES)};
    if (!codes.items)
        abort();
    for (int row = 0; row < rows; row++) {
        const char *code = PQgetvalue(result, row, 0);
        if (strlen(code) < CODE_BYTES)
            memcpy(codes.items[codes.count++], code, strlen(code) + 1);
    }
    qsort(codes.items, codes.count, CODE_BYTES, compare_codes);
    *ret_codes = codes;
    return true;
}

/* The lock is held before and after, not while the database is asked. */
static bool read_list(struct auth_grants *grants, struct request *request) {
    uint64_t generation = atomic_load(&grants->generation);
    int64_t started_ms = monotonic_us() / 1000;
    struct codes codes = {0};
    grants->is_reading = true;
    pthread_mutex_unlock(&grants->lock);

    bool is_read = read_codes(request, &codes);

    pthread_mutex_lock(&grants->lock);
    grants->is_reading = false;
    grants->has_failed = !is_read;
    grants->reads++;
    if (is_read) {
        free(grants->codes.items);
        grants->codes = codes;
        grants->is_read = true;
        grants->read_ms = started_ms;
        grants->generation_read = generation;
    }
    pthread_cond_broadcast(&grants->read_ended);
    return is_read;
}

/* The lock is held. False when the read that was waited for failed. */
static bool wait_for_read(struct auth_grants *grants) {
    uint64_t reads = grants->reads;
    while (grants->reads == reads)
        pthread_cond_wait(&grants->read_ended, &grants->lock);
    return !grants->has_failed;
}

static bool is_fresh(struct auth_grants *grants) {
    return grants->is_read && grants->generation_read == atomic_load(&grants->generation) &&
           monotonic_us() / 1000 - grants->read_ms < LIFE_MS;
}

/* The lock is held. False with the request's problem set. */
static bool freshen(struct auth_grants *grants, struct request *request) {
    while (!is_fresh(grants)) {
        if (!grants->is_reading && !read_list(grants, request))
            return false;
        if (grants->is_reading && !wait_for_read(grants)) {
            request->problem.retry_after_s = 1;
            return problem_set(&request->problem, PROBLEM_UNAVAILABLE, "1");
        }
    }
    return true;
}

bool auth_grants_find_municipality(struct auth_grants *grants, struct request *request) {
    pthread_mutex_lock(&grants->lock);
    bool is_known = freshen(grants, request);
    bool is_found = is_known && bsearch(request->municipality, grants->codes.items,
                                        grants->codes.count, CODE_BYTES, compare_codes) != NULL;
    pthread_mutex_unlock(&grants->lock);
    if (is_known && !is_found)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND);
    return is_found;
}

static bool read_grant(struct request *request, struct grant *ret_grant) {
    const struct actor *actor = &request->actor;
    /* in the order the statement first names them */
    const char *values[] = {request->municipality, actor->issuer, actor->subject, request->now};
    auto_result result = ask(request, &auth_roles, values, 4);
    if (!result)
        return false;
    struct grant grant = {0};
    for (int row = 0; row < PQntuples(result); row++) {
        snprintf(grant.person_id, sizeof grant.person_id, "%s", PQgetvalue(result, row, 0));
        int role = spec_role(request->app->spec, PQgetvalue(result, row, 1));
        if (role >= 0 && role < ROLES_MOST)
            grant.roles |= UINT64_C(1) << role;
    }
    *ret_grant = grant;
    return true;
}

/* Names hold no NUL, so that it separates them without doubt. */
static void digest_actor(const struct request *request, unsigned char ret_digest[]) {
    auto_buffer key = {0};
    buffer_add(&key, request->actor.issuer, strlen(request->actor.issuer) + 1);
    buffer_add(&key, request->actor.subject, strlen(request->actor.subject) + 1);
    buffer_add_text(&key, request->municipality);
    SHA256((const unsigned char *)key.data, key.length, ret_digest);
}

bool auth_grants_fill(struct auth_grants *grants, struct request *request) {
    unsigned char digest[AUTH_DIGEST_BYTES];
    struct grant grant;
    digest_actor(request, digest);
    uint64_t generation = atomic_load(&grants->generation);
    int64_t now_ms = monotonic_us() / 1000;
    if (!auth_cache_find(grants->cache, digest, generation, now_ms, &grant)) {
        if (!read_grant(request, &grant))
            return false;
        auth_cache_put(grants->cache, digest, generation, now_ms, now_ms + LIFE_MS, &grant);
    }
    request->actor.person_id =
        *grant.person_id ? arena_text(&request->arena, grant.person_id) : NULL;
    request->actor.roles = grant.roles;
    return true;
}
