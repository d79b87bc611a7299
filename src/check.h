/*
 * Contract and database against each other: every statement is prepared, its names must have a
 * source, and the columns it gives must be the members its response schema declares.
 */
#pragma once

#include <stdbool.h>

struct db_pool;
struct spec;

/* Logs each fault; true when there is none. */
bool check_statements(const struct spec *spec, struct db_pool *pool);
