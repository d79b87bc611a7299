/* Report requests: one party's duty to report on one measure. */
#include "operation.h"

#include "report_request.sql.h"

const struct binding report_request_bindings[] = {
    {"acceptReportRequest", operation_act, &report_request_accept, &report_request_select},
    {"acknowledgeReportRequest", operation_act, &report_request_acknowledge,
     &report_request_select},
    {"excuseReportRequest", operation_act, &report_request_excuse, &report_request_select},
    {"getReportRequest", operation_get, .reads = &report_request_select},
    {"listReportRequests", operation_list, .reads = &report_request_select},
    {"returnReportRequest", operation_act, &report_request_return, &report_request_select},
    {0},
};

const struct constraint report_request_constraints[] = {
    {"report_request_pair_unique", "/to_party_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
