/*
 * Feedback: its arrival, and how its sender comes back to it.
 *
 *   1. An identity code in a text is masked when the body is read (x-mask-identity-codes), before
 *      anything of it is stored, hashed or told to the database. Names of members are not masked:
 *      what is stored has only those that the contract or the topic's questions know.
 *   2. The secret of the link is made of the service's key and the item, so that a repeated request
 *      and a later letter have the same; stored is its hash alone, and no answer that is kept for
 *      repetition holds it. It travels in bodies and in the header Tracking-Token, which are not
 *      logged; the queries of Open311, which knows no other place for it, are not logged either.
 */
#include "feedback.h"

#include "bind.h"
#include "feedback.sql.h"
#include "feedback_feed.h"
#include "secret.h"
#include "session.h"

static const char *make_link(struct request *request, const char *id) {
    return secret_make(request, "feedback", id);
}

bool feedback_keep_link(struct request *request, struct db *db) {
    const char *made = session_made(request, db);
    if (!made)
        return false;
    const char *const values[] = {request->municipality, make_link(request, made)};
    auto_result kept = db_run(db, feedback_link.applies[0]->text, values, 2, &request->problem);
    return kept != NULL;
}

static bool feedback_send(struct request *request) {
    if (!operation_create(request))
        return false;
    secret_tell(request, "tracking_token", "feedback");
    return true;
}

static bool feedback_list(struct request *request) {
    if (request->media == MEDIA_ATOM)
        feedback_feed_choose(request);
    return operation_list(request);
}

static const struct gathering gathered = {&feedback_create_many, &feedback_receipts, make_link};

const struct binding feedback_bindings[] = {
    {"addToFeedback", operation_act, &feedback_add, &feedback_tracked},
    {"createFeedback", feedback_send, &feedback_create, &feedback_receipt,
     .effect = feedback_keep_link, .gathering = &gathered, .tells_secret = true},
    {"getFeedback", operation_get, .reads = &feedback_select},
    {"listFeedback", feedback_list, .reads = &feedback_listed, .rewrite = feedback_feed_write},
    {"rateFeedback", operation_act, &feedback_rate, &feedback_tracked},
    {"reopenFeedback", operation_act, &feedback_reopen, &feedback_tracked},
    {"trackFeedback", operation_get, .reads = &feedback_tracked},
    {"viewFeedbackContact", operation_act, &feedback_view_contact, &feedback_contact,
     .keeps_record = true},
    {"withdrawFeedback", operation_act, &feedback_withdraw, &feedback_tracked},
    {0},
};

const struct constraint feedback_constraints[] = {
    {"feedback_point_whole", "/longitude", PROBLEM_RULE_BROKEN},
    {"feedback_source_unique", "/external_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
