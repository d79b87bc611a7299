/*
 * What the rows of a .pb file mean. All faults of a file come at once; amounts and points are
 * brought to the decimals of the finest one.
 */
#include "amount.h"
#include "election.h"
#include "names.h"
#include "own.h"
#include "pb.h"

#include <stdlib.h>
#include <string.h>

enum vote_type { VOTE_APPROVAL, VOTE_CHOOSE_1, VOTE_CUMULATIVE, VOTE_ORDINAL, VOTE_SCORING };

static const struct {
    const char *name;
    enum vote_type type;
} vote_types[] = {{"approval", VOTE_APPROVAL},     {"choose-1", VOTE_CHOOSE_1},
                  {"cumulative", VOTE_CUMULATIVE}, {"ordinal", VOTE_ORDINAL},
                  {"scoring", VOTE_SCORING},       {0}};

struct reader {
    struct election *election;
    const struct pb *pb;
    const char *where;
    struct arena *arena;
    struct problem *problem;
    struct names ids, voters;
    enum vote_type type;
    bool is_full; /* no further ballot is taken */
    struct amount default_score;
    struct choice *choices; /* of the ballot being read: room for every project, and for the longest
                               list */
    size_t choice_capacity;
};

static bool add_fault(struct reader *reader, uint32_t line, enum problem_code code,
                      const char *first, const char *second) {
    return pb_add_fault(reader->problem, reader->arena, reader->where, line, code, first, second);
}

/* A value of META that must be there. */
static const char *read_meta(struct reader *reader, const char *key, uint32_t *ret_line) {
    const char *value = pb_meta(reader->pb, key, reader->arena, ret_line);
    if (!value)
        add_fault(reader, 1, PROBLEM_PB_KEY_MISSING, key, NULL);
    return value;
}

static void check_keys(struct reader *reader) {
    auto_names keys = {0};
    const struct pb_table *meta = &reader->pb->meta;
    size_t column = pb_column(meta, "key");
    for (size_t row = 0; row < meta->row_count; row++) {
        const char *key = pb_trim(pb_cell(meta, row, column), reader->arena);
        uint32_t number;
        if (!names_add(&keys, key, &number))
            add_fault(reader, pb_line(meta, row), PROBLEM_PB_REPEATED, "key", key);
    }
}

/* The numbers of rows that META tells: a file that was cut off is found by them. */
static void check_count(struct reader *reader, const char *key, size_t count) {
    uint32_t line;
    struct amount told;
    const char *value = read_meta(reader, key, &line);
    if (!value)
        return;
    if (!amount_read(value, &told) || told.decimals)
        add_fault(reader, line, PROBLEM_PB_VALUE, key, value);
    else if (told.digits != (int64_t)count)
        pb_add_fault(reader->problem, reader->arena, reader->where, line, PROBLEM_PB_COUNT, key,
                     value, arena_print(reader->arena, "%zu", count));
}

static void read_vote_type(struct reader *reader) {
    uint32_t line;
    const char *value = read_meta(reader, "vote_type", &line);
    if (!value)
        return;
    size_t i = 0;
    while (vote_types[i].name && strcmp(vote_types[i].name, value) != 0)
        i++;
    if (!vote_types[i].name)
        add_fault(reader, line, PROBLEM_PB_VALUE, "vote_type", value);
    reader->type = vote_types[i].type;
    const char *score = pb_meta(reader->pb, "default_score", reader->arena, &line);
    if (reader->type == VOTE_SCORING && score && !amount_read(score, &reader->default_score))
        add_fault(reader, line, PROBLEM_PB_VALUE, "default_score", score);
    reader->election->has_points = reader->type >= VOTE_CUMULATIVE;
}

/* Money: not below `least`, not beyond ELECTION_AMOUNT_MOST. */
static bool read_money(struct reader *reader, uint32_t line, const char *column, const char *text,
                       int64_t least, struct amount *ret_money) {
    struct amount money;
    if (!amount_read(text, &money) || money.digits < least ||
        money.digits / amount_power(money.decimals) > ELECTION_AMOUNT_MOST)
        return add_fault(reader, line, PROBLEM_PB_AMOUNT, column, text);
    if (money.decimals > reader->election->money_decimals)
        reader->election->money_decimals = money.decimals;
    *ret_money = money;
    return true;
}

static void scale_money(struct reader *reader, struct amount money, int64_t *ret_scaled) {
    if (!amount_scale(money, reader->election->money_decimals, ELECTION_SCALED_MOST, ret_scaled))
        add_fault(reader, 1, PROBLEM_PB_AMOUNT, "budget",
                  arena_print(reader->arena, "%lld", (long long)money.digits));
}

