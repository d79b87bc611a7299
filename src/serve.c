/* `elinvoima serve`: puts the parts together, waits for signals, takes them apart in order. */
#include "admin.h"
#include "app.h"
#include "auth.h"
#include "check.h"
#include "command.h"
#include "db.h"
#include "http.h"
#include "log.h"
#include "metrics.h"
#include "migrate.h"
#include "monotonic.h"
#include "spec.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    IDLE_GRACE_MS = 1000,
    DRAIN_STEP_MS = 20,
    /* descriptors that are no client's: of each worker, of each database connection (an old and a
     * new one while it is made anew), and admin clients, sockets, log, random numbers */
    FDS_PER_WORKER = 4,
    FDS_PER_DATABASE_CONNECTION = 2,
    FDS_BESIDE = 32
};

/* What serve owns beside the app. */
struct service {
    struct app app;
    struct metrics *metrics;
    struct http *http;
    struct admin *admin;
};

/*
 * A connection is a descriptor; the soft limit is often 1 024. Where even the hard one is low,
 * clients may not take what the database and the probes need.
 */
static void fit_connections(struct config *config) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    rlim_t kept = (rlim_t)(FDS_BESIDE + FDS_PER_WORKER * config->workers +
                           FDS_PER_DATABASE_CONNECTION * config->database_connections);
    rlim_t most = limit.rlim_max > kept ? limit.rlim_max - kept : 1;
    if (most >= (rlim_t)config->connections_most)
        return;
    config->connections_most = (int)most;
    log_write(LOG_WARNING, NULL, "%d client connections at most: %llu files may be open",
              config->connections_most, (unsigned long long)limit.rlim_max);
}

static void log_listening(const struct service *service) {
    char time[LOG_TIME_BYTES], address[256], line[512];
    const char *listen = service->app.config.listen, *colon = strrchr(listen, ':');
    log_time(time);
    log_escape(listen, (size_t)(colon - listen), address, sizeof address);
    int length = snprintf(line, sizeof line,
                          "{\"time\":\"%s\",\"level\":\"info\",\"message\":\"listening\","
                          "\"address\":\"%s\",\"port\":%d,"
                          "\"admin_port\":%d}",
                          time, address, http_port(service->http), admin_port(service->admin));
    log_line(line, length);
}

static bool start(struct service *service) {
    struct app *app = &service->app;
    if (!app_build(app))
        return false;
    enum migrate_state state = migrate_state(app->pool);
    if (state == MIGRATE_OTHER) {
        log_write(LOG_ERROR, NULL,
                  "the database's schema is not this version's: run `elinvoima migrate`");
        return false;
    }
    if (state == MIGRATE_UNKNOWN)
        log_write(LOG_WARNING, NULL, "the database cannot be reached; not ready until it can");
    else if (!check_statements(app->spec, app->pool))
        return false;
    service->metrics = metrics_new(app->spec);
    if (!http_start(app, service->metrics, &service->http) ||
        !admin_start(app, service->metrics, service->http, state, &service->admin))
        return false;
    log_listening(service);
    return true;
}

static void stop(struct service *service) {
    admin_stop(service->admin);
    http_stop(service->http);
    metrics_free(service->metrics);
    app_release(&service->app);
}

/*
 * Lets running requests end. Connections at rest are kept for a moment: a request that is under way
 * to us gets its answer and `Connection: close` instead of a reset. After drain_s, clients that
 * still send or read are cut off. False when a request is being answered then, or after a second
 * signal.
 */
static bool drain(struct service *service, const sigset_t *signals) {
    const int64_t start_ms = monotonic_ms(),
                  end_ms = start_ms + (int64_t)service->app.config.drain_s * 1000;
    const struct timespec step = {.tv_nsec = DRAIN_STEP_MS * 1000000L};
    atomic_store(&service->app.is_draining, true);
    http_quiesce(service->http);
    for (;;) {
        struct accept_counts counts;
        http_read_counts(service->http, &counts);
        int64_t now = monotonic_ms();
        if (!counts.running && (!counts.open || now > start_ms + IDLE_GRACE_MS))
            return true;
        if (now > end_ms && !counts.answering) {
            log_write(LOG_WARNING, NULL, "%d clients still send or read after %d s; cut off",
                      counts.running, service->app.config.drain_s);
            return true;
        }
        if (now > end_ms) {
            log_write(LOG_ERROR, NULL, "%d requests still run after %d s; leaving",
                      counts.answering, service->app.config.drain_s);
            return false;
        }
        int number = sigtimedwait(signals, NULL, &step);
        if (number == SIGTERM || number == SIGINT) {
            log_write(LOG_ERROR, NULL, "second signal while %d requests run; leaving",
                      counts.running);
            return false;
        }
    }
}

static int wait_for_end(struct service *service, const sigset_t *signals) {
    for (;;) {
        int number = sigwaitinfo(signals, NULL);
        if (number == SIGHUP)
            log_write(LOG_INFO, NULL, "keys %s",
                      auth_reload(service->app.auth) ? "read again" : "kept: the new ones are bad");
        if (number == SIGTERM || number == SIGINT)
            return number;
    }
}

int command_serve(int argc, char **argv, const struct config *config) {
    if (argc > 1) {
        fprintf(stderr, "usage: elinvoima %s (settings come from the environment)\n", argv[0]);
        return 2;
    }
    /* blocked before any thread starts: only wait_for_end and drain take them */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct service service = {.app.config = *config}; /* its texts stay the caller's */
    fit_connections(&service.app.config);
    if (!start(&service)) {
        stop(&service);
        return 1;
    }
    wait_for_end(&service, &signals);
    log_write(LOG_INFO, NULL, "draining");
    if (!drain(&service, &signals))
        _exit(1); /* a hung request's thread cannot be joined */
    stop(&service);
    log_write(LOG_INFO, NULL, "stopped");
    return 0;
}
