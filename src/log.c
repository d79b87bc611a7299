/*
 * The log writer. One line is one write, so that lines of several threads never mix; nothing is
 * allocated here, so that running out of memory can still be said.
 */
#include "log.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* A pipe takes lines up to PIPE_BUF (4096) whole; longer messages are cut to stay below it. */
enum { LINE_BYTES = 4096, MESSAGE_BYTES = 1024 };

static atomic_int least_level = LOG_INFO; /* written once, before threads start */

void log_init(enum log_level least) {
    atomic_store(&least_level, (int)least);
}

bool log_is_on(enum log_level level) {
    return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

const char *log_level_name(enum log_level level) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    return names[level];
}

void log_time(char ret_text[LOG_TIME_BYTES]) {
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t length = strftime(ret_text, LOG_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(ret_text + length, LOG_TIME_BYTES - length, ".%03dZ",
             (int)(now.tv_nsec / 1000000 % 1000));
}

/* Length of the well-formed UTF-8 sequence at `text` (Unicode 15, table 3-7), 0 when there is none.
 */
static size_t utf8_length(const unsigned char *text, size_t left) {
    unsigned char c = text[0];
    size_t length = c < 0x80                ? 1
                    : c >= 0xc2 && c < 0xe0 ? 2
                    : (c & 0xf0) == 0xe0    ? 3
                    : c >= 0xf0 && c < 0xf5 ? 4
                                            : 0;
    if (!length || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) ||
        (c == 0xf0 && text[1] < 0x90) || (c == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

/* C1 controls steer terminals as ESC does, so they are escaped too. */
static bool is_plain(const unsigned char *at, size_t length) {
    if (length == 1)
        return *at >= 0x20 && *at != '"' && *at != '\\' && *at != 0x7f;
    return !(length == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

size_t log_escape(const char *text, size_t length, char *ret_text, size_t size) {
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    size_t used = 0;
    while (at < end) {
        size_t step = utf8_length(at, (size_t)(end - at));
        if (used + 7 > size)
            break;
        if (step && is_plain(at, step)) {
            memcpy(ret_text + used, at, step);
            used += step;
        } else {
            unsigned code = !step ? 0xfffd : step == 1 ? at[0] : at[1];
            used += (size_t)snprintf(ret_text + used, size - used, "\\u%04x", code);
        }
        at += step ? step : 1;
    }
    ret_text[used] = '\0';
    return used;
}

void log_write(enum log_level level, const char *request_id, const char *format, ...) {
    if (!log_is_on(level))
        return;
    char message[MESSAGE_BYTES], escaped[3 * MESSAGE_BYTES], time[LOG_TIME_BYTES], line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    log_escape(message, strlen(message), escaped, sizeof escaped);
    log_time(time);
    length = snprintf(line, sizeof line,
                      "{\"time\":\"%s\",\"level\":\"%s\",%s%.64s%s\"message\":\"%s\"}", time,
                      log_level_name(level), request_id ? "\"request_id\":\"" : "",
                      request_id ? request_id : "", request_id ? "\"," : "", escaped);
    log_line(line, length);
}

void log_line(const char *line, int length) {
    struct iovec parts[] = {{(void *)(uintptr_t)line, (size_t)length}, {(char[]){'\n'}, 1}};
    ssize_t written = writev(STDERR_FILENO, parts, 2);
    (void)written; /* there is nowhere left to say that the log is gone */
}
