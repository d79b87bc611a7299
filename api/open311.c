/*
 * Open311 GeoReport v2 (open311.h): what is read. Each answer is one JSON document of the database,
 * written as XML or JSON (xml.h), so that both say the same. Sending is open311_send.c.
 */
#include "open311.h"

#include "app.h"
#include "bind.h"
#include "open311.sql.h"
#include "reply.h"
#include "session.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

/* What an item of a list is called in XML. */
static const char *item_of(const char *list) {
    static const char *const names[][2] = {{"attributes", "attribute"},
                                           {"endpoints", "endpoint"},
                                           {"formats", "format"},
                                           {"media_urls", "media_url"},
                                           {"service_request_updates", "request_update"},
                                           {"service_requests", "request"},
                                           {"services", "service"},
                                           {"values", "value"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], list) == 0)
            return names[i][1];
    abort(); /* a list of ours */
}

static void write_value(struct xml *xml, const char *name, const json_t *value) {
    const char *member;
    json_t *part;
    size_t at;
    auto_buffer number = {0};
    switch (json_typeof(value)) {
    case JSON_ARRAY:
        xml_list(xml, name);
        json_array_foreach(value, at, part) write_value(xml, item_of(name), part);
        xml_close(xml);
        break;
    case JSON_OBJECT:
        xml_open(xml, name);
        json_object_foreach((json_t *)value, member, part) write_value(xml, member, part);
        xml_close(xml);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        xml_boolean(xml, name, json_is_true(value));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        buffer_print(&number, "%.15g", json_number_value(value));
        xml_number(xml, name, number.data);
        break;
    default:
        xml_text(xml, name, json_string_value(value));
    }
}

bool open311_answer(struct request *request, const char *root, const json_t *document) {
    enum xml_form form = request->media == MEDIA_XML ? XML_AS_XML : XML_AS_JSON;
    struct xml *xml = xml_new(form, &request->reply);
    write_value(xml, root, document);
    xml_free(xml);
    return reply_finish(request, xml_types[form], 0);
}

const char *open311_given(const struct request *request, const char *name) {
    const char *parameter = request_parameter(request, name);
    return parameter ? parameter : json_string_value(json_object_get(request->json, name));
}

/* `locale`, of which the language is what counts: fi, fi_FI, sv-FI. */
static void read_locale(struct request *request) {
    const char *locale = open311_given(request, "locale");
    enum language language =
        locale ? language_find(arena_copy(&request->arena, locale, strcspn(locale, "_-")))
               : LANGUAGE_COUNT;
    if (language < LANGUAGE_COUNT)
        request->language = language;
}

bool open311_refuse(struct request *request, const char *name, enum problem_code code) {
    if (code == PROBLEM_MEMBER_REQUIRED && !request->problem.code)
        problem_set(&request->problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, name, code, name);
}

static bool find_municipality(struct request *request, struct db *db) {
    if (request->municipality)
        return true;
    const char *const values[] = {open311_given(request, "jurisdiction_id")};
    auto_result found = db_run(db, open311_jurisdiction.text, values, 1, &request->problem);
    if (!found)
        return false;
    if (PQntuples(found) != 1)
        return open311_refuse(request, "jurisdiction_id",
                              values[0] ? PROBLEM_NOT_FOUND : PROBLEM_MEMBER_REQUIRED);
    request->municipality = arena_text(&request->arena, PQgetvalue(found, 0, 0));
    return true;
}

const char *open311_column(const PGresult *row, const char *name) {
    int column = PQfnumber(row, name);
    return PQgetisnull(row, 0, column) ? NULL : PQgetvalue(row, 0, column);
}

PGresult *open311_ask(struct request *request, const struct statement *statement) {
    read_locale(request);
    struct db *db = session_begin_read(request, false);
    if (!db)
        return NULL;
    auto_result rows = NULL;
    if (find_municipality(request, db)) {
        const char *values[BIND_VALUES_MOST];
        int count = bind_values(request, statement, NULL, values);
        rows = db_run(db, statement->text, values, count, &request->problem);
    }
    session_end(request, db);
    return steal(&rows);
}

