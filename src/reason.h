/*
 * The short text that says why a request could not be read: the parameter {0} or {1} of the
 * problems bad_request, invalid_form, invalid_header and invalid_json, in the language of the
 * answer. Texts: reason.def.
 */
#pragma once

#include "problem.h"

enum reason {
#define REASON(name, ...) REASON_##name,
#include "reason.def"
#undef REASON
    REASON_COUNT
};

/* Never NULL; static. */
const char *reason_text(enum reason reason, enum language language);
