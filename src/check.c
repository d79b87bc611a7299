/* `elinvoima check`: what would otherwise be found by the first request. */
#include "check.h"

#include "bind.h"
#include "body_picture.h"
#include "command.h"
#include "config.h"
#include "db.h"
#include "embed.h"
#include "json.h"
#include "log.h"
#include "migrate.h"
#include "operation.h"

#include <stdio.h>
#include <string.h>

extern const unsigned char contract_json[];
extern const size_t contract_json_length;

struct check {
    struct db *db;
    const struct operation *operation;
    int faults;
};

__attribute__((format(printf, 2, 3))) static void fault(struct check *check, const char *format,
                                                        ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log_write(LOG_ERROR, NULL, "%s: %s", check->operation->id, text);
    check->faults++;
}

static bool has_source(const struct operation *operation, const char *name) {
    static const char *const own[] = {"actor",
                                      "actor_birth_date",
                                      "actor_issuer",
                                      "actor_key",
                                      "actor_residence",
                                      "actor_subject",
                                      "body",
                                      "id",
                                      "items",
                                      "language",
                                      "log_origin",
                                      "municipality",
                                      "now",
                                      "seal_id",
                                      "service_url",
                                      "tracking_token",
                                      "version",
                                      NULL};
    for (size_t i = 0; own[i]; i++)
        if (strcmp(own[i], name) == 0)
            return true;
    for (size_t i = 0; operation->path_parameters[i]; i++)
        if (strcmp(operation->path_parameters[i], name) == 0)
            return true;
    for (size_t i = 0; i < operation->query_parameter_count; i++)
        if (strcmp(operation->query_parameters[i].name, name) == 0)
            return true;
    if (operation->form_kinds)
        return true; /* the operation's function makes the body of its fields */
    return operation->takes_picture ? body_picture_gives(name)
                                    : operation->body && schema_member(operation->body, name);
}

static PGresult *describe(struct check *check, const struct statement *statement) {
    auto_free char *error = NULL;
    auto_result described = db_describe(check->db, statement->text, &error);
    if (!described) {
        fault(check, "%s: %s", statement->name, error);
        return NULL;
    }
    int count = 0;
    for (; statement->parameters[count]; count++)
        if (!has_source(check->operation, statement->parameters[count]))
            fault(check, "%s: nothing gives :%s a value", statement->name,
                  statement->parameters[count]);
    if (count >= BIND_VALUES_MOST - 8)
        fault(check, "%s: too many parameters", statement->name);
    return steal(&described);
}

static void check_runs(struct check *check, const struct statement *statement) {
    auto_result described = statement ? describe(check, statement) : NULL;
}

static unsigned type_of_column(Oid type) {
    switch (type) {
    case 16:
        return SCHEMA_BOOLEAN;
    case 20:
    case 21:
    case 23:
        return SCHEMA_INTEGER;
    case 114:
    case 3802:
        return SCHEMA_OBJECT | SCHEMA_ARRAY;
    case 25:
    case 1043:
    case 1082:
    case 1184:
    case 2950:
        return SCHEMA_STRING;
    default:
        return 0; /* numeric, float and the like have no faithful JSON here */
    }
}

static void check_columns(struct check *check, const struct statement *statement,
                          const PGresult *described) {
    for (int i = 0; i < PQnfields(described); i++) {
        const char *name = PQfname(described, i);
        if (!json_is_member(name))
            continue;
        const struct schema *member = schema_member(check->operation->item, name);
        if (!member)
            fault(check, "%s: column %s is not in the response schema", statement->name, name);
        else if (!(schema_types(member) & type_of_column(PQftype(described, i))))
            fault(check, "%s: column %s has another type than the schema", statement->name, name);
    }
}

static bool is_everywhere(const char *name) {
    static const char *const known[] = {
        "actor",        "actor_issuer", "actor_subject",  "language",
        "municipality", "now",          "tracking_token", NULL};
    for (size_t i = 0; known[i]; i++)
        if (strcmp(known[i], name) == 0)
            return true;
    return false;
}

/* All embedded lists at once, as a request may ask. */
static void check_embeds(struct check *check, const struct statement *statement) {
    const struct operation *operation = check->operation;
    struct arena arena = {0};
    auto_buffer sql = {0};
    int count = 0;
    while (statement->parameters[count])
        count++;
    buffer_print(&sql, "select x.* from (%s) as x", statement->text);
    for (size_t i = 0; i < operation->embed_count; i++) {
        const struct embed *embed = &operation->embeds[i];
        const char *const *names = embed->list->binding->reads->parameters;
        embed_add_join(embed, i, count, &arena, &sql);
        for (; *names; names++, count++)
            if (!is_everywhere(*names))
                fault(check, "embed %s: nothing gives :%s a value", embed->name, *names);
    }
    if (count + 2 * (int)operation->query_parameter_count > BIND_VALUES_MOST)
        fault(check, "embed: too many parameters");
    auto_free char *error = NULL;
    auto_result described = db_describe(check->db, sql.data, &error);
    if (!described)
        fault(check, "embed: %s", error);
    arena_clear(&arena);
}

