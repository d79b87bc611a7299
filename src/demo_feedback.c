/*
 * Feedback of the demo: every item is sent at its time and goes through the moves the facts list,
 * those of all items in the order of their time. What an item has behind it is told by when it was
 * last changed, so a load that was cut short goes on.
 */
#include "demo_feedback.h"

#include "demo_load.h"

#include <string.h>

#define HANDLER "demo-handler"
#define SENDER "sender"

enum { SECONDS_END = sizeof "2026-01-12T10:13:00" - 1 };

struct box {
    struct demo *demo;
    json_t *secrets; /* external id → the secret of its link, told when it was sent */
    json_t *fresh;
};

/* An item's arrival, or one of its moves. */
struct step {
    const char *at;
    const json_t *fact;
    const json_t *move; /* NULL: the arrival */
};

static int compare_steps(const void *left, const void *right) {
    const struct step *a = left, *b = right;
    return strcmp(a->at, b->at);
}

/* The caller frees the array; what its steps hold is borrowed from the facts. */
static struct step *in_time_order(const json_t *facts, size_t *ret_count) {
    size_t i, at, count = 0;
    json_t *fact, *move;
    json_array_foreach(facts, i, fact) count += 1 + json_array_size(json_object_get(fact, "moves"));
    struct step *steps = calloc(count + 1, sizeof *steps);
    if (!steps)
        abort();
    count = 0;
    json_array_foreach(facts, i, fact) {
        steps[count++] = (struct step){demo_text(fact, "submitted_at"), fact, NULL};
        json_array_foreach(json_object_get(fact, "moves"), at, move) steps[count++] =
            (struct step){demo_text(move, "at"), fact, move};
    }
    qsort(steps, count, sizeof *steps, compare_steps);
    *ret_count = count;
    return steps;
}

/* An employee carries it over from another system: only they may name a source. */
static bool send(struct box *box, const json_t *fact) {
    static const char *const own_members[] = {"expected", "moves", "submitted_at", NULL};
    const char *external_id = demo_text(fact, "external_id");
    json_auto_t *body = demo_resolve(box->demo, fact);
    for (const char *const *name = own_members; *name; name++)
        json_object_del(body, *name);
    json_object_set_new(body, "source", json_string(DEMO_SOURCE));
    json_object_set_new(body, "external_id", json_string(external_id));
    auto_free char *target = demo_print("/v1/%s/feedback", demo_text(fact, "municipality"));
    if (!demo_call_known(box->demo, HANDLER, "POST", target, body, external_id))
        return false;
    const json_t *receipt = demo_find(box->demo, external_id);
    json_object_set(box->secrets, external_id, json_object_get(receipt, "tracking_token"));
    return true;
}

/* By the secret of its link. Where an earlier run was told it, that run has spoken, or the item
 * stays as it is; it is not compared. */
static bool speak(struct box *box, const struct step *step, json_t *body) {
    const char *external_id = demo_text(step->fact, "external_id");
    json_t *secret = json_object_get(box->secrets, external_id);
    if (!secret) {
        json_object_del(box->fresh, external_id);
        return true;
    }
    json_object_set(body, "token", secret);
    auto_free char *target =
        demo_print("/v1/%s/feedback/by-token/%s", demo_text(step->fact, "municipality"),
                   demo_text(step->move, "verb"));
    return demo_call_known(box->demo, NULL, "POST", target, body, external_id);
}

static bool move(struct box *box, const struct step *step) {
    const char *external_id = demo_text(step->fact, "external_id");
    const char *subject = demo_text(step->move, "by");
    const json_t *said = json_object_get(step->move, "body");
    json_auto_t *body = said ? demo_resolve(box->demo, said) : NULL;
    if (demo_holds(step->move, "by", SENDER))
        return speak(box, step, body);
    auto_free char *target = demo_print(
        "/v1/%s/feedback/%s/%s", demo_text(step->fact, "municipality"),
        demo_text(demo_find(box->demo, external_id), "id"), demo_text(step->move, "verb"));
    return demo_call_known(box->demo, subject ? subject : HANDLER, "POST", target, body,
                           external_id);
}

static bool take(struct box *box, const struct step *step) {
    const char *external_id = demo_text(step->fact, "external_id");
    const char *changed_at = demo_text(demo_find(box->demo, external_id), "updated_at");
    if (changed_at && strncmp(step->at, changed_at, SECONDS_END) <= 0)
        return true;
    demo_set_clock(box->demo, step->at);
    json_object_set_new(box->fresh, external_id, json_true());
    return step->move ? move(box, step) : send(box, step->fact);
}

bool demo_load_feedback(struct demo *demo, json_t **ret_facts, json_t **ret_fresh) {
    *ret_facts = demo_read("feedback");
    *ret_fresh = json_object();
    json_auto_t *secrets = json_object();
    struct box box = {demo, secrets, *ret_fresh};
    size_t count = 0;
    auto_free struct step *steps = in_time_order(*ret_facts, &count);
    bool is_done = *ret_facts != NULL;
    for (size_t i = 0; i < count; i++)
        is_done = is_done && take(&box, &steps[i]);
    demo_set_clock(demo, NULL);
    return is_done;
}
