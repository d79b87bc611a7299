/* A party's time with the body that assesses it. */
#include "operation.h"

#include "hearing_slot.sql.h"

const struct binding hearing_slot_bindings[] = {
    {"bookHearingSlot", operation_act, &hearing_slot_book, &hearing_slot_select},
    {"cancelHearingSlot", operation_act, &hearing_slot_cancel, &hearing_slot_select},
    {"createHearingSlot", operation_create, &hearing_slot_create, &hearing_slot_select},
    {"getHearingSlot", operation_get, .reads = &hearing_slot_select},
    {"holdHearingSlot", operation_act, &hearing_slot_hold, &hearing_slot_select},
    {"listHearingSlots", operation_list, .reads = &hearing_slot_select},
    {"putHearingSlot", operation_put, &hearing_slot_create, &hearing_slot_select,
     &hearing_slot_find, &hearing_slot_update},
    {"updateHearingSlot", operation_update, &hearing_slot_update, &hearing_slot_select},
    {0},
};

const struct constraint hearing_slot_constraints[] = {
    {"hearing_slot_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"hearing_slot_time_single", "/starts_at", PROBLEM_ALREADY_EXISTS},
    {"hearing_slot_times_ordered", "/ends_at", PROBLEM_RULE_BROKEN},
    {0},
};