struct member_search {
    struct check *check;
    const struct statement *statement;
    const PGresult *described;
};

static void check_member(const char *name, const struct schema *member, void *data) {
    const struct member_search *search = data;
    (void)member;
    if (strcmp(name, EMBEDDED) != 0 && PQfnumber(search->described, name) < 0)
        fault(search->check, "%s: gives no column for the member %s", search->statement->name,
              name);
}

static void check_filters(struct check *check, const struct statement *statement,
                          const PGresult *described) {
    const struct operation *operation = check->operation;
    if ((operation->binding->run == operation_list ||
         operation->binding->run == operation_list_below) &&
        PQfnumber(described, "id") < 0)
        fault(check, "%s: a list needs the column id", statement->name);
    if (operation->offers & 1u << MEDIA_GEOJSON &&
        (PQfnumber(described, "latitude") < 0 || PQfnumber(described, "longitude") < 0))
        fault(check, "%s: GeoJSON needs the columns latitude and longitude", statement->name);
    for (size_t i = 0; i < operation->query_parameter_count; i++) {
        const struct parameter *parameter = &operation->query_parameters[i];
        if (parameter->column && PQfnumber(described, parameter->column) < 0)
            fault(check, "%s: gives no column %s to filter by", statement->name, parameter->column);
    }
}

static void check_reads(struct check *check, const struct statement *statement) {
    if (!statement)
        return;
    auto_result described = describe(check, statement);
    if (!described)
        return;
    if (check->operation->is_list)
        check_filters(check, statement, described);
    if (!check->operation->item)
        return;
    if (check->operation->embed_count)
        check_embeds(check, statement);
    check_columns(check, statement, described);
    schema_each_member(
        check->operation->item, check_member,
        &(struct member_search){.check = check, .statement = statement, .described = described});
}

static void check_write(struct check *check, const struct write *write) {
    if (!write)
        return;
    check_runs(check, write->lock);
    check_runs(check, write->guard);
    for (const struct statement *const *at = write->applies; *at; at++)
        check_runs(check, *at);
}

static int check_errands(struct db *db) {
    static const char *const no_parameters[] = {NULL};
    int faults = 0;
    for (const struct resource *resource = resources; resource->name; resource++)
        for (const struct binding *binding = resource->bindings; binding->operation_id; binding++) {
            const struct operation errand = {.id = binding->operation_id,
                                             .path_parameters = no_parameters};
            struct check check = {.db = db, .operation = &errand};
            if (binding->is_errand)
                check_write(&check, binding->write);
            faults += check.faults;
        }
    return faults;
}

static int check_all(const struct spec *spec, struct db *db) {
    size_t count;
    const struct operation *operations = spec_operations(spec, &count);
    int faults = 0;
    for (size_t i = 0; i < count; i++) {
        struct check check = {.db = db, .operation = &operations[i]};
        const struct binding *binding = operations[i].binding;
        check_reads(&check, binding->reads);
        check_runs(&check, binding->finds);
        check_write(&check, binding->write);
        check_write(&check, binding->updates);
        if (binding->gathering) {
            check_reads(&check, binding->gathering->reads);
            check_write(&check, binding->gathering->write);
        }
        faults += check.faults;
    }
    return faults;
}

bool check_statements(const struct spec *spec, struct db_pool *pool) {
    struct problem problem = {0};
    struct db *db = db_acquire(pool, &problem);
    if (!db)
        return false;
    int faults = check_all(spec, db) + check_errands(db);
    db_release(db);
    return faults == 0;
}

int command_check(int argc, char **argv, const struct config *config) {
    if (argc > 1) {
        fprintf(stderr, "usage: elinvoima %s\n", argv[0]);
        return 2;
    }
    struct spec *spec = spec_new((const char *)contract_json, contract_json_length);
    if (!spec || !spec_bind(spec))
        return 1;
    struct db_pool *pool = db_pool_new(config->database_url, 1, 1000, config->statement_timeout_ms);
    bool is_right = migrate_state(pool) == MIGRATE_CURRENT && check_statements(spec, pool);
    db_pool_free(pool);
    spec_free(spec);
    puts(is_right ? "contract, statements and database agree" : "check failed");
    return is_right ? 0 : 1;
}
