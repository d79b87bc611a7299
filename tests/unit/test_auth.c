/* The stages that identify and permit, as far as they need no database: none of these may touch
 * one. */
#include "auth.h"

#include "app.h"
#include "check.h"
#include "key_files.h"
#include "log.h"
#include "operation.h"
#include "request.h"
#include "signer.h"

static struct app app = {.config = {.token_issuer = "https://i",
                                    .token_audience = "elinvoima",
                                    .claim_birth_date = "birthdate",
                                    .claim_district = "district",
                                    .claim_identity = "",
                                    .claim_residence = "municipality"}};
static const struct operation open_to_all = {.id = "read", .is_public = true};
static const struct binding about_the_token_alone = {.operation_id = "note"};
static const struct operation for_persons = {.id = "note", .binding = &about_the_token_alone};
static const struct operation for_admins = {
    .id = "write", .roles = 1, .role_names = "admin, presenter"};

/* One request through the stages up to auth_permit. */
struct outcome {
    enum problem_code code;
    bool is_authenticated;
    char subject[64];
    char parameter[64];
};

static struct outcome ask(const struct operation *operation, const struct header *headers,
                          size_t count, const char *municipality) {
    struct request request = {.app = &app, .operation = operation, .headers = headers};
    request.header_count = count;
    request.municipality = municipality;
    bool is_good = auth_identify(&request) && auth_permit(&request);
    CHECK(is_good == (request.problem.code == PROBLEM_NONE));
    struct outcome outcome = {request.problem.code, request.actor.is_authenticated, "", ""};
    if (request.actor.subject)
        snprintf(outcome.subject, sizeof outcome.subject, "%s", request.actor.subject);
    if (request.problem.parameters[0])
        snprintf(outcome.parameter, sizeof outcome.parameter, "%s", request.problem.parameters[0]);
    arena_clear(&request.arena);
    return outcome;
}

static struct outcome ask_with(const struct operation *operation, const char *authorization) {
    const struct header headers[] = {{"Accept", "*/*"}, {"aUTHORIZATION", authorization}};
    return ask(operation, headers, 2, NULL);
}

/* `format` holds one %s for the token. */
static enum problem_code send(const char *format, const char *token) {
    auto_buffer value = {0};
    const char *place = strstr(format, "%s");
    buffer_add(&value, format, (size_t)(place - format));
    buffer_add_text(&value, token);
    buffer_add_text(&value, place + 2);
    return ask_with(&for_persons, value.data).code;
}

static void test_without_token_only_public_operations_answer(void) {
    struct outcome outcome = ask(&open_to_all, NULL, 0, "743");
    CHECK(outcome.code == PROBLEM_NONE && !outcome.is_authenticated);
    CHECK(ask(&for_persons, NULL, 0, "743").code == PROBLEM_UNAUTHENTICATED);
    CHECK(ask(&for_admins, NULL, 0, NULL).code == PROBLEM_UNAUTHENTICATED);
}

static void test_good_token_fills_the_actor(void) {
    auto_free char *token = auth_mint(app.auth, "matti", 600);
    auto_free char *value = NULL;
    CHECK(asprintf(&value, "Bearer %s", token) > 0);
    for (int i = 0; i < 3; i++) { /* verified once, then remembered */
        struct outcome outcome = ask_with(&for_persons, value);
        CHECK(outcome.code == PROBLEM_NONE && outcome.is_authenticated);
        CHECK_TEXT(outcome.subject, "matti");
    }
    CHECK(ask_with(&open_to_all, value).is_authenticated);
}

static void test_authorization_has_one_form(void) {
    auto_free char *token = auth_mint(app.auth, "matti", 600);
    CHECK(send("Bearer %s", token) == PROBLEM_NONE);
    CHECK(send("bearer %s", token) == PROBLEM_NONE);
    CHECK(send("BEARER %s", token) == PROBLEM_NONE);
    static const char *const bad[] = {
        "%s",
        "Bearer  %s",
        "Bearer\t%s",
        "Bearer %s ",
        "Bearer,%s",
        "Basic %s",
        "Bearer%s",
        "Bearer %s,Bearer x",
        "Bearer x,%s",
        "Token %s",
        "Bearer \"%s\"",
        " Bearer %s",
        "Bearer token=\"%s\"",
        "Bearer %s, abc",
        "Bearer %s=",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(send(bad[i], token) == PROBLEM_UNAUTHENTICATED);
    CHECK(ask_with(&for_persons, "").code == PROBLEM_UNAUTHENTICATED);
    CHECK(ask_with(&for_persons, "Bearer").code == PROBLEM_UNAUTHENTICATED);
    CHECK(ask_with(&for_persons, "Bearer ").code == PROBLEM_UNAUTHENTICATED);
}

static void test_two_authorizations_are_refused(void) {
    auto_free char *token = auth_mint(app.auth, "matti", 600);
    auto_free char *value = NULL;
    CHECK(asprintf(&value, "Bearer %s", token) > 0);
    const struct header headers[] = {{"Authorization", value}, {"authorization", value}};
    CHECK(ask(&for_persons, headers, 1, NULL).code == PROBLEM_NONE);
    CHECK(ask(&for_persons, headers, 2, NULL).code == PROBLEM_UNAUTHENTICATED);
}

static void test_bad_token_is_refused_where_none_is_needed(void) {
    CHECK(ask_with(&open_to_all, "Bearer x.y.z").code == PROBLEM_UNAUTHENTICATED);
    CHECK(ask_with(&open_to_all, "Basic abc").code == PROBLEM_UNAUTHENTICATED);
    auto_buffer value = {0};
    buffer_add_text(&value, "Bearer ");
    for (int i = 0; i < 30000; i++)
        buffer_add_char(&value, 'a');
    CHECK(ask_with(&open_to_all, value.data).code == PROBLEM_UNAUTHENTICATED);
}

/* A remembered token must not stand in for another that only begins or ends alike. */
static void test_remembered_token_is_compared_whole(void) {
    auto_free char *token = auth_mint(app.auth, "matti", 600);
    CHECK(send("Bearer %s", token) == PROBLEM_NONE);
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i++) {
        char kept = token[i];
        token[i] = kept == 'A' ? 'B' : 'A';
        CHECK(send("Bearer %s", token) == PROBLEM_UNAUTHENTICATED);
        token[i] = kept;
    }
    CHECK(send("Bearer %s", token) == PROBLEM_NONE);
}

