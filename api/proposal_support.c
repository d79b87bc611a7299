/* Supports of proposals. */
#include "operation.h"

#include "proposal.sql.h"
#include "proposal_support.sql.h"

const struct binding proposal_support_bindings[] = {
    {"supportProposal", operation_act, &proposal_support_give, &proposal_select},
    {"withdrawProposalSupport", operation_act, &proposal_support_take_back, &proposal_select},
    {0},
};

const struct constraint proposal_support_constraints[] = {
    {0},
};