static const char *own_text(struct reader *reader, const struct pb_table *table, size_t row,
                            const char *name) {
    size_t column = pb_column(table, name);
    if (column == PB_COLUMNS_MOST)
        return NULL;
    const char *text = pb_trim(pb_cell(table, row, column), reader->arena);
    return *text ? arena_text(&reader->election->arena, text) : NULL;
}

static void read_project(struct reader *reader, size_t row, struct amount *ret_cost) {
    const struct pb_table *table = &reader->pb->projects;
    struct project *project = &reader->election->projects[row];
    uint32_t line = pb_line(table, row), number;
    const char *cost = pb_cell(table, row, pb_column(table, "cost"));
    project->id = own_text(reader, table, row, "project_id");
    project->name = own_text(reader, table, row, "name");
    project->alternative = own_text(reader, table, row, "alternative");
    if (!project->id || strchr(project->id, ','))
        add_fault(reader, line, PROBLEM_PB_VALUE, "project_id", project->id ? project->id : "");
    project->id = project->id ? project->id : "";
    if (!names_add(&reader->ids, project->id, &number))
        add_fault(reader, line, PROBLEM_PB_REPEATED, "project_id", project->id);
    read_money(reader, line, "cost", cost, 1, ret_cost);
}

static void read_money_of_all(struct reader *reader) {
    struct election *election = reader->election;
    struct amount budget = {0};
    uint32_t line;
    const char *text = read_meta(reader, "budget", &line);
    if (text)
        read_money(reader, line, "budget", text, 0, &budget);
    struct amount *costs = arena_new(reader->arena, (election->project_count + 1) * sizeof *costs);
    for (size_t row = 0; row < election->project_count; row++)
        read_project(reader, row, &costs[row]);
    scale_money(reader, budget, &election->budget);
    for (size_t row = 0; row < election->project_count; row++)
        scale_money(reader, costs[row], &election->projects[row].cost);
    const char *currency = pb_meta(reader->pb, "currency", reader->arena, &line);
    election->currency = arena_text(&election->arena, currency && *currency ? currency : "EUR");
}

/* The next item of a list at `*at`, without its blanks; `*at` moves behind it, to NULL at the end.
 */
static const char *next_item(const char **at, size_t *ret_length) {
    const char *item = *at + strspn(*at, " \t");
    size_t length = strcspn(item, ",");
    *at = item[length] ? item + length + 1 : NULL;
    while (length && (item[length - 1] == ' ' || item[length - 1] == '\t'))
        length--;
    *ret_length = length;
    return item;
}

static bool read_points(const char *item, size_t length, struct amount *ret_points) {
    char text[32];
    if (length >= sizeof text)
        return false;
    memcpy(text, item, length);
    text[length] = '\0';
    return amount_read(text, ret_points);
}

static bool has_points(const struct reader *reader) {
    return reader->type == VOTE_CUMULATIVE || reader->type == VOTE_SCORING;
}

/* The finest decimals of all points, so that they can be scaled in the walk that follows. */
static void find_point_decimals(struct reader *reader, size_t column) {
    unsigned most = reader->default_score.decimals;
    const struct pb_table *votes = &reader->pb->votes;
    for (size_t row = 0; row < votes->row_count; row++)
        for (const char *at = pb_cell(votes, row, column); at;) {
            size_t length;
            struct amount points;
            const char *item = next_item(&at, &length);
            if (read_points(item, length, &points) && points.decimals > most)
                most = points.decimals;
        }
    reader->election->point_decimals = most;
}

static bool scale_points(const struct reader *reader, struct amount points, int32_t *ret_points) {
    int64_t scaled;
    if (!amount_scale(points, reader->election->point_decimals, INT32_MAX, &scaled) ||
        (reader->type == VOTE_CUMULATIVE && scaled < 0))
        return false;
    *ret_points = (int32_t)scaled;
    return true;
}

static void push(struct reader *reader, size_t count, struct choice choice) {
    if (count == reader->choice_capacity) {
        reader->choice_capacity = 2 * count + 64;
        reader->choices =
            reallocarray(reader->choices, reader->choice_capacity, sizeof *reader->choices);
        if (!reader->choices)
            abort();
    }
    reader->choices[count] = choice;
}

/* The projects a ballot names, each with one point. */
static bool read_vote(struct reader *reader, uint32_t line, const char *vote, size_t *ret_count) {
    bool is_good = true;
    size_t count = 0;
    for (const char *at = vote[strspn(vote, " \t")] ? vote : NULL; at;) {
        size_t length;
        uint32_t project = 0;
        const char *item = next_item(&at, &length);
        if (!names_find(&reader->ids, item, length, &project))
            is_good = add_fault(reader, line, PROBLEM_PB_PROJECT_UNKNOWN,
                                arena_copy(reader->arena, item, length), NULL);
        push(reader, count++, (struct choice){project, 1});
    }
    *ret_count = count;
    return is_good;
}

