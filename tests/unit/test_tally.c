/* Every sample election by every rule, against what other implementations found (expected.json). */
#include "tally.h"

#include "check.h"
#include "elections.h"
#include "tally_lot.h"
#include "tally_write.h"

static json_t *expected_files;

/* "mes_cost_add1u", "tool_add1", "greedy_votes": what expected.json calls the rules. */
static struct tally_rules rules_named(const char *name) {
    struct tally_rules rules = {.rule = tally_find_rule(name)};
    if (rules.rule != TALLY_RULE_COUNT)
        return rules;
    const char *last = strrchr(name, '_') + 1;
    char head[32];
    snprintf(head, sizeof head, "%.*s", (int)(last - 1 - name), name);
    rules.completion = tally_find_completion(last);
    rules.flavour = tally_find_flavour(head);
    rules.rule = rules.flavour == TALLY_FLAVOUR_COUNT ? tally_find_rule(head) : TALLY_MES_COST;
    if (rules.flavour == TALLY_FLAVOUR_COUNT)
        rules.flavour = TALLY_PABUTOOLS;
    return rules;
}

static void write_ties(const char *tie_break, json_t *drawn, struct buffer *out) {
    size_t i;
    json_t *id;
    buffer_print(out, "%s%s", tie_break, strcmp(tie_break, "drawn") == 0 ? ":" : "");
    if (strcmp(tie_break, "drawn") == 0)
        json_array_foreach(drawn, i, id)
            buffer_print(out, "%s%s", i ? "," : "", json_string_value(id));
}

static void check_outcome(const struct tally_report *report, json_t *winners, json_t *rule,
                          const char *what) {
    auto_buffer out = {0};
    tally_write_json(report, &out);
    json_auto_t *json = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    bool is_same = json_equal(json_object_get(json, "winners"), winners);
    CHECK(is_same);
    if (!is_same)
        fprintf(stderr, "    %s: %s\n", what, out.data);
    CHECK(report->result->spent <= report->election->budget);
    if (rule)
        CHECK(json_is_true(json_object_get(rule, "tie_met")) == report->result->tie_met);
}

/* The winners expected in one tie order; a rule that is not there has none. */
static json_t *winners_of(json_t *rule, const char *tie_break) {
    json_t *winners = json_object_get(rule, "winners");
    return winners ? winners
                   : json_object_get(json_object_get(rule, "winners_by_tie_break"), tie_break);
}

static void check_rule(const struct election *election, json_t *file, const char *name,
                       const char *tie_break) {
    struct tally_rules rules = rules_named(name);
    auto_buffer ties = {0};
    struct arena arena = {0};
    json_t *rule = json_object_get(json_object_get(file, "rules"), name);
    json_t *without = json_object_get(json_object_get(file, "min_score_1"), name);
    write_ties(tie_break, json_object_get(file, "drawn_order"), &ties);
    rules.rank = tally_rank(election, ties.data, &arena);
    CHECK(rules.rank != NULL);
    for (int minimum = 0; minimum <= 1; minimum++) {
        auto_tally result = {0};
        struct problem problem = {0};
        struct tally_report report = {election, &rules, ties.data, &result};
        rules.minimum_score = minimum;
        CHECK(tally_count(&result, election, &rules, &problem));
        json_t *winners = minimum && without ? winners_of(without, tie_break) : NULL;
        check_outcome(&report, winners ? winners : winners_of(rule, tie_break),
                      minimum ? NULL : rule, name);
    }
    arena_clear(&arena);
}

static void check_election(const char *folder, const char *name) {
    auto_buffer bytes = {0};
    auto_election election = {0};
    struct arena arena = {0};
    struct problem problem = {0};
    json_t *file = json_object_get(expected_files, name);
    read_bytes(folder, name, &bytes);
    CHECK(read_election(&election, bytes.data, bytes.length, &arena, &problem));
    const char *rule, *tie_break;
    json_t *one, *cost;
    json_object_foreach(json_object_get(file, "rules"), rule, one)
        json_object_foreach(json_object_get(one, "cost"), tie_break, cost)
            check_rule(&election, file, rule, tie_break);
    arena_clear(&arena);
}

static void check_folder(const char *folder, int least) {
    auto_buffer path = {0};
    buffer_print(&path, "%s/expected.json", folder);
    json_auto_t *expected = json_load_file(path.data, 0, NULL);
    expected_files = json_object_get(expected, "files");
    CHECK(each_election(folder, check_election) >= least);
}

static void test_lot(void) {
    const char *texts[] = {"b", "a", "c", "e", "d"};
    tally_draw_lot("elinvoima", 9, texts, 5);
    auto_buffer order = {0};
    for (int i = 0; i < 5; i++)
        buffer_add_text(&order, texts[i]);
    CHECK_TEXT(order.data, "aecdb");
    tally_draw_lot("x", 1, texts, 0);
}

int main(void) {
    check_folder(election_folders[0], 25);
    check_folder(election_folders[1], 0);
    test_lot();
    return check_finish();
}
