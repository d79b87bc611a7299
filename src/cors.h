/*
 * Pages of other origins (WHATWG Fetch, "CORS protocol"; http.md section 7). Public reads are open
 * to all of them, without credentials; everything else to the configured origins and to the
 * service's own.
 */
#pragma once

#include "request.h"

/* Answers OPTIONS: a preflight, or Allow. False, with 404, when there is nothing at the path. */
bool cors_answer_options(struct request *request, const char *path);

/* 403 when a page of an origin that is not allowed writes. True without an Origin. */
bool cors_check(struct request *request);

/* Adds the headers that let a page read the answer, failures included. Nothing without an Origin.
 */
void cors_set_headers(struct request *request);
