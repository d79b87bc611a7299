/* Statement requests to influence bodies. */
#include "operation.h"

#include "statement_request.sql.h"

const struct binding statement_request_bindings[] = {
    {"answerStatementRequest", operation_act, &statement_request_answer, &statement_request_select},
    {"createStatementRequest", operation_create, &statement_request_create,
     &statement_request_select},
    {"getStatementRequest", operation_get, .reads = &statement_request_select},
    {"lapseStatementRequest", operation_act, &statement_request_lapse, &statement_request_select},
    {"listStatementRequests", operation_list, .reads = &statement_request_select},
    {0},
};

const struct constraint statement_request_constraints[] = {
    {"statement_request_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"statement_request_body_unique", "/body_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
