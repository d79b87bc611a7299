/* `elinvoima demo`: loads the folder demo through the API's own code, inside this process. */
#include "demo.h"

#include "command.h"
#include "db.h"
#include "demo_budget.h"
#include "demo_feedback.h"
#include "demo_load.h"
#include "migrate.h"

#include <stdio.h>
#include <string.h>

enum { CONNECTIONS = DEMO_VOTERS_AT_ONCE + 1 };

static bool start(struct demo *demo) {
    struct app *app = &demo->app;
    demo->tokens = json_object();
    demo->known = json_object();
    app->config.database_connections = CONNECTIONS;
    if (!app_build(app))
        return false;
    if (migrate_state(app->pool) == MIGRATE_CURRENT)
        return true;
    fputs("demo: the database cannot be reached or has another schema; `elinvoima migrate` makes "
          "it\n",
          stderr);
    return false;
}

static void stop(struct demo *demo) {
    app_release(&demo->app);
    json_decref(demo->tokens);
    json_decref(demo->known);
}

static void print_counts(const char *name, const json_t *summary) {
    auto_free char *lights = json_dumps(json_object_get(summary, "counts"), JSON_COMPACT);
    auto_free char *requests = json_dumps(json_object_get(summary, "requests"), JSON_COMPACT);
    printf("%s\n  lights %s\n  reports %s\n  as the facts have them\n", name, lights, requests);
}

static bool load_rounds(struct demo *demo) {
    json_auto_t *rounds = demo_read("reporting_rounds");
    size_t i;
    json_t *round;
    json_array_foreach(rounds, i, round) {
        const json_t *summary = json_object_get(round, "summary");
        const char *name = demo_text(json_object_get(round, "name"), "fi");
        bool is_new = false;
        if (!demo_load_round(demo, round, &is_new))
            return false;
        int differences = summary ? demo_check_round(demo, round, is_new) : 0;
        if (differences) {
            fprintf(stderr, "demo: %s: %d differences from the facts\n", name, differences);
            return false;
        }
        if (summary)
            print_counts(name, summary);
        else
            printf("%s: %s\n", name,
                   demo_text(demo_find(demo, demo_text(round, "external_id")), "status"));
    }
    return rounds != NULL;
}

static bool load_budgets(struct demo *demo) {
    json_auto_t *cycles = demo_read("budget_cycles");
    size_t i;
    json_t *cycle;
    json_array_foreach(cycles, i, cycle) {
        const char *name = demo_text(json_object_get(cycle, "name"), "fi");
        bool is_new = false;
        if (!demo_load_budget(demo, cycle, &is_new))
            return false;
        const json_t *item = demo_find(demo, demo_text(cycle, "external_id"));
        if (!demo_text(item, "confirming_decision_id")) {
            printf("%s: %s; without ELINVOIMA_VOTE_KEY_FILE no vote is opened\n", name,
                   demo_text(item, "status"));
            continue;
        }
        int differences = demo_check_budget(demo, cycle, is_new);
        if (differences) {
            fprintf(stderr, "demo: %s: %d differences from the facts\n", name, differences);
            return false;
        }
        printf("%s\n  %lld ballots counted as the facts have them\n", name,
               (long long)json_integer_value(
                   json_object_get(json_object_get(cycle, "statistics"), "voters")));
    }
    return cycles != NULL;
}

static bool load_feedback(struct demo *demo) {
    json_t *facts = NULL, *fresh = NULL;
    bool is_done = demo_load_feedback(demo, &facts, &fresh);
    int differences = is_done ? demo_check_feedback(demo, facts, fresh) : 0;
    if (differences)
        fprintf(stderr, "demo: feedback: %d differences from the facts\n", differences);
    else if (is_done)
        printf("%zu items of feedback as the facts have them\n", json_array_size(facts));
    json_decref(facts);
    json_decref(fresh);
    return is_done && differences == 0;
}

int command_demo(int argc, char **argv, const struct config *config) {
    if (argc > 1) {
        fprintf(stderr, "usage: elinvoima %s\n", argv[0]);
        return 2;
    }
    struct demo demo = {.app.config = *config}; /* its texts stay the caller's */
    bool is_done = start(&demo) && demo_load(&demo) && load_rounds(&demo) && load_budgets(&demo) &&
                   load_feedback(&demo);
    if (is_done)
        printf("%zu items of source " DEMO_SOURCE ", %u requests\n", json_object_size(demo.known),
               demo.requests);
    stop(&demo);
    return is_done ? 0 : 1;
}
