/* The board's paper on a round: as JSON, as a page and, one row per measure, as CSV. */
#include "operation.h"

#include "bind.h"
#include "board_pack.h"
#include "board_pack.sql.h"
#include "csv.h"
#include "reply.h"
#include "session.h"

#include <string.h>

static bool board_pack_rows_only(struct request *request) {
    struct db *db = session_begin_read(request, false);
    if (!db)
        return false;
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, &board_pack_rows, NULL, values);
    auto_result rows = db_run(db, board_pack_rows.text, values, count, &request->problem);
    session_end(request, db);
    if (!rows)
        return false;
    if (PQntuples(rows) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    const char *format = request_parameter(request, "format");
    csv_write(rows, PQntuples(rows), NULL, request->language,
              format && strcmp(format, "csv-bom") == 0, &request->reply);
    return reply_finish(request, "text/csv; charset=utf-8", 0);
}

static bool board_pack_get(struct request *request) {
    if (request->media == MEDIA_CSV)
        return board_pack_rows_only(request);
    if (request->media == MEDIA_HTML)
        return page_answer(request, board_pack_write_page);
    return operation_get(request);
}

const struct binding board_pack_bindings[] = {
    {"getReportingRoundBoardPack", board_pack_get, .reads = &board_pack_select},
    {0},
};

const struct constraint board_pack_constraints[] = {
    {0},
};
