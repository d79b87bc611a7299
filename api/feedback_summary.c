/* Summaries of feedback. */
#include "operation.h"

#include "feedback_summary.sql.h"

const struct binding feedback_summary_bindings[] = {
    {"createFeedbackSummary", operation_create, &feedback_summary_create, &feedback_summary_select},
    {"deleteFeedbackSummary", operation_delete, &feedback_summary_delete, &feedback_summary_select},
    {"getFeedbackSummary", operation_get, .reads = &feedback_summary_select},
    {"listFeedbackSummaries", operation_list, .reads = &feedback_summary_select},
    {"publishFeedbackSummary", operation_act, &feedback_summary_publish, &feedback_summary_select},
    {"putFeedbackSummary", operation_put, &feedback_summary_create, &feedback_summary_select,
     &feedback_summary_find, &feedback_summary_update},
    {"updateFeedbackSummary", operation_update, &feedback_summary_update, &feedback_summary_select},
    {0},
};

const struct constraint feedback_summary_constraints[] = {
    {"feedback_summary_days_ordered", "/ends_on", PROBLEM_RULE_BROKEN},
    {"feedback_summary_of_one", "/responsible_party_id", PROBLEM_RULE_BROKEN},
    {"feedback_summary_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
