/*
 * Ownership by declaration: every owner is declared auto_* and initialised on the same line;
 * leaving a function is `return steal(&x)` or nothing. Freeing NULL is always legal.
 */
#pragma once

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static inline void own_free(void *p) {
    free(*(void **)p);
}
static inline void own_clear_result(PGresult **result) {
    PQclear(*result);
}
static inline void own_close_file(FILE **file) {
    if (*file)
        fclose(*file);
}

#define auto_free __attribute__((cleanup(own_free)))
#define auto_result __attribute__((cleanup(own_clear_result))) PGresult *
#define auto_file __attribute__((cleanup(own_close_file))) FILE *

/* Takes the value out of an auto_* variable: the caller of the function owns it from here on. */
#define steal(pointer) \
    ({ \
        __typeof__(*(pointer)) stolen_ = *(pointer); \
        *(pointer) = NULL; \
        stolen_; \
    })
