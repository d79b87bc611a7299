/* Whether the service counts and suggests what the demo's facts say: read through the API, by
 * nobody. */
#include "demo_budget.h"
#include "demo_feedback.h"
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

/* Cents as results tell them: "3000", "12.50". */
static json_t *euros(json_int_t cents) {
    return cents % 100 ? json_sprintf("%lld.%02lld", (long long)cents / 100, (long long)cents % 100)
                       : json_sprintf("%lld", (long long)cents / 100);
}

/* A proposal's votes, and, unless the lot decided about it, whether it was chosen. */
static int check_row(struct demo *demo, const json_t *facts, const json_t *row,
                     const json_t *result) {
    const char *name = demo_text(row, "proposal_id");
    json_auto_t *tied = json_pack("{s:s}", "external_id", name);
    json_auto_t *number = json_sprintf(
        "%lld", (long long)json_integer_value(json_object_get(demo_find(demo, name), "number")));
    const json_t *project =
        find_in(json_object_get(result, "projects"), "id", json_string_value(number));
    json_auto_t *votes =
        json_sprintf("%lld", (long long)json_integer_value(json_object_get(row, "votes")));
    int count = differ(name, "votes", votes, json_object_get(project, "score"));
    if (demo_is_tied(facts, tied))
        return count;
    json_auto_t *is_chosen = json_boolean(demo_holds(project, "fate", "chosen"));
    return count + differ(name, "selected", json_object_get(row, "selected"), is_chosen);
}

static int check_result(struct demo *demo, const json_t *facts, const json_t *fact,
                        const json_t *results) {
    const char *area = demo_text(fact, "area_id");
    const json_t *found = find_in(results, "area_id", demo_id(demo, fact, "area_id"));
    const json_t *result = json_object_get(found, "result");
    json_auto_t *left = euros(json_integer_value(json_object_get(fact, "leftover_cents")));
    int count = differ(area, "ballots", json_object_get(fact, "ballots"),
                       json_object_get(found, "ballots"));
    count += differ(area, "left", left, json_object_get(result, "left"));
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(fact, "rows"), i, row) {
        count += check_row(demo, facts, row, result);
    }
    return count;
}

static int check_books(struct demo *demo, const json_t *facts, const char *cycle_target) {
    static const char *const members[] = {"marks", "ballots", "ballot_leaves", NULL};
    auto_free char *target = demo_print("%s/books", cycle_target);
    json_auto_t *books = demo_call(demo, NULL, "GET", target, NULL);
    int count = 0;
    for (const char *const *name = members; *name; name++)
        count +=
            differ("books", *name, json_object_get(json_object_get(facts, "statistics"), "voters"),
                   json_object_get(books, *name));
    return count;
}

/* Where every proposal stands; only while nobody has gone on with them. */
static int check_proposals(struct demo *demo, const json_t *facts) {
    json_auto_t *proposals = demo_read("proposals");
    int count = 0;
    size_t i;
    json_t *fact;
    json_array_foreach(proposals, i, fact) {
        const char *name = demo_text(fact, "external_id");
        if (demo_holds(fact, "budget_cycle_id", demo_text(facts, "external_id")) &&
            !demo_is_tied(facts, fact))
            count += differ(name, "status", json_object_get(fact, "status"),
                            json_object_get(demo_find(demo, name), "status"));
    }
    return count;
}

int demo_check_budget(struct demo *demo, const json_t *facts, bool is_new) {
    const char *municipality = demo_text(facts, "municipality");
    const char *id = demo_text(demo_find(demo, demo_text(facts, "external_id")), "id");
    auto_free char *target = demo_print("/v1/%s/budget-cycles/%s", municipality, id);
    auto_free char *list =
        demo_print("/v1/%s/budget-results?limit=200&budget_cycle_id=%s", municipality, id);
    json_auto_t *results = demo_list(demo, NULL, list);
    if (!results)
        return -1;
    int count = check_books(demo, facts, target);
    size_t i;
    json_t *fact;
    json_array_foreach(json_object_get(facts, "results"), i, fact) {
        count += check_result(demo, facts, fact, results);
    }
    return count + (is_new ? check_proposals(demo, facts) : 0);
}

/* Where an item stands, and whose it is, by our id. */
static int check_item(struct demo *demo, const json_t *fact, const json_t *item) {
    json_auto_t *expected = demo_resolve(demo, json_object_get(fact, "expected"));
    json_object_set(expected, "status",
                    json_object_get(json_object_get(fact, "expected"), "status"));
    int count = 0;
    const char *name;
    json_t *value;
    json_object_foreach(expected, name, value) {
        count += differ(demo_text(fact, "external_id"), name, value, json_object_get(item, name));
    }
    return count;
}

int demo_check_feedback(struct demo *demo, const json_t *facts, const json_t *fresh) {
    int count = 0;
    size_t i;
    json_t *fact;
    json_array_foreach(facts, i, fact) {
        const char *external_id = demo_text(fact, "external_id");
        if (!json_object_get(fresh, external_id))
            continue;
        auto_free char *target = demo_print("/v1/%s/feedback/%s", demo_text(fact, "municipality"),
                                            demo_text(demo_find(demo, external_id), "id"));
        json_auto_t *item = demo_call(demo, "demo-coordinator", "GET", target, NULL);
        if (!item)
            return -1;
        count += check_item(demo, fact, item);
    }
    return count;
}
