/*
 * E-mail by libcurl, to the one server that the operator has named: no other host is ever spoken
 * to.
 *
 *   1. Without TLS nothing is said, nor a password shown, unless the operator wants it so
 *      (`smtp_is_plain`, for a server on this machine).
 *   2. A letter is plain text in UTF-8, whatever its words: they are encoded, so that none ends a
 *      header or the letter (RFC 2047, RFC 2045).
 *   3. It says that a program has written it (RFC 3834), so that no other program answers.
 *   4. An exchange ends after MAIL_TIME_MS. Neither address nor words are logged.
 */
#pragma once

#include "config.h"

#include <stdbool.h>

enum { MAIL_TIME_MS = 20000 };

struct mail {
    const char *id;     /* unique and the same at every attempt: the Message-ID */
    const char *sender; /* name before the address of `mail_from` */
    const char *recipient;
    const char *subject;
    const char *body;
    const char *language; /* BCP 47 */
};

enum mail_outcome {
    MAIL_SENT,
    MAIL_REFUSED,    /* for good, as the server says */
    MAIL_DELAYED,    /* this one not now */
    MAIL_UNREACHABLE /* none now: no server, no TLS, a wrong password */
};

/* Whether the operator has named a server and an address to send from. */
bool mail_is_configured(const struct config *config);

enum mail_outcome mail_send(const struct config *config, const struct mail *mail);
