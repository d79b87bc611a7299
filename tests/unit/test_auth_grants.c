/*
 * What is remembered of municipalities and grants. The module is compiled into the test under other
 * names, with a database, a clock and a wait of the test's own, so that time passes when the test
 * says so.
 */
#define auth_grants_new tested_new
#define auth_grants_free tested_free
#define auth_grants_forget tested_forget
#define auth_grants_fill tested_fill
#define auth_grants_find_municipality tested_find_municipality
#define db_acquire fake_acquire
#define db_release fake_release
#define db_run fake_run
#define monotonic_us fake_monotonic_us
#define spec_role fake_spec_role

#include "../../src/monotonic.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int waiting;
static int fake_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    atomic_fetch_add(&waiting, 1);
    return pthread_cond_wait(condition, mutex);
}
#define pthread_cond_wait fake_cond_wait

static _Atomic int64_t fake_now_ms = 1000000;
int64_t fake_monotonic_us(void) {
    return fake_now_ms * 1000;
}

#include "../../src/auth_grants.c"

#include "check.h"

static struct app app;
static struct auth_grants *grants;

/* The database: how often it was asked, what it says, and what happens while it thinks. */
static atomic_int asked;
static int releases;
static bool is_down;
static int wait_for_waiting; /* it answers when so many others wait */
static bool forgets_meanwhile;
static const char *const (*rows)[2];
static int row_count, column_count;
static const char *values_seen[4];

struct db *fake_acquire(struct db_pool *pool, struct problem *problem) {
    (void)pool, (void)problem;
    return (struct db *)&app;
}

void fake_release(struct db *db) {
    (void)db;
    releases++;
}

PGresult *fake_run(struct db *db, const char *sql, const char *const *values, int count,
                   struct problem *problem) {
    (void)db, (void)sql;
    atomic_fetch_add(&asked, 1);
    for (int i = 0; i < count; i++)
        values_seen[i] = values[i];
    while (atomic_load(&waiting) < wait_for_waiting)
        sched_yield();
    if (forgets_meanwhile)
        tested_forget(grants);
    forgets_meanwhile = false;
    if (is_down) {
        problem_set(problem, PROBLEM_UNAVAILABLE, "2");
        return NULL;
    }
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    char first[] = "first", second[] = "second";
    PGresAttDesc columns[2] = {{.name = first}, {.name = second}};
    PQsetResultAttrs(result, column_count, columns);
    for (int row = 0; row < row_count; row++)
        for (int column = 0; column < column_count; column++) {
            char text[64];
            const char *value = rows[row][column];
            snprintf(text, sizeof text, "%s", value ? value : "");
            PQsetvalue(result, row, column, value ? text : NULL, value ? (int)strlen(text) : -1);
        }
    return result;
}

