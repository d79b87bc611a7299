/* Comments on proposals. */
#include "operation.h"

#include "proposal_comment.sql.h"

const struct binding proposal_comment_bindings[] = {
    {"createProposalComment", operation_create, &proposal_comment_create, &proposal_comment_select},
    {"getProposalComment", operation_get, .reads = &proposal_comment_select},
    {"hideProposalComment", operation_act, &proposal_comment_hide, &proposal_comment_select},
    {"listProposalComments", operation_list, .reads = &proposal_comment_select},
    {"publishProposalComment", operation_act, &proposal_comment_publish, &proposal_comment_select},
    {0},
};

const struct constraint proposal_comment_constraints[] = {
    {"proposal_comment_parent_exists", "/parent_comment_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