/* As many points as projects, in their order. */
static bool read_ballot_points(struct reader *reader, uint32_t line, const char *list,
                               size_t count) {
    size_t given = 0;
    for (const char *at = list[strspn(list, " \t")] ? list : NULL; at; given++) {
        size_t length;
        struct amount points;
        const char *item = next_item(&at, &length);
        if (given >= count)
            continue;
        if (!read_points(item, length, &points) ||
            !scale_points(reader, points, &reader->choices[given].points))
            return add_fault(reader, line, PROBLEM_PB_VALUE, "points",
                             arena_copy(reader->arena, item, length));
    }
    if (given == count)
        return true;
    return add_fault(reader, line, PROBLEM_PB_POINTS, arena_print(reader->arena, "%zu", count),
                     arena_print(reader->arena, "%zu", given));
}

static void add_too_many(struct reader *reader, uint32_t line, const char *section) {
    auto_buffer most = {0};
    amount_write_spaced((int64_t)election_choices_most(reader->election), 0, &most);
    pb_add_fault(reader->problem, reader->arena, reader->where, line, PROBLEM_PB_TOO_MANY, section,
                 most.data);
    reader->is_full = true;
}

/* What a ballot of scores does not name has the default score. */
static void add_default_scores(struct reader *reader, size_t *count) {
    int32_t points = 0;
    if (!scale_points(reader, reader->default_score, &points) || !points)
        return;
    for (uint32_t i = 0; i < reader->election->project_count; i++)
        push(reader, (*count)++, (struct choice){i, points});
}

static void read_ballot(struct reader *reader, size_t row, size_t vote, size_t points) {
    const struct pb_table *votes = &reader->pb->votes;
    uint32_t line = pb_line(votes, row);
    size_t count;
    if (!read_vote(reader, line, pb_cell(votes, row, vote), &count))
        return;
    if (reader->type == VOTE_CHOOSE_1 && count > 1) {
        add_fault(reader, line, PROBLEM_PB_VALUE, "vote", pb_cell(votes, row, vote));
        return;
    }
    if (has_points(reader) && !read_ballot_points(reader, line, pb_cell(votes, row, points), count))
        return;
    for (size_t i = 0; reader->type == VOTE_ORDINAL && i < count; i++)
        reader->choices[i].points = (int32_t)(count - i);
    if (reader->type == VOTE_SCORING)
        add_default_scores(reader, &count);
    if (!election_add_ballot(reader->election, reader->choices, count))
        add_too_many(reader, line, "VOTES");
}

static void read_ballots(struct reader *reader) {
    const struct pb_table *votes = &reader->pb->votes;
    size_t voter = pb_column(votes, "voter_id"), vote = pb_column(votes, "vote");
    size_t points = pb_column(votes, "points");
    if (has_points(reader) && points == PB_COLUMNS_MOST) {
        add_fault(reader, 1, PROBLEM_PB_COLUMN_MISSING, "VOTES", "points");
        return;
    }
    if (has_points(reader))
        find_point_decimals(reader, points);
    size_t most = PB_FAULTS_MOST;
    for (size_t row = 0;
         row < votes->row_count && !reader->is_full && reader->problem->fault_count < most; row++) {
        const char *id = pb_trim(pb_cell(votes, row, voter), reader->arena);
        uint32_t number;
        if (!names_add(&reader->voters, id, &number))
            add_fault(reader, pb_line(votes, row), PROBLEM_PB_REPEATED, "voter_id", id);
        read_ballot(reader, row, vote, points);
    }
}

static void read_all(struct reader *reader) {
    const struct pb *pb = reader->pb;
    check_keys(reader);
    check_count(reader, "num_projects", pb->projects.row_count);
    check_count(reader, "num_votes", pb->votes.row_count);
    read_vote_type(reader);
    if (pb->projects.row_count > ELECTION_PROJECTS_MOST) {
        add_too_many(reader, pb_line(&pb->projects, ELECTION_PROJECTS_MOST), "PROJECTS");
        return;
    }
    election_set_projects(reader->election, pb->projects.row_count);
    read_money_of_all(reader);
    read_ballots(reader);
}

bool election_read(struct election *election, const struct pb *pb, const char *where,
                   struct arena *arena, struct problem *problem) {
    struct reader reader = {
        .election = election, .pb = pb, .where = where, .arena = arena, .problem = problem};
    read_all(&reader);
    names_clear(&reader.ids);
    names_clear(&reader.voters);
    free(reader.choices);
    if (problem->code != PROBLEM_NONE)
        return false;
    election_close(election);
    return true;
}
