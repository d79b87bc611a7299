/* Moves of the demo's rounds and cycles. */
#include "demo_life.h"

#include <string.h>

struct demo_life demo_life_of(struct demo *demo, const json_t *facts, const char *path) {
    return (struct demo_life){.demo = demo,
                              .facts = facts,
                              .municipality = demo_text(facts, "municipality"),
                              .external_id = demo_text(facts, "external_id"),
                              .path = path};
}

const json_t *demo_life_item(const struct demo_life *life) {
    return demo_find(life->demo, life->external_id);
}

const char *demo_moment(const struct demo_life *life, const char *name) {
    return demo_text(json_object_get(life->facts, "timetable"), name);
}

bool demo_plan(struct demo_life *life, const char *subject, const json_t *body) {
    auto_free char *target = demo_print("/v1/%s/%s/by-source/" DEMO_SOURCE "/%s",
                                        life->municipality, life->path, life->external_id);
    demo_set_clock(life->demo, demo_moment(life, "planned_at"));
    return demo_call_known(life->demo, subject, "PUT", target, body, life->external_id);
}

static bool take_step(struct demo_life *life, const struct demo_step *step) {
    if (step->first && !step->first(life))
        return false;
    json_auto_t *body = NULL;
    if (step->decision) {
        const char *decision = demo_id(life->demo, life->facts, step->decision);
        if (!decision)
            return false;
        body = json_pack("{s:s}", "decision_id", decision);
    }
    if (step->with)
        body = json_pack("{s:O}", step->with, json_object_get(life->facts, step->with));
    auto_free char *target = demo_print("/v1/%s/%s/%s/%s", life->municipality, life->path,
                                        demo_text(demo_life_item(life), "id"), step->verb);
    demo_set_clock(life->demo, demo_moment(life, step->moment));
    return demo_call_known(life->demo, step->subject, "POST", target, body, life->external_id);
}

bool demo_take_steps(struct demo_life *life, const struct demo_step *steps, bool *ret_is_new) {
    for (const struct demo_step *step = steps; step->status; step++) {
        if (!demo_holds(demo_life_item(life), "status", step->status) ||
            !demo_moment(life, step->moment))
            continue;
        *ret_is_new = true;
        if (!take_step(life, step))
            return false;
    }
    return true;
}
