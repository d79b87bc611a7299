/* Reports of responsible parties. */
#include "operation.h"

#include "report.sql.h"

const struct binding report_bindings[] = {
    {"createReport", operation_create, &report_create, &report_select},
    {"getReport", operation_get, .reads = &report_select},
    {"listReports", operation_list, .reads = &report_select},
    {"putReport", operation_put, &report_create, &report_select, &report_find, &report_update},
    {"submitReport", operation_act, &report_submit, &report_select},
    {"updateReport", operation_update, &report_update, &report_select},
    {0},
};

const struct constraint report_constraints[] = {
    {"report_draft_unique", "/report_request_id", PROBLEM_DRAFT_EXISTS},
    {"report_submitted_frozen", "/reported_status", PROBLEM_REPORT_FROZEN},
    {0},
};
