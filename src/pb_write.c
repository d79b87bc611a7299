/* The .pb file as a table of texts: finding, adding, and writing the strict form. */
#include "pb.h"

#include <stdlib.h>
#include <string.h>

size_t pb_column(const struct pb_table *table, const char *name) {
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i], name) == 0)
            return i;
    return PB_COLUMNS_MOST;
}

const char *pb_cell(const struct pb_table *table, size_t row, size_t column) {
    const char *cell;
    memcpy(&cell, table->cells.data + (row * table->column_count + column) * sizeof cell,
           sizeof cell);
    return cell;
}

uint32_t pb_line(const struct pb_table *table, size_t row) {
    uint32_t line;
    memcpy(&line, table->lines.data + row * sizeof line, sizeof line);
    return line;
}

const char *pb_meta(const struct pb *pb, const char *key, struct arena *arena, uint32_t *ret_line) {
    size_t keys = pb_column(&pb->meta, "key"), values = pb_column(&pb->meta, "value");
    for (size_t row = 0; row < pb->meta.row_count; row++) {
        if (strcmp(pb_trim(pb_cell(&pb->meta, row, keys), arena), key) != 0)
            continue;
        *ret_line = pb_line(&pb->meta, row);
        return pb_trim(pb_cell(&pb->meta, row, values), arena);
    }
    return NULL;
}

void pb_add_column(struct pb_table *table, const char *name) {
    if (table->column_count == PB_COLUMNS_MOST)
        abort();
    table->columns[table->column_count++] = name;
}

void pb_add_row(struct pb_table *table, const char *const *cells, uint32_t line) {
    buffer_add(&table->cells, (const char *)cells, table->column_count * sizeof *cells);
    buffer_add(&table->lines, (const char *)&line, sizeof line);
    table->row_count++;
}

static void write_cell(const char *cell, bool is_last, struct buffer *out) {
    if (strpbrk(cell, ";\"\r\n")) {
        buffer_add_char(out, '"');
        for (; *cell; cell++) {
            if (*cell == '"')
                buffer_add_char(out, '"');
            buffer_add_char(out, *cell);
        }
        buffer_add_char(out, '"');
    } else {
        buffer_add_text(out, cell);
    }
    buffer_add_char(out, is_last ? '\n' : ';');
}

static void write_table(const struct pb_table *table, const char *title, struct buffer *out) {
    buffer_print(out, "%s\n", title);
    for (size_t i = 0; i < table->column_count; i++)
        write_cell(table->columns[i], i + 1 == table->column_count, out);
    for (size_t row = 0; row < table->row_count; row++)
        for (size_t i = 0; i < table->column_count; i++)
            write_cell(pb_cell(table, row, i), i + 1 == table->column_count, out);
}

void pb_write(const struct pb *pb, struct buffer *out) {
    write_table(&pb->meta, "META", out);
    write_table(&pb->projects, "PROJECTS", out);
    write_table(&pb->votes, "VOTES", out);
}

static void clear_table(struct pb_table *table) {
    buffer_clear(&table->cells);
    buffer_clear(&table->lines);
}

void pb_clear(struct pb *pb) {
    clear_table(&pb->meta);
    clear_table(&pb->projects);
    clear_table(&pb->votes);
    free(pb->text);
    pb->text = NULL;
}
