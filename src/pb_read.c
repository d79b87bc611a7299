/*
 * Reading a .pb file: one walk over a copy of the text, in which cells are ended by NUL where they
 * stand. What the rows mean is election_pb.c's.
 */
#include "pb.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_POINTS = 60 };

struct reader {
    struct pb *pb;
    char *at;
    uint32_t line; /* of `at` */
    const char *where;
    struct arena *arena;
    struct problem *problem;
    struct pb_table *table; /* of the section being read; NULL before the first */
    bool has_header;
    const char *cells[PB_COLUMNS_MOST + 1]; /* one more: then they are known to be too many */
    size_t cell_count;
};

static const char *const titles[] = {"META", "PROJECTS", "VOTES"};
enum { SECTIONS = 3 };

/* A copy that outlives the file. */
static const char *shorten(const char *text, struct arena *arena) {
    return text ? arena_text(arena, text_shorten(text, SHOWN_POINTS, arena)) : NULL;
}

bool pb_add_fault_with(struct problem *problem, struct arena *arena, const char *where,
                       uint32_t line, enum problem_code code, const char *const texts[3]) {
    if (problem->fault_count >= PB_FAULTS_MOST)
        return false;
    if (problem->code == PROBLEM_NONE)
        problem_set(problem, PROBLEM_PB_INVALID, NULL);
    return problem_add(problem, arena, FAULT_POINTER, where, code, arena_print(arena, "%u", line),
                       shorten(texts[0], arena), shorten(texts[1], arena),
                       shorten(texts[2], arena));
}

static bool add_fault(struct reader *reader, uint32_t line, enum problem_code code,
                      const char *first, const char *second) {
    return pb_add_fault(reader->problem, reader->arena, reader->where, line, code, first, second);
}

const char *pb_trim(const char *cell, struct arena *arena) {
    cell += strspn(cell, " \t");
    size_t length = strlen(cell);
    while (length && (cell[length - 1] == ' ' || cell[length - 1] == '\t'))
        length--;
    return cell[length] ? arena_copy(arena, cell, length) : cell;
}

/* At the end of a cell: past the mark that ends it. True when another cell of the row follows. */
static bool end_cell(struct reader *reader, char *end) {
    char mark = *reader->at;
    if (mark == '\r' && reader->at[1] == '\n')
        reader->at++;
    if (*reader->at)
        reader->line += *reader->at++ == '\n';
    *end = '\0';
    return mark == ';';
}

/* Behind the opening quote. Two quotes are one; the cell is moved together over the spare ones. */
static bool read_quoted(struct reader *reader, char *end) {
    uint32_t line = reader->line;
    bool is_closed = false;
    for (; *reader->at; reader->at++) {
        is_closed = *reader->at == '"' && *++reader->at != '"';
        if (is_closed)
            break;
        reader->line += *reader->at == '\n';
        *end++ = *reader->at;
    }
    if (!is_closed || !strchr(";\r\n", *reader->at)) {
        add_fault(reader, line, PROBLEM_PB_QUOTE, NULL, NULL);
        reader->at += strcspn(reader->at, ";\n");
    }
    return end_cell(reader, end);
}

static bool read_cell(struct reader *reader) {
    bool is_quoted = *reader->at == '"';
    reader->at += is_quoted;
    if (reader->cell_count <= PB_COLUMNS_MOST)
        reader->cells[reader->cell_count++] = reader->at;
    if (is_quoted)
        return read_quoted(reader, reader->at);
    reader->at += strcspn(reader->at, ";\n");
    char *end = reader->at;
    if (*end != ';' && end > reader->pb->text && end[-1] == '\r' &&
        end > reader->cells[reader->cell_count - 1])
        end--;
    return end_cell(reader, end);
}

static struct pb_table *table_of(struct pb *pb, size_t section) {
    struct pb_table *const tables[SECTIONS] = {&pb->meta, &pb->projects, &pb->votes};
    return tables[section];
}

/* The section a title line begins, SECTIONS when the row is none. */
static size_t find_section(const struct reader *reader) {
    size_t section = 0;
    const char *title = pb_trim(reader->cells[0], reader->arena);
    while (section < SECTIONS && (reader->cell_count != 1 || strcmp(title, titles[section]) != 0))
        section++;
    return section;
}

