/* Reading one item. */
#include "item.h"

#include "embed.h"
#include "operation.h"
#include "own.h"
#include "session.h"

#include <string.h>

static bool names_id(const struct statement *statement) {
    for (const char *const *name = statement->parameters; *name; name++)
        if (strcmp(*name, "id") == 0)
            return true;
    return false;
}

PGresult *item_read(struct request *request, struct db *db, const struct statement *reads,
                    const struct overrides *overrides) {
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, reads, overrides, values);
    const char *id = overrides ? overrides->id : NULL;
    if (!id)
        id = request_parameter(request, "id");
    struct embedding embedding = embed_choose(request);
    bool is_whole = !id || names_id(reads);
    if (is_whole && !embedding.count)
        return db_run(db, reads->text, values, count, &request->problem);
    auto_buffer sql = {0};
    buffer_add_text(&sql, "select x.*");
    embed_add_columns(&embedding, &sql);
    buffer_add_text(&sql, " from (");
    buffer_add_text(&sql, reads->text);
    buffer_add_text(&sql, ") as x");
    embed_add_joins(&embedding, &sql, values, &count);
    if (!is_whole) {
        buffer_print(&sql, " where x.id = $%d", count + 1);
        values[count++] = id;
    }
    return db_run(db, sql.data, values, count, &request->problem);
}

PGresult *item_get(struct request *request) {
    const struct statement *reads = request->operation->binding->reads;
    struct db *db =
        session_begin_read(request, reads->is_restricted || embed_choose(request).is_restricted);
    if (!db)
        return NULL;
    auto_result row = item_read(request, db, reads, NULL);
    session_end(request, db);
    if (!row)
        return NULL;
    if (PQntuples(row) == 0) {
        problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
        return NULL;
    }
    return steal(&row);
}