/* The document of the operation's statement; no row, or null, is the refusal. */
static bool tell(struct request *request, const char *root, const char *refused,
                 enum problem_code refusal) {
    auto_result rows = open311_ask(request, request->operation->binding->finds);
    if (!rows)
        return false;
    if (PQntuples(rows) == 0 || PQgetisnull(rows, 0, 0))
        return refused ? open311_refuse(request, refused, refusal)
                       : problem_set(&request->problem, refusal);
    json_auto_t *document = json_loads(PQgetvalue(rows, 0, 0), 0, NULL);
    return open311_answer(request, root, document);
}

static bool list_services(struct request *request) {
    return tell(request, "services", NULL, PROBLEM_NOT_FOUND);
}

static bool get_definition(struct request *request) {
    return tell(request, "service_definition", "service_code", PROBLEM_NOT_FOUND);
}

/* A place is lat and long, and a radius has one: what is half a filter would show everything. */
static bool check_place(struct request *request) {
    if (open311_given(request, "service_request_id"))
        return true;
    bool has_lat = open311_given(request, "lat"), has_long = open311_given(request, "long");
    bool is_round = open311_given(request, "radius");
    if (!has_lat && (has_long || is_round))
        open311_refuse(request, "lat", PROBLEM_MEMBER_REQUIRED);
    if (!has_long && (has_lat || is_round))
        open311_refuse(request, "long", PROBLEM_MEMBER_REQUIRED);
    return request->problem.code == PROBLEM_NONE;
}

static bool list_requests(struct request *request) {
    if (!check_place(request))
        return false;
    return tell(request, "service_requests", "end_date", PROBLEM_SPAN_TOO_LONG);
}

static bool get_request(struct request *request) {
    return tell(request, "service_requests", "service_request_id", PROBLEM_NOT_FOUND);
}

static bool get_token(struct request *request) {
    return tell(request, "service_requests", "token", PROBLEM_NOT_FOUND);
}

static bool list_updates(struct request *request) {
    return tell(request, "service_request_updates", NULL, PROBLEM_API_KEY_INVALID);
}

/* --- discovery ----------------------------------------------------------------------------------
 */

static void write_endpoint(struct xml *xml, const char *url, const char *changeset,
                           const char *type) {
    xml_open(xml, "endpoint");
    xml_text(xml, "specification", "http://wiki.open311.org/GeoReport_v2");
    xml_text(xml, "url", url);
    xml_text(xml, "changeset", changeset);
    xml_text(xml, "type", type);
    xml_list(xml, "formats");
    xml_text(xml, "format", "text/xml");
    xml_text(xml, "format", "application/json");
    xml_close(xml);
    xml_close(xml);
}

static const char *either(const char *setting, const char *otherwise) {
    return setting[0] ? setting : otherwise;
}

/* The key says whether what it sends is a test: both endpoints have one address. */
static bool discover(struct request *request) {
    static const char changeset[] = "2026-11-22T00:00:00Z";
    const struct config *config = &request->app->config;
    const char *base = request_service_url(request);
    const char *contact = either(config->open311_contact, base);
    const char *below =
        request->municipality
            ? arena_print(&request->arena, "%s/open311/v2/%s/", base, request->municipality)
            : arena_print(&request->arena, "%s/open311/v2/", base);
    enum xml_form form = request->media == MEDIA_XML ? XML_AS_XML : XML_AS_JSON;
    struct xml *xml = xml_new(form, &request->reply);
    xml_open(xml, "discovery");
    xml_text(xml, "changeset", changeset);
    xml_text(xml, "contact", contact);
    xml_text(xml, "key_service", either(config->open311_key_service, contact));
    xml_list(xml, "endpoints");
    write_endpoint(xml, below, changeset, "production");
    write_endpoint(xml, below, changeset, "test");
    xml_close(xml);
    xml_close(xml);
    xml_free(xml);
    return reply_finish(request, xml_types[form], 0);
}

const struct binding open311_bindings[] = {
    BOTH("getOpen311Discovery", discover),
    BOTH("getOpen311Request", get_request, .finds = &open311_request),
    BOTH("getOpen311ServiceDefinition", get_definition, .finds = &open311_definition),
    BOTH("getOpen311Token", get_token, .finds = &open311_token),
    BOTH("listOpen311Requests", list_requests, .finds = &open311_requests),
    BOTH("listOpen311Services", list_services, .finds = &open311_services),
    BOTH("listOpen311Updates", list_updates, .finds = &open311_updates),
    {0},
};

const struct constraint open311_constraints[] = {
    {0},
};
