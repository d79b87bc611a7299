/* Work lists of feedback, and the load of units. */
#include "operation.h"

#include "feedback_work.sql.h"

const struct binding feedback_work_bindings[] = {
    {"listFeedbackLoad", operation_list, .reads = &feedback_work_load},
    {"listFeedbackWork", operation_list, .reads = &feedback_work_select},
    {0},
};

const struct constraint feedback_work_constraints[] = {
    {0},
};
