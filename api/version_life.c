/* The moves of a version. What is read is programme_version's. */
#include "operation.h"

#include "programme_version.sql.h"
#include "version_life.sql.h"

const struct binding version_life_bindings[] = {
    {"approveProgrammeVersion", operation_act, &version_life_approve, &programme_version_select},
    {"beginProgrammeVersion", operation_act, &version_life_begin, &programme_version_select},
    {"copyProgrammeVersion", operation_act, &version_life_copy, &programme_version_select},
    {"expireProgrammeVersion", operation_act, &version_life_expire, &programme_version_select},
    {"openProgrammeVersionConsultation", operation_act, &version_life_consult,
     &programme_version_select},
    {"returnProgrammeVersion", operation_act, &version_life_return, &programme_version_select},
    {"reviseProgrammeVersion", operation_act, &version_life_revise, &programme_version_select},
    {"submitProgrammeVersion", operation_act, &version_life_submit, &programme_version_select},
    {"withdrawProgrammeVersion", operation_act, &version_life_withdraw, &programme_version_select},
    {0},
};

const struct constraint version_life_constraints[] = {
    {0},
};
