/* The projects of a cycle and the cycle's last moves. */
#include "operation.h"

#include "budget_cycle.sql.h"
#include "proposal.sql.h"
#include "proposal_project.sql.h"

const struct binding proposal_project_bindings[] = {
    {"cancelProject", operation_act, &proposal_project_cancel, &proposal_select},
    {"closeBudgetCycle", operation_act, &proposal_project_close, &budget_cycle_select},
    {"completeProject", operation_act, &proposal_project_complete, &proposal_select},
    {"forgetProposalAuthors", operation_act, &proposal_project_forget_authors,
     &budget_cycle_select},
    {"implementBudgetCycle", operation_act, &proposal_project_implement, &budget_cycle_select},
    {"planProject", operation_act, &proposal_project_plan, &proposal_select},
    {"startProject", operation_act, &proposal_project_start, &proposal_select},
    {0},
};

const struct constraint proposal_project_constraints[] = {
    {0},
};
