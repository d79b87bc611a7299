/*
 * Migrations: forward only, one transaction each, embedded in the program, kept with their
 * checksum. An advisory lock makes a second migrating process wait; one that is killed leaves
 * nothing half done.
 */
#pragma once

struct db_pool;

/* One file of migrations/, embedded by tools/embed.py. */
struct migration {
    int number;
    const char *name;     /* "0001_foundation" */
    const char *checksum; /* SHA-256 of the file, hex */
    const char *text;
};
extern const struct migration migrations[]; /* ends with {0} */

enum migrate_state {
    MIGRATE_CURRENT,
    MIGRATE_OTHER,  /* older, newer, or with a changed migration */
    MIGRATE_UNKNOWN /* the database cannot be asked now */
};

/* Asks the database; the cause of UNKNOWN and OTHER is in the log. */
enum migrate_state migrate_state(struct db_pool *pool);
