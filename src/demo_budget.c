/*
 * Budget cycles of the demo, move by move (demo_life.h): ideas, their evaluation, the vote, the
 * projects. A cycle whose vote cannot be opened, because there is no key of votes, stays in
 * development.
 */
#include "demo_budget.h"

#include "demo_load.h"

#include <stdio.h>
#include <string.h>

#define COORDINATOR "demo-coordinator"
#define EVALUATOR "demo-evaluator"
#define OFFICER "demo-vote-officer"

/* Borrowed from `from`, those members that are there: a new object. */
static json_t *pick(const json_t *from, const char *const *members) {
    json_t *picked = json_object();
    for (; *members; members++)
        if (json_object_get(from, *members))
            json_object_set(picked, *members, json_object_get(from, *members));
    return picked;
}

static bool plan(struct demo_life *cycle) {
    static const char *const members[] = {
        "name",
        "start_year",
        "end_year",
        "theme",
        "shares",
        "rules",
        "appropriation_cents",
        "criteria",
        "decision_id",
        "ideas_end_at",
        "confirming_body_id",
        "ideas_start_at",
        "voting_ends_at",
        "voting_starts_at",
        NULL,
    };
    json_auto_t *facts = pick(cycle->facts, members);
    json_auto_t *body = demo_resolve(cycle->demo, facts);
    return demo_plan(cycle, COORDINATOR, body);
}

/* --- proposals --------------------------------------------------------------------------------*/

/* Its status as we know it; "" when it has not been sent. */
static const char *status_of(const struct demo_life *cycle, const json_t *fact) {
    const char *status =
        demo_text(demo_find(cycle->demo, demo_text(fact, "external_id")), "status");
    return status ? status : "";
}

static bool is_at(const struct demo_life *cycle, const json_t *fact, const char *status) {
    return strcmp(status_of(cycle, fact), status) == 0;
}

static bool move(struct demo_life *cycle, const json_t *fact, const char *verb, const char *subject,
                 const json_t *body) {
    const char *external_id = demo_text(fact, "external_id");
    auto_free char *target = demo_print("/v1/%s/proposals/%s/%s", cycle->municipality,
                                        demo_text(demo_find(cycle->demo, external_id), "id"), verb);
    return demo_call_known(cycle->demo, subject, "POST", target, body, external_id);
}

/* Moves of the cycle move proposals too: what they are now. */
static bool read_proposals(struct demo_life *cycle) {
    auto_free char *target =
        demo_print("/v1/%s/proposals?limit=200&budget_cycle_id=%s", cycle->municipality,
                   demo_text(demo_life_item(cycle), "id"));
    json_auto_t *items = demo_list(cycle->demo, COORDINATOR, target);
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        json_object_set(cycle->demo->known, demo_text(item, "external_id"), item);
    }
    return items != NULL;
}

/* Residents send theirs without a token; an employee enters those of people met. */
static bool send(struct demo_life *cycle, const json_t *fact) {
    static const char *const members[] = {
        "budget_cycle_id", "area_id",  "title",     "description", "channel",
        "authors",         "latitude", "longitude", NULL,
    };
    json_auto_t *facts = pick(fact, members);
    json_auto_t *body = demo_resolve(cycle->demo, facts);
    json_object_set_new(body, "source", json_string(DEMO_SOURCE));
    json_object_set(body, "external_id", json_object_get(fact, "external_id"));
    auto_free char *target = demo_print("/v1/%s/proposals", cycle->municipality);
    return demo_call_known(cycle->demo, demo_holds(fact, "channel", "staff") ? COORDINATOR : NULL,
                           "POST", target, body, demo_text(fact, "external_id"));
}

static bool send_all(struct demo_life *cycle) {
    size_t i;
    json_t *fact;
    json_array_foreach(cycle->more, i, fact) {
        demo_set_clock(cycle->demo, demo_text(fact, "submitted_at"));
        if (is_at(cycle, fact, "") && !send(cycle, fact))
            return false;
        if (is_at(cycle, fact, "submitted") &&
            !move(cycle, fact, "publish", "demo-moderator", NULL))
            return false;
        if (demo_holds(fact, "status", "withdrawn") && is_at(cycle, fact, "published") &&
            !move(cycle, fact, "withdraw", COORDINATOR, NULL))
            return false;
    }
    return true;
}

static bool evaluate(struct demo_life *cycle, const json_t *fact) {
    const json_t *evaluation = json_object_get(fact, "evaluate");
    const json_t *merge = json_object_get(fact, "merge");
    if (merge && is_at(cycle, fact, "published")) {
        json_auto_t *body = demo_resolve(cycle->demo, merge);
        return move(cycle, fact, "merge", EVALUATOR, body);
    }
    if (!evaluation)
        return true;
    if (is_at(cycle, fact, "published") && !move(cycle, fact, "take-up", EVALUATOR, NULL))
        return false;
    return !is_at(cycle, fact, "in_evaluation") ||
           move(cycle, fact, "evaluate", EVALUATOR, evaluation);
}

static bool confirm_ballot(struct demo_life *cycle) {
    const char *decision = demo_id(cycle->demo, cycle->facts, "ballot_decision_id");
    json_auto_t *body = json_pack("{s:s?}", "decision_id", decision);
    auto_free char *target =
        demo_print("/v1/%s/budget-cycles/%s/confirm-ballot", cycle->municipality,
                   demo_text(demo_life_item(cycle), "id"));
    demo_set_clock(cycle->demo, demo_moment(cycle, "ballot_confirmed_at"));
    json_auto_t *confirmed = demo_call(cycle->demo, COORDINATOR, "POST", target, body);
    return confirmed && read_proposals(cycle);
}

