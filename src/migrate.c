/* Running migrations and telling whether they have run. */
#include "migrate.h"

#include "command.h"
#include "config.h"
#include "db.h"
#include "log.h"
#include "migrate.sql.h"
#include "statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int migration_count(void) {
    int count = 0;
    while (migrations[count].name)
        count++;
    return count;
}

/* How many have run; -1 with a log line when they are not a beginning of ours, -2 when the database
 * cannot be asked. */
static int read_applied(struct db *db) {
    struct problem problem = {0};
    auto_result exists = db_run(db, migrate_exists.text, NULL, 0, &problem);
    if (!exists)
        return -2;
    if (PQgetvalue(exists, 0, 0)[0] != 't')
        return 0;
    auto_result applied = db_run(db, migrate_applied.text, NULL, 0, &problem);
    if (!applied)
        return -2;
    int count = PQntuples(applied);
    if (count > migration_count()) {
        log_write(LOG_ERROR, NULL,
                  "the database is newer than this program: %d migrations, %d known", count,
                  migration_count());
        return -1;
    }
    for (int i = 0; i < count; i++)
        if (strcmp(PQgetvalue(applied, i, 2), migrations[i].checksum) != 0) {
            log_write(LOG_ERROR, NULL, "migration %s ran with another text than this program holds",
                      PQgetvalue(applied, i, 1));
            return -1;
        }
    return count;
}

enum migrate_state migrate_state(struct db_pool *pool) {
    struct problem problem = {0};
    struct db *db = db_acquire(pool, &problem);
    if (!db)
        return MIGRATE_UNKNOWN;
    int applied = read_applied(db);
    bool is_forbidden = applied == -2 && strcmp(db_last_state(db), "42501") == 0;
    db_release(db);
    if (is_forbidden)
        log_write(LOG_ERROR, NULL, "the database's role may not read: it must be a member of %s",
                  "elinvoima_service");
    if (applied == -2)
        return is_forbidden ? MIGRATE_OTHER : MIGRATE_UNKNOWN;
    if (applied >= 0 && applied < migration_count())
        log_write(LOG_ERROR, NULL, "the database has %d of %d migrations: run elinvoima migrate",
                  applied, migration_count());
    return applied == migration_count() ? MIGRATE_CURRENT : MIGRATE_OTHER;
}

static bool record(struct db *db, const struct migration *migration, struct problem *problem) {
    char number[12];
    snprintf(number, sizeof number, "%d", migration->number);
    const char *const values[] = {number, migration->name, migration->checksum};
    auto_result recorded = db_run(db, migrate_record.applies[0]->text, values, 3, problem);
    return recorded != NULL;
}

static bool run_one(struct db *db, const struct migration *migration) {
    struct problem problem = {0};
    if (db_command(db, "begin", &problem) && db_command(db, migration->text, &problem) &&
        record(db, migration, &problem) && db_command(db, "commit", &problem)) {
        printf("%s\n", migration->name);
        return true;
    }
    fprintf(stderr, "%s failed; nothing of it was kept\n", migration->name);
    return false;
}

static bool run_missing(struct db *db) {
    struct problem problem = {0};
    auto_result serialised = db_run(db, migrate_serialise.text, NULL, 0, &problem);
    if (!serialised)
        return false;
    int applied = read_applied(db);
    if (applied < 0)
        return false;
    for (const struct migration *migration = &migrations[applied]; migration->name; migration++)
        if (!run_one(db, migration))
            return false;
    printf("%d migrations, %d new\n", migration_count(), migration_count() - applied);
    return true;
}

int command_migrate(int argc, char **argv, const struct config *config) {
    if (argc > 1) {
        fprintf(stderr, "usage: elinvoima %s\n", argv[0]);
        return 2;
    }
    const char *url =
        config->migration_database_url[0] ? config->migration_database_url : config->database_url;
    struct db_pool *pool = db_pool_new(url, 1, 1000, 0);
    struct problem problem = {0};
    struct db *db = db_acquire(pool, &problem);
    bool is_done = db && run_missing(db);
    if (db)
        db_release(db);
    db_pool_free(pool);
    return is_done ? 0 : 1;
}
