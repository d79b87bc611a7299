/* Responsible parties: offices, units, bodies and companies that answer for measures. */
#include "operation.h"

#include "responsible_party.sql.h"

const struct binding responsible_party_bindings[] = {
    {"createResponsibleParty", operation_create, &responsible_party_create,
     &responsible_party_select},
    {"deleteResponsibleParty", operation_delete, &responsible_party_delete,
     &responsible_party_select},
    {"getResponsibleParty", operation_get, .reads = &responsible_party_select},
    {"listResponsibleParties", operation_list, .reads = &responsible_party_select},
    {"putResponsibleParty", operation_put, &responsible_party_create, &responsible_party_select,
     &responsible_party_find, &responsible_party_update},
    {"updateResponsibleParty", operation_update, &responsible_party_update,
     &responsible_party_select},
    {0},
};

const struct constraint responsible_party_constraints[] = {
    {"responsible_party_body_exists", "/body_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"responsible_party_body_given", "/body_id", PROBLEM_RULE_BROKEN},
    {"responsible_party_superior_exists", "/superior_party_id", PROBLEM_REFERENCE_NOT_FOUND},
    {"responsible_party_superior_tree", "/superior_party_id", PROBLEM_RULE_BROKEN},
    {0},
};
