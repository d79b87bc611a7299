/* The commands municipality and grant. */
#include "setup.h"

#include "command.h"
#include "config.h"
#include "setup.sql.h"
#include "statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Domain brief 4.3, "Lights": code always with a word and a symbol, never colour alone. */
static const char first_scale[] =
    "[{\"light\":\"green\",\"precedence\":2,\"symbol\":\"✓\",\"requires_justification\":false,"
    "\"label\":{\"fi\":\"vihreä\",\"sv\":\"grönt\",\"en\":\"green\"},"
    "\"meaning\":{\"fi\":\"toteutunut tai aikataulussa\",\"sv\":\"förverkligad eller i "
    "tid\",\"en\":\"done or on schedule\"}},"
    "{\"light\":\"yellow\",\"precedence\":3,\"symbol\":\"!\",\"requires_justification\":true,"
    "\"label\":{\"fi\":\"keltainen\",\"sv\":\"gult\",\"en\":\"yellow\"},"
    "\"meaning\":{\"fi\":\"aloitettu, myöhässä tai tauolla\",\"sv\":\"påbörjad, försenad eller "
    "pausad\",\"en\":\"started, late or paused\"}},"
    "{\"light\":\"red\",\"precedence\":4,\"symbol\":\"✗\",\"requires_justification\":true,"
    "\"label\":{\"fi\":\"punainen\",\"sv\":\"rött\",\"en\":\"red\"},"
    "\"meaning\":{\"fi\":\"aloittamatta tai pysähtynyt\",\"sv\":\"inte påbörjad eller "
    "avbruten\",\"en\":\"not started or stopped\"}},"
    "{\"light\":\"grey\",\"precedence\":1,\"symbol\":\"–\",\"requires_justification\":false,"
    "\"label\":{\"fi\":\"harmaa\",\"sv\":\"grått\",\"en\":\"grey\"},"
    "\"meaning\":{\"fi\":\"ei vielä ajankohtainen\",\"sv\":\"ännu inte aktuell\",\"en\":\"not due "
    "yet\"}}]";

static bool run(struct db *db, const struct write *write, const char *const *values, int count,
                struct problem *problem) {
    auto_result result = db_run(db, write->applies[0]->text, values, count, problem);
    return result != NULL;
}

bool setup_municipality(struct db *db, const json_t *item, struct problem *problem) {
    const char *code = json_string_value(json_object_get(item, "code"));
    if (!code)
        return problem_set(problem, PROBLEM_MEMBER_REQUIRED, "code");
    auto_free char *body = json_dumps(item, JSON_COMPACT);
    const char *const municipality[] = {body, code};
    const char *const scale[] = {code, first_scale};
    return run(db, &setup_put_municipality, municipality, 2, problem) &&
           run(db, &setup_put_scale, scale, 2, problem);
}

bool setup_grant(struct db *db, const char *municipality, const char *issuer, const char *subject,
                 const char *role, struct problem *problem) {
    const char *const person[] = {issuer, subject};
    const char *const grant[] = {municipality, role, issuer, subject};
    return run(db, &setup_put_person, person, 2, problem) &&
           run(db, &setup_put_grant, grant, 4, problem);
}

static struct db_pool *pool_of(const struct config *config) {
    return db_pool_new(config->database_url, 1, 1000, config->statement_timeout_ms);
}

static int load_municipalities(const json_t *items, const struct config *config) {
    struct db_pool *pool = pool_of(config);
    struct problem problem = {0};
    struct db *db = db_acquire(pool, &problem);
    bool is_done = db != NULL;
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item) {
        is_done = is_done && setup_municipality(db, item, &problem);
        if (is_done)
            printf("%s\n", json_string_value(json_object_get(item, "code")));
    }
    if (!is_done)
        fprintf(stderr, "failed: %s\n", problem_name(problem.code));
    if (db)
        db_release(db);
    db_pool_free(pool);
    return is_done ? 0 : 1;
}

int command_municipality(int argc, char **argv, const struct config *config) {
    if (argc != 2) {
        fprintf(stderr,
                "usage: elinvoima %s FILE\nFILE: a JSON array of municipalities: code, name, "
                "languages, …\n",
                argv[0]);
        return 2;
    }
    json_error_t error;
    json_auto_t *items = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error);
    if (!json_is_array(items)) {
        fprintf(stderr, "%s:%d: %s\n", argv[1], error.line,
                items ? "expected an array" : error.text);
        return 1;
    }
    return load_municipalities(items, config);
}

int command_grant(int argc, char **argv, const struct config *config) {
    if (argc != 4) {
        fprintf(
            stderr,
            "usage: elinvoima %s MUNICIPALITY SUBJECT ROLE\nSUBJECT: of the service's own issuer\n",
            argv[0]);
        return 2;
    }
    struct db_pool *pool = pool_of(config);
    struct problem problem = {0};
    struct db *db = db_acquire(pool, &problem);
    bool is_done = db && setup_grant(db, argv[1], config->token_issuer, argv[2], argv[3], &problem);
    if (!is_done)
        fprintf(stderr, "failed: %s\n", problem_name(problem.code));
    if (db)
        db_release(db);
    db_pool_free(pool);
    return is_done ? 0 : 1;
}
