/* Work lists of feedback, and the load of units. */
#include "operation.h"

#include "feedback_work.sql.h"

#include <string.h>

static bool list_load(struct request *request) {
    const char *from = request_parameter(request, "from");
    const char *to = request_parameter(request, "to");
    if (!from || !to || strcmp(from, to) <= 0)
        return operation_list(request);
    problem_set(&request->problem, PROBLEM_INVALID_PARAMETER);
    return problem_add(&request->problem, &request->arena, FAULT_PARAMETER, "to",
                       PROBLEM_RULE_BROKEN, "from <= to");
}

const struct binding feedback_work_bindings[] = {
    {"listFeedbackLoad", list_load, .reads = &feedback_work_load},
    {"listFeedbackWork", operation_list, .reads = &feedback_work_select},
    {0},
};

const struct constraint feedback_work_constraints[] = {
    {0},
};