static void test_roles_are_needed_where_the_contract_says(void) {
    auto_free char *token = auth_mint(app.auth, "matti", 600);
    auto_free char *value = NULL;
    CHECK(asprintf(&value, "Bearer %s", token) > 0);
    struct outcome outcome = ask_with(&for_admins, value);
    CHECK(outcome.code == PROBLEM_INSUFFICIENT_SCOPE);
    CHECK_TEXT(outcome.parameter, "admin, presenter");
    CHECK(ask_with(&for_persons, value).code == PROBLEM_NONE);
}

static void test_operations_of_no_municipality_are_found(void) {
    struct request request = {.app = &app, .operation = &open_to_all};
    CHECK(auth_find_municipality(&request));
}

static void test_derived_keys_are_the_same_on_every_instance(void) {
    struct auth *other = auth_new(&app);
    unsigned char ours[32], theirs[32];
    auth_derive(app.auth, "cursor", ours);
    auth_derive(other, "cursor", theirs);
    CHECK(memcmp(ours, theirs, 32) == 0);
    auth_free(other);
}

static void test_reload_forgets_tokens_of_the_old_key(void) {
    auto_free char *old = auth_mint(app.auth, "matti", 600);
    CHECK(send("Bearer %s", old) == PROBLEM_NONE);
    CHECK(auth_reload(app.auth)); /* nothing has changed */
    CHECK(send("Bearer %s", old) == PROBLEM_NONE);

    write_text("own.pem", "no key at all");
    CHECK(!auth_reload(app.auth));
    CHECK(send("Bearer %s", old) == PROBLEM_NONE);

    unlink(path_of("own.pem"));
    CHECK(signer_write_new_key(path_of("own.pem")));
    CHECK(send("Bearer %s", old) == PROBLEM_NONE); /* until told */
    CHECK(auth_reload(app.auth));
    CHECK(send("Bearer %s", old) == PROBLEM_UNAUTHENTICATED);
    auto_free char *new = auth_mint(app.auth, "matti", 600);
    CHECK(send("Bearer %s", new) == PROBLEM_NONE);
}

static void test_without_key_nothing_starts(void) {
    struct app other = {
        .config = {.token_issuer = "i", .token_audience = "a", .token_key_file = ""}};
    CHECK(!auth_new(&other));
    other.config.token_key_file = "/nonexistent/key.pem";
    CHECK(!auth_new(&other));
    other.config.token_key_file = app.config.token_key_file;
    other.config.issuers_file = "/nonexistent/issuers.json";
    CHECK(!auth_new(&other));
    auth_free(NULL);
}

int main(void) {
    log_init((enum log_level)(LOG_ERROR + 1)); /* every refusal would write a line */
    folder_make();
    char own[sizeof folder + 16];
    snprintf(own, sizeof own, "%s/own.pem", folder);
    CHECK(signer_write_new_key(own));
    app.config.token_key_file = own;
    app.auth = auth_new(&app);
    CHECK(app.auth != NULL);
    test_without_token_only_public_operations_answer();
    test_good_token_fills_the_actor();
    test_authorization_has_one_form();
    test_two_authorizations_are_refused();
    test_bad_token_is_refused_where_none_is_needed();
    test_remembered_token_is_compared_whole();
    test_roles_are_needed_where_the_contract_says();
    test_operations_of_no_municipality_are_found();
    test_derived_keys_are_the_same_on_every_instance();
    test_reload_forgets_tokens_of_the_old_key();
    test_without_key_nothing_starts();
    auth_free(app.auth);
    folder_remove();
    return check_finish();
}
