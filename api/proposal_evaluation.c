/* What officials find out about proposals. */
#include "operation.h"

#include "proposal.sql.h"
#include "proposal_evaluation.sql.h"

const struct binding proposal_evaluation_bindings[] = {
    {"assignProposal", operation_act, &proposal_evaluation_assign, &proposal_select},
    {"estimateProposal", operation_act, &proposal_evaluation_estimate, &proposal_select},
    {"evaluateProposal", operation_act, &proposal_evaluation_evaluate, &proposal_select},
    {"returnProposal", operation_act, &proposal_evaluation_return, &proposal_select},
    {"takeUpProposal", operation_act, &proposal_evaluation_take_up, &proposal_select},
    {0},
};

const struct constraint proposal_evaluation_constraints[] = {
    {0},
};
