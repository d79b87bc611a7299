/* Assessments: the body's light on each measure. */
#include "operation.h"

#include "assessment.sql.h"

const struct binding assessment_bindings[] = {
    {"createAssessment", operation_create, &assessment_create, &assessment_select},
    {"getAssessment", operation_get, .reads = &assessment_select},
    {"listAssessments", operation_list, .reads = &assessment_select},
    {0},
};

const struct constraint assessment_constraints[] = {
    {0},
};
