/*
 * Any ballots by any rule: never over the pot, whoever is chosen was affordable, and JSON comes
 * out. Bytes become an election of few projects, whose costs and points have many ties; the first
 * three choose rule, completion and flavour.
 */
#include "tally.h"
#include "tally_write.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PROJECTS_MOST = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *at, *end;
};

static unsigned next(struct bytes *bytes, unsigned below) {
    return bytes->at < bytes->end ? *bytes->at++ % below : 0;
}

static void make_election(struct election *election, struct bytes *bytes) {
    static const char *const ids[PROJECTS_MOST] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static const char *const groups[] = {NULL, NULL, NULL, "x"};
    election_set_projects(election, 1 + next(bytes, PROJECTS_MOST));
    election->money_decimals = next(bytes, 3);
    election->has_points = next(bytes, 2);
    election->currency = "EUR";
    election->budget = next(bytes, 256) * 7;
    for (size_t i = 0; i < election->project_count; i++)
        election->projects[i] = (struct project){
            .id = ids[i], .cost = 1 + next(bytes, 256), .alternative = groups[next(bytes, 4)]};
    while (bytes->at < bytes->end) {
        struct choice choices[PROJECTS_MOST];
        size_t count = next(bytes, PROJECTS_MOST + 1);
        for (size_t i = 0; i < count; i++)
            choices[i] = (struct choice){next(bytes, (unsigned)election->project_count),
                                         election->has_points ? (int32_t)next(bytes, 12) - 2 : 1};
        election_add_ballot(election, choices, count);
    }
    election_close(election);
}

static void check(const struct tally_report *report) {
    const struct tally_result *result = report->result;
    const struct election *election = report->election;
    int64_t left = election->budget;
    for (size_t i = 0; i < result->step_count; i++) {
        left -= election->projects[result->steps[i].project].cost;
        if (left < 0 || result->steps[i].left != left)
            abort();
    }
    if (result->spent != election->budget - left)
        abort();
    auto_buffer out = {0};
    tally_write_json(report, &out);
    json_t *json = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    if (json_array_size(json_object_get(json, "winners")) != result->step_count)
        abort();
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes bytes = {data, data + size};
    struct arena arena = {0};
    struct problem problem = {0};
    auto_election election = {0};
    auto_tally result = {0};
    struct tally_rules rules = {.rule = next(&bytes, TALLY_RULE_COUNT),
                                .completion = next(&bytes, TALLY_COMPLETION_COUNT),
                                .flavour = next(&bytes, TALLY_FLAVOUR_COUNT),
                                .minimum_score = next(&bytes, 4),
                                .effort_most = 10000000};
    make_election(&election, &bytes);
    rules.rank = tally_rank(&election, "cost_votes_seed:fuzz", &arena);
    struct tally_report report = {&election, &rules, "cost_votes_seed:fuzz", &result};
    if (tally_count(&result, &election, &rules, &problem))
        check(&report);
    else if (problem.code == PROBLEM_NONE)
        abort();
    arena_clear(&arena);
    return 0;
}
