/* Round rules. The worker makes the rounds they ask for. */
#include "operation.h"

#include "round_rule.sql.h"

const struct binding round_rule_bindings[] = {
    {"createRoundRule", operation_create, &round_rule_create, &round_rule_select},
    {"deleteRoundRule", operation_delete, &round_rule_delete, &round_rule_select},
    {"getRoundRule", operation_get, .reads = &round_rule_select},
    {"listRoundRules", operation_list, .reads = &round_rule_select},
    {"putRoundRule", operation_put, &round_rule_create, &round_rule_select, &round_rule_find,
     &round_rule_update},
    {"updateRoundRule", operation_update, &round_rule_update, &round_rule_select},
    {0},
};

const struct constraint round_rule_constraints[] = {
    {"round_rule_assessing_body_exists", "/assessing_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"round_rule_onward_body_exists", "/onward_report_body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"round_rule_programme_exists", "/programme_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"round_rule_target_one", "/programme_kind", PROBLEM_RULE_BROKEN},
    {"round_rule_target_unique", "/programme_id", PROBLEM_ALREADY_EXISTS},
    {0},
};
