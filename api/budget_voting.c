/* The moves of a vote. What is read is budget_cycle's. */
#include "operation.h"

#include "budget_cycle.sql.h"
#include "budget_result.h"
#include "budget_voting.sql.h"
#include "evidence.h"

static bool count(struct request *request, struct db *db) {
    return budget_result_count(request, db) && evidence_keep_head(request, db);
}

const struct binding budget_voting_bindings[] = {
    {"confirmBudgetCycleBallot", operation_act, &budget_voting_confirm_ballot,
     &budget_cycle_select},
    {"confirmBudgetCycleResult", operation_act, &budget_voting_confirm, &budget_cycle_select,
     .effect = evidence_keep_head},
    {"countBudgetCycle", operation_act, &budget_voting_count, &budget_cycle_select,
     .effect = count},
    {"correctBudgetCycleResult", operation_act, &budget_voting_correct, &budget_cycle_select,
     .effect = count},
    {"forgetBudgetCycleVoters", operation_act, &budget_voting_forget_voters, &budget_cycle_select},
    {"openBudgetCycleVoting", operation_act, &budget_voting_open_voting, &budget_cycle_select,
     .effect = evidence_keep_head},
    {0},
};

const struct constraint budget_voting_constraints[] = {
    {0},
};
