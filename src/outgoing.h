/*
 * Requests to other services, by libcurl, at addresses that somebody has told us: nobody may reach
 * with them what only this machine can.
 *
 *   1. https on its own port, with a valid certificate. No redirect is followed, no proxy asked.
 *   2. The address a socket is opened to must be the open internet's: judged there, so that a name
 *      which means something else at the second look gains nothing.
 *   3. An origin of the operator's (`outgoing_origins`) may be anything: http, another port,
 *      inside.
 *   4. An exchange ends after OUTGOING_TIME_MS, and after OUTGOING_BYTES_MOST of head and body.
 */
#pragma once

#include "buffer.h"
#include "config.h"

#include <stdbool.h>

enum { OUTGOING_BYTES_MOST = 65536, OUTGOING_TIME_MS = 10000, OUTGOING_URL_BYTES_MOST = 2000 };

enum outgoing {
    OUTGOING_ANSWERED,
    OUTGOING_NOT_ALLOWED,
    OUTGOING_UNREACHABLE, /* no name, connection, certificate or HTTP */
    OUTGOING_TOO_SLOW,
    OUTGOING_TOO_LARGE
};

/* Whether it may be sent to, as far as its text tells. */
bool outgoing_is_allowed(const struct config *config, const char *url);

/* Adds `name=value` to a body of application/x-www-form-urlencoded. */
void outgoing_add_field(struct buffer *form, const char *name, const char *value);

/* POSTs a form. *ret_status and *ret_body are the answer's when there was one. */
enum outgoing outgoing_post(const struct config *config, const char *url, const struct buffer *form,
                            long *ret_status, struct buffer *ret_body);