/* Sections come in their order, each once. */
static void begin_section(struct reader *reader, size_t section, uint32_t line) {
    struct pb_table *table = table_of(reader->pb, section);
    struct pb_table *before = section ? table_of(reader->pb, section - 1) : NULL;
    if (reader->table != before)
        add_fault(reader, line, PROBLEM_PB_SECTION, titles[section], NULL);
    reader->table = table;
    reader->has_header = table->column_count > 0;
}

static void read_header(struct reader *reader, uint32_t line) {
    for (size_t i = 0; i < reader->cell_count && i < PB_COLUMNS_MOST; i++) {
        const char *name = pb_trim(reader->cells[i], reader->arena);
        if (pb_column(reader->table, name) < PB_COLUMNS_MOST)
            add_fault(reader, line, PROBLEM_PB_COLUMN_REPEATED, name, NULL);
        pb_add_column(reader->table, name);
    }
    if (reader->cell_count > PB_COLUMNS_MOST)
        add_fault(reader, line, PROBLEM_PB_ROW, "> 100", "100");
    reader->has_header = true;
}

static void read_row(struct reader *reader, uint32_t line) {
    size_t section = find_section(reader);
    if (section < SECTIONS) {
        begin_section(reader, section, line);
    } else if (!reader->table) {
        add_fault(reader, line, PROBLEM_PB_SECTION, titles[0], NULL);
        reader->at += strlen(reader->at);
    } else if (!reader->has_header) {
        read_header(reader, line);
    } else if (reader->cell_count != reader->table->column_count) {
        add_fault(reader, line, PROBLEM_PB_ROW,
                  arena_print(reader->arena, "%zu", reader->cell_count),
                  arena_print(reader->arena, "%zu", reader->table->column_count));
    } else {
        pb_add_row(reader->table, reader->cells, line);
    }
}

static void read_rows(struct reader *reader) {
    while (*reader->at && reader->problem->fault_count < PB_FAULTS_MOST) {
        uint32_t line = reader->line;
        reader->cell_count = 0;
        while (read_cell(reader))
            ;
        if (reader->cell_count > 1 || *reader->cells[0])
            read_row(reader, line);
    }
}

static uint32_t line_of(const char *bytes, size_t offset) {
    uint32_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += bytes[i] == '\n';
    return line;
}

static bool check_bytes(const struct reader *reader, const char *bytes, size_t length) {
    size_t offset;
    struct arena *arena = reader->arena;
    if (length > PB_FILE_BYTES_MOST)
        return problem_add(reader->problem, arena, FAULT_POINTER, reader->where,
                           PROBLEM_PB_TOO_LARGE, arena_print(arena, "%d", PB_FILE_BYTES_MOST));
    const char *nul = length ? memchr(bytes, '\0', length) : NULL;
    if (nul)
        return pb_add_fault(reader->problem, arena, reader->where,
                            line_of(bytes, (size_t)(nul - bytes)), PROBLEM_PB_CHARACTER, NULL);
    if (!text_is_utf8(bytes, length, &offset))
        return pb_add_fault(reader->problem, arena, reader->where, line_of(bytes, offset),
                            PROBLEM_PB_CHARACTER, NULL);
    return true;
}

/* What every file has, before its rows are looked at. */
static void check_tables(struct reader *reader) {
    static const struct {
        size_t section;
        const char *column;
    } wanted[] = {{0, "key"},  {0, "value"},    {1, "project_id"},
                  {1, "cost"}, {2, "voter_id"}, {2, "vote"}};
    for (size_t section = 0; section < SECTIONS; section++)
        if (!table_of(reader->pb, section)->column_count)
            add_fault(reader, reader->line, PROBLEM_PB_SECTION, titles[section], NULL);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct pb_table *table = table_of(reader->pb, wanted[i].section);
        if (table->column_count && pb_column(table, wanted[i].column) == PB_COLUMNS_MOST)
            add_fault(reader, reader->line, PROBLEM_PB_COLUMN_MISSING, titles[wanted[i].section],
                      wanted[i].column);
    }
}

bool pb_read(struct pb *pb, const char *bytes, size_t length, const char *where,
             struct arena *arena, struct problem *problem) {
    struct reader reader = {
        .pb = pb, .line = 1, .where = where, .arena = arena, .problem = problem};
    if (!check_bytes(&reader, bytes, length))
        return false;
    bool has_mark = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    pb->text = strndup(bytes + 3 * has_mark, length - (size_t)(3 * has_mark));
    if (!pb->text)
        abort();
    reader.at = pb->text;
    read_rows(&reader);
    check_tables(&reader);
    return problem->code == PROBLEM_NONE;
}
