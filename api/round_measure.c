/* The measures of one round. The round itself must be visible: an empty list would tell that it
 * exists. */
#include "operation.h"

#include "bind.h"
#include "round_measure.sql.h"
#include "session.h"

static bool round_measure_list(struct request *request) {
    struct db *db = session_begin_read(request, false);
    if (!db)
        return false;
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, &round_measure_is_visible, NULL, values);
    auto_result rows = db_run(db, round_measure_is_visible.text, values, count, &request->problem);
    session_end(request, db);
    if (!rows)
        return false;
    if (PQntuples(rows) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    return operation_list(request);
}

const struct binding round_measure_bindings[] = {
    {"listReportingRoundMeasures", round_measure_list, .reads = &round_measure_select},
    {0},
};

const struct constraint round_measure_constraints[] = {
    {0},
};
