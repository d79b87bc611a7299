/* Holders of responsible parties. Authority to report comes from here, so caches of grants are
 * dropped. */
#include "operation.h"

#include "holder.sql.h"

const struct binding holder_bindings[] = {
    {"createHolder", operation_create, &holder_create, &holder_select, .forgets_grants = true},
    {"deleteHolder", operation_delete, &holder_delete, &holder_select, .forgets_grants = true},
    {"getHolder", operation_get, .reads = &holder_select},
    {"listHolders", operation_list, .reads = &holder_select},
    {"updateHolder", operation_update, &holder_update, &holder_select, .forgets_grants = true},
    {0},
};

const struct constraint holder_constraints[] = {
    {"holder_dates_ordered", "/ends_on", PROBLEM_RULE_BROKEN},
    {"holder_party_exists", "/responsible_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"holder_term_unique", "/starts_on", PROBLEM_ALREADY_EXISTS},
    {0},
};
