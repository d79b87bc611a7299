/*
 * A result as CSV: RFC 4180, a header line of member names, CR LF line ends, UTF-8. Localised texts
 * are given in the caller's language with the fallback fi → sv → en. Cells that a spreadsheet would
 * take for a formula (= + - @ tab, carriage return first) get an apostrophe in front.
 */
#pragma once

#include "buffer.h"
#include "problem.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* `rows` of the result at most (a list fetches one row more than its page). `fields` as in json.h.
 */
void csv_write(const PGresult *result, int rows, const char *fields, enum language language,
               bool with_bom, struct buffer *out);
