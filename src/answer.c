/* The first and the last step of every request. */
#include "answer.h"

#include "access_log.h"
#include "app.h"
#include "metrics.h"
#include "refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* UUID version 4 (RFC 9562 section 5.4). */
static void make_id(char ret_id[REQUEST_ID_BYTES]) {
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != sizeof b)
        abort();
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const char digits[] = "0123456789abcdef";
    char *at = ret_id;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[b[i] >> 4];
        *at++ = digits[b[i] & 15];
    }
    *at = '\0';
}

void answer_begin(struct request *request) {
    request->started_us = now_us();
    make_id(request->id);
}

void answer_refuse(struct request *request) {
    refusal_write(request);
    request->close_connection = true;
    request->reply_headers[0] = (struct header){"Access-Control-Allow-Origin", "*"};
    request->reply_headers[1] = (struct header){"Cache-Control", "no-store"};
    request->reply_header_count = 2;
}

static void add_header(struct answer *answer, const char *name, const char *value) {
    answer->headers[answer->count++] = (struct header){name, value};
}

void answer_finish(struct answer *answer, const struct request *request, struct metrics *metrics) {
    int64_t duration_us = now_us() - request->started_us;
    bool is_json = request->reply_type && strstr(request->reply_type, "json");
    snprintf(answer->timing, sizeof answer->timing, "app;dur=%.1f, db;dur=%.1f",
             (double)(duration_us - request->database_us) / 1e3,
             (double)request->database_us / 1e3);
    answer->count = 0;
    answer->bytes = strcmp(request->method, "HEAD") == 0 ? 0 : request->reply.length;
    add_header(answer, "X-Request-Id", request->id);
    add_header(answer, "X-Content-Type-Options", "nosniff");
    add_header(answer, "Server-Timing", answer->timing);
    if (request->reply_type && request->reply.length)
        add_header(answer, "Content-Type", request->reply_type);
    if (is_json)
        add_header(answer, "Cross-Origin-Resource-Policy", "cross-origin");
    if (request->close_connection || atomic_load(&request->app->is_draining))
        add_header(answer, "Connection", "close");
    for (size_t i = 0; i < request->reply_header_count; i++)
        answer->headers[answer->count++] = request->reply_headers[i];
    metrics_count(metrics, request->operation, request->status, duration_us, answer->bytes);
    access_log_write(request, duration_us, answer->bytes);
}
