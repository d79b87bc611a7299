/* Loads everything of the demo but what goes through states. */
#include "demo_load.h"

#include "auth.h"
#include "db.h"
#include "demo.h"
#include "setup.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A file whose items are put one by one; `subject` does it. Without by-source PUT they are posted.
 */
static const struct kind {
    const char *file;
    const char *path;
    const char *subject;
    bool is_posted;
} kinds[] = {
    {"areas", "areas", "demo-admin"},
    {"bodies", "bodies", "demo-admin"},
    {"responsible_parties", "responsible-parties", "demo-coordinator"},
    {"feedback_topics", "feedback-topics", "demo-coordinator"},
    {"decisions", "decisions", "demo-secretary"},
    {"strategic_goals", "strategic-goals", "demo-coordinator"},
    {"programmes", "programmes", "demo-coordinator"},
    {"programme_versions", "programme-versions", "demo-coordinator"},
    {"themes", "themes", "demo-coordinator"},
    {"measures", "measures", "demo-coordinator"},
    {"round_rules", "round-rules", "demo-coordinator"},
    {"operational_goals", "operational-goals", "demo-coordinator"},
    {"metrics", "metrics", "demo-coordinator"},
    {"metric_values", "metric-values", "demo-coordinator"},
    {"holders", "holders", "demo-coordinator", .is_posted = true},
    {0},
};

/* What goes through states, and is loaded by code of its own. */
static const char *const moved[] = {
    "budget-cycles", "feedback", "proposals", "reporting-rounds", NULL,
};

/* What an item says to the loader and its readers, not to the API. */
static const char *const own_members[] = {
    "entry", "external_id", "factual_fields", "illustrative", "illustrative_fields", "municipality",
    "note",  "paraphrased", "recorded_at",    "status",       "status_after_round",  NULL,
};

json_t *demo_read(const char *name) {
    for (const struct demo_file *file = demo_files; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return json_loadb(file->text, file->length, JSON_REJECT_DUPLICATES, NULL);
    fprintf(stderr, "demo: no file %s in this program\n", name);
    return NULL;
}

/* One that is there stays as it is. */
static bool load_municipality(struct db *db, const json_t *present, const json_t *item) {
    const char *code = demo_text(item, "code");
    size_t i;
    json_t *other;
    json_array_foreach(json_object_get(present, "items"), i, other) {
        if (strcmp(demo_text(other, "code"), code) == 0)
            return true;
    }
    struct problem problem = {0};
    if (setup_municipality(db, item, &problem))
        return true;
    fprintf(stderr, "demo: municipality %s: %s\n", code, problem_name(problem.code));
    return false;
}

static bool load_grant(struct demo *demo, struct db *db, const json_t *item) {
    struct problem problem = {0};
    size_t i;
    json_t *code;
    json_array_foreach(json_object_get(item, "municipalities"), i, code) {
        if (!setup_grant(db, json_string_value(code), demo->app.config.token_issuer,
                         demo_text(item, "subject"), demo_text(item, "role"), &problem)) {
            fprintf(stderr, "demo: grant: %s\n", problem_name(problem.code));
            return false;
        }
    }
    return true;
}

/* The two things the API does not make. */
static bool load_tenants(struct demo *demo, const json_t *municipalities) {
    json_auto_t *grants = demo_read("grants");
    struct problem problem = {0};
    struct db *db = db_acquire(demo->app.pool, &problem);
    json_auto_t *present = demo_call(demo, NULL, "GET", "/v1/municipalities", NULL);
    bool is_done = db && grants && present;
    size_t i;
    json_t *item;
    json_array_foreach(municipalities, i, item) {
        is_done = is_done && load_municipality(db, present, item);
    }
    json_array_foreach(grants, i, item) {
        is_done = is_done && load_grant(demo, db, item);
    }
    if (db)
        db_release(db);
    auth_forget(demo->app.auth);
    return is_done;
}

/* What an earlier run left. */
static bool learn(struct demo *demo, const char *municipality, const char *path) {
    auto_free char *target = demo_print("/v1/%s/%s?limit=200", municipality, path);
    json_auto_t *items = demo_list(demo, "demo-admin", target);
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        const char *source = demo_text(item, "source");
        if (source && strcmp(source, DEMO_SOURCE) == 0)
            json_object_set(demo->known, demo_text(item, "external_id"), item);
    }
    return items != NULL;
}

