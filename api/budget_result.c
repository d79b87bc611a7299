/*
 * Counting. Each area is an election of its own: the ballots with a choice in it become a .pb file,
 * that file is read back and counted, and both are kept; so whoever recounts the file has all that
 * was counted.
 */
#include "budget_result.h"

#include "ballot_paper.h"
#include "budget_file.h"
#include "budget_result.sql.h"
#include "operation.h"
#include "own.h"
#include "pb.h"
#include "reply.h"
#include "session.h"
#include "tally_write.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* The whole vote, and the area that is being counted. */
struct count {
    struct request *request;
    struct db *db;
    struct budget_file file;
};

static const char *rule_text(const struct count *count, const char *name) {
    const json_t *rules = json_object_get(count->file.paper->frozen, "rules");
    const char *text = json_string_value(json_object_get(rules, name));
    return text ? text : "";
}

static enum tally_rule rule_of(const struct count *count) {
    const char *rule = rule_text(count, "tally_rule");
    if (strcmp(rule, "equal_shares") == 0)
        return strcmp(rule_text(count, "utility"), "cost") == 0 ? TALLY_MES_COST : TALLY_MES_COUNT;
    bool stops = strcmp(rule_text(count, "on_overflow"), "stop") == 0;
    if (stops && strcmp(rule, "greedy_votes") == 0)
        return TALLY_GREEDY_VOTES_NOSKIP;
    if (stops && strcmp(rule, "greedy_density") == 0)
        return TALLY_GREEDY_DENSITY_NOSKIP;
    return tally_find_rule(rule);
}

/* What breaks a tie between two projects of the election, in the order of the cycle's rules. */
struct tie {
    const struct election *election;
    const json_t *rules;
    size_t *lot; /* by project: place in the lot drawn when voting opened */
};

static int compare_by(const struct tie *tie, const char *rule, size_t a, size_t b) {
    const struct project *left = &tie->election->projects[a], *right = &tie->election->projects[b];
    if (strcmp(rule, "lower_cost") == 0)
        return (left->cost > right->cost) - (left->cost < right->cost);
    if (strcmp(rule, "higher_score") == 0)
        return (left->score < right->score) - (left->score > right->score);
    return (tie->lot[a] > tie->lot[b]) - (tie->lot[a] < tie->lot[b]);
}

static int compare_ties(const void *left, const void *right, void *data) {
    const struct tie *tie = data;
    size_t a = *(const size_t *)left, b = *(const size_t *)right, i;
    const json_t *rule;
    int by_withdrawal = election_is_withdrawn(tie->election, (uint32_t)a) -
                        election_is_withdrawn(tie->election, (uint32_t)b);
    if (by_withdrawal)
        return by_withdrawal;
    json_array_foreach(json_object_get(tie->rules, "ties"), i, rule) {
        int order = compare_by(tie, json_string_value(rule), a, b);
        if (order)
            return order;
    }
    return compare_by(tie, "lot", a, b);
}

/* Where a project stands in the lot; the frozen lot is of the whole vote, in numbers. */
static size_t place_in(const json_t *lot, const char *id) {
    size_t place;
    const json_t *number;
    json_array_foreach(lot, place, number) {
        if (json_integer_value(number) == strtoll(id, NULL, 10))
            break;
    }
    return place;
}

/* The order in which ties are broken, of all projects, those withdrawn last: once the scores are
 * known it is one list, and with this list anybody who counts the file anew comes to the same. */
static const char *ties_of(struct count *count, const struct election *election) {
    const json_t *frozen = count->file.paper->frozen;
    struct arena *arena = &count->request->arena;
    size_t *projects = arena_new(arena, election->project_count * sizeof *projects + 1);
    struct tie tie = {election, json_object_get(frozen, "rules"),
                      arena_new(arena, election->project_count * sizeof *tie.lot + 1)};
    for (size_t i = 0; i < election->project_count; i++) {
        projects[i] = i;
        tie.lot[i] = place_in(json_object_get(frozen, "lot"), election->projects[i].id);
    }
    qsort_r(projects, election->project_count, sizeof *projects, compare_ties, &tie);
    auto_buffer ties = {0};
    buffer_add_text(&ties, "drawn:");
    for (size_t i = 0; i < election->project_count; i++)
        buffer_print(&ties, "%s%s", i ? "," : "", election->projects[projects[i]].id);
    return arena_text(arena, ties.data);
}

