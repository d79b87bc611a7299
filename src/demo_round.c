/* Reporting rounds of the demo, move by move (demo_life.h). */
#include "demo_life.h"
#include "demo_load.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define COORDINATOR "demo-coordinator"

/* Those members of the facts that the API takes when a round is planned. */
static json_t *plan_of(const struct demo_life *round) {
    static const char *const members[] = {
        "programme_id",
        "programme_version_id",
        "year",
        "name",
        "due_on",
        "grace_days",
        "added_measure_ids",
        "assessing_body_id",
        "onward_report_body_id",
        "start_decision_id",
        NULL,
    };
    json_t *plan = json_object();
    for (const char *const *name = members; *name; name++)
        if (json_object_get(round->facts, *name))
            json_object_set(plan, *name, json_object_get(round->facts, *name));
    if (!json_is_integer(json_object_get(plan, "year"))) {
        time_t now = time(NULL);
        struct tm parts;
        gmtime_r(&now, &parts);
        json_object_set_new(plan, "year", json_integer(parts.tm_year + 1900));
    }
    return plan;
}

static bool plan(struct demo_life *round) {
    json_auto_t *facts = plan_of(round);
    json_auto_t *body = demo_resolve(round->demo, facts);
    return demo_plan(round, COORDINATOR, body);
}

static json_t *list_of(struct demo_life *round, const char *subject, const char *path) {
    auto_free char *target =
        demo_print("/v1/%s/%s?limit=200&reporting_round_id=%s", round->municipality, path,
                   demo_text(demo_life_item(round), "id"));
    return demo_list(round->demo, subject, target);
}

/* Borrowed from `requests`: the request of a party about a measure, both by our ids; NULL when
 * none. */
static const json_t *find_request(const json_t *requests, const char *measure_id,
                                  const char *party_id) {
    size_t i;
    json_t *request;
    json_array_foreach(requests, i, request) {
        if (demo_holds(request, "measure_id", measure_id) &&
            demo_holds(request, "responsible_party_id", party_id))
            return request;
    }
    return NULL;
}

/* A party's duty passes to its successor. */
static bool replace(struct demo_life *round, const json_t *requests, const json_t *fact) {
    const json_t *facts = json_object_get(fact, "reassigned");
    if (!facts)
        return true;
    struct demo *demo = round->demo;
    const json_t *measure = demo_find(demo, demo_text(fact, "measure_id"));
    const char *from = demo_id(demo, facts, "from_party_id");
    const char *to = demo_id(demo, fact, "responsible_party_id");
    if (!from || !to || find_request(requests, demo_text(measure, "id"), to))
        return from && to;
    json_auto_t *body =
        json_pack("{s:s, s:s, s:s, s:O}", "from_party_id", from, "to_party_id", to, "on",
                  demo_text(facts, "on"), "reason", json_object_get(facts, "reason"));
    auto_free char *target = demo_print("/v1/%s/measure-lines/%s/replace", round->municipality,
                                        demo_text(measure, "measure_line_id"));
    demo_set_clock(demo, demo_text(facts, "at"));
    json_auto_t *replaced = demo_call(demo, COORDINATOR, "POST", target, body);
    return replaced != NULL;
}

/* Who acts for a party. */
static const char *reporter_of(const struct demo_life *round, const char *party) {
    size_t i;
    json_t *holder;
    json_array_foreach(round->more, i, holder) {
        if (demo_holds(holder, "responsible_party_id", party) &&
            !json_is_true(json_object_get(holder, "is_deputy")))
            return demo_text(holder, "subject");
    }
    fprintf(stderr, "demo: nobody holds %s\n", party);
    return NULL;
}

static bool submit(struct demo_life *round, const json_t *fact, const char *request_id) {
    struct demo *demo = round->demo;
    const char *subject = reporter_of(round, demo_text(fact, "responsible_party_id"));
    if (!subject)
        return false;
    json_auto_t *body = json_pack("{s:s, s:O, s:O}", "report_request_id", request_id,
                                  "reported_status", json_object_get(fact, "reported_status"),
                                  "summary", json_object_get(fact, "summary"));
    auto_free char *target = demo_print("/v1/%s/reports/by-source/" DEMO_SOURCE "/%s",
                                        round->municipality, demo_text(fact, "external_id"));
    demo_set_clock(demo, demo_text(fact, "submitted_at"));
    json_auto_t *draft = demo_call(demo, subject, "PUT", target, body);
    if (!draft)
        return false;
    auto_free char *move =
        demo_print("/v1/%s/reports/%s/submit", round->municipality, demo_text(draft, "id"));
    json_auto_t *submitted = demo_call(demo, subject, "POST", move, NULL);
    return submitted != NULL;
}

static bool report(struct demo_life *round, const json_t *requests, const json_t *fact) {
    struct demo *demo = round->demo;
    const char *measure_id = demo_id(demo, fact, "measure_id");
    const char *party_id = demo_id(demo, fact, "responsible_party_id");
    const json_t *request = find_request(requests, measure_id, party_id);
    if (!request) {
        fprintf(stderr, "demo: nobody was asked for %s\n", demo_text(fact, "external_id"));
        return false;
    }
    const char *status = demo_text(request, "status");
    if (!demo_text(fact, "submitted_at") || strcmp(status, "accepted") == 0)
        return true;
    if (strcmp(status, "submitted") != 0 && !submit(round, fact, demo_text(request, "id")))
        return false;
    auto_free char *target = demo_print("/v1/%s/report-requests/%s/accept", round->municipality,
                                        demo_text(request, "id"));
    demo_set_clock(demo, demo_text(fact, "accepted_at"));
    json_auto_t *accepted = demo_call(demo, COORDINATOR, "POST", target, NULL);
    return accepted != NULL;
}

