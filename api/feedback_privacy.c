/*
 * What is stored of senders of feedback. Exports are POSTs: the secret, and who is asked about,
 * stand in bodies, and that it was asked is written down.
 */
#include "operation.h"

#include "feedback_privacy.sql.h"

const struct binding feedback_privacy_bindings[] = {
    {"applyRetention", operation_act, &feedback_privacy_apply_retention,
     &feedback_privacy_retention},
    {"eraseFeedback", operation_act, &feedback_privacy_erase_own, &feedback_privacy_erased_own},
    {"eraseFeedbackSender", operation_act, &feedback_privacy_erase_sender,
     &feedback_privacy_erased},
    {"exportFeedback", operation_act, &feedback_privacy_export_own, &feedback_privacy_exported_own,
     .keeps_record = true},
    {"exportFeedbackSender", operation_act, &feedback_privacy_export_sender,
     &feedback_privacy_exported, .keeps_record = true},
    {0},
};

const struct constraint feedback_privacy_constraints[] = {
    {0},
};
