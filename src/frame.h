/*
 * Is this one HTTP request, and only one? What a parser before or behind us could read differently
 * is refused before any of it is used. See http.c for what never gets this far.
 */
#pragma once

#include "request.h"

enum { FRAME_TARGET_BYTES = 8192, FRAME_HEADER_BYTES = 16384, FRAME_HEADERS_MOST = 100 };

struct frame {
    size_t header_bytes; /* names and values as they were shown to us */
    size_t head_bytes;   /* request line and headers as they were sent */
    size_t body_most;    /* largest body that what is asked for takes */
};

/* Checks method, target, protocol and headers (RFC 9112); else the problem is 400, 413, 414, 417 or
 * 431. */
bool frame_check(struct request *request, const struct frame *frame);

/* The target without scheme and authority, which absolute-form has (RFC 9112 section 3.2.2). */
const char *frame_strip_authority(struct request *request);
