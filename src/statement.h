/*
 * What tools/sql_to_c.py makes of a .sql file: each `-- name: x` section is a statement whose
 * `:names` became $1…$n. See ARCHITECTURE.md, "A resource".
 */
#pragma once

#include <stdbool.h>

struct statement {
    const char *name;              /* "measure.select" */
    const char *text;              /* SQL with $1…$n */
    const char *const *parameters; /* the names behind $1…$n, ends with NULL */
    bool is_restricted; /* header says `-- restricted:`: row-level security reads app.* settings */
    bool is_shared;     /* header says `-- shared:`: names no municipality, and why not */
};

/*
 * One write: rows locked, rules that forbid it, effects. Made from the sections `stem.lock`,
 * `stem.guard`, `stem.apply…`; a lone section `stem` that writes is an apply. lock and guard may be
 * NULL.
 */
struct write {
    const char *name; /* "measure.update" */
    const struct statement *lock;
    const struct statement *guard;          /* rows of code, pointer, parameter; none = allowed */
    const struct statement *const *applies; /* in file order, ends with NULL */
};
