/*
 * Is this one HTTP request, and only one? What a parser before or behind us could read differently is refused
 * before any of it is used. See http.c for what never gets this far.
 */
#pragma once

#include "request.h"

enum { FRAME_TARGET_BYTES = 8192, FRAME_HEADER_BYTES = 16384, FRAME_HEADERS_MOST = 100 };

/*
 * Checks method, target, protocol and headers (RFC 9112; 400, 414, 417, 431) and takes scheme and authority
 * off an absolute-form target (section 3.2.2). `header_bytes` is the sum of names and values.
 */
bool frame_check(struct request *request, size_t header_bytes);
