/* Reading one item. */
#include "item.h"

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
    if (!id || names_id(reads))
        return db_run(db, reads->text, values, count, &request->problem);
    auto_buffer sql = {0};
    buffer_add_text(&sql, "select x.* from (");
    buffer_add_text(&sql, reads->text);
    buffer_print(&sql, ") as x where x.id = $%d", count + 1);
    values[count] = id;
    return db_run(db, sql.data, values, count + 1, &request->problem);
}
