/*
 * One JSON object a line on standard error. Never holds tokens, bodies, query values or personal
 * data.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Sets the least level written. Called once, before threads start. */
void log_init(enum log_level least);

/* printf into the member "message". */
void log_write(enum log_level level, const char *request_id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes one ready line (a JSON object without its newline) in a single write(2). */
void log_line(const char *line, int length);

/* Whether a line of this level would be written: for lines that cost something to make. */
bool log_is_on(enum log_level level);
const char *log_level_name(enum log_level level);

enum { LOG_TIME_BYTES = 32 };

/* The time now as the log writes it: RFC 3339, UTC, milliseconds. */
void log_time(char ret_text[LOG_TIME_BYTES]);

/*
 * Writes `text` as the inside of a JSON string: control bytes (C0, DEL, C1) escaped, what is not
 * UTF-8 replaced by U+FFFD, cut when `size` is full. Returns the length; the result ends with NUL.
 * size >= 8.
 */
size_t log_escape(const char *text, size_t length, char *ret_text, size_t size);
