/* Pictures of proposals. */
#include "operation.h"

#include "proposal_image.sql.h"

const struct binding proposal_image_bindings[] = {
    {"createProposalImage", operation_create, &proposal_image_create, &proposal_image_select,
     .collection = "proposal-images"},
    {"deleteProposalImage", operation_delete, &proposal_image_delete, &proposal_image_select},
    {"getProposalImage", operation_get, .reads = &proposal_image_select},
    {"getProposalImageFull", operation_file, .reads = &proposal_image_full},
    {"getProposalImageSmall", operation_file, .reads = &proposal_image_small},
    {"listProposalImages", operation_list, .reads = &proposal_image_select},
    {"updateProposalImage", operation_update, &proposal_image_update, &proposal_image_select},
    {0},
};

const struct constraint proposal_image_constraints[] = {
    {0},
};
