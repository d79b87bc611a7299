/* Merging and splitting proposals. */
#include "operation.h"

#include "proposal.sql.h"
#include "proposal_merge.sql.h"

const struct binding proposal_merge_bindings[] = {
    {"mergeProposal", operation_act, &proposal_merge_merge, &proposal_select},
    {"splitProposal", operation_act, &proposal_merge_split, &proposal_select},
    {0},
};

const struct constraint proposal_merge_constraints[] = {
    {0},
};
