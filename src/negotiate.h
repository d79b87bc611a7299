/* Request headers that choose the answer's form, language and conditions. */
#pragma once

#include "request.h"

/* Fills request->language from Accept-Language; cannot fail. Before anything else, for the
 * problems' sake. */
void negotiate_language(struct request *request);

/* Fills request->prefer from every Prefer header (RFC 7240): names without regard to case, the
 * first of a name counts, what is not known is passed over. */
void negotiate_preferences(struct request *request);

/* The next header of that name from *index on, or NULL; moves *index past it. */
const char *negotiate_next_header(const struct request *request, const char *name, size_t *index);
