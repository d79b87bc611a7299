/* JSON pointers (RFC 6901): into the contract, and towards the caller. */
#pragma once

#include "buffer.h"

#include <jansson.h>

/* The node "#/a/b~1c" or "/a/b~1c" names below `root`, borrowed; NULL when there is none. */
json_t *pointer_find(json_t *root, const char *pointer);

/* Adds "/name" with `~` and `/` in it escaped. */
void pointer_add(struct buffer *out, const char *name);
