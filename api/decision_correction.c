/* Corrections beside inspected records. */
#include "operation.h"

#include "decision_correction.sql.h"

const struct binding decision_correction_bindings[] = {
    {"createDecisionCorrection", operation_create, &decision_correction_create,
     &decision_correction_select},
    {"getDecisionCorrection", operation_get, .reads = &decision_correction_select},
    {"listDecisionCorrections", operation_list, .reads = &decision_correction_select},
    {0},
};

const struct constraint decision_correction_constraints[] = {
    {0},
};
