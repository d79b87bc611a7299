/* The formats of texts that the contract may name, each as a check. */
#pragma once

#include <stdbool.h>

struct format {
    const char *name;
    bool (*is_valid)(const char *text);
    bool is_file; /* kept as it stands: no character is refused, none brought to NFC */
};

/*
 * The formats:
 *
 * bbox: minlon,minlat,maxlon,maxlat (bounding_box.h)
 *
 * date: 2026-02-28, a day of the Gregorian calendar, years 0001–9999
 *
 * date-time: RFC 3339 with any offset, year 1000 or later; a leap second only where UTC can have
 * one (23:59:60)
 *
 * email: one address of the plain form local@domain, at most 254 bytes, no quoting
 *
 * file: a file's text, line ends and all
 *
 * partial-date: a year, a month or a day: 2020, 2020-01, 2020-01-31
 *
 * uri: absolute, scheme http or https or mailto, no blanks (RFC 3986 characters only)
 *
 * uuid: 8-4-4-4-12 hexadecimal digits
 *
 * w3c-date: a partial-date, or a date-time that may lack its seconds (the W3C's profile of ISO 8601)
 *
 * NULL when there is no such format.
 */
const struct format *format_find(const char *name);
