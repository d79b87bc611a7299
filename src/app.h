/* Everything the service holds: made in main, constant after start but for what is marked atomic.
 */
#pragma once

#include "config.h"

#include <stdatomic.h>
#include <stdbool.h>

struct app {
    struct config config;
    struct spec *spec;
    struct db_pool *pool;
    struct auth *auth;
    struct seal *seal; /* NULL when there is no key of votes: then none can be opened */
    struct memo *memo;
    struct coalesce *ballots;
    struct gather *gather;
    struct peer_limit *peers;
    unsigned char cursor_key[32];
    atomic_bool is_draining;
};

/* Makes all of it from its config. False with a log line; then, too, app_release is due. */
bool app_build(struct app *app);

void app_release(struct app *app);