static bool evaluate_all(struct demo_life *cycle) {
    bool is_confirmed = false;
    size_t i;
    json_t *fact;
    demo_set_clock(cycle->demo, demo_moment(cycle, "evaluated_at"));
    json_array_foreach(cycle->more, i, fact) {
        if (!evaluate(cycle, fact))
            return false;
        is_confirmed = is_confirmed || is_at(cycle, fact, "on_ballot");
    }
    return is_confirmed || confirm_ballot(cycle);
}

/* --- projects ---------------------------------------------------------------------------------*/

bool demo_is_tied(const json_t *cycle_facts, const json_t *proposal_facts) {
    size_t i, at;
    json_t *result, *tied;
    json_array_foreach(json_object_get(cycle_facts, "results"), i, result) {
        json_array_foreach(json_object_get(result, "tied"), at, tied) {
            if (demo_holds(proposal_facts, "external_id", json_string_value(tied)))
                return true;
        }
    }
    return false;
}

/* Borrowed: the facts of the project that follows this proposal. Where the lot decided, it was
 * drawn by the service; whatever it chose has the project of the one that the facts have as chosen.
 */
static const json_t *project_facts(const struct demo_life *cycle, const json_t *fact) {
    if (json_object_get(fact, "project") || !demo_is_tied(cycle->facts, fact))
        return fact;
    size_t i;
    json_t *other;
    json_array_foreach(cycle->more, i, other) {
        if (json_object_get(other, "project") && demo_is_tied(cycle->facts, other))
            return other;
    }
    return fact;
}

static bool plan_all(struct demo_life *cycle) {
    size_t i;
    json_t *fact;
    if (!read_proposals(cycle))
        return false;
    demo_set_clock(cycle->demo, demo_moment(cycle, "implemented_at"));
    json_array_foreach(cycle->more, i, fact) {
        if (!is_at(cycle, fact, "selected"))
            continue;
        const json_t *project = json_object_get(project_facts(cycle, fact), "project");
        json_auto_t *body = demo_resolve(cycle->demo, json_object_get(project, "plan"));
        if (!move(cycle, fact, "plan-project", COORDINATOR, body))
            return false;
    }
    return true;
}

/* From in progress to where the facts have it. */
static bool end_project(struct demo_life *cycle, const json_t *fact, const json_t *project) {
    const json_t *cancelled = json_object_get(project, "cancelled");
    const char *at = demo_text(project, "completed_at");
    json_auto_t *body = NULL;
    if (cancelled) {
        demo_set_clock(cycle->demo, demo_text(cancelled, "at"));
        body = json_pack("{s:O}", "reason", json_object_get(cancelled, "reason"));
        return move(cycle, fact, "cancel-project", COORDINATOR, body);
    }
    if (!at)
        return true;
    const json_t *spent = json_object_get(json_object_get(project, "plan"), "spent_cents");
    demo_set_clock(cycle->demo, at);
    body = json_pack("{s:O}", "spent_cents", spent);
    return move(cycle, fact, "complete-project", COORDINATOR, body);
}

static bool carry_out(struct demo_life *cycle) {
    size_t i;
    json_t *fact;
    if (!read_proposals(cycle))
        return false;
    json_array_foreach(cycle->more, i, fact) {
        const json_t *project = json_object_get(project_facts(cycle, fact), "project");
        demo_set_clock(cycle->demo, demo_moment(cycle, "implemented_at"));
        if (is_at(cycle, fact, "selected") &&
            !move(cycle, fact, "start-project", COORDINATOR, NULL))
            return false;
        if (is_at(cycle, fact, "in_progress") && !end_project(cycle, fact, project))
            return false;
    }
    return true;
}

static const struct demo_step steps[] = {
    {"planned", "open-ideas", "opened_at", COORDINATOR},
    {"ideas", "develop", "developed_at", COORDINATOR, .first = send_all},
    {"development", "open-voting", "voting_opened_at", OFFICER, .with = "officers",
     .first = evaluate_all},
    {"voting", "count", "counted_at", OFFICER, .with = "officers", .first = demo_cast_ballots},
    {"counted", "confirm", "confirmed_at", COORDINATOR, "confirming_decision_id"},
    {"decided", "implement", "implemented_at", COORDINATOR, .first = plan_all},
    {0},
};

/* Those of the facts that belong to the cycle; the caller owns the array. */
static json_t *proposals_of(const struct demo_life *cycle) {
    json_auto_t *all = demo_read("proposals");
    json_t *own = json_array();
    size_t i;
    json_t *fact;
    json_array_foreach(all, i, fact) {
        if (demo_holds(fact, "budget_cycle_id", cycle->external_id))
            json_array_append(own, fact);
    }
    return own;
}

bool demo_load_budget(struct demo *demo, const json_t *facts, bool *ret_is_new) {
    json_auto_t *own = json_deep_copy(facts);
    if (!demo->app.seal)
        json_object_del(json_object_get(own, "timetable"), "voting_opened_at");
    struct demo_life cycle = demo_life_of(demo, own, "budget-cycles");
    json_auto_t *proposals = proposals_of(&cycle);
    cycle.more = proposals;
    *ret_is_new = false;
    bool is_done =
        (demo_life_item(&cycle) || plan(&cycle)) && demo_take_steps(&cycle, steps, ret_is_new);
    if (is_done && demo_holds(demo_life_item(&cycle), "status", "implementation"))
        is_done = carry_out(&cycle);
    demo_set_clock(demo, NULL);
    return is_done;
}
