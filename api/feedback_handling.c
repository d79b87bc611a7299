/* Feedback in its unit; what is read stands in feedback.sql. */
#include "operation.h"

#include "feedback.sql.h"
#include "feedback_handling.sql.h"

const struct binding feedback_handling_bindings[] = {
    {"answerFeedback", operation_act, &feedback_handling_answer, &feedback_select},
    {"assignFeedback", operation_act, &feedback_handling_assign, &feedback_select},
    {"closeFeedback", operation_act, &feedback_handling_close, &feedback_select},
    {"informFeedbackSender", operation_act, &feedback_handling_inform, &feedback_select},
    {"listFeedbackAssignments", operation_list_below, .reads = &feedback_handling_assignments,
     .finds = &feedback_handling_is_inside},
    {"listFeedbackMessages", operation_list_below, .reads = &feedback_handling_messages,
     .finds = &feedback_handling_is_inside},
    {"listFeedbackRatings", operation_list_below, .reads = &feedback_handling_ratings,
     .finds = &feedback_handling_is_inside},
    {"mergeFeedback", operation_act, &feedback_handling_merge, &feedback_select},
    {"noteFeedback", operation_act, &feedback_handling_note, &feedback_select},
    {"rejectFeedback", operation_act, &feedback_handling_reject, &feedback_select},
    {"releaseFeedback", operation_act, &feedback_handling_release, &feedback_select},
    {"reopenFeedbackInUnit", operation_act, &feedback_handling_reopen, &feedback_select},
    {"returnFeedback", operation_act, &feedback_handling_return, &feedback_select},
    {"startFeedback", operation_act, &feedback_handling_start, &feedback_select},
    {"transferFeedback", operation_act, &feedback_handling_transfer, &feedback_select},
    {0},
};

const struct constraint feedback_handling_constraints[] = {
    {0},
};
