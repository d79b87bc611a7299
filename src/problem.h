/*
 * A problem is a code and its parameters; every text a person reads stands in problem.def, in
 * Finnish, Swedish and English. Shape on the wire: RFC 9457 `application/problem+json` with the
 * members `type`, `title`, `status`, `detail`, `instance`, `code`, and where they apply `errors`
 * and `allowed`.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "language.h"

#include <stdbool.h>

enum problem_code {
    PROBLEM_NONE,
#define PROBLEM(name, status, code, ...) PROBLEM_##name,
#include "problem.def"
#undef PROBLEM
    PROBLEM_COUNT
};

enum fault_place { FAULT_POINTER, FAULT_PARAMETER };

enum { PROBLEM_PARAMETERS = 4, PROBLEM_FAULTS_MOST = 1000 };

/* One thing that is wrong with the request. `where` is a JSON pointer (RFC 6901) or a parameter's
 * name. */
struct fault {
    struct fault *next;
    enum fault_place place;
    const char *where;
    enum problem_code code;
    const char *parameters[PROBLEM_PARAMETERS];
};

/* All texts are borrowed and live as long as the request. */
struct problem {
    enum problem_code code;
    const char *parameters[PROBLEM_PARAMETERS];
    struct fault *faults;
    struct fault *last_fault;
    unsigned fault_count;
    const char *allowed; /* comma-separated next states, or NULL */
    int retry_after_s;   /* 0: no Retry-After header */
};

/* Sets the problem and returns false, so that `return problem_set(...)` is the failing line. */
bool problem_set_with(struct problem *problem, enum problem_code code,
                      const char *const parameters[PROBLEM_PARAMETERS]);
#define problem_set(problem, code, ...) \
    problem_set_with((problem), (code), (const char *const[PROBLEM_PARAMETERS]){__VA_ARGS__})

/*
 * Adds one fault; the problem keeps its code when it has one, else it takes the fault's own.
 * Returns false. `where` and the parameters are borrowed. Faults beyond PROBLEM_FAULTS_MOST are not
 * listed.
 */
bool problem_add_with(struct problem *problem, struct arena *arena, enum fault_place place,
                      const char *where, enum problem_code code,
                      const char *const parameters[PROBLEM_PARAMETERS]);
#define problem_add(problem, arena, place, where, code, ...) \
    problem_add_with((problem), (arena), (place), (where), (code), \
                     (const char *const[PROBLEM_PARAMETERS]){__VA_ARGS__})

/* Finds a code by its wire name ("lead_missing"); PROBLEM_NONE when there is none. */
enum problem_code problem_find(const char *name);

const char *problem_name(enum problem_code code);
int problem_status(enum problem_code code);

/* Adds the text of a code and its parameters. */
void problem_write_detail(enum problem_code code, const char *const parameters[PROBLEM_PARAMETERS],
                          enum language language, struct buffer *out);

/* Adds the problem's JSON. `instance` is the request id. */
void problem_write(const struct problem *problem, enum language language, const char *instance,
                   struct buffer *out);

/* Adds the problem and its faults as lines of text. */
void problem_write_lines(const struct problem *problem, enum language language, struct buffer *out);

/* Adds the page of one code as HTML: what it means and what to do, in three languages. */
void problem_write_page(enum problem_code code, struct buffer *out);
