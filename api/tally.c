/*
 * Recounting: a .pb file in, the outcome out. Nothing is stored and nobody need be known, so it is
 * bounded: by the file's size (openapi.yaml), by choices, since a default score gives every ballot
 * one for each project, by effort, since the worker's other connections wait meanwhile, and by how
 * many are counted at once. 100 000 ballots for 150 projects, about the largest file, take a
 * quarter of the usual effort.
 */
#include "operation.h"

#include "app.h"
#include "tally_file.h"

#include <stdatomic.h>

enum { RETRY_S = 2, CHOICES_MOST = 3000000 /* more than the largest body can name */ };

static const char *member(const struct request *request, const char *name, const char *fallback) {
    const char *text = json_string_value(json_object_get(request->json, name));
    return text ? text : fallback;
}

static bool count(struct request *request) {
    uint64_t millions = (uint64_t)request->app->config.recount_effort_millions;
    struct tally_wishes wishes = {
        .rules = {.rule = tally_find_rule(member(request, "rule", "")),
                  .completion = tally_find_completion(member(request, "completion", "none")),
                  .flavour = tally_find_flavour(member(request, "flavour", "pabutools")),
                  .effort_most = millions * 1000000 + 1},
        .choices_most = CHOICES_MOST,
        .ties = member(request, "ties", "lexico"),
        .minimum_score = member(request, "minimum_score", NULL)};
    const json_t *file = json_object_get(request->json, "file");
    return tally_file(&wishes, json_string_value(file), json_string_length(file), "/file",
                      &request->arena, &request->problem, &request->reply);
}

static bool tally_recount(struct request *request) {
    static atomic_int running;
    bool has_room = atomic_fetch_add(&running, 1) < request->app->config.recounts_most;
    bool is_done = has_room && count(request);
    atomic_fetch_sub(&running, 1);
    if (!has_room) {
        request->problem.retry_after_s = RETRY_S;
        return problem_set(&request->problem, PROBLEM_UNAVAILABLE,
                           arena_print(&request->arena, "%d", RETRY_S));
    }
    request->status = 200;
    request->reply_type = "application/json";
    return is_done;
}

const struct binding tally_bindings[] = {
    {"recountElection", tally_recount},
    {0},
};

const struct constraint tally_constraints[] = {
    {0},
};
