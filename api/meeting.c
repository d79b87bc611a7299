/* Meetings of bodies. */
#include "operation.h"

#include "meeting.sql.h"

const struct binding meeting_bindings[] = {
    {"cancelMeeting", operation_act, &meeting_cancel, &meeting_select},
    {"createMeeting", operation_create, &meeting_create, &meeting_select},
    {"getMeeting", operation_get, .reads = &meeting_select},
    {"holdMeeting", operation_act, &meeting_hold, &meeting_select},
    {"listMeetings", operation_list, .reads = &meeting_select},
    {"putMeeting", operation_put, &meeting_create, &meeting_select, &meeting_find, &meeting_update},
    {"updateMeeting", operation_update, &meeting_update, &meeting_select},
    {0},
};

const struct constraint meeting_constraints[] = {
    {"meeting_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"meeting_start_unique", "/starts_at", PROBLEM_ALREADY_EXISTS},
    {"meeting_times_ordered", "/ends_at", PROBLEM_RULE_BROKEN},
    {0},
};
