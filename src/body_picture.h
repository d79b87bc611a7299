/*
 * A body that is a picture. A statement has of it `:width`, `:height` and `:full_picture`,
 * `:small_picture` (text that PostgreSQL reads as bytea), all made anew by image.h.
 */
#pragma once

#include "request.h"

#include <stdbool.h>

/* Those values, which the caller owns, of bytes from wherever. NULL with the problem of image.h, or
 * UNAVAILABLE while as many are read as may be at a time. */
json_t *body_make_picture(struct request *request, const void *bytes, size_t length);

/* The body's, into request->json. */
bool body_read_picture(struct request *request);

/* Whether a picture gives `:name` its value. */
bool body_picture_gives(const char *name);
