/* Rows as JSON: each type in its form, keys of the machine left out. */
#include "json.h"

#include "check.h"
#include "own.h"
#include "rows.h"

static char id_name[] = "id", number_name[] = "number", flag_name[] = "is_late",
            name_name[] = "name", time_name[] = "at", sort_name[] = "sort_number",
            gone_name[] = "deleted_at", note_name[] = "note";
static PGresAttDesc described[] = {
    {.name = id_name, .typid = 2950},   {.name = number_name, .typid = 23},
    {.name = flag_name, .typid = 16},   {.name = name_name, .typid = 3802},
    {.name = time_name, .typid = 1184}, {.name = sort_name, .typid = 25},
    {.name = gone_name, .typid = 1184}, {.name = note_name, .typid = 25},
};

static PGresult *example(void) {
    PGresult *rows = rows_new(8, described);
    const char *values[] = {
        "0190", "42", "t",           "{\"fi\": \"a\"}", "2025-03-31 20:59:59.5+00",
        "0001", NULL, "a\"b\\\n\x01"};
    for (int i = 0; i < 8; i++)
        rows_set(rows, 0, i, values[i]);
    for (int i = 0; i < 8; i++)
        rows_set(rows, 1, i, NULL);
    return rows;
}

static void check_row(const char *fields, int row, const char *expected) {
    struct arena arena = {0};
    auto_result rows = example();
    auto_buffer out = {0};
    json_write_row(json_columns_new(rows, fields, &arena), rows, row, &out);
    CHECK_TEXT(out.data, expected);
    arena_clear(&arena);
}

static void check_time(const char *printed, const char *expected) {
    auto_buffer out = {0};
    json_write_time(printed, &out);
    CHECK_TEXT(out.data, expected);
}

int main(void) {
    check_row(NULL, 0,
              "{\"id\":\"0190\",\"number\":42,\"is_late\":true,\"name\":{\"fi\": \"a\"},"
              "\"at\":\"2025-03-31T20:59:59.500Z\",\"note\":\"a\\\"b\\\\\\n\\u0001\"}");
    check_row(
        NULL, 1,
        "{\"id\":null,\"number\":null,\"is_late\":null,\"name\":null,\"at\":null,\"note\":null}");
    check_row("note,id", 0, "{\"id\":\"0190\",\"note\":\"a\\\"b\\\\\\n\\u0001\"}");
    check_row("not,i", 0, "{}"); /* beginnings of names are no names */
    check_time("2025-03-31 20:59:59+00", "\"2025-03-31T20:59:59.000Z\"");
    check_time("2025-03-31 20:59:59.123456+00", "\"2025-03-31T20:59:59.123Z\"");
    check_time("infinity", "\"infinity\"");
    CHECK(json_is_member("sorted") && !json_is_member("sort_by") && !json_is_member("deleted_at"));
    return check_finish();
}