static bool learn_all(struct demo *demo, const json_t *municipalities) {
    size_t i;
    json_t *item;
    json_array_foreach(municipalities, i, item) {
        const char *code = demo_text(item, "code");
        for (const struct kind *kind = kinds; kind->file; kind++)
            if (!learn(demo, code, kind->path))
                return false;
        for (const char *const *path = moved; *path; path++)
            if (!learn(demo, code, *path))
                return false;
    }
    return true;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

/* An external id as our id; anything that is not a known one stays, and the API will say so. */
static json_t *our_id(const struct demo *demo, json_t *value) {
    const char *id = demo_text(demo_find(demo, json_string_value(value)), "id");
    return id ? json_string(id) : json_incref(value);
}

static void resolve(const struct demo *demo, json_t *value) {
    void *next;
    const char *name;
    json_t *member;
    size_t i;
    json_object_foreach_safe(value, next, name, member) {
        if (ends_with(name, "_id") && strcmp(name, "external_id") != 0)
            json_object_set_new(value, name, our_id(demo, member));
        else if (ends_with(name, "_ids"))
            for (size_t at = 0; at < json_array_size(member); at++)
                json_array_set_new(member, at, our_id(demo, json_array_get(member, at)));
        else
            resolve(demo, member);
    }
    json_array_foreach(value, i, member) {
        resolve(demo, member);
    }
}

json_t *demo_resolve(const struct demo *demo, const json_t *item) {
    json_t *copy = json_deep_copy(item);
    if (!copy)
        abort();
    for (const char *const *name = own_members; *name; name++)
        json_object_del(copy, *name);
    resolve(demo, copy);
    return copy;
}

/* The UTC day: never after the day in Helsinki. */
static json_t *today(void) {
    time_t now = time(NULL);
    struct tm parts;
    char text[16];
    gmtime_r(&now, &parts);
    strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return json_string(text);
}

/* Holders are of this service's issuer, and begin today when nothing else is said. */
static void complete_posted(const struct demo *demo, json_t *body, const char *external_id) {
    json_object_set_new(body, "issuer", json_string(demo->app.config.token_issuer));
    if (!json_object_get(body, "starts_on"))
        json_object_set_new(body, "starts_on", today());
    json_object_set_new(body, "source", json_string(DEMO_SOURCE));
    json_object_set_new(body, "external_id", json_string(external_id));
}

static bool load_item(struct demo *demo, const struct kind *kind, const json_t *item) {
    const char *external_id = demo_text(item, "external_id");
    if (demo_find(demo, external_id))
        return true;
    const char *municipality = demo_text(item, "municipality");
    json_auto_t *body = demo_resolve(demo, item);
    demo_set_clock(demo, demo_text(item, "recorded_at"));
    if (!kind->is_posted) {
        auto_free char *target = demo_print("/v1/%s/%s/by-source/" DEMO_SOURCE "/%s", municipality,
                                            kind->path, external_id);
        return demo_call_known(demo, kind->subject, "PUT", target, body, external_id);
    }
    complete_posted(demo, body, external_id);
    auto_free char *target = demo_print("/v1/%s/%s", municipality, kind->path);
    return demo_call_known(demo, kind->subject, "POST", target, body, external_id);
}

static bool load_kind(struct demo *demo, const struct kind *kind) {
    json_auto_t *items = demo_read(kind->file);
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        if (!load_item(demo, kind, item))
            return false;
    }
    return items != NULL;
}

/* Moves the items of a file that are still in `status`; their member `body_member` is the move's
 * body. */
static bool move_all(struct demo *demo, const char *file, const char *path, const char *status,
                     const char *verb, const char *body_member) {
    json_auto_t *items = demo_read(file);
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        const char *external_id = demo_text(item, "external_id");
        const json_t *known = demo_find(demo, external_id);
        if (strcmp(demo_text(known, "status"), status) != 0)
            continue;
        auto_free char *target = demo_print("/v1/%s/%s/%s/%s", demo_text(item, "municipality"),
                                            path, demo_text(known, "id"), verb);
        json_auto_t *body =
            body_member ? demo_resolve(demo, json_object_get(item, body_member)) : NULL;
        demo_set_clock(demo, demo_text(item, "recorded_at"));
        if (!demo_call_known(demo, "demo-secretary", "POST", target, body, external_id))
            return false;
    }
    return items != NULL;
}

static bool change_status(struct demo *demo, const char *line_target, const char *status) {
    auto_free char *target = demo_print("%s/change-status", line_target);
    json_auto_t *body = json_pack("{s:s}", "status", status);
    json_auto_t *changed = demo_call(demo, "demo-coordinator", "POST", target, body);
    return changed != NULL;
}

/* A line that has not begun goes where the facts have it, over in_progress where it must. */
static bool load_status(struct demo *demo, const json_t *item) {
    const char *wanted = demo_text(item, "status");
    if (!wanted || strcmp(wanted, "not_started") == 0)
        return true;
    const json_t *measure = demo_find(demo, demo_text(item, "external_id"));
    auto_free char *target = demo_print("/v1/%s/measure-lines/%s", demo_text(item, "municipality"),
                                        demo_text(measure, "measure_line_id"));
    json_auto_t *line = demo_call(demo, "demo-coordinator", "GET", target, NULL);
    if (!line || strcmp(demo_text(line, "status"), "not_started") != 0)
        return line != NULL;
    return change_status(demo, target, "in_progress") &&
           (strcmp(wanted, "in_progress") == 0 || change_status(demo, target, wanted));
}

static bool load_statuses(struct demo *demo) {
    json_auto_t *items = demo_read("measures");
    demo_set_clock(demo, NULL);
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        if (!load_status(demo, item))
            return false;
    }
    return items != NULL;
}

bool demo_load(struct demo *demo) {
    json_auto_t *municipalities = demo_read("municipalities");
    if (!municipalities || !load_tenants(demo, municipalities) || !learn_all(demo, municipalities))
        return false;
    for (const struct kind *kind = kinds; kind->file; kind++)
        if (!load_kind(demo, kind))
            return false;
    return move_all(demo, "decisions", "decisions", "decided", "publish", NULL) &&
           move_all(demo, "decisions", "decisions", "initiated", "start-preparation", NULL) &&
           move_all(demo, "programme_versions", "programme-versions", "draft", "enter-into-force",
                    "entry") &&
           load_statuses(demo);
}
