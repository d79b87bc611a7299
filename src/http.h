/*
 * The public listener: Ulfius over libmicrohttpd, one thread pool, one callback. Fills a struct
 * request, has it answered, sends the answer, writes the request's log line and counts it.
 */
#pragma once

#include "accept.h"

#include <stdbool.h>

struct app;
struct http;
struct metrics;

/* Listens and answers from now on. False with a log line. */
bool http_start(struct app *app, struct metrics *metrics, struct http **ret_http);

/* The real port, also when 0 was asked for. */
int http_port(const struct http *http);

/* Stops listening; open connections are served on. */
void http_quiesce(struct http *http);

void http_read_counts(const struct http *http, struct accept_counts *ret_counts);

/* Closes every connection, ends the threads and frees. NULL is legal. */
void http_stop(struct http *http);
