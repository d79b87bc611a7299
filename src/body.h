/* The parts of reading a request's body: body.c has JSON and what all kinds of bodies share. */
#pragma once

#include "request.h"

/* The body's media type with its parameters; NULL when it is not said once, or the body is coded
 * (RFC 9110, section 8.4). */
const char *body_type(const struct request *request);

/* Reads a form into request->form: 400, 415. */
bool body_read_form(struct request *request);

/* Writes the value that stands in request->json as request->json_text. */
void body_keep_text(struct request *request);

/*
 * Masks every identity code in a value of request->json, at any depth, and so in what is hashed,
 * kept and told to the database; a name of a member is none. What an operation with
 * x-mask-identity-codes takes is masked when it is read.
 */
void body_mask(struct request *request);
