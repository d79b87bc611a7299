/*
 * Feedback: its arrival, and how its sender comes back to it.
 *
 *   1. An identity code is masked before anything of the request is stored, hashed or told to the
 * database.
 *   2. The secret of the link is made of the service's key and the item, so that a repeated request
 * and a later letter have the same; stored is its hash alone, and no answer that is kept for
 * repetition holds it. It travels in bodies, never in addresses, which are logged.
 */
#include "feedback.h"

#include "bind.h"
#include "feedback.sql.h"
#include "feedback_feed.h"
#include "identity_code.h"
#include "secret.h"
#include "session.h"

#include <string.h>

static bool mask_text(struct arena *arena, json_t *text) {
    char *copy = arena_text(arena, json_string_value(text));
    return identity_code_mask(copy) && json_string_set(text, copy) == 0;
}

static bool mask_value(struct arena *arena, json_t *value) {
    bool is_masked = json_is_string(value) && mask_text(arena, value);
    const char *name;
    json_t *part;
    size_t at;
    json_object_foreach(value, name, part) is_masked |= mask_value(arena, part);
    json_array_foreach(value, at, part) is_masked |= mask_value(arena, part);
    return is_masked;
}

void feedback_mask(struct request *request) {
    if (!mask_value(&request->arena, request->json))
        return;
    auto_free char *text = json_dumps(request->json, JSON_COMPACT);
    request->json_text = arena_text(&request->arena, text);
    request->body = request->json_text;
    request->body_length = strlen(request->json_text);
}

bool feedback_keep_link(struct request *request, struct db *db) {
    const char *made = session_made(request, db);
    if (!made)
        return false;
    const char *const values[] = {request->municipality, secret_make(request, "feedback", made)};
    auto_result kept = db_run(db, feedback_link.applies[0]->text, values, 2, &request->problem);
    return kept != NULL;
}

static bool feedback_send(struct request *request) {
    feedback_mask(request);
    if (!operation_create(request))
        return false;
    secret_tell(request, "tracking_token", "feedback");
    return true;
}

static bool feedback_speak(struct request *request) {
    feedback_mask(request);
    return operation_act(request);
}

static bool feedback_list(struct request *request) {
    if (request->media == MEDIA_ATOM)
        feedback_feed_choose(request);
    return operation_list(request);
}

const struct binding feedback_bindings[] = {
    {"addToFeedback", feedback_speak, &feedback_add, &feedback_tracked},
    {"createFeedback", feedback_send, &feedback_create, &feedback_receipt,
     .effect = feedback_keep_link},
    {"getFeedback", operation_get, .reads = &feedback_select},
    {"listFeedback", feedback_list, .reads = &feedback_listed, .rewrite = feedback_feed_write},
    {"rateFeedback", feedback_speak, &feedback_rate, &feedback_tracked},
    {"reopenFeedback", feedback_speak, &feedback_reopen, &feedback_tracked},
    {"trackFeedback", operation_get, .reads = &feedback_tracked},
    {"viewFeedbackContact", operation_act, &feedback_view_contact, &feedback_contact,
     .keeps_record = true},
    {"withdrawFeedback", feedback_speak, &feedback_withdraw, &feedback_tracked},
    {0},
};

const struct constraint feedback_constraints[] = {
    {"feedback_area_exists", "/area_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_point_whole", "/longitude", PROBLEM_RULE_BROKEN},
    {"feedback_source_unique", "/external_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
