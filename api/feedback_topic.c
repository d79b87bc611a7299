/* Topics of feedback. */
#include "operation.h"

#include "feedback_topic.sql.h"

const struct binding feedback_topic_bindings[] = {
    {"createFeedbackTopic", operation_create, &feedback_topic_create, &feedback_topic_select},
    {"deleteFeedbackTopic", operation_delete, &feedback_topic_delete, &feedback_topic_select},
    {"getFeedbackTopic", operation_get, .reads = &feedback_topic_select},
    {"listFeedbackTopics", operation_list, .reads = &feedback_topic_select_tagged},
    {"putFeedbackTopic", operation_put, &feedback_topic_create, &feedback_topic_select,
     &feedback_topic_find, &feedback_topic_update},
    {"updateFeedbackTopic", operation_update, &feedback_topic_update, &feedback_topic_select},
    {0},
};

const struct constraint feedback_topic_constraints[] = {
    {"feedback_topic_below_signpost", "/parent_topic_id", PROBLEM_RULE_BROKEN},
    {"feedback_topic_code_unique", "/code", PROBLEM_ALREADY_EXISTS},
    {"feedback_topic_no_cycle", "/parent_topic_id", PROBLEM_RULE_BROKEN},
    {"feedback_topic_official_signposted", "/signpost", PROBLEM_RULE_BROKEN},
    {"feedback_topic_parent_exists", "/parent_topic_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_topic_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"feedback_topic_signpost_above", "/signpost", PROBLEM_RULE_BROKEN},
    {"feedback_topic_source_unique", "/external_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
