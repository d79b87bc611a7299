/*
 * Counting. Each area is an election of its own: the ballots with a choice in it become a .pb file,
 * that file is read back and counted, and both are kept; so whoever recounts the file has all that
 * was counted.
 */
#include "budget_result.h"

#include "ballot_paper.h"
#include "budget_result.sql.h"
#include "log.h"
#include "operation.h"
#include "pb.h"
#include "reply.h"
#include "session.h"
#include "tally_write.h"

#include <inttypes.h>
#include <string.h>

/* The whole vote, and the area that is being counted. */
struct count {
    struct request *request;
    struct db *db;
    const struct paper *paper;
    const PGresult *about; /* of `paper` */
    const PGresult *ballots;
    const struct paper_area *area;
    int area_index;
    struct pb pb;
    int ballot_count;
};

static const char *keep(struct count *count, const char *text) {
    return arena_text(&count->request->arena, text);
}

static const char *number_text(struct count *count, int64_t number) {
    return arena_print(&count->request->arena, "%" PRId64, number);
}

/* Cents as euros with a decimal point, as the format has them: "20000" or "20000.50". */
static const char *euros(struct count *count, int64_t cents) {
    if (cents % 100 == 0)
        return number_text(count, cents / 100);
    return arena_print(&count->request->arena, "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
}

/* "2025-05-04" as "04.05.2025". */
static const char *day_text(struct count *count, const char *day) {
    return arena_print(&count->request->arena, "%s.%.2s.%.4s", day + 8, day + 5, day);
}

static const char *finnish(const json_t *localised) {
    const char *text = json_string_value(json_object_get(localised, "fi"));
    if (!text)
        text = json_string_value(json_object_get(localised, "sv"));
    return text ? text : "";
}

static void add_meta(struct count *count, const char *key, const char *value) {
    const char *const cells[] = {key, value};
    pb_add_row(&count->pb.meta, cells, 0);
}

static const json_t *area_of(const struct count *count) {
    return json_array_get(json_object_get(count->paper->frozen, "areas"),
                          (size_t)count->area_index);
}

static const char *vote_type(enum vote_method method) {
    switch (method) {
    case VOTE_CHOOSE_ONE:
        return "choose-1";
    case VOTE_CUMULATIVE:
        return "cumulative";
    case VOTE_ORDINAL:
        return "ordinal";
    default:
        return "approval";
    }
}

static int count_projects(const struct count *count) {
    int projects = 0;
    for (size_t i = 0; i < count->paper->project_count; i++)
        projects += count->paper->projects[i].area == count->area_index;
    return projects;
}

static void write_meta(struct count *count) {
    const struct paper *paper = count->paper;
    const char *unit = keep(count, PQgetvalue(count->about, 0, 3));
    pb_add_column(&count->pb.meta, "key");
    pb_add_column(&count->pb.meta, "value");
    add_meta(count, "description", finnish(json_object_get(paper->frozen, "name")));
    add_meta(count, "country", "Finland");
    add_meta(count, "unit", unit);
    add_meta(count, "district", finnish(json_object_get(area_of(count), "name")));
    add_meta(count, "instance", keep(count, PQgetvalue(count->about, 0, 4)));
    add_meta(count, "num_projects", number_text(count, count_projects(count)));
    add_meta(count, "num_votes", number_text(count, count->ballot_count));
    add_meta(count, "budget", euros(count, count->area->cents));
    add_meta(count, "vote_type", vote_type(paper->method));
    add_meta(count, "rule", "unknown");
    add_meta(count, "date_begin", day_text(count, PQgetvalue(count->about, 0, 5)));
    add_meta(count, "date_end", day_text(count, PQgetvalue(count->about, 0, 6)));
    add_meta(count, "currency", "EUR");
    add_meta(count, "language", "fi");
    if (paper->method == VOTE_KNAPSACK)
        add_meta(count, "max_sum_cost", euros(count, count->area->cents));
    if (paper->method == VOTE_N_VOTES && paper->votes_most <= count_projects(count))
        add_meta(count, "max_length", number_text(count, paper->votes_most));
    if (paper->method == VOTE_CUMULATIVE)
        add_meta(count, "max_sum_points", number_text(count, paper->points_total));
    add_meta(count, "comment",
             arena_print(&count->request->arena, "#1: frozen %s", PQgetvalue(count->about, 0, 1)));
}

static const struct paper_project *find_project(const struct count *count, long number) {
    for (size_t i = 0; i < count->paper->project_count; i++)
        if (count->paper->projects[i].number == number)
            return &count->paper->projects[i];
    return NULL;
}

/* The choices of one ballot that lie in the area, as cells; false when there is none. */
static bool read_ballot(const struct count *count, int row, struct buffer *votes,
                        struct buffer *points) {
    const char *number = PQgetvalue(count->ballots, row, 0);
    const char *point = PQgetvalue(count->ballots, row, 1);
    while (*number) {
        char *end;
        long chosen = strtol(number, &end, 10);
        size_t point_length = strcspn(point, ",");
        const struct paper_project *project = find_project(count, chosen);
        if (project && project->area == count->area_index) {
            buffer_print(votes, "%s%ld", votes->length ? "," : "", chosen);
            buffer_print(points, "%s%.*s", points->length ? "," : "", (int)point_length, point);
        }
        number = *end ? end + 1 : end;
        point += point_length + (point[point_length] == ',');
    }
    return votes->length > 0;
}

static void write_ballots(struct count *count) {
    bool has_points = count->paper->method == VOTE_CUMULATIVE;
    pb_add_column(&count->pb.votes, "voter_id");
    pb_add_column(&count->pb.votes, "vote");
    if (has_points)
        pb_add_column(&count->pb.votes, "points");
    for (int row = 0; row < PQntuples(count->ballots); row++) {
        auto_buffer votes = {0}, points = {0};
        if (!read_ballot(count, row, &votes, &points))
            continue;
        count->ballot_count++;
        const char *voter = PQgetisnull(count->ballots, row, 2)
                                ? number_text(count, count->ballot_count)
                                : keep(count, PQgetvalue(count->ballots, row, 2));
        const char *const cells[] = {voter, keep(count, votes.data), keep(count, points.data)};
        pb_add_row(&count->pb.votes, cells, 0);
    }
}

static void write_projects(struct count *count) {
    pb_add_column(&count->pb.projects, "project_id");
    pb_add_column(&count->pb.projects, "cost");
    pb_add_column(&count->pb.projects, "name");
    const json_t *projects = json_object_get(count->paper->frozen, "projects");
    for (size_t i = 0; i < count->paper->project_count; i++) {
        const struct paper_project *project = &count->paper->projects[i];
        if (project->area != count->area_index)
            continue;
        const json_t *title = json_object_get(json_array_get(projects, i), "title");
        const char *const cells[] = {number_text(count, project->number),
                                     euros(count, project->cost_cents), finnish(title)};
        pb_add_row(&count->pb.projects, cells, 0);
    }
}

static const char *rule_text(const struct count *count, const char *name) {
    const json_t *rules = json_object_get(count->paper->frozen, "rules");
    const char *text = json_string_value(json_object_get(rules, name));
    return text ? text : "";
}

static enum tally_rule rule_of(const struct count *count) {
    const char *rule = rule_text(count, "tally_rule");
    if (strcmp(rule, "equal_shares") == 0)
        return strcmp(rule_text(count, "utility"), "cost") == 0 ? TALLY_MES_COST : TALLY_MES_COUNT;
    if (strcmp(rule, "greedy_votes") == 0 && strcmp(rule_text(count, "on_overflow"), "stop") == 0)
        return TALLY_GREEDY_VOTES_NOSKIP;
    return tally_find_rule(rule);
}

/* The tie order as the count takes it: by cost and score first where the cycle says so, then by the
 * lot that was drawn when voting opened. */
static const char *ties_of(struct count *count) {
    const json_t *rules = json_object_get(count->paper->frozen, "rules"), *lot, *number;
    const char *first = json_string_value(json_array_get(json_object_get(rules, "ties"), 0));
    auto_buffer ties = {0};
    buffer_add_text(&ties, first && strcmp(first, "lot") != 0 ? "cost_votes_drawn:" : "drawn:");
    size_t at, added = 0;
    lot = json_object_get(count->paper->frozen, "lot");
    json_array_foreach(lot, at, number) {
        const struct paper_project *project = find_project(count, (long)json_integer_value(number));
        if (project && project->area == count->area_index)
            buffer_print(&ties, "%s%d", added++ ? "," : "", project->number);
    }
    return keep(count, ties.data);
}

static bool tally(struct count *count, const char *file, struct buffer *out) {
    struct request *request = count->request;
    const json_t *rules = json_object_get(count->paper->frozen, "rules");
    auto_pb pb = {0};
    auto_election election = {0};
    auto_tally result = {0};
    const char *ties = ties_of(count);
    if (!pb_read(&pb, file, strlen(file), "", &request->arena, &request->problem) ||
        !election_read(&election, &pb, "", &request->arena, &request->problem))
        return false;
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

static bool keep_result(struct count *count, const char *file, const char *result) {
    struct request *request = count->request;
    const char *const values[] = {request->municipality,
                                  request_parameter(request, "id"),
                                  count->area->id,
                                  number_text(count, count->ballot_count),
                                  file,
                                  result};
    auto_result kept = db_run(count->db, budget_result_keep.applies[0]->text, values,
                              sizeof values / sizeof *values, &request->problem);
    return kept != NULL;
}

static bool count_area(struct count *count, int area) {
    count->area_index = area;
    count->area = &count->paper->areas[area];
    count->ballot_count = 0;
    count->pb = (struct pb){0};
    auto_buffer file = {0}, result = {0};
    write_ballots(count);
    write_projects(count);
    write_meta(count);
    pb_write(&count->pb, &file);
    pb_clear(&count->pb);
    return tally(count, file.data, &result) && keep_result(count, file.data, result.data);
}

bool budget_result_count(struct request *request, struct db *db) {
    const char *const scope[] = {request->municipality, request_parameter(request, "id")};
    auto_result about = db_run(db, budget_result_paper.text, scope, 2, &request->problem);
    auto_result ballots =
        about ? db_run(db, budget_result_ballots.text, scope, 2, &request->problem) : NULL;
    if (!ballots)
        return false;
    struct paper *paper = paper_new(PQgetvalue(about, 0, 0));
    struct count count = {
        .request = request, .db = db, .paper = paper, .about = about, .ballots = ballots};
    bool is_counted = paper || problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
    for (int area = 0; is_counted && area < (int)paper->area_count; area++)
        is_counted = count_area(&count, area);
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
