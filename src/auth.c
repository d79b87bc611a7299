/*
 * The stages that ask who is calling and what they may. Tokens are read by token.c and verified by
 * keys.c; grants come from auth_grants.c; what is remembered of a token and when it is forgotten is
 * decided here.
 */
#include "auth.h"

#include "app.h"
#include "auth_cache.h"
#include "auth_grants.h"
#include "keys.h"
#include "log.h"
#include "operation.h"
#include "request.h"
#include "signer.h"
#include "token.h"

#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <strings.h>

/* What is remembered of a verified token: never the token itself. */
struct identity {
    char issuer[TOKEN_NAME_BYTES_MOST + 1];
    char subject[TOKEN_NAME_BYTES_MOST + 1];
    char identity[TOKEN_NAME_BYTES_MOST + 1]; /* the claims: "" when absent */
    char birth_date[16];
    char residence[16];
    char district[64];
    const char *identification;
};

struct auth {
    const struct config *config;
    pthread_rwlock_t lock; /* guards signer and keys */
    struct signer *signer;
    struct keys *keys;
    /* Changes with the keys, under the lock: tokens remembered under other keys are verified again.
     */
    atomic_uint_fast64_t generation;

    struct auth_cache
        *tokens; /* of struct identity by the token's SHA-256, times in s of Unix time */
    struct auth_grants *grants;
};

static bool read_keys(const struct config *config, struct signer **ret_signer,
                      struct keys **ret_keys) {
    if (!config->token_key_file || !*config->token_key_file) {
        log_write(LOG_ERROR, NULL,
                  "no key for tokens: set ELINVOIMA_TOKEN_KEY_FILE; \"elinvoima token --new-key "
                  "FILE\" makes one");
        return false;
    }
    struct signer *signer = signer_new(config->token_key_file);
    if (!signer)
        return false;
    struct keys *keys = keys_new(config, signer);
    if (!keys) {
        signer_free(signer);
        return false;
    }
    *ret_signer = signer;
    *ret_keys = keys;
    return true;
}

/* By default readers pass a waiting writer, and under load a reload would never come through. */
static void init_lock(pthread_rwlock_t *lock) {
    pthread_rwlockattr_t attributes;
    if (pthread_rwlockattr_init(&attributes) != 0 ||
        pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) !=
            0 ||
        pthread_rwlock_init(lock, &attributes) != 0)
        abort();
    pthread_rwlockattr_destroy(&attributes);
}

struct auth *auth_new(struct app *app) {
    struct signer *signer = NULL;
    struct keys *keys = NULL;
    if (!read_keys(&app->config, &signer, &keys))
        return NULL;
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        abort();
    auth->config = &app->config;
    auth->signer = signer;
    auth->keys = keys;
    auth->tokens = auth_cache_new(sizeof(struct identity));
    auth->grants = auth_grants_new();
    init_lock(&auth->lock);
    return auth;
}

void auth_free(struct auth *auth) {
    if (!auth)
        return;
    pthread_rwlock_destroy(&auth->lock);
    auth_grants_free(auth->grants);
    auth_cache_free(auth->tokens);
    keys_free(auth->keys);
    signer_free(auth->signer);
    free(auth);
}

bool auth_reload(struct auth *auth) {
    struct signer *signer = NULL;
    struct keys *keys = NULL;
    if (!read_keys(auth->config, &signer, &keys)) {
        log_write(LOG_ERROR, NULL, "the keys stay as they were");
        return false;
    }
    pthread_rwlock_wrlock(&auth->lock);
    struct signer *old_signer = auth->signer;
    struct keys *old_keys = auth->keys;
    auth->signer = signer;
    auth->keys = keys;
    atomic_fetch_add(&auth->generation, 1);
    pthread_rwlock_unlock(&auth->lock);
    keys_free(old_keys);
    signer_free(old_signer);
    log_write(LOG_INFO, NULL, "the keys were read again");
    return true;
}

void auth_forget(struct auth *auth) {
    auth_grants_forget(auth->grants);
}

bool auth_find_municipality(struct request *request) {
    if (!request->municipality)
        return true;
    return auth_grants_find_municipality(request->app->auth->grants, request);
}

/* RFC 6750 section 2.1: one space; RFC 9110 section 11.1: in any case. NULL for anything else. */
static const char *bearer_token(const char *value) {
    static const char scheme[] = "Bearer ";
    if (!value || strncasecmp(value, scheme, sizeof scheme - 1) != 0)
        return NULL;
    return value + sizeof scheme - 1;
}

/* With two of them nobody could say which one an intermediary has looked at. */
static size_t count_authorizations(const struct request *request, const char **ret_value) {
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "Authorization") != 0)
            continue;
        *ret_value = request->headers[i].value;
        count++;
    }
    return count;
}

/* A claim that is text and fits; one that does not is as good as none. */
static void read_claim(const struct token *token, const char *name, char *ret_text, size_t size) {
    const char *value = *name ? json_string_value(json_object_get(token->payload, name)) : NULL;
    if (value && strlen(value) < size)
        memcpy(ret_text, value, strlen(value) + 1);
}

