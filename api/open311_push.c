/*
 * Telling a client of Open311 what became of what it sent, at its own servicerequestupdates
 * (FixMyStreet's server side). The worker's errand, one move a time.
 *
 *   1. It has arrived when the answer names an update_id: a page of something in between does not.
 *      Nor does a repetition make a second one: the client knows the move's id and says so.
 *   2. What the client refuses (4xx) is tried again on its own; when the client cannot be reached,
 *      is too slow or says what nobody understands, all that waits for it waits on.
 *   3. Neither the key nor what was answered is logged or told to anybody.
 */
#include "open311_push.h"

#include "app.h"
#include "bind.h"
#include "log.h"
#include "open311.h"
#include "open311_push.sql.h"
#include "operation.h"
#include "outgoing.h"
#include "secret.h"

#include <string.h>

const char open311_push_purpose[] = "open311 push";

static void fill_form(const PGresult *told, const char *key, struct buffer *form) {
    static const char *const fields[] = {"update_id", "service_request_id", "status",
                                         "updated_datetime", "description"};
    const char *jurisdiction = open311_column(told, "push_jurisdiction_id");
    if (jurisdiction)
        outgoing_add_field(form, "jurisdiction_id", jurisdiction);
    outgoing_add_field(form, "api_key", key);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        outgoing_add_field(form, fields[i], open311_column(told, fields[i]));
}

static bool says(const struct buffer *body, const char *words) {
    return body->length && memmem(body->data, body->length, words, strlen(words));
}

/* The client's own word on this move, as against a failure of everything. */
static bool is_refusal(long status) {
    return status >= 400 && status < 500 && status != 408 && status != 429;
}

struct outcome {
    const struct write *keep;
    const char *reason;
};

static struct outcome judge(struct request *request, long status, const struct buffer *body) {
    if ((status / 100 == 2 && says(body, "update_id")) ||
        (status == 400 && says(body, "already exists")))
        return (struct outcome){&open311_push_keep_delivery, NULL};
    if (status / 100 == 2)
        return (struct outcome){&open311_push_keep_failure, "no_update_id"};
    return (struct outcome){is_refusal(status) ? &open311_push_keep_refusal
                                               : &open311_push_keep_failure,
                            arena_print(&request->arena, "status_%ld", status)};
}

static struct outcome send_told(struct request *request, const PGresult *told) {
    static const char *const reasons[] = {
        [OUTGOING_NOT_ALLOWED] = "not_allowed",
        [OUTGOING_UNREACHABLE] = "unreachable",
        [OUTGOING_TOO_SLOW] = "too_slow",
        [OUTGOING_TOO_LARGE] = "too_large",
    };
    const char *key =
        secret_unlock(request, open311_push_purpose, open311_column(told, "push_api_key"));
    if (!key)
        return (struct outcome){&open311_push_keep_failure, "key_unreadable"};
    auto_buffer form = {0}, body = {0};
    long status = 0;
    fill_form(told, key, &form);
    const char *url = arena_print(&request->arena, "%sservicerequestupdates.xml",
                                  open311_column(told, "push_url"));
    enum outgoing outgoing = outgoing_post(&request->app->config, url, &form, &status, &body);
    if (outgoing == OUTGOING_ANSWERED)
        return judge(request, status, &body);
    return (struct outcome){&open311_push_keep_failure, reasons[outgoing]};
}

static bool push(struct request *request, struct db *db) {
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, &open311_push_told, NULL, values);
    auto_result told = db_run(db, open311_push_told.text, values, count, &request->problem);
    if (!told)
        return false;
    struct outcome outcome = send_told(request, told);
    if (outcome.reason)
        log_write(LOG_WARNING, request->id, "%s move %s: its client is not told: %s",
                  request->municipality, open311_column(told, "update_id"), outcome.reason);
    request->json = json_pack("{s:s?}", "reason", outcome.reason);
    const struct statement *keep = outcome.keep->applies[0];
    count = bind_values(request, keep, NULL, values);
    auto_result kept = db_run(db, keep->text, values, count, &request->problem);
    return kept != NULL;
}

const struct binding open311_push_bindings[] = {
    {"pushOpen311Update", .write = &open311_push_push, .effect = push, .is_errand = true},
    {0},
};

const struct constraint open311_push_constraints[] = {
    {0},
};
