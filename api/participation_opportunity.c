/* What one can take part in now. */
#include "operation.h"

#include "participation_opportunity.sql.h"

const struct binding participation_opportunity_bindings[] = {
    {"listParticipationOpportunities", operation_list, .reads = &participation_opportunity_select},
    {0},
};

const struct constraint participation_opportunity_constraints[] = {
    {0},
};
