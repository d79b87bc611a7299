/* Rows as CSV: quoting, formulas, languages, times. */
#include "csv.h"

#include "check.h"
#include "own.h"
#include "rows.h"

static char title_name[] = "title", number_name[] = "number", at_name[] = "at",
            flag_name[] = "is_late";
static PGresAttDesc described[] = {{.name = title_name, .typid = 3802},
                                   {.name = number_name, .typid = 25},
                                   {.name = at_name, .typid = 1184},
                                   {.name = flag_name, .typid = 16}};

static void check_csv(const char *title, const char *number, const char *fields,
                      enum language language, bool with_bom, const char *expected) {
    auto_result rows = rows_new(4, described);
    rows_set(rows, 0, 0, title);
    rows_set(rows, 0, 1, number);
    rows_set(rows, 0, 2, "2025-03-31 20:59:59+00");
    rows_set(rows, 0, 3, "f");
    auto_buffer out = {0};
    csv_write(rows, 1, fields, language, with_bom, &out);
    CHECK_TEXT(out.data, expected);
}

int main(void) {
    const char *both = "{\"fi\": \"suomeksi\", \"sv\": \"på svenska\"}";
    check_csv(both, "1.1", NULL, LANGUAGE_SV, false,
              "title,number,at,is_late\r\npå svenska,1.1,2025-03-31T20:59:59.000Z,false\r\n");
    check_csv(both, "1.1", "title", LANGUAGE_EN, false, "title\r\nsuomeksi\r\n");
    check_csv("{\"en\": \"only\"}", "1.1", "title", LANGUAGE_FI, false, "title\r\nonly\r\n");
    check_csv("[1, 2]", "1.1", "title", LANGUAGE_FI, false, "title\r\n\"[1, 2]\"\r\n");
    check_csv(both, "=1+1", "number", LANGUAGE_FI, false, "number\r\n\"'=1+1\"\r\n");
    check_csv(both, "@a", "number", LANGUAGE_FI, false, "number\r\n\"'@a\"\r\n");
    check_csv(both, "a,\"b\"\n", "number", LANGUAGE_FI, false, "number\r\n\"a,\"\"b\"\"\n\"\r\n");
    check_csv(both, NULL, "number", LANGUAGE_FI, true, "\xEF\xBB\xBFnumber\r\n\r\n");
    return check_finish();
}
