/*
 * Open311 GeoReport v2: what is sent. A request becomes a body of createFeedback and takes its way:
 * the same checks, guard, routing, masking and link. Its files are pictures, kept in the same
 * transaction as createFeedbackImage keeps them. What a test key sends is rolled back. Addresses of
 * pictures are kept as they are: nothing is fetched from them.
 */
#include "feedback.h"
#include "open311.h"
#include "open311_picture.h"

#include "app.h"
#include "bind.h"
#include "body.h"
#include "feedback.sql.h"
#include "form.h"
#include "open311.sql.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

static bool is_set(const PGresult *client, const char *name) {
    return open311_column(client, name)[0] == 't';
}

/* NULL, 403, without a key that may post. The caller owns the row. */
static PGresult *find_client(struct request *request) {
    auto_result client = open311_ask(request, &open311_intake);
    if (client && PQntuples(client) == 1 && is_set(client, "may_post"))
        return steal(&client);
    if (client)
        problem_set(&request->problem, PROBLEM_API_KEY_INVALID);
    return NULL;
}

static void copy_member(const struct request *request, json_t *body, const char *from,
                        const char *to) {
    json_t *value = json_object_get(request->json, from);
    if (value && !json_object_get(body, to))
        json_object_set(body, to, value);
}

/* Six decimals, as FixMyStreet sends them; others send all they have. */
static void copy_degrees(struct request *request, json_t *body, const char *from, const char *to) {
    const char *text = json_string_value(json_object_get(request->json, from));
    if (text)
        json_object_set_new(body, to,
                            json_string(arena_print(&request->arena, "%.6f", strtod(text, NULL))));
}

static void copy_contact(struct request *request, json_t *body) {
    const char *first = json_string_value(json_object_get(request->json, "first_name"));
    const char *last = json_string_value(json_object_get(request->json, "last_name"));
    json_auto_t *contact = json_object();
    if (first || last)
        json_object_set_new(contact, "name",
                            json_string(arena_print(&request->arena, "%s%s%s", first ? first : "",
                                                    first && last ? " " : "", last ? last : "")));
    copy_member(request, contact, "email", "email");
    copy_member(request, contact, "phone", "phone");
    if (json_object_size(contact))
        json_object_set(body, "contact", contact);
}

static bool is_asked(const json_t *asked, const char *code) {
    for (size_t i = 0; i < json_array_size(asked); i++)
        if (strcmp(json_string_value(json_array_get(asked, i)), code) == 0)
            return true;
    return false;
}

/* Answers to questions that are asked; what else clients send along means nothing here. */
static bool copy_answers(struct request *request, json_t *body, const json_t *asked) {
    json_t *answers = json_object();
    json_object_set_new(body, "answers", answers);
    for (size_t i = 0; i < request->form->count; i++) {
        const struct form_field *field = &request->form->fields[i];
        const char *code;
        enum form_attribute kind = form_read_attribute(field->name, &request->arena, &code);
        if (kind == FORM_ATTRIBUTE_BROKEN)
            problem_add(&request->problem, &request->arena, FAULT_PARAMETER, field->name,
                        PROBLEM_MEMBER_UNKNOWN, field->name);
        if (kind != FORM_ATTRIBUTE || !field->length || field->filename || !is_asked(asked, code))
            continue;
        json_t *list = json_object_get(answers, code);
        if (!list)
            json_object_set_new(answers, code, list = json_array());
        json_array_append_new(list, json_string(field->value));
    }
    return request->problem.code == PROBLEM_NONE;
}

static bool check_place(struct request *request, const json_t *body) {
    if (json_object_get(body, "latitude") || json_object_get(body, "longitude") ||
        json_object_get(body, "address"))
        return true;
    return open311_refuse(request, "lat", PROBLEM_MEMBER_REQUIRED);
}

static json_t *body_of(struct request *request, const PGresult *client) {
    const char *language = open311_given(request, "locale") ? language_codes[request->language]
                                                            : open311_column(client, "language");
    json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:b}", "kind", "fault", "channel", "open311",
                             "topic_id", open311_column(client, "topic_id"), "language", language,
                             "permits_publication", is_set(client, "permits_publication"));
    copy_member(request, body, "title", "title");
    copy_member(request, body, "description", "text");
    copy_member(request, body, "address_string", "address");
    copy_member(request, body, "address_id", "address");
    copy_degrees(request, body, "lat", "latitude");
    copy_degrees(request, body, "long", "longitude");
    copy_contact(request, body);
    return body;
}

/* Pointers into the body of createFeedback, as the fields that were sent are called. */
static void rename_faults(struct request *request) {
    static const char *const names[][2] = {
        {"/answers/", "/attribute["},    {"/text", "/description"},
        {"/latitude", "/lat"},           {"/longitude", "/long"},
        {"/address", "/address_string"}, {"/topic_id", "/service_code"}};
    for (struct fault *fault = request->problem.faults; fault; fault = fault->next)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            size_t length = strlen(names[i][0]);
            if (strncmp(fault->where, names[i][0], length) != 0)
                continue;
            fault->where = arena_print(&request->arena, "%s%s%s", names[i][1],
                                       fault->where + length, i == 0 ? "]" : "");
            break;
        }
}

