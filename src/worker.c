/*
 * `elinvoima worker`: does what is due because time has passed. worker.sql says what that is, the
 * operation it names how it is done: the very statements that the API runs, without an actor.
 *
 *   1. An act is derived from dates and from what is stored; there is no queue to fall out of step
 *      with it. What leaves the service is an errand: a row that a trigger has written, with its
 *      own attempts, and a binding whose effect sends it within the act's transaction. A worker
 *      that dies in between sends it again, under the same id.
 *   2. One act is one transaction: lease, lock, still due?, apply, commit. A lease is an advisory
 *      lock of the transaction, since a derived act has no row of its own to skip; it dies with its
 *      worker.
 *   3. Done twice is done once: what was done is no longer due, and two workers never are at the
 *      same act.
 *   4. SIGTERM lets the act at hand end and begins no other.
 */
#include "app.h"
#include "auth.h"
#include "bind.h"
#include "command.h"
#include "db.h"
#include "format.h"
#include "log.h"
#include "migrate.h"
#include "operation.h"
#include "session.h"
#include "worker.sql.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { POLL_MS = 30000, EXIT_USAGE = 2, CONNECTIONS = 2, VALUES = 4 };

struct wishes {
    bool is_once;
    const char *as_of;
};

struct worker {
    struct app app;
    struct db *listener; /* kept open to be woken; NULL while the database is away */
    int stop_fd;
    const char *as_of;
    bool is_checked; /* the database has this program's schema */
    int done, failed;
};

/* One row of worker.due. */
struct act {
    const char *municipality;
    const char *operation;
    const char *id;
    const char *body; /* what its statements are told, as JSON; NULL when they need nothing */
};

static const char usage[] =
    "usage: elinvoima worker\n"
    "       elinvoima worker --once [--as-of 2025-01-06T08:00:00Z]\n"
    "\n"
    "Plans and closes rounds, sends reminders, ends appeal times, brings "
    "versions into force\nand ends them when their day has come, closes "
    "answered feedback, forgets voters,\nauthors and senders, e-mails answers "
    "to senders of feedback,\ntells clients of Open311 what became of it; runs until SIGTERM.\n"
    "--once does what is due now, or at the given time, and ends.\n";

static const char *const no_parameters[] = {NULL};
static const struct operation own_operation = {.id = "worker", .path_parameters = no_parameters};

static bool read_wishes(int argc, char **argv, struct wishes *ret_wishes) {
    static const struct option options[] = {
        {"as-of", required_argument, NULL, 'a'},
        {"once", no_argument, NULL, 'o'},
        {0},
    };
    struct wishes wishes = {0};
    optind = 0; /* glibc: start anew, whoever has used getopt before */
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'o')
            wishes.is_once = true;
        else if (option == 'a' && strlen(optarg) < 40 && format_find("date-time")->is_valid(optarg))
            wishes.as_of = optarg;
        else
            return false;
    }
    if (optind < argc || (wishes.as_of && !wishes.is_once))
        return false;
    *ret_wishes = wishes;
    return true;
}

static const struct binding *find_binding(const char *operation_id) {
    for (const struct resource *resource = resources; resource->name; resource++)
        for (const struct binding *binding = resource->bindings; binding->operation_id; binding++)
            if (strcmp(binding->operation_id, operation_id) == 0)
                return binding;
    return NULL;
}

/* A request of nobody's: what the pipeline's statements and settings are bound from. */
static void begin_request(struct worker *worker, const struct act *act,
                          struct request *ret_request) {
    struct request *request = ret_request;
    *request =
        (struct request){.app = &worker->app, .operation = &own_operation, .if_match_version = -1};
    snprintf(request->id, sizeof request->id, "worker-%d", worker->done + worker->failed + 1);
    if (act) {
        request->municipality = act->municipality;
        request->json_text = act->body;
        request->json = act->body ? json_loads(act->body, 0, NULL) : NULL;
    }
    if (worker->as_of)
        snprintf(request->now, sizeof request->now, "%s", worker->as_of);
    request_read_clock(request);
}

/* The parameters of worker.due and worker.lease stand in the order of their names in the file. */
static PGresult *ask(struct request *request, struct db *db, const struct statement *statement,
                     const struct act *act) {
    const char *values[VALUES] = {0};
    int count = 0;
    for (; statement->parameters[count]; count++) {
        const char *name = statement->parameters[count];
        if (strcmp(name, "now") == 0)
            values[count] = request->now;
        else if (act)
            values[count] = strcmp(name, "id") == 0          ? act->id
                            : strcmp(name, "operation") == 0 ? act->operation
                                                             : act->municipality;
    }
    return db_run(db, statement->text, values, count, &request->problem);
}

static bool run(struct request *request, struct db *db, const struct statement *statement,
                const struct act *act) {
    const char *values[BIND_VALUES_MOST];
    const struct overrides overrides = {.id = act->id};
    int count = bind_values(request, statement, &overrides, values);
    auto_result result = db_run(db, statement->text, values, count, &request->problem);
    return result != NULL;
}