static bool tally(struct count *count, const char *file, struct buffer *out) {
    struct request *request = count->request;
    const json_t *rules = json_object_get(count->file.paper->frozen, "rules");
    auto_pb pb = {0};
    auto_election election = {0};
    auto_tally result = {0};
    if (!pb_read(&pb, file, strlen(file), "", &request->arena, &request->problem) ||
        !election_read(&election, &pb, "", &request->arena, &request->problem))
        return false;
    const char *ties = ties_of(count, &election);
    struct tally_rules counting = {
        .rule = rule_of(count),
        .completion = tally_find_completion(rule_text(count, "completion")),
        .flavour = tally_find_flavour(rule_text(count, "flavour")),
        .minimum_score = json_integer_value(json_object_get(rules, "minimum_score")),
        .rank = tally_rank(&election, ties, &request->arena),
    };
    if (!tally_count(&result, &election, &counting, &request->problem))
        return false;
    tally_write_json(&(struct tally_report){&election, &counting, ties, &result}, out);
    return true;
}

/* "{1,2}": what ballots can name in the area. */
static const char *numbers_of(struct request *request, const struct paper *paper, int area) {
    auto_buffer numbers = {0};
    for (size_t i = 0; i < paper->project_count; i++)
        if (paper->projects[i].area == area)
            buffer_print(&numbers, "%c%d", numbers.length ? ',' : '{', paper->projects[i].number);
    buffer_add_text(&numbers, numbers.length ? "}" : "{}");
    return arena_text(&request->arena, numbers.data);
}

static bool keep_area(struct count *count, int ballots, const char *file, const char *result) {
    struct request *request = count->request;
    auto_free char *reason = json_dumps(json_object_get(request->json, "reason"), JSON_COMPACT);
    auto_free char *officers = json_dumps(json_object_get(request->json, "officers"), JSON_COMPACT);
    const char *const values[] = {count->file.paper->areas[count->file.area].id,
                                  request->municipality,
                                  request_parameter(request, "id"),
                                  result,
                                  arena_print(&request->arena, "%d", ballots),
                                  file,
                                  reason,
                                  officers};
    auto_result kept = db_run(count->db, budget_result_keep.applies[0]->text, values,
                              sizeof values / sizeof *values, &request->problem);
    return kept != NULL;
}

static bool count_area(struct count *count, int area) {
    struct request *request = count->request;
    const char *const values[] = {request->municipality, request_parameter(request, "id"),
                                  numbers_of(request, count->file.paper, area)};
    auto_result salt = db_run(count->db, budget_result_salt.text, NULL, 0, &request->problem);
    auto_result ballots =
        salt ? db_run(count->db, budget_result_ballots.text, values, 3, &request->problem) : NULL;
    if (!ballots)
        return false;
    count->file.area = area;
    count->file.ballots = ballots;
    count->file.salt = PQgetvalue(salt, 0, 0);
    auto_buffer file = {0}, result = {0};
    int written = budget_file_write(&count->file, &file);
    return tally(count, file.data, &result) && keep_area(count, written, file.data, result.data);
}

/* A correction may be of some areas alone. */
static bool is_asked(struct request *request, const char *area) {
    const json_t *areas = json_object_get(request->json, "area_ids"), *one;
    size_t i;
    json_array_foreach(areas, i, one) {
        if (strcasecmp(json_string_value(one), area) == 0)
            return true;
    }
    return !json_is_array(areas);
}

bool budget_result_count(struct request *request, struct db *db) {
    const char *const scope[] = {request->municipality, request_parameter(request, "id")};
    auto_result about = db_run(db, budget_result_paper.text, scope, 2, &request->problem);
    if (!about)
        return false;
    struct paper *paper = paper_new(PQgetvalue(about, 0, 0));
    struct count count = {request, db, {.arena = &request->arena, .paper = paper, .about = about}};
    bool is_counted = paper || problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
    for (int area = 0; is_counted && area < (int)paper->area_count; area++)
        is_counted = !is_asked(request, paper->areas[area].id) || count_area(&count, area);
    paper_free(paper);
    return is_counted;
}

static bool budget_result_show_file(struct request *request) {
    struct db *db = session_begin_read(request, false);
    if (!db)
        return false;
    const char *const values[] = {request->municipality, request_parameter(request, "id")};
    auto_result row = db_run(db, budget_result_file.text, values, 2, &request->problem);
    session_end(request, db);
    if (!row)
        return false;
    if (PQntuples(row) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    buffer_add(&request->reply, PQgetvalue(row, 0, 0), (size_t)PQgetlength(row, 0, 0));
    return reply_finish(request, "text/plain; charset=utf-8", 0);
}

const struct binding budget_result_bindings[] = {
    {"getBudgetResult", operation_get, .reads = &budget_result_select},
    {"getBudgetResultFile", budget_result_show_file},
    {"listBudgetResults", operation_list, .reads = &budget_result_select},
    {0},
};

const struct constraint budget_result_constraints[] = {
    {0},
};
