/* The log of reminders. */
#include "operation.h"

#include "reminder.sql.h"

const struct binding reminder_bindings[] = {
    {"listReminders", operation_list, .reads = &reminder_select},
    {0},
};

const struct constraint reminder_constraints[] = {
    {0},
};