/* False with no problem set: another worker does it or has done it. */
static bool is_ours(struct request *request, struct db *db, const struct act *act,
                    const struct write *write) {
    auto_result lease = ask(request, db, &worker_lease, act);
    if (!lease || PQgetvalue(lease, 0, 0)[0] != 't')
        return false;
    if (write->lock && !run(request, db, write->lock, act))
        return false;
    auto_result due = ask(request, db, &worker_due, act);
    return due && PQntuples(due) == 1;
}

static bool apply(struct request *request, struct db *db, const struct act *act,
                  const struct binding *binding) {
    for (const struct statement *const *at = binding->write->applies; *at; at++)
        if (!run(request, db, *at, act))
            return false;
    if (binding->is_errand && !binding->effect(request, db))
        return false;
    return db_command(db, "commit", &request->problem);
}

static void do_act(struct worker *worker, const struct act *act) {
    struct request request;
    begin_request(worker, act, &request);
    const struct binding *binding = find_binding(act->operation);
    struct db *db = session_begin_write(&request);
    bool is_done = db && binding && is_ours(&request, db, act, binding->write) &&
                   apply(&request, db, act, binding);
    session_end(&request, db);
    if (is_done) {
        worker->done++;
        log_write(LOG_INFO, request.id, "%s %s %s", act->municipality, act->operation, act->id);
        printf("%s %s %s\n", act->municipality, act->operation, act->id);
    } else if (request.problem.code != PROBLEM_NONE || !binding) {
        worker->failed++;
        log_write(LOG_ERROR, request.id, "%s %s %s failed: %s", act->municipality, act->operation,
                  act->id, binding ? problem_name(request.problem.code) : "no such operation");
    }
    request_clear(&request);
}

static bool is_stopping(const struct worker *worker, int timeout_ms) {
    struct pollfd stop = {.fd = worker->stop_fd, .events = POLLIN};
    return poll(&stop, 1, timeout_ms) > 0;
}

/* False when it could not be asked what is due. */
static bool do_due(struct worker *worker) {
    struct request request;
    begin_request(worker, NULL, &request);
    struct db *db = db_acquire(worker->app.pool, &request.problem);
    auto_result due = db ? ask(&request, db, &worker_due, NULL) : NULL;
    db_release(db);
    for (int row = 0; due && row < PQntuples(due) && !is_stopping(worker, 0); row++) {
        const struct act act = {
            .municipality = PQgetvalue(due, row, 0),
            .operation = PQgetvalue(due, row, 1),
            .id = PQgetvalue(due, row, 2),
            .body = PQgetisnull(due, row, 3) ? NULL : PQgetvalue(due, row, 3),
        };
        do_act(worker, &act);
    }
    request_clear(&request);
    return due != NULL;
}

/* Until a round changes, half a minute has gone, or we are told to stop. */
static void wait_for_work(struct worker *worker) {
    struct problem problem = {0};
    if (!worker->listener) {
        worker->listener = db_acquire(worker->app.pool, &problem);
        if (worker->listener && !db_command(worker->listener, "listen elinvoima_work", &problem)) {
            db_release(worker->listener);
            worker->listener = NULL;
        }
        if (worker->listener)
            return; /* what happened before we listened is looked for once more */
    }
    if (!worker->listener)
        is_stopping(worker, POLL_MS);
    else if (!db_wait(worker->listener, worker->stop_fd, POLL_MS)) {
        db_release(worker->listener);
        worker->listener = NULL;
    }
}

static int work_once(struct worker *worker) {
    bool is_asked = migrate_state(worker->app.pool) == MIGRATE_CURRENT && do_due(worker);
    printf("%d done, %d failed\n", worker->done, worker->failed);
    return is_asked && worker->failed == 0 ? 0 : 1;
}

/* A database that is away is waited for; one of another version is not ours. */
static int work(struct worker *worker) {
    log_write(LOG_INFO, NULL, "working");
    while (!is_stopping(worker, 0)) {
        if (!worker->is_checked) {
            enum migrate_state state = migrate_state(worker->app.pool);
            if (state == MIGRATE_OTHER)
                return 1;
            worker->is_checked = state == MIGRATE_CURRENT;
        }
        if (worker->is_checked)
            do_due(worker);
        fflush(stdout);
        wait_for_work(worker);
    }
    log_write(LOG_INFO, NULL, "stopped");
    return 0;
}

int command_worker(int argc, char **argv, const struct config *config) {
    struct wishes wishes;
    if (!read_wishes(argc, argv, &wishes)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    struct worker worker = {.app.config = *config,
                            .as_of = wishes.as_of,
                            .stop_fd = signalfd(-1, &signals, SFD_CLOEXEC)};
    worker.app.pool = db_pool_new(config->database_url, CONNECTIONS, config->database_wait_ms,
                                  config->statement_timeout_ms);
    bool has_key = config->token_key_file[0] != '\0'; /* without, errands that need it fail */
    worker.app.auth = has_key ? auth_new(&worker.app) : NULL;
    int status = 1;
    if (worker.stop_fd >= 0 && (worker.app.auth || !has_key))
        status = wishes.is_once ? work_once(&worker) : work(&worker);
    if (worker.listener)
        db_release(worker.listener);
    db_pool_free(worker.app.pool);
    auth_free(worker.app.auth);
    if (worker.stop_fd >= 0)
        close(worker.stop_fd);
    return status;
}
