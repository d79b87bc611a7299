/* Proposals: from the idea to its publication. */
#include "operation.h"

#include "proposal.sql.h"

const struct binding proposal_bindings[] = {
    {"createProposal", operation_create, &proposal_create, &proposal_select},
    {"getProposal", operation_get, .reads = &proposal_select},
    {"hideProposal", operation_act, &proposal_hide, &proposal_select},
    {"listProposalAuthors", operation_list, .reads = &proposal_authors},
    {"listProposalMessages", operation_list, .reads = &proposal_messages},
    {"listProposals", operation_list, .reads = &proposal_select},
    {"publishProposal", operation_act, &proposal_publish, &proposal_select},
    {"putProposal", operation_put, &proposal_create, &proposal_select, &proposal_find,
     &proposal_update},
    {"submitProposal", operation_act, &proposal_submit, &proposal_select},
    {"updateProposal", operation_update, &proposal_update, &proposal_select},
    {"withdrawProposal", operation_act, &proposal_withdraw, &proposal_select},
    {0},
};

const struct constraint proposal_constraints[] = {
    {"proposal_area_shared", "/area_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"proposal_days_ordered", "/ends_on", PROBLEM_RULE_BROKEN},
    {"proposal_line_exists", "/measure_line_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"proposal_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"proposal_point_whole", "/longitude", PROBLEM_RULE_BROKEN},
    {0},
};
