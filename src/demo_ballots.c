/*
 * Ballots of the demo. Whole ballots are in the file with how often each was cast; voters come in a
 * fixed order that has nothing to do with their choices, so many a day, and those of a day at once,
 * since ballots that come together are written together (coalesce.h).
 */
#include "demo_budget.h"

#include "demo_load.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    CODES_MOST = 1000, /* of a request */
    DAYS = 21,
    STRIDE = 977, /* from voter to voter; prime, so that every ballot has its turn */
};

struct polling {
    struct demo *demo;
    char *target;    /* owned */
    json_t *ballots; /* owned: bodies without their codes, one a voter */
    json_t *codes;   /* owned */
    size_t end;      /* of the day's voters */
    atomic_size_t next;
    atomic_bool has_failed;
};

/* A body a ballot, with our ids. */
static json_t *read_ballots(const struct demo_life *cycle) {
    json_auto_t *facts = demo_read("ballots");
    json_t *ballots = json_array();
    size_t i, at;
    json_t *fact, *choice;
    json_array_foreach(facts, i, fact) {
        if (!demo_holds(fact, "budget_cycle", cycle->external_id))
            continue;
        json_auto_t *choices = json_array();
        json_array_foreach(json_object_get(fact, "choices"), at, choice) {
            const json_t *proposal = demo_find(cycle->demo, json_string_value(choice));
            json_array_append_new(
                choices, json_pack("{s:O}", "proposal_id", json_object_get(proposal, "id")));
        }
        json_int_t count = json_integer_value(json_object_get(fact, "count"));
        for (json_int_t n = 0; n < count; n++)
            json_array_append_new(ballots, json_pack("{s:O}", "choices", choices));
    }
    return ballots;
}

/* The same codes each time, so that a load that was cut short goes on. */
static bool get_codes(struct demo_life *cycle, struct polling *polling) {
    auto_free char *target = demo_print("/v1/%s/budget-cycles/%s/voting-codes", cycle->municipality,
                                        demo_text(demo_life_item(cycle), "id"));
    size_t count = json_array_size(polling->ballots);
    demo_set_clock(cycle->demo, demo_moment(cycle, "voting_opened_at"));
    for (size_t had = 0; had < count; had = json_array_size(polling->codes)) {
        size_t wanted = count - had < CODES_MOST ? count - had : CODES_MOST;
        auto_free char *key = demo_print("demo-codes-%zu", had);
        json_auto_t *body = json_pack("{s:I}", "count", (json_int_t)wanted);
        json_auto_t *answer = demo_post(cycle->demo, "demo-vote-officer", target, key, body);
        if (!answer)
            return false;
        json_array_extend(polling->codes, json_object_get(answer, "codes"));
    }
    return true;
}

/* One voter after another until the day's are through. */
static void *vote(void *data) {
    struct polling *polling = data;
    size_t count = json_array_size(polling->ballots), at;
    while (!polling->has_failed && (at = polling->next++) < polling->end) {
        const char *code = json_string_value(json_array_get(polling->codes, at));
        auto_free char *key = demo_print("demo-ballot-%zu", at);
        json_auto_t *body = json_deep_copy(json_array_get(polling->ballots, at * STRIDE % count));
        json_object_set_new(body, "code", json_string(code));
        json_auto_t *cast = demo_post(polling->demo, NULL, polling->target, key, body);
        if (!cast)
            polling->has_failed = true;
    }
    return NULL;
}

static bool hold_day(struct polling *polling, const char *day) {
    pthread_t voters[DEMO_VOTERS_AT_ONCE];
    demo_set_clock(polling->demo, day);
    for (size_t i = 0; i < DEMO_VOTERS_AT_ONCE; i++)
        if (pthread_create(&voters[i], NULL, vote, polling) != 0)
            abort();
    for (size_t i = 0; i < DEMO_VOTERS_AT_ONCE; i++)
        pthread_join(voters[i], NULL);
    polling->next = polling->end;
    return !polling->has_failed;
}

/* Noon of so many days after the vote began. */
static char *day_after(const struct demo_life *cycle, int days) {
    struct tm parts = {0};
    strptime(demo_text(cycle->facts, "voting_starts_at"), "%Y-%m-%dT%H:%M:%S", &parts);
    time_t noon = timegm(&parts) + (time_t)days * 86400 + 43200;
    char text[DEMO_CLOCK_BYTES];
    gmtime_r(&noon, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return demo_print("%s", text);
}

bool demo_cast_ballots(struct demo_life *cycle) {
    struct polling polling = {
        .demo = cycle->demo,
        .target = demo_print("/v1/%s/budget-cycles/%s/code-ballots", cycle->municipality,
                             demo_text(demo_life_item(cycle), "id")),
        .ballots = read_ballots(cycle),
        .codes = json_array(),
    };
    size_t count = json_array_size(polling.ballots);
    bool is_done = get_codes(cycle, &polling);
    for (int day = 0; is_done && day < DAYS; day++) {
        auto_free char *noon = day_after(cycle, day);
        polling.end = count * (size_t)(day + 1) / DAYS;
        is_done = hold_day(&polling, noon);
    }
    json_decref(polling.ballots);
    json_decref(polling.codes);
    free(polling.target);
    return is_done;
}
