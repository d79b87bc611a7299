/* Lines of measures: status and responsibility over time. */
#include "operation.h"

#include "measure_line.sql.h"

const struct binding measure_line_bindings[] = {
    {"assignMeasureLine", operation_act, &measure_line_assign, &measure_line_select},
    {"changeMeasureLineStatus", operation_act, &measure_line_status, &measure_line_select},
    {"createMeasureLine", operation_create, &measure_line_create, &measure_line_select},
    {"getMeasureLine", operation_get, .reads = &measure_line_select},
    {"listMeasureLines", operation_list, .reads = &measure_line_select},
    {"replaceMeasureLineParty", operation_act, &measure_line_replace, &measure_line_select},
    {0},
};

const struct constraint measure_line_constraints[] = {
    {"assignment_dates_ordered", "/ends_on", PROBLEM_RULE_BROKEN},
    {"assignment_lead_unique", "/assignments", PROBLEM_LEAD_NOT_UNIQUE},
    {"assignment_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"assignment_party_unique", "/responsible_party_id", PROBLEM_ALREADY_EXISTS},
    {"line_origin_origin_exists", "/origins", PROBLEM_REFERENCE_NOT_FOUND},
    {"line_origin_pkey", "/origins", PROBLEM_ITEMS_NOT_UNIQUE},
    {"measure_line_programme_exists", "/programme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