int fake_spec_role(const struct spec *spec, const char *name) {
    (void)spec;
    static const char *const names[] = {"admin", "presenter"};
    for (int i = 0; i < 2; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return strcmp(name, "last") == 0 ? 63 : -1;
}

static void set_rows(const char *const (*new_rows)[2], int count, int columns) {
    rows = new_rows;
    row_count = count;
    column_count = columns;
}

static void start(void) {
    tested_free(grants);
    grants = tested_new();
    asked = 0;
    releases = 0;
    waiting = 0;
    wait_for_waiting = 0;
    is_down = false;
}

static enum problem_code finds(const char *municipality) {
    struct request request = {.app = &app, .municipality = municipality};
    bool is_found = tested_find_municipality(grants, &request);
    CHECK(is_found == (request.problem.code == PROBLEM_NONE));
    return request.problem.code;
}

static const char *const three[][2] = {{"743"}, {"091"}, {"153"}};

static void test_unknown_municipality_is_not_found_and_asks_once(void) {
    start();
    set_rows(three, 3, 1);
    for (int i = 0; i < 1000; i++)
        CHECK(finds("999") == PROBLEM_NOT_FOUND);
    CHECK(finds("743") == PROBLEM_NONE && finds("091") == PROBLEM_NONE &&
          finds("153") == PROBLEM_NONE);
    CHECK(finds("") == PROBLEM_NOT_FOUND);
    CHECK(finds("74") == PROBLEM_NOT_FOUND);
    CHECK(finds("7431") == PROBLEM_NOT_FOUND);
    CHECK(finds("743 and a great deal more") == PROBLEM_NOT_FOUND);
    CHECK(asked == 1 && releases == 1);
}

static void test_list_lives_five_seconds(void) {
    start();
    set_rows(three, 2, 1);
    CHECK(finds("153") == PROBLEM_NOT_FOUND);
    set_rows(three, 3, 1);
    fake_now_ms += 4999;
    CHECK(finds("153") == PROBLEM_NOT_FOUND);
    fake_now_ms += 1;
    CHECK(finds("153") == PROBLEM_NONE);
    CHECK(asked == 2);
}

static void test_forgetting_reads_the_list_again(void) {
    start();
    set_rows(three, 2, 1);
    CHECK(finds("153") == PROBLEM_NOT_FOUND);
    set_rows(three, 3, 1);
    tested_forget(grants);
    CHECK(finds("153") == PROBLEM_NONE);
    /* what was being read while something changed is not trusted either */
    tested_forget(grants);
    forgets_meanwhile = true;
    asked = 0;
    CHECK(finds("153") == PROBLEM_NONE);
    CHECK(asked == 2);
}

static void test_nothing_older_is_served_without_a_database(void) {
    start();
    set_rows(three, 3, 1);
    CHECK(finds("743") == PROBLEM_NONE);
    is_down = true;
    fake_now_ms += 4999;
    CHECK(finds("743") == PROBLEM_NONE);
    fake_now_ms += 1;
    CHECK(finds("743") == PROBLEM_UNAVAILABLE);
    CHECK(finds("999") == PROBLEM_UNAVAILABLE);
    is_down = false;
    CHECK(finds("743") == PROBLEM_NONE);
}

enum { THREADS = 8 };

static void *find_in_thread(void *code) {
    struct request request = {.app = &app, .municipality = "743"};
    tested_find_municipality(grants, &request);
    *(enum problem_code *)code = request.problem.code;
    return NULL;
}

static void find_in_threads(enum problem_code expected) {
    pthread_t threads[THREADS];
    enum problem_code codes[THREADS];
    wait_for_waiting = THREADS - 1;
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, find_in_thread, &codes[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(codes[i] == expected);
    }
    CHECK(asked == 1);
}

static void test_requests_at_once_share_one_question(void) {
    start();
    set_rows(three, 3, 1);
    find_in_threads(PROBLEM_NONE);
}

/* Otherwise each would wait out the database's time limit, one behind the other. */
static void test_requests_at_once_share_one_failure(void) {
    start();
    is_down = true;
    find_in_threads(PROBLEM_UNAVAILABLE);
}

static bool fill(const char *subject, const char *municipality, struct actor *ret_actor) {
    static struct arena arena; /* person_id must outlive the request here */
    arena_clear(&arena);
    struct request request = {.app = &app, .municipality = municipality};
    request.actor = (struct actor){.is_authenticated = true, .issuer = "i", .subject = subject};
    snprintf(request.now, sizeof request.now, "2026-01-02T03:04:05Z");
    bool is_filled = tested_fill(grants, &request);
    arena = request.arena;
    *ret_actor = request.actor;
    CHECK(is_filled == (request.problem.code == PROBLEM_NONE));
    return is_filled;
}

#define PERSON "0190a8f0-0000-7000-8000-000000000001"
static const char *const roles[][2] = {
    {PERSON, "presenter"}, {PERSON, "last"}, {PERSON, "unheard_of"}};
static const char *const no_role[][2] = {{PERSON, NULL}};

static void test_roles_become_bits_and_live_five_seconds(void) {
    struct actor actor;
    start();
    set_rows(roles, 3, 2);
    CHECK(fill("matti", "743", &actor));
    CHECK(actor.roles == (UINT64_C(1) << 1 | UINT64_C(1) << 63));
    CHECK_TEXT(actor.person_id, PERSON);

    set_rows(no_role, 1, 2);
    fake_now_ms += 4999;
    CHECK(fill("matti", "743", &actor) && actor.roles != 0 && asked == 1);
    CHECK_TEXT(actor.person_id, PERSON);
    fake_now_ms += 1;
    CHECK(fill("matti", "743", &actor) && actor.roles == 0 && asked == 2);
    CHECK_TEXT(actor.person_id, PERSON);
    CHECK(releases == 2);
}

static void test_unknown_person_has_no_id_and_is_remembered(void) {
    struct actor actor;
    start();
    set_rows(NULL, 0, 2);
    CHECK(fill("nobody", "743", &actor) && actor.roles == 0);
    CHECK_TEXT(actor.person_id, NULL);
    CHECK(fill("nobody", "743", &actor) && asked == 1);
}

static void test_grants_are_of_one_actor_in_one_municipality(void) {
    struct actor actor;
    start();
    set_rows(roles, 3, 2);
    CHECK(fill("matti", "743", &actor));
    CHECK_TEXT(values_seen[0], "743");
    CHECK_TEXT(values_seen[1], "i");
    CHECK_TEXT(values_seen[2], "matti");
    set_rows(NULL, 0, 2);
    CHECK(fill("matti", "091", &actor) && actor.roles == 0 && asked == 2);
    CHECK(fill("matt", "743", &actor) && actor.roles == 0 && asked == 3);
    CHECK(fill("matti", "743", &actor) && actor.roles != 0 && asked == 3);
}

static void test_forgetting_drops_grants(void) {
    struct actor actor;
    start();
    set_rows(roles, 3, 2);
    CHECK(fill("matti", "743", &actor) && actor.roles != 0);
    set_rows(NULL, 0, 2);
    tested_forget(grants);
    CHECK(fill("matti", "743", &actor) && actor.roles == 0);
    /* read before the change, remembered after it */
    tested_forget(grants);
    forgets_meanwhile = true;
    CHECK(fill("matti", "743", &actor) && actor.roles == 0);
    set_rows(roles, 3, 2);
    CHECK(fill("matti", "743", &actor) && actor.roles != 0);
}

static void test_failing_database_is_unavailable_and_not_remembered(void) {
    struct actor actor;
    start();
    set_rows(roles, 3, 2);
    is_down = true;
    CHECK(!fill("matti", "743", &actor) && actor.roles == 0);
    is_down = false;
    CHECK(fill("matti", "743", &actor) && actor.roles != 0);
    CHECK(releases == 2);
}

int main(void) {
    test_unknown_municipality_is_not_found_and_asks_once();
    test_list_lives_five_seconds();
    test_forgetting_reads_the_list_again();
    test_nothing_older_is_served_without_a_database();
    test_requests_at_once_share_one_question();
    test_requests_at_once_share_one_failure();
    test_roles_become_bits_and_live_five_seconds();
    test_unknown_person_has_no_id_and_is_remembered();
    test_grants_are_of_one_actor_in_one_municipality();
    test_forgetting_drops_grants();
    test_failing_database_is_unavailable_and_not_remembered();
    tested_free(grants);
    return check_finish();
}
