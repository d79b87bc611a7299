/* Languages a text needs, by what it belongs to and by body. */
#include "operation.h"

#include "language_rule.sql.h"

const struct binding language_rule_bindings[] = {
    {"createLanguageRule", operation_create, &language_rule_create, &language_rule_select},
    {"deleteLanguageRule", operation_delete, &language_rule_delete, &language_rule_select},
    {"getLanguageRule", operation_get, .reads = &language_rule_select},
    {"listLanguageRules", operation_list, .reads = &language_rule_select},
    {"putLanguageRule", operation_put, &language_rule_create, &language_rule_select,
     &language_rule_find, &language_rule_update},
    {"updateLanguageRule", operation_update, &language_rule_update, &language_rule_select},
    {0},
};

const struct constraint language_rule_constraints[] = {
    {"language_rule_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"language_rule_scope_known", "/body_id", PROBLEM_RULE_BROKEN},
    {"language_rule_scope_unique", "/resource", PROBLEM_ALREADY_EXISTS},
    {0},
};
