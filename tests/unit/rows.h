/* Results without a server: libpq lets a program build them. */
#pragma once

#include <libpq-fe.h>
#include <string.h>

/* Columns are (name, type oid). */
static inline PGresult *rows_new(int columns, PGresAttDesc *described) {
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PQsetResultAttrs(result, columns, described);
    return result;
}

static inline void rows_set(PGresult *result, int row, int column, const char *value) {
    char copy[256];
    if (value)
        snprintf(copy, sizeof copy, "%s", value);
    PQsetvalue(result, row, column, value ? copy : NULL, value ? (int)strlen(value) : -1);
}
