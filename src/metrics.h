/* Counters of what was answered, in Prometheus' text format (version 0.0.4). */
#pragma once

#include "buffer.h"

#include <stdint.h>

struct metrics;
struct operation;
struct spec;

/* The spec must outlive it. Never NULL. */
struct metrics *metrics_new(const struct spec *spec);
void metrics_free(struct metrics *metrics);

/* Counts one answer; `operation` NULL: the request met none. Any thread. */
void metrics_count(struct metrics *metrics, const struct operation *operation, int status,
                   int64_t duration_us, uint64_t bytes);

void metrics_write(const struct metrics *metrics, struct buffer *out);

/* Adds one gauge or counter with its TYPE line. */
void metrics_write_one(struct buffer *out, const char *name, const char *type, double value);