static int compare_moments(const void *left, const void *right) {
    const char *a = demo_text(*(json_t *const *)left, "submitted_at");
    const char *b = demo_text(*(json_t *const *)right, "submitted_at");
    return strcmp(a ? a : "", b ? b : "");
}

/* The facts in the order in which the reports came. The caller frees the array; its items are
 * borrowed. */
static json_t **in_time_order(const json_t *facts, size_t *ret_count) {
    size_t count = json_array_size(facts);
    json_t **order = calloc(count + 1, sizeof *order);
    if (!order)
        abort();
    for (size_t i = 0; i < count; i++)
        order[i] = json_array_get(facts, i);
    qsort(order, count, sizeof *order, compare_moments);
    *ret_count = count;
    return order;
}

static bool report_all(struct demo_life *round) {
    size_t count = 0;
    auto_free json_t **facts = in_time_order(json_object_get(round->facts, "requests"), &count);
    json_auto_t *invited = list_of(round, COORDINATOR, "report-requests");
    bool is_done = invited != NULL;
    for (size_t i = 0; i < count; i++)
        is_done = is_done && replace(round, invited, facts[i]);
    json_auto_t *requests = is_done ? list_of(round, COORDINATOR, "report-requests") : NULL;
    is_done = requests != NULL;
    for (size_t i = 0; i < count; i++)
        is_done = is_done && report(round, requests, facts[i]);
    return is_done;
}

static bool assess_one(struct demo_life *round, const json_t *fact) {
    json_auto_t *body =
        json_pack("{s:O, s:O, s:O, s:O, s:O}", "reporting_round_id",
                  json_object_get(demo_life_item(round), "id"), "measure_id",
                  json_object_get(fact, "measure_id"), "light", json_object_get(fact, "light"),
                  "is_unassessed", json_object_get(fact, "is_unassessed"), "justification",
                  json_object_get(fact, "justification"));
    json_auto_t *resolved = demo_resolve(round->demo, body);
    auto_free char *target = demo_print("/v1/%s/assessments", round->municipality);
    json_auto_t *made = demo_call(round->demo, "demo-secretary", "POST", target, resolved);
    return made != NULL;
}

static bool prioritise(struct demo_life *round, const json_t *fact) {
    json_auto_t *body = json_pack("{s:O, s:O, s:s, s:O}", "reporting_round_id",
                                  json_object_get(demo_life_item(round), "id"), "reason",
                                  json_object_get(fact, "reason"), "source", DEMO_SOURCE,
                                  "external_id", json_object_get(fact, "external_id"));
    const json_t *measure = demo_find(round->demo, demo_text(fact, "measure_id"));
    const json_t *theme = demo_find(round->demo, demo_text(fact, "theme_id"));
    if (measure)
        json_object_set(body, "measure_line_id", json_object_get(measure, "measure_line_id"));
    if (theme)
        json_object_set(body, "theme_id", json_object_get(theme, "id"));
    auto_free char *target = demo_print("/v1/%s/priorities", round->municipality);
    json_auto_t *made = demo_call(round->demo, "demo-secretary", "POST", target, body);
    return made != NULL;
}

static bool is_in(const json_t *items, const char *member, const char *value) {
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        if (demo_holds(item, member, value))
            return true;
    }
    return false;
}

static bool assess_all(struct demo_life *round) {
    demo_set_clock(round->demo, demo_moment(round, "assessed_at"));
    json_auto_t *assessed = list_of(round, "demo-secretary", "assessments");
    json_auto_t *prioritised = list_of(round, "demo-secretary", "priorities");
    bool is_done = assessed && prioritised;
    size_t i;
    json_t *fact;
    json_array_foreach(json_object_get(round->facts, "assessments"), i, fact) {
        const char *measure_id = is_done ? demo_id(round->demo, fact, "measure_id") : NULL;
        is_done =
            measure_id && (is_in(assessed, "measure_id", measure_id) || assess_one(round, fact));
    }
    json_array_foreach(json_object_get(round->facts, "priorities"), i, fact) {
        is_done = is_done && (is_in(prioritised, "external_id", demo_text(fact, "external_id")) ||
                              prioritise(round, fact));
    }
    return is_done;
}

static const struct demo_step steps[] = {
    {"planned", "open", "opened_at", COORDINATOR},
    {"open", "close", "closed_at", COORDINATOR, .first = report_all},
    {"closed", "start-review", "review_started_at", COORDINATOR},
    {"in_review", "assess", "assessed_at", "demo-secretary", "assessment_decision_id",
     .first = assess_all},
    {"assessed", "present", "presented_at", "demo-presenter", "onward_decision_id"},
    {"presented", "publish", "published_at", COORDINATOR},
    {0},
};

bool demo_load_round(struct demo *demo, const json_t *facts, bool *ret_is_new) {
    json_auto_t *holders = demo_read("holders");
    struct demo_life round = demo_life_of(demo, facts, "reporting-rounds");
    round.more = holders;
    *ret_is_new = false;
    bool is_done = holders && (demo_life_item(&round) || plan(&round)) &&
                   demo_take_steps(&round, steps, ret_is_new);
    demo_set_clock(demo, NULL);
    return is_done;
}
