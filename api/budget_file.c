/*
 * Writes the file; the format's rules are pb.h's.
 *
 *   1. What was withdrawn during the vote stands among the projects with Pabulib's cost for it, and
 *      on no ballot: a count that stops at what does not fit would otherwise stop there, and so
 *      would everybody's who counts the file anew.
 */
#include "budget_file.h"

#include "arena.h"
#include "election.h"
#include "pb.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

struct writing {
    const struct budget_file *file;
    struct pb pb;
    int ballot_count, emptied_count; /* emptied: of what was withdrawn alone */
    struct buffer withdrawn;         /* numbers of the area's projects that were */
};

static int64_t area_cents(const struct writing *writing) {
    return writing->file->paper->areas[writing->file->area].cents;
}

static const char *keep(struct writing *writing, const char *text) {
    return arena_text(writing->file->arena, text);
}

static const char *number_text(struct writing *writing, int64_t number) {
    return arena_print(writing->file->arena, "%" PRId64, number);
}

/* Cents as euros with a decimal point, as the format has them: "20000" or "20000.50". */
static const char *euros(struct writing *writing, int64_t cents) {
    if (cents % 100 == 0)
        return number_text(writing, cents / 100);
    return arena_print(writing->file->arena, "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
}

/* "2025-05-04" as "04.05.2025". */
static const char *day_text(struct writing *writing, const char *day) {
    return arena_print(writing->file->arena, "%s.%.2s.%.4s", day + 8, day + 5, day);
}

static const char *finnish(const json_t *localised) {
    const char *text = json_string_value(json_object_get(localised, "fi"));
    if (!text)
        text = json_string_value(json_object_get(localised, "sv"));
    return text ? text : "";
}

static void add_meta(struct writing *writing, const char *key, const char *value) {
    const char *const cells[] = {key, value};
    pb_add_row(&writing->pb.meta, cells, 0);
}

static const json_t *area_of(const struct writing *writing) {
    return json_array_get(json_object_get(writing->file->paper->frozen, "areas"),
                          (size_t)writing->file->area);
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

static int count_projects(const struct writing *writing) {
    int projects = 0;
    for (size_t i = 0; i < writing->file->paper->project_count; i++)
        projects += writing->file->paper->projects[i].area == writing->file->area;
    return projects;
}

/* The salt keeps the hash of a file that is not published from telling what it holds. */
static void add_comment(struct writing *writing) {
    auto_buffer comment = {0};
    buffer_print(&comment, "#1: frozen %s #2: salt %s", PQgetvalue(writing->file->about, 0, 1),
                 writing->file->salt);
    if (writing->withdrawn.length)
        buffer_print(&comment,
                     " #3: withdrawn during the vote and left out of the ballots: %s"
                     " #4: ballots with no other choice, left out: %d",
                     writing->withdrawn.data, writing->emptied_count);
    add_meta(writing, "comment", keep(writing, comment.data));
}

static void write_meta(struct writing *writing) {
    const struct paper *paper = writing->file->paper;
    const char *unit = keep(writing, PQgetvalue(writing->file->about, 0, 3));
    pb_add_column(&writing->pb.meta, "key");
    pb_add_column(&writing->pb.meta, "value");
    add_meta(writing, "description", finnish(json_object_get(paper->frozen, "name")));
    add_meta(writing, "country", "Finland");
    add_meta(writing, "unit", unit);
    add_meta(writing, "district", finnish(json_object_get(area_of(writing), "name")));
    add_meta(writing, "instance", keep(writing, PQgetvalue(writing->file->about, 0, 4)));
    add_meta(writing, "num_projects", number_text(writing, count_projects(writing)));
    add_meta(writing, "num_votes", number_text(writing, writing->ballot_count));
    add_meta(writing, "budget", euros(writing, area_cents(writing)));
    add_meta(writing, "vote_type", vote_type(paper->method));
    add_meta(writing, "rule", "unknown");
    add_meta(writing, "date_begin", day_text(writing, PQgetvalue(writing->file->about, 0, 5)));
    add_meta(writing, "date_end", day_text(writing, PQgetvalue(writing->file->about, 0, 6)));
    add_meta(writing, "currency", "EUR");
    add_meta(writing, "language", "fi");
    if (paper->method == VOTE_KNAPSACK)
        add_meta(writing, "max_sum_cost", euros(writing, area_cents(writing)));
    if (paper->method == VOTE_N_VOTES && paper->votes_most <= count_projects(writing))
        add_meta(writing, "max_length", number_text(writing, paper->votes_most));
    if (paper->method == VOTE_CUMULATIVE)
        add_meta(writing, "max_sum_points", number_text(writing, paper->points_total));
    add_comment(writing);
}

static const struct paper_project *find_project(const struct writing *writing, long number) {
    for (size_t i = 0; i < writing->file->paper->project_count; i++)
        if (writing->file->paper->projects[i].number == number)
            return &writing->file->paper->projects[i];
    return NULL;
}

static bool is_withdrawn(const struct writing *writing, const struct paper_project *project) {
    return text_lists(PQgetvalue(writing->file->about, 0, 7), project->number);
}

/* The choices of one ballot that lie in the area and can be counted, as cells; false when there is
 * none. */
static bool read_ballot(const struct writing *writing, int row, struct buffer *votes,
                        struct buffer *points) {
    const char *number = PQgetvalue(writing->file->ballots, row, 0);
    const char *point = PQgetvalue(writing->file->ballots, row, 1);
    while (*number) {
        char *end;
        long chosen = strtol(number, &end, 10);
        size_t point_length = strcspn(point, ",");
        const struct paper_project *project = find_project(writing, chosen);
        if (project && project->area == writing->file->area && !is_withdrawn(writing, project)) {
            buffer_print(votes, "%s%ld", votes->length ? "," : "", chosen);
            buffer_print(points, "%s%.*s", points->length ? "," : "", (int)point_length, point);
        }
        number = *end ? end + 1 : end;
        point += point_length + (point[point_length] == ',');
    }
    return votes->length > 0;
}

static void write_ballots(struct writing *writing) {
    bool has_points = writing->file->paper->method == VOTE_CUMULATIVE;
    pb_add_column(&writing->pb.votes, "voter_id");
    pb_add_column(&writing->pb.votes, "vote");
    if (has_points)
        pb_add_column(&writing->pb.votes, "points");
    for (int row = 0; row < PQntuples(writing->file->ballots); row++) {
        auto_buffer votes = {0}, points = {0};
        if (!read_ballot(writing, row, &votes, &points)) {
            writing->emptied_count++;
            continue;
        }
        writing->ballot_count++;
        const char *voter = PQgetisnull(writing->file->ballots, row, 2)
                                ? number_text(writing, writing->ballot_count)
                                : keep(writing, PQgetvalue(writing->file->ballots, row, 2));
        const char *const cells[] = {voter, keep(writing, votes.data), keep(writing, points.data)};
        pb_add_row(&writing->pb.votes, cells, 0);
    }
}

static const char *group_of(const struct writing *writing, size_t project) {
    const json_t *projects = json_object_get(writing->file->paper->frozen, "projects");
    return json_string_value(json_object_get(json_array_get(projects, project), "exclusive_group"));
}

static bool has_groups(const struct writing *writing) {
    for (size_t i = 0; i < writing->file->paper->project_count; i++)
        if (writing->file->paper->projects[i].area == writing->file->area && group_of(writing, i))
            return true;
    return false;
}

static void write_projects(struct writing *writing) {
    pb_add_column(&writing->pb.projects, "project_id");
    pb_add_column(&writing->pb.projects, "cost");
    pb_add_column(&writing->pb.projects, "name");
    if (has_groups(writing))
        pb_add_column(&writing->pb.projects, "alternative"); /* ours: election.h */
    const json_t *projects = json_object_get(writing->file->paper->frozen, "projects");
    for (size_t i = 0; i < writing->file->paper->project_count; i++) {
        const struct paper_project *project = &writing->file->paper->projects[i];
        if (project->area != writing->file->area)
            continue;
        bool is_out = is_withdrawn(writing, project);
        if (is_out)
            buffer_print(&writing->withdrawn, "%s%d", writing->withdrawn.length ? "," : "",
                         project->number);
        const json_t *frozen = json_array_get(projects, i);
        const char *group = group_of(writing, i);
        const char *const cells[] = {number_text(writing, project->number),
                                     is_out ? number_text(writing, ELECTION_COST_WITHDRAWN)
                                            : euros(writing, project->cost_cents),
                                     finnish(json_object_get(frozen, "title")), group ? group : ""};
        pb_add_row(&writing->pb.projects, cells, 0);
    }
}

int budget_file_write(const struct budget_file *file, struct buffer *out) {
    struct writing writing = {.file = file};
    write_ballots(&writing);
    write_projects(&writing);
    write_meta(&writing);
    pb_write(&writing.pb, out);
    pb_clear(&writing.pb);
    buffer_clear(&writing.withdrawn);
    return writing.ballot_count;
}