/* What the statements are given instead of the form. */
static void take_body(struct request *request, json_t *body) {
    json_incref(body);
    json_decref(request->json);
    request->json = body;
    auto_free char *text = json_dumps(body, JSON_COMPACT);
    request->json_text = arena_text(&request->arena, text);
    body_mask(request);
}

/* The body of createFeedback, and beside it what the statements `enter` and `keep` ask for. */
static bool translate(struct request *request, const PGresult *client) {
    const char *path = arena_print(&request->arena, "/v1/%s/feedback", request->municipality);
    const struct operation *native = spec_find(request->app->spec, "POST", path);
    const char *asked_text = open311_column(client, "asked");
    json_auto_t *asked = asked_text ? json_loads(asked_text, 0, NULL) : json_array();
    json_auto_t *body = body_of(request, client);
    if (!copy_answers(request, body, asked) || !check_place(request, body) ||
        !schema_check(native->body, body, false, &request->arena, &request->problem))
        return false;
    copy_member(request, body, "account_id", "account_id");
    copy_member(request, body, "address_id", "address_id");
    copy_member(request, body, "media_url", "media_url");
    copy_member(request, body, "service_object_type", "service_object_type");
    copy_member(request, body, "service_object_id", "service_object_id");
    json_object_set_new(body, "client_id", json_string(open311_column(client, "id")));
    take_body(request, body);
    return true;
}

/* The effect of a creation: its link, its pictures, and what the client said beside it. */
static bool keep(struct request *request, struct db *db) {
    if (!feedback_keep_link(request, db))
        return false;
    const char *made = session_made(request, db);
    if (!made)
        return false;
    const struct statement *statement = open311_keep.applies[0];
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, statement, NULL, values);
    auto_result kept = db_run(db, statement->text, values, count, &request->problem);
    if (!kept)
        return false;
    if (PQntuples(kept) != 1)
        return problem_set(&request->problem, PROBLEM_ALREADY_EXISTS);
    return open311_keep_pictures(request, db, made);
}

/* The number and no token: clients ask by the token and forget the number when they get both. */
static bool tell_received(struct request *request, json_int_t number) {
    const char *account = open311_given(request, "account_id");
    json_auto_t *document = json_pack("[{s:o, s:s, s:s}]", "service_request_id",
                                      json_sprintf("%" JSON_INTEGER_FORMAT, number),
                                      "service_notice", "", "account_id", account ? account : "");
    return open311_answer(request, "service_requests", document);
}

static bool tell_first(struct request *request) {
    request->problem = (struct problem){0};
    auto_result first = open311_ask(request, &open311_first);
    if (!first)
        return false;
    if (PQntuples(first) != 1)
        return problem_set(&request->problem, PROBLEM_UNAVAILABLE, "1");
    return tell_received(request, strtoll(PQgetvalue(first, 0, 0), NULL, 10));
}

/* What the pipeline has written for others, read once more. The caller owns it. */
static json_t *take_reply(struct request *request) {
    json_t *made = json_loadb(request->reply.data, request->reply.length, 0, NULL);
    buffer_clear(&request->reply);
    return made;
}

/* Headers of the native operation lead to what these clients do not know. */
static bool create_as(struct request *request, const PGresult *client) {
    size_t headers = request->reply_header_count;
    request->prefer = (struct preferences){.rollback = is_set(client, "is_test")};
    bool is_done = operation_create(request);
    request->reply_header_count = headers;
    return is_done;
}

static bool send_request(struct request *request) {
    auto_result client = find_client(request);
    if (!client)
        return false;
    if (!open311_column(client, "topic_id"))
        return open311_refuse(request, "service_code", PROBLEM_NOT_FOUND);
    if (!translate(request, client) || !open311_read_pictures(request) ||
        !create_as(request, client)) {
        rename_faults(request);
        return request->problem.code == PROBLEM_ALREADY_EXISTS && tell_first(request);
    }
    json_auto_t *made = take_reply(request);
    return tell_received(request, json_integer_value(json_object_get(made, "number")));
}

/* The effect of an update: its pictures, unless it is a repetition. */
static bool keep_update(struct request *request, struct db *db) {
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, &open311_update_made, NULL, values);
    auto_result made = db_run(db, open311_update_made.text, values, count, &request->problem);
    return made &&
           (PQntuples(made) == 0 || open311_keep_pictures(request, db, PQgetvalue(made, 0, 0)));
}

static bool send_update(struct request *request) {
    auto_result client = find_client(request);
    if (!client)
        return false;
    json_object_set_new(request->json, "client_id", json_string(open311_column(client, "id")));
    body_mask(request);
    if (!open311_read_pictures(request) || !create_as(request, client))
        return false;
    json_auto_t *made = take_reply(request);
    json_auto_t *document = json_pack("[{s:O}]", "update_id", json_object_get(made, "id"));
    return open311_answer(request, "service_request_updates", document);
}

static const struct statement *const create_applies[] = {&feedback_create_apply_statement, NULL};
static const struct write create = {"open311.create", &open311_enter,
                                    &feedback_create_guard_statement, create_applies};

const struct binding open311_send_bindings[] = {
    BOTH("createOpen311Request", send_request, &create, &feedback_receipt, &open311_intake,
         .effect = keep),
    BOTH("createOpen311Update", send_update, &open311_update, &open311_update_receipt,
         .effect = keep_update),
    {0},
};

const struct constraint open311_send_constraints[] = {
    {0},
};
