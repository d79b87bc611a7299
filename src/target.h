/*
 * The request target (RFC 9112, section 3.2) read strictly: what two readers could understand in
 * two ways is refused, so that a proxy in front and this service never see different paths.
 */
#pragma once

#include "reason.h"
#include "request.h"

enum { TARGET_BYTES_MOST = 8000, TARGET_PARAMETERS_MOST = 100 };

/*
 * Splits the target, in origin form (frame.c has taken off an authority): sets request->query (raw)
 * and *ret_path (decoded, NFC, in the arena; "*" for OPTIONS of the whole service). 414 when it is
 * too long; 400 for a bad escape, %00, bad UTF-8, control characters, an encoded slash, "." and
 * ".." segments, a fragment, more than 100 query parameters.
 */
bool target_read(struct request *request, const char **ret_path);

/* A form is a body (form.h), written as queries are but for bytes that are not escaped. */
enum target_part { TARGET_PATH, TARGET_QUERY, TARGET_FORM };

/*
 * Decodes percent escapes (RFC 3986, section 2.1), in a query and a form also "+" as a blank, into
 * the arena: bytes ended by NUL that hold none. NULL, with the reason, when that cannot be done.
 */
char *target_unescape(struct arena *arena, const char *text, size_t length, enum target_part part,
                      enum reason *ret_reason);

/*
 * The same as a valid UTF-8 text in NFC.
 */
const char *target_decode(struct arena *arena, const char *text, size_t length,
                          enum target_part part, enum reason *ret_reason);