static void read_identity(const struct config *config, const struct token *token,
                          struct identity *ret_identity) {
    memset(ret_identity, 0, sizeof *ret_identity);
    memcpy(ret_identity->issuer, token->issuer, strlen(token->issuer));
    memcpy(ret_identity->subject, token->subject, strlen(token->subject));
    read_claim(token, config->claim_identity, ret_identity->identity,
               sizeof ret_identity->identity);
    read_claim(token, config->claim_birth_date, ret_identity->birth_date,
               sizeof ret_identity->birth_date);
    read_claim(token, config->claim_residence, ret_identity->residence,
               sizeof ret_identity->residence);
    read_claim(token, config->claim_district, ret_identity->district,
               sizeof ret_identity->district);
    ret_identity->identification = token->identification;
}

/* NULL, or why not: a literal for the log. */
static const char *verify(struct auth *auth, const char *text, size_t length,
                          struct identity *ret_identity) {
    unsigned char digest[AUTH_DIGEST_BYTES];
    SHA256((const unsigned char *)text, length, digest);
    int64_t now_s = time(NULL);
    uint64_t generation = atomic_load(&auth->generation);
    if (auth_cache_find(auth->tokens, digest, generation, now_s, ret_identity))
        return NULL;

    auto_token token = {0};
    if (!token_read(&token, text, length))
        return token.refusal;
    pthread_rwlock_rdlock(&auth->lock);
    generation = atomic_load(&auth->generation);
    bool is_valid = keys_check(auth->keys, &token, now_s);
    pthread_rwlock_unlock(&auth->lock);
    if (!is_valid)
        return token.refusal;

    read_identity(auth->config, &token, ret_identity);
    /* not into the leeway: within it the token is verified each time */
    auth_cache_put(auth->tokens, digest, generation, now_s, token.expires_s, ret_identity);
    return NULL;
}

static const char *claim_text(struct request *request, const char *claim) {
    return *claim ? arena_text(&request->arena, claim) : NULL;
}

bool auth_identify(struct request *request) {
    const char *value = NULL;
    size_t count = count_authorizations(request, &value);
    if (count == 0)
        return request->operation->is_public ||
               problem_set(&request->problem, PROBLEM_UNAUTHENTICATED);

    struct identity identity;
    const char *text = count == 1 ? bearer_token(value) : NULL;
    const char *refusal = "not one Authorization header with Bearer and one space";
    if (text) {
        size_t length = strlen(text);
        refusal = length > TOKEN_BYTES_MOST ? "longer than allowed"
                                            : verify(request->app->auth, text, length, &identity);
    }
    if (refusal) {
        log_write(LOG_INFO, request->id, "token refused: %s", refusal);
        return problem_set(&request->problem, PROBLEM_UNAUTHENTICATED);
    }
    request->actor.is_authenticated = true;
    request->actor.issuer = arena_text(&request->arena, identity.issuer);
    request->actor.subject = arena_text(&request->arena, identity.subject);
    request->actor.identity = claim_text(request, identity.identity);
    request->actor.birth_date = claim_text(request, identity.birth_date);
    request->actor.residence = claim_text(request, identity.residence);
    request->actor.district = claim_text(request, identity.district);
    request->actor.identification = identity.identification;
    return true;
}

bool auth_permit(struct request *request) {
    const struct operation *operation = request->operation;
    if (!request->actor.is_authenticated)
        return operation->is_public || problem_set(&request->problem, PROBLEM_UNAUTHENTICATED);
    /* what asks for a token and no role, and shows no rows, is about the token alone */
    bool needs_role = !operation->is_public && operation->roles != 0;
    if (!operation->is_public && !needs_role && !operation->binding->reads)
        return true;
    /* also where all may read: what may be seen depends on who looks */
    if (request->municipality && !auth_grants_fill(request->app->auth->grants, request))
        return false;
    if (!needs_role)
        return true;
    if (request->actor.roles & operation->roles)
        return true;
    return problem_set(&request->problem, PROBLEM_INSUFFICIENT_SCOPE, operation->role_names);
}

void auth_derive(const struct auth *auth, const char *purpose, unsigned char ret_key[32]) {
    pthread_rwlock_t *lock = (pthread_rwlock_t *)&auth->lock;
    pthread_rwlock_rdlock(lock);
    signer_derive(auth->signer, purpose, ret_key);
    pthread_rwlock_unlock(lock);
}

char *auth_mint(const struct auth *auth, const char *subject, int64_t lifetime_s) {
    pthread_rwlock_t *lock = (pthread_rwlock_t *)&auth->lock;
    pthread_rwlock_rdlock(lock);
    char *token = signer_mint(auth->signer, auth->config->token_issuer,
                              auth->config->token_audience, subject, NULL, time(NULL), lifetime_s);
    pthread_rwlock_unlock(lock);
    return token;
}
