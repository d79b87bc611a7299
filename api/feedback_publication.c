/* What becomes public of feedback; what is read stands in feedback.sql. */
#include "operation.h"

#include "app.h"
#include "feedback.sql.h"
#include "feedback_publication.sql.h"
#include "peer_limit.h"
#include "proxy.h"
#include "secret.h"

#include <time.h>

enum { MINUTE_S = 60 };

/* Whoever says the same gets a secret of their own, made and kept as that of a sender is. */
static const char purpose[] = "feedback me-too";

static bool keep_link(struct request *request, struct db *db) {
    auto_result made =
        db_run(db, feedback_publication_me_too_made.text, NULL, 0, &request->problem);
    if (!made)
        return false;
    const char *const values[] = {secret_make(request, purpose, PQgetvalue(made, 0, 0)),
                                  request->municipality};
    auto_result kept =
        db_run(db, feedback_publication_me_too_link.applies[0]->text, values, 2, &request->problem);
    return kept != NULL;
}

/* Without login, so that it is bounded by where it comes from. */
static bool me_too(struct request *request) {
    unsigned most = (unsigned)request->app->config.anonymous_acts_per_minute;
    if (!peer_limit_take(request->app->peers, proxy_client(request), time(NULL), most)) {
        request->problem.retry_after_s = MINUTE_S;
        return problem_set(&request->problem, PROBLEM_TOO_MANY_REQUESTS,
                           arena_print(&request->arena, "%u", most));
    }
    if (!operation_act(request))
        return false;
    json_auto_t *said = json_loadb(request->reply.data, request->reply.length, 0, NULL);
    secret_fill(request, "tracking_token", purpose,
                json_string_value(json_object_get(said, "me_too_id")));
    return true;
}

const struct binding feedback_publication_bindings[] = {
    {"followFeedback", operation_get, .reads = &feedback_publication_followed},
    {"getFeedbackFindings", operation_get, .reads = &feedback_publication_findings},
    {"listFeedbackNearby", operation_list, .reads = &feedback_publication_nearby},
    {"meTooFeedback", me_too, &feedback_publication_me_too, &feedback_publication_said,
     .effect = keep_link, .tells_secret = true},
    {"proposeFeedback", operation_act, &feedback_publication_propose, &feedback_select},
    {"publishFeedback", operation_act, &feedback_publication_publish, &feedback_select},
    {"redactFeedback", operation_act, &feedback_publication_redact, &feedback_select},
    {"refuseFeedback", operation_act, &feedback_publication_refuse, &feedback_select},
    {"unpublishFeedback", operation_act, &feedback_publication_unpublish, &feedback_select},
    {0},
};

const struct constraint feedback_publication_constraints[] = {
    {0},
};
