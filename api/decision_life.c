/* The moves of a matter to the end of its appeal time. What is read is decision's. */
#include "operation.h"

#include "decision.sql.h"
#include "decision_life.sql.h"

const struct binding decision_life_bindings[] = {
    {"closeDecisionAppeal", operation_act, &decision_life_close, &decision_select},
    {"decideDecision", operation_act, &decision_life_decide, &decision_select},
    {"inspectDecision", operation_act, &decision_life_inspect, &decision_select},
    {"publishDecision", operation_act, &decision_life_publish, &decision_select},
    {"putDecisionOnAgenda", operation_act, &decision_life_agenda, &decision_select},
    {"startDecisionPreparation", operation_act, &decision_life_prepare, &decision_select},
    {0},
};

const struct constraint decision_life_constraints[] = {
    {0},
};
