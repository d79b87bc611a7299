/*
 * How a problem is told: as RFC 9457 has it, or, below a path whose operations all say their form
 * by the path's ending (spec_is_suffixed), as Open311 has it: a list of code and description, XML
 * unless the path ends with .json.
 */
#pragma once

#include "request.h"

/* Sets status and type and adds the text of request->problem to the reply; identity codes in it are
 * masked. */
void refusal_write(struct request *request);
