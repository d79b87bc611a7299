/* Does the database have the schema this program was built with? */
#pragma once

struct db_pool;

enum migrate_state {
    MIGRATE_CURRENT,
    MIGRATE_OTHER,  /* older, newer, or with a changed migration */
    MIGRATE_UNKNOWN /* the database cannot be asked now */
};

/* Asks the database; the cause of UNKNOWN and OTHER is in the log. */
enum migrate_state migrate_state(struct db_pool *pool);
