/* Rows to JSON text. The writer of each column is chosen once per result, by its type. */
#include "json.h"

#include <string.h>

/* Object ids of PostgreSQL's built-in types: fixed in pg_type.dat since the types exist. */
enum {
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_JSON = 114,
    OID_DATE = 1082,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_JSONB = 3802
};

enum column_form { FORM_TEXT, FORM_PLAIN, FORM_BOOLEAN, FORM_RAW, FORM_TIME };

struct json_column {
    int number;
    enum column_form form;
    const char *key; /* ,"name": */
    size_t key_length;
};

struct json_columns {
    int count;
    struct json_column column[];
};

bool json_is_member(const char *column) {
    return strncmp(column, "sort_", 5) != 0 && strncmp(column, "embed_", 6) != 0 &&
           strcmp(column, "deleted_at") != 0;
}

static enum column_form form_of(Oid type) {
    switch (type) {
    case OID_BOOL:
        return FORM_BOOLEAN;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_JSON:
    case OID_JSONB:
        return FORM_RAW;
    case OID_DATE:
    case OID_UUID:
        return FORM_PLAIN; /* nothing in it needs escaping */
    case OID_TIMESTAMPTZ:
        return FORM_TIME;
    default:
        return FORM_TEXT;
    }
}

static bool is_listed(const char *fields, const char *name) {
    size_t length = strlen(name);
    for (const char *at = fields; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* Not printed: that was a twelfth of all instructions of a request for one item. */
static const char *key_of(const char *name, struct arena *arena, size_t *ret_length) {
    size_t length = strlen(name);
    char *key = arena_new(arena, length + 5);
    memcpy(key, ",\"", 2);
    memcpy(key + 2, name, length);
    memcpy(key + 2 + length, "\":", 3);
    *ret_length = length + 4;
    return key;
}

const struct json_columns *json_columns_new(const PGresult *result, const char *fields,
                                            struct arena *arena) {
    int count = PQnfields(result);
    struct json_columns *columns =
        arena_new(arena, sizeof *columns + (size_t)count * sizeof columns->column[0]);
    for (int i = 0; i < count; i++) {
        const char *name = PQfname(result, i);
        if (!json_is_member(name) || (fields && !is_listed(fields, name)))
            continue;
        struct json_column *column = &columns->column[columns->count++];
        *column = (struct json_column){.number = i, .form = form_of(PQftype(result, i))};
        column->key = key_of(name, arena, &column->key_length);
    }
    return columns;
}

void json_write_time(const char *printed, struct buffer *out) {
    size_t length = strcspn(printed, "+");
    char time[32];
    if (length < 19 || length >= sizeof time) {
        buffer_add_json_text(out, printed); /* infinity, or a year that no request can make */
        return;
    }
    memcpy(time, printed, length);
    time[10] = 'T';
    size_t fraction = length > 20 ? length - 20 : 0;
    time[19] = '.';
    for (size_t i = fraction; i < 3; i++)
        time[20 + i] = '0';
    buffer_add_char(out, '"');
    buffer_add(out, time, 23);
    buffer_add(out, "Z\"", 2);
}

static void write_value(enum column_form form, const char *value, size_t length,
                        struct buffer *out) {
    switch (form) {
    case FORM_RAW:
        buffer_add(out, value, length);
        return;
    case FORM_PLAIN:
        buffer_add_char(out, '"');
        buffer_add(out, value, length);
        buffer_add_char(out, '"');
        return;
    case FORM_BOOLEAN:
        buffer_add_text(out, value[0] == 't' ? "true" : "false");
        return;
    case FORM_TIME:
        json_write_time(value, out);
        return;
    case FORM_TEXT:
        buffer_add_json_text(out, value);
        return;
    }
}

void json_write_row(const struct json_columns *columns, const PGresult *result, int row,
                    struct buffer *out) {
    buffer_add_char(out, '{');
    for (int i = 0; i < columns->count; i++) {
        const struct json_column *column = &columns->column[i];
        size_t comma = i == 0;
        buffer_add(out, column->key + comma, column->key_length - comma);
        if (PQgetisnull(result, row, column->number))
            buffer_add(out, "null", 4);
        else
            write_value(column->form, PQgetvalue(result, row, column->number),
                        (size_t)PQgetlength(result, row, column->number), out);
    }
    buffer_add_char(out, '}');
}
