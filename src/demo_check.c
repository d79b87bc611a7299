/* Whether the service counts and suggests what the demo's facts say: read through the API, by
 * nobody. */
#include "demo_load.h"

#include <stdio.h>
#include <string.h>

/* 1 and a line when they differ. */
static int differ(const char *where, const char *what, const json_t *expected, const json_t *got) {
    bool is_null = !expected || json_is_null(expected);
    if (is_null ? !got || json_is_null(got) : json_equal(expected, got))
        return 0;
    auto_free char *expected_text = json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT);
    auto_free char *got_text = json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);
    fprintf(stderr, "demo: %s: %s is %s, the facts say %s\n", where, what,
            got_text ? got_text : "missing", expected_text ? expected_text : "null");
    return 1;
}

static int differ_in(const char *where, const char *const *members, const json_t *expected,
                     const json_t *got) {
    int count = 0;
    for (; *members; members++)
        count += differ(where, *members, json_object_get(expected, *members),
                        json_object_get(got, *members));
    return count;
}

/* Borrowed: the item whose member has that text. */
static const json_t *find_in(const json_t *items, const char *member, const char *value) {
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        const char *text = demo_text(item, member);
        if (text && value && strcmp(text, value) == 0)
            return item;
    }
    return NULL;
}

static int check_counts(const json_t *summary, const json_t *pack) {
    int count = differ("summary", "counts", json_object_get(summary, "counts"),
                       json_object_get(pack, "counts"));
    count += differ("summary", "requests", json_object_get(summary, "requests"),
                    json_object_get(pack, "requests"));
    size_t i;
    json_t *theme;
    json_array_foreach(json_object_get(summary, "by_theme"), i, theme) {
        const char *number = demo_text(theme, "number");
        const json_t *counted = find_in(json_object_get(pack, "by_theme"), "number", number);
        count += differ("theme", number, json_object_get(theme, "counts"),
                        json_object_get(counted, "counts"));
    }
    return count;
}

static int check_lights(struct demo *demo, const json_t *facts, const json_t *measures) {
    static const char *const members[] = {
        "suggested_light", "light", "is_unassessed", "is_overridden", "is_self_assessed",
        "justification",   NULL};
    int count = 0;
    size_t i;
    json_t *fact;
    json_array_foreach(facts, i, fact) {
        const char *measure_id = demo_id(demo, fact, "measure_id");
        count += differ_in(demo_text(fact, "measure_id"), members, fact,
                           find_in(measures, "measure_id", measure_id));
    }
    return count;
}

static int check_reports(struct demo *demo, const json_t *facts, const json_t *measures) {
    static const char *const members[] = {"own_light", "reported_status", "status", "role",
                                          "is_late",   "summary",         NULL};
    int count = 0;
    size_t i;
    json_t *fact;
    json_array_foreach(facts, i, fact) {
        const json_t *measure = find_in(measures, "measure_id", demo_id(demo, fact, "measure_id"));
        const json_t *view = find_in(json_object_get(measure, "own_views"), "responsible_party_id",
                                     demo_id(demo, fact, "responsible_party_id"));
        count += differ_in(demo_text(fact, "external_id"), members, fact, view);
    }
    return count;
}

/* What the accepted reports made of the measures; only while nobody has gone on with them. */
static int check_statuses(struct demo *demo, const char *municipality) {
    json_auto_t *facts = demo_read("measures");
    int count = 0;
    size_t i;
    json_t *fact;
    json_array_foreach(facts, i, fact) {
        const char *name = demo_text(fact, "external_id");
        if (!json_object_get(fact, "status_after_round") ||
            strcmp(demo_text(fact, "municipality"), municipality) != 0)
            continue;
        auto_free char *target = demo_print("/v1/%s/measure-lines/%s", municipality,
                                            demo_text(demo_find(demo, name), "measure_line_id"));
        json_auto_t *line = demo_call(demo, NULL, "GET", target, NULL);
        count += differ(name, "status", json_object_get(fact, "status_after_round"),
                        json_object_get(line, "status"));
    }
    return count;
}

int demo_check_round(struct demo *demo, const json_t *round, bool is_new) {
    const char *municipality = demo_text(round, "municipality");
    const json_t *item = demo_find(demo, demo_text(round, "external_id"));
    auto_free char *target =
        demo_print("/v1/%s/reporting-rounds/%s/board-pack", municipality, demo_text(item, "id"));
    json_auto_t *pack = demo_call(demo, NULL, "GET", target, NULL);
    if (!pack)
        return -1;
    const json_t *measures = json_object_get(pack, "measures");
    return check_counts(json_object_get(round, "summary"), pack) +
           check_lights(demo, json_object_get(round, "assessments"), measures) +
           check_reports(demo, json_object_get(round, "requests"), measures) +
           (is_new ? check_statuses(demo, municipality) : 0);
}
