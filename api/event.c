/* Events. */
#include "operation.h"

#include "event.sql.h"

const struct binding event_bindings[] = {
    {"cancelEvent", operation_act, &event_cancel, &event_select},
    {"createEvent", operation_create, &event_create, &event_select},
    {"getEvent", operation_get, .reads = &event_select},
    {"holdEvent", operation_act, &event_hold, &event_select},
    {"listEvents", operation_list, .reads = &event_select},
    {"publishEvent", operation_act, &event_publish, &event_select},
    {"putEvent", operation_put, &event_create, &event_select, &event_find, &event_update},
    {"summariseEvent", operation_act, &event_summarise, &event_select},
    {"updateEvent", operation_update, &event_update, &event_select},
    {0},
};

const struct constraint event_constraints[] = {
    {"event_area_exists", "/area_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"event_cycle_exists", "/budget_cycle_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"event_registration_before_end", "/registration_closes_at", PROBLEM_RULE_BROKEN},
    {"event_round_exists", "/reporting_round_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"event_theme_exists", "/theme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"event_times_ordered", "/ends_at", PROBLEM_RULE_BROKEN},
    {"event_version_exists", "/programme_version_id", PROBLEM_REFERENCE_NOT_FOUND},
    {0},
};
