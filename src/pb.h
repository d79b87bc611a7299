/*
 * The .pb file of Pabulib (https://pabulib.org/format): one election as text. Three sections, each
 * a title line, a header line and rows of cells divided by semicolons: META, PROJECTS, VOTES.
 *
 * Read laxly: byte order mark, CR LF, empty lines, columns in any order, decimal comma. Written
 * strictly: UTF-8 without a mark, LF, quotes only where a cell needs them. All cells are kept as
 * they stand, also those nobody here understands, so reading and writing loses nothing.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PB_FILE_BYTES_MOST = 64 * 1024 * 1024,
    PB_COLUMNS_MOST = 100,
    PB_FAULTS_MOST = 100,
};

struct pb_table {
    const char *columns[PB_COLUMNS_MOST];
    size_t column_count, row_count;
    struct buffer cells; /* const char *, row by row */
    struct buffer lines; /* uint32_t: where each row stood */
};

struct pb {
    char *text; /* what was read; the cells point into it */
    struct pb_table meta, projects, votes;
};

/*
 * Reads a file of PB_FILE_BYTES_MOST bytes at most. What is wrong with its form is added to the
 * problem, up to PB_FAULTS_MOST faults with their lines, all at `where`; then false is returned.
 */
bool pb_read(struct pb *pb, const char *bytes, size_t length, const char *where,
             struct arena *arena, struct problem *problem);

/* Adds the strict form. */
void pb_write(const struct pb *pb, struct buffer *out);

void pb_clear(struct pb *pb);
#define auto_pb __attribute__((cleanup(pb_clear))) struct pb

/* For files that are made, not read: the texts are borrowed. A row has as many cells as columns. */
void pb_add_column(struct pb_table *table, const char *name);
void pb_add_row(struct pb_table *table, const char *const *cells, uint32_t line);

/* Index of a column; PB_COLUMNS_MOST when there is none of that name. */
size_t pb_column(const struct pb_table *table, const char *name);

const char *pb_cell(const struct pb_table *table, size_t row, size_t column);
uint32_t pb_line(const struct pb_table *table, size_t row);

/* The value of a key of META without the blanks around it, or NULL; *ret_line is its line. */
const char *pb_meta(const struct pb *pb, const char *key, struct arena *arena, uint32_t *ret_line);

/* Adds a fault to a problem pb_invalid, unless there are PB_FAULTS_MOST already. Its {0} is the
 * line, the others are copies of the texts, shortened. Returns false. */
bool pb_add_fault_with(struct problem *problem, struct arena *arena, const char *where,
                       uint32_t line, enum problem_code code, const char *const texts[3]);
#define pb_add_fault(problem, arena, where, line, code, ...) \
    pb_add_fault_with((problem), (arena), (where), (line), (code), \
                      (const char *const[3]){__VA_ARGS__})

/* A cell without the blanks around it: itself, or a copy in the arena. */
const char *pb_trim(const char *cell, struct arena *arena);
