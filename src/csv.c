/* CSV from result rows. */
#include "csv.h"

#include "json.h"

#include <jansson.h>
#include <string.h>

static void write_cell(const char *text, bool is_number, struct buffer *out) {
    bool is_formula = !is_number && text[0] && strchr("=+-@\t\r", text[0]);
    bool is_quoted = is_formula || strpbrk(text, ",\"\r\n") != NULL;
    if (!is_quoted) {
        buffer_add_text(out, text);
        return;
    }
    buffer_add_char(out, '"');
    if (is_formula)
        buffer_add_char(out, '\'');
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, *at);
    }
    buffer_add_char(out, '"');
}

static void write_json_cell(const char *value, enum language language, struct buffer *out) {
    json_auto_t *json = json_loads(value, JSON_DECODE_ANY, NULL);
    enum language given;
    const char *text = language_pick(json, language, &given);
    write_cell(text ? text : value, json_is_number(json), out);
}

static bool is_json(Oid type) {
    return type == 114 || type == 3802;
}

static bool is_number(Oid type) {
    return type == 20 || type == 21 || type == 23;
}

static void write_value(const PGresult *result, int row, int column, enum language language,
                        struct buffer *out) {
    if (PQgetisnull(result, row, column))
        return;
    const char *value = PQgetvalue(result, row, column);
    Oid type = PQftype(result, column);
    if (is_json(type)) {
        write_json_cell(value, language, out);
        return;
    }
    if (type == 16) {
        buffer_add_text(out, value[0] == 't' ? "true" : "false");
        return;
    }
    if (type == 1184) {
        auto_buffer time = {0};
        json_write_time(value, &time);
        buffer_add(out, time.data + 1, time.length - 2);
        return;
    }
    write_cell(value, is_number(type), out);
}

static bool is_wanted(const char *name, const char *fields) {
    if (!json_is_member(name))
        return false;
    if (!fields)
        return true;
    size_t length = strlen(name);
    for (const char *at = strstr(fields, name); at; at = strstr(at + 1, name))
        if ((at == fields || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

void csv_write(const PGresult *result, int rows, const char *fields, enum language language,
               bool with_bom, struct buffer *out) {
    if (with_bom)
        buffer_add_text(out, "\xEF\xBB\xBF");
    for (int row = -1; row < rows; row++) {
        bool is_first = true;
        for (int i = 0; i < PQnfields(result); i++) {
            if (!is_wanted(PQfname(result, i), fields))
                continue;
            if (!is_first)
                buffer_add_char(out, ',');
            is_first = false;
            if (row < 0)
                buffer_add_text(out, PQfname(result, i));
            else
                write_value(result, row, i, language, out);
        }
        buffer_add_text(out, "\r\n");
    }
}
