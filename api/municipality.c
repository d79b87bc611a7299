/* Municipalities. There are about 300 in the country, so their list has no pages. */
#include "operation.h"

#include "json.h"
#include "municipality.sql.h"
#include "reply.h"
#include "session.h"

static bool municipality_list_all(struct request *request) {
    struct db *db = session_begin_read(request, false);
    if (!db)
        return false;
    auto_result rows = db_run(db, municipality_list.text, NULL, 0, &request->problem);
    session_end(request, db);
    if (!rows)
        return false;
    const struct json_columns *columns = json_columns_new(rows, NULL, &request->arena);
    buffer_add_text(&request->reply, "{\"items\":[");
    for (int row = 0; row < PQntuples(rows); row++) {
        if (row)
            buffer_add_char(&request->reply, ',');
        json_write_row(columns, rows, row, &request->reply);
    }
    buffer_add_text(&request->reply, "],\"next\":null}");
    return reply_finish(request, "application/json", 0);
}

const struct binding municipality_bindings[] = {
    {"getMunicipality", operation_get, .reads = &municipality_select},
    {"listMunicipalities", municipality_list_all, .reads = &municipality_list},
    {"updateMunicipality", operation_update, &municipality_update, &municipality_select,
     .forgets_grants = true},
    {0},
};

const struct constraint municipality_constraints[] = {
    {"municipality_designation_known", "/designation", PROBLEM_VALUE_ENUM},
    {"municipality_domain_unique", "/domain", PROBLEM_RULE_BROKEN},
    {0},
};
