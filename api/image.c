/* Pictures of proposals and of feedback. */
#include "operation.h"

#include "image.sql.h"

const struct binding image_bindings[] = {
    {"createFeedbackImage", operation_create, &image_feedback_create, &image_feedback_select,
     .collection = "feedback-images"},
    {"createProposalImage", operation_create, &image_proposal_create, &image_proposal_select,
     .collection = "proposal-images"},
    {"deleteFeedbackImage", operation_delete, &image_feedback_delete, &image_feedback_select},
    {"deleteProposalImage", operation_delete, &image_proposal_delete, &image_proposal_select},
    {"getFeedbackImage", operation_get, .reads = &image_feedback_select},
    {"getFeedbackImageFull", operation_file, .reads = &image_feedback_full},
    {"getFeedbackImageSmall", operation_file, .reads = &image_feedback_small},
    {"getProposalImage", operation_get, .reads = &image_proposal_select},
    {"getProposalImageFull", operation_file, .reads = &image_proposal_full},
    {"getProposalImageSmall", operation_file, .reads = &image_proposal_small},
    {"listFeedbackImages", operation_list, .reads = &image_feedback_select},
    {"listProposalImages", operation_list, .reads = &image_proposal_select},
    {"updateFeedbackImage", operation_update, &image_feedback_update, &image_feedback_select},
    {"updateProposalImage", operation_update, &image_proposal_update, &image_proposal_select},
    {0},
};

const struct constraint image_constraints[] = {
    {0},
};
