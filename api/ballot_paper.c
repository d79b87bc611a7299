/* Reads frozen papers and checks ballots against them. */
#include "ballot_paper.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

static int find_word(const json_t *value, const char *const *words) {
    const char *text = json_string_value(value);
    for (int i = 0; text && words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

static void *make(size_t count, size_t size) {
    void *made = calloc(count + 1, size);
    if (!made)
        abort();
    return made;
}

static bool read_rules(struct paper *paper, const json_t *rules) {
    static const char *const methods[] = {"approval",   "n_votes", "choose_one", "knapsack",
                                          "cumulative", "ordinal", NULL};
    static const char *const area_rules[] = {"home_area", "one_chosen_area", "one_area_plus_whole",
                                             "all", NULL};
    int method = find_word(json_object_get(rules, "vote_method"), methods);
    int area_rule = find_word(json_object_get(rules, "area_rule"), area_rules);
    if (method < 0 || area_rule < 0)
        return false;
    paper->method = (enum vote_method)method;
    paper->area_rule = (enum area_rule)area_rule;
    paper->votes_least = (int)json_integer_value(json_object_get(rules, "votes_least"));
    paper->votes_most = (int)json_integer_value(json_object_get(rules, "votes_most"));
    paper->points_total = (int)json_integer_value(json_object_get(rules, "points_total"));
    paper->points_each_most = (int)json_integer_value(json_object_get(rules, "points_each_most"));
    const char *change = json_string_value(json_object_get(rules, "ballot_change"));
    const char *basis = json_string_value(json_object_get(rules, "age_basis"));
    paper->may_change = change && strcmp(change, "until_close") == 0;
    paper->is_age_on_day = basis && strcmp(basis, "on_day") == 0;
    paper->needs_residence = json_is_true(json_object_get(rules, "residence_required"));
    paper->voting_age = (int)json_integer_value(json_object_get(rules, "voting_age"));
    paper->category_limits = json_object_get(rules, "category_limits");
    paper->identification = json_object_get(rules, "identification");
    return true;
}

static void read_areas(struct paper *paper, const json_t *areas) {
    paper->area_count = json_array_size(areas);
    paper->areas = make(paper->area_count, sizeof *paper->areas);
    for (size_t i = 0; i < paper->area_count; i++) {
        const json_t *area = json_array_get(areas, i);
        const char *kind = json_string_value(json_object_get(area, "kind"));
        paper->areas[i] = (struct paper_area){
            .id = json_string_value(json_object_get(area, "area_id")),
            .cents = json_integer_value(json_object_get(area, "appropriation_cents")),
            .is_whole = kind && strcmp(kind, "whole") == 0,
        };
    }
}

static int find_area(const struct paper *paper, const char *id) {
    for (size_t i = 0; id && i < paper->area_count; i++)
        if (strcmp(paper->areas[i].id, id) == 0)
            return (int)i;
    return -1;
}

static bool read_projects(struct paper *paper, const json_t *projects) {
    paper->project_count = json_array_size(projects);
    paper->projects = make(paper->project_count, sizeof *paper->projects);
    for (size_t i = 0; i < paper->project_count; i++) {
        const json_t *project = json_array_get(projects, i);
        struct paper_project *to = &paper->projects[i];
        to->id = json_string_value(json_object_get(project, "proposal_id"));
        to->number = (int)json_integer_value(json_object_get(project, "number"));
        to->cost_cents = json_integer_value(json_object_get(project, "cost_cents"));
        to->area = find_area(paper, json_string_value(json_object_get(project, "area_id")));
        to->categories = json_object_get(project, "categories");
        if (!to->id || to->area < 0)
            return false;
    }
    return true;
}

struct paper *paper_new(const char *frozen) {
    struct paper *paper = make(1, sizeof *paper);
    paper->frozen = json_loads(frozen, JSON_REJECT_DUPLICATES, NULL);
    paper->voting_year = (int)json_integer_value(json_object_get(paper->frozen, "voting_year"));
    read_areas(paper, json_object_get(paper->frozen, "areas"));
    if (read_rules(paper, json_object_get(paper->frozen, "rules")) &&
        read_projects(paper, json_object_get(paper->frozen, "projects")))
        return paper;
    paper_free(paper);
    return NULL;
}

void paper_free(void *data) {
    struct paper *paper = data;
    if (!paper)
        return;
    json_decref(paper->frozen);
    free(paper->sha256);
    free(paper->seal_id);
    free(paper->origin);
    free(paper->areas);
    free(paper->projects);
    free(paper);
}

/* One ballot under check. */
struct check {
    const struct paper *paper;
    struct arena *arena;
    struct problem *problem;
    const char *within;
    const struct paper_project *chosen[PAPER_CHOICES_MOST];
    int points[PAPER_CHOICES_MOST];
    int count;
};

static const char *number_text(struct check *check, int64_t number) {
    return arena_print(check->arena, "%lld", (long long)number);
}

static void fault_at(struct check *check, size_t at, const char *member, enum problem_code code,
                     const char *value, const char *limit) {
    const char *pointer = arena_print(check->arena, "%s/choices/%zu/%s", check->within, at, member);
    problem_add(check->problem, check->arena, FAULT_POINTER, pointer, code, value, limit);
}

static void fault(struct check *check, enum problem_code code, const char *value,
                  const char *limit) {
    problem_add(check->problem, check->arena, FAULT_POINTER,
                arena_print(check->arena, "%s/choices", check->within), code, value, limit);
}

static const struct paper_project *find_project(const struct paper *paper, const char *id) {
    for (size_t i = 0; i < paper->project_count; i++)
        if (strcmp(paper->projects[i].id, id) == 0)
            return &paper->projects[i];
    return NULL;
}

int paper_number(const struct paper *paper, const char *proposal_id) {
    const struct paper_project *project = find_project(paper, proposal_id);
    return project ? project->number : 0;
}

static bool is_chosen(const struct check *check, const struct paper_project *project) {
    for (int i = 0; i < check->count; i++)
        if (check->chosen[i] == project)
            return true;
    return false;
}

static void check_points_of_one(struct check *check, size_t at, int64_t points) {
    int most = check->paper->points_each_most;
    if (most > 0 && points > most)
        fault_at(check, at, "points", PROBLEM_POINTS_TOO_MANY, number_text(check, points),
                 number_text(check, most));
}

static void read_choices(struct check *check, const json_t *choices) {
    bool has_points = check->paper->method == VOTE_CUMULATIVE;
    for (size_t at = 0; at < json_array_size(choices); at++) {
        const json_t *choice = json_array_get(choices, at);
        const char *id = json_string_value(json_object_get(choice, "proposal_id"));
        const json_t *points = json_object_get(choice, "points");
        const struct paper_project *project = find_project(check->paper, id);
        if (!project)
            fault_at(check, at, "proposal_id", PROBLEM_CHOICE_UNKNOWN, id, NULL);
        else if (is_chosen(check, project))
            fault_at(check, at, "proposal_id", PROBLEM_CHOICE_REPEATED, id, NULL);
        else if (has_points != json_is_integer(points))
            fault_at(check, at, "points",
                     has_points ? PROBLEM_MEMBER_REQUIRED : PROBLEM_POINTS_UNASKED,
                     has_points ? "points" : NULL, NULL);
        else {
            check->points[check->count] = (int)json_integer_value(points);
            check->chosen[check->count++] = project;
            check_points_of_one(check, at, json_integer_value(points));
        }
    }
}

/* Which areas may stand together on one ballot, and which of them is the voter's own. */
static int check_areas(struct check *check, const char *home_area) {
    const struct paper *paper = check->paper;
    int own = -1, others = 0;
    bool has_whole = false;
    for (int i = 0; i < check->count; i++) {
        int area = check->chosen[i]->area;
        if (paper->areas[area].is_whole)
            has_whole = true;
        else if (own < 0)
            own = area;
        else if (own != area)
            others++;
    }
    bool is_right = paper->area_rule == AREA_ALL || others == 0;
    if (paper->area_rule == AREA_ONE)
        is_right = is_right && !(has_whole && own >= 0);
    if (paper->area_rule == AREA_HOME) {
        int home = find_area(paper, home_area);
        is_right =
            is_right && home >= 0 && !paper->areas[home].is_whole && (own < 0 || own == home);
        own = home;
    }
    static const char *const rules[] = {"home_area", "one_chosen_area", "one_area_plus_whole",
                                        "all"};
    if (!is_right)
        fault(check, PROBLEM_AREA_RULE, rules[paper->area_rule], NULL);
    return paper->area_rule == AREA_ALL ? -1 : own;
}

static void check_area_limits(struct check *check, int area) {
    const struct paper *paper = check->paper;
    int votes = 0;
    int64_t cents = 0;
    for (int i = 0; i < check->count; i++)
        if (check->chosen[i]->area == area) {
            votes++;
            cents += check->chosen[i]->cost_cents;
        }
    int most = paper->method == VOTE_CHOOSE_ONE ? 1 : paper->votes_most;
    if (most > 0 && votes > most)
        fault(check, PROBLEM_CHOICES_TOO_MANY, number_text(check, votes), number_text(check, most));
    if (votes > 0 && votes < paper->votes_least)
        fault(check, PROBLEM_CHOICES_TOO_FEW, number_text(check, votes),
              number_text(check, paper->votes_least));
    if (paper->method == VOTE_KNAPSACK && cents > paper->areas[area].cents)
        fault(check, PROBLEM_BALLOT_OVER_BUDGET,
              number_text(check, cents - paper->areas[area].cents),
              number_text(check, paper->areas[area].cents));
}

static void check_points(struct check *check) {
    const struct paper *paper = check->paper;
    int64_t total = 0;
    for (int i = 0; i < check->count; i++)
        total += check->points[i];
    if (total > paper->points_total)
        fault(check, PROBLEM_POINTS_TOO_MANY, number_text(check, total),
              number_text(check, paper->points_total));
}

static bool is_of_category(const struct paper_project *project, const json_t *category) {
    size_t i;
    const json_t *own;
    json_array_foreach(project->categories, i, own) {
        if (json_equal(own, category))
            return true;
    }
    return false;
}

static void check_category(struct check *check, const json_t *limit) {
    const json_t *category = json_object_get(limit, "category");
    const json_t *most = json_object_get(limit, "votes_most");
    const json_t *cents_most = json_object_get(limit, "cost_most_cents");
    int64_t votes = 0, cents = 0;
    for (int i = 0; i < check->count; i++)
        if (is_of_category(check->chosen[i], category)) {
            votes++;
            cents += check->chosen[i]->cost_cents;
        }
    const char *name = json_string_value(category);
    if (json_is_integer(most) && votes > json_integer_value(most))
        fault(check, PROBLEM_CATEGORY_OVER, name,
              number_text(check, votes - json_integer_value(most)));
    if (json_is_integer(cents_most) && cents > json_integer_value(cents_most))
        fault(check, PROBLEM_CATEGORY_OVER, name,
              number_text(check, cents - json_integer_value(cents_most)));
}

/* Ascending, so that equal ballots are equal bytes; an ordinal ballot is its order. */
static void sort_choices(struct check *check) {
    if (check->paper->method == VOTE_ORDINAL)
        return;
    for (int i = 1; i < check->count; i++)
        for (int j = i; j > 0 && check->chosen[j - 1]->number > check->chosen[j]->number; j--) {
            const struct paper_project *project = check->chosen[j];
            int points = check->points[j];
            check->chosen[j] = check->chosen[j - 1];
            check->points[j] = check->points[j - 1];
            check->chosen[j - 1] = project;
            check->points[j - 1] = points;
        }
}

bool paper_check(const struct paper *paper, const json_t *choices, const char *within,
                 const char *home_area, struct arena *arena, struct problem *problem,
                 struct filled *ret_filled) {
    struct check *check = arena_new(arena, sizeof *check);
    *check = (struct check){.paper = paper, .arena = arena, .problem = problem, .within = within};
    read_choices(check, choices);
    int own = check_areas(check, home_area);
    for (int area = 0; area < (int)paper->area_count; area++)
        check_area_limits(check, area);
    if (paper->method == VOTE_CUMULATIVE)
        check_points(check);
    size_t i;
    const json_t *limit;
    json_array_foreach(paper->category_limits, i, limit) {
        check_category(check, limit);
    }
    if (problem->code != PROBLEM_NONE)
        return false;
    sort_choices(check);
    ret_filled->count = check->count;
    ret_filled->area_id = own >= 0 ? paper->areas[own].id : NULL;
    for (int at = 0; at < check->count; at++) {
        ret_filled->numbers[at] = check->chosen[at]->number;
        ret_filled->points[at] = check->points[at];
    }
    return true;
}
