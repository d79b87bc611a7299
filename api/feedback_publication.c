/* What becomes public of feedback; what is read stands in feedback.sql. */
#include "operation.h"

#include "app.h"
#include "feedback.sql.h"
#include "feedback_publication.sql.h"
#include "peer_limit.h"

#include <time.h>

enum { MINUTE_S = 60 };

/* Without login, so that it is bounded by where it comes from. */
static bool me_too(struct request *request) {
    unsigned most = (unsigned)request->app->config.anonymous_acts_per_minute;
    if (peer_limit_take(request->app->peers, request->peer, time(NULL), most))
        return operation_act(request);
    request->problem.retry_after_s = MINUTE_S;
    return problem_set(&request->problem, PROBLEM_TOO_MANY_REQUESTS,
                       arena_print(&request->arena, "%u", most));
}

const struct binding feedback_publication_bindings[] = {
    {"getFeedbackFindings", operation_get, .reads = &feedback_publication_findings},
    {"listFeedbackNearby", operation_list, .reads = &feedback_publication_nearby},
    {"meTooFeedback", me_too, &feedback_publication_me_too, &feedback_publication_said},
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
