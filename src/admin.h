/*
 * The admin listener: /livez, /readyz and /metrics, answered by a thread of their own that never
 * touches the database, so that they answer while every public worker waits. A second thread asks
 * the database once a second whether it is there and migrated; /readyz tells what it found last.
 */
#pragma once

#include "migrate.h"

#include <stdbool.h>

struct admin;
struct app;
struct http;
struct metrics;

/* False with a log line. `state` is what the caller found at start. All but admin are borrowed. */
bool admin_start(struct app *app, const struct metrics *metrics, const struct http *http,
                 enum migrate_state state, struct admin **ret_admin);
int admin_port(const struct admin *admin);

/* Ends both threads and frees. NULL is legal. */
void admin_stop(struct admin *admin);
