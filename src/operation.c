/* The common verbs. Reading one item stands here; lists are list.c, writes are write.c. */
#include "operation.h"

#include "app.h"
#include "bind.h"
#include "json.h"
#include "reply.h"
#include "session.h"
#include "write.h"

#include <string.h>

/* A select that names :id itself answers for that id; any other is wrapped. */
static bool names_id(const struct statement *statement) {
    for (const char *const *name = statement->parameters; *name; name++)
        if (strcmp(*name, "id") == 0)
            return true;
    return false;
}

static PGresult *read_one(struct request *request, const struct statement *reads, struct db *db) {
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, reads, NULL, values);
    const char *id = request_parameter(request, "id");
    if (!id || names_id(reads))
        return db_run(db, reads->text, values, count, &request->problem);
    auto_buffer sql = {0};
    buffer_add_text(&sql, "select x.* from (");
    buffer_add_text(&sql, reads->text);
    buffer_print(&sql, ") as x where x.id = $%d", count + 1);
    values[count] = id;
    return db_run(db, sql.data, values, count + 1, &request->problem);
}

static bool write_item(struct request *request, const PGresult *row) {
    int deleted = PQfnumber(row, "deleted_at");
    if (deleted >= 0 && !PQgetisnull(row, 0, deleted))
        return problem_set(&request->problem, PROBLEM_GONE, NULL);
    const char *fields = request_parameter(request, "fields");
    int column = PQfnumber(row, "version");
    int64_t version = column < 0 || fields ? 0 : strtoll(PQgetvalue(row, 0, column), NULL, 10);
    json_write_row(json_columns_new(row, fields, &request->arena), row, 0, &request->reply);
    return reply_finish(request, "application/json", version);
}

bool operation_get(struct request *request) {
    const struct statement *reads = request->operation->binding->reads;
    struct db *db = session_begin_read(request, reads->is_restricted);
    if (!db)
        return false;
    auto_result row = read_one(request, reads, db);
    session_end(request, db);
    if (!row)
        return false;
    if (PQntuples(row) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    return write_item(request, row);
}

bool operation_create(struct request *request) {
    return write_run(request, WRITE_CREATE);
}

bool operation_update(struct request *request) {
    return write_run(request, WRITE_UPDATE);
}

bool operation_delete(struct request *request) {
    return write_run(request, WRITE_DELETE);
}

bool operation_put(struct request *request) {
    return write_run(request, WRITE_PUT);
}

bool operation_act(struct request *request) {
    return write_run(request, WRITE_ACT);
}
