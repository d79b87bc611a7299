/* The parts of reading a request's body: body.c has JSON and what all kinds of bodies share. */
#pragma once

#include "request.h"

/* The body's media type with its parameters; NULL when it is not said once, or the body is coded
 * (RFC 9110, section 8.4). */
const char *body_type(const struct request *request);

/* Reads a form into request->form: 400, 415. */
bool body_read_form(struct request *request);
