/* Finishing an answer that was read: entity tags and 304 (RFC 9110 sections 8.8.3 and 13.1.2). */
#pragma once

#include "request.h"

/*
 * Sets status 200, the type and the entity tag of request->reply; answers 304 without a body when
 * If-None-Match holds it. `version` > 0: strong tag of a plain item. 0: weak tag made from the
 * bytes.
 */
bool reply_finish(struct request *request, const char *type, int64_t version);

/* "\"12\"" in the arena. */
const char *reply_version_tag(struct request *request, int64_t version);
