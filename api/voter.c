/* Eligibility from claims. What is kept of a person is the key and an age band. */
#include "voter.h"

#include "app.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *voter_hex(struct arena *arena, const unsigned char *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    char *hex = arena_new(arena, 2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    return hex;
}

/* Whole years on a day; both "2013-12-30". */
static int age_on(const char *birth_date, const char *day) {
    int years = (int)(strtol(day, NULL, 10) - strtol(birth_date, NULL, 10));
    return strncmp(day + 4, birth_date + 4, 6) < 0 ? years - 1 : years;
}

static bool is_date(const char *text) {
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return text[sizeof form - 1] == '\0';
}

static const char *age_band_of(int age) {
    static const struct {
        int below;
        const char *band;
    } bands[] = {{18, "0-17"}, {30, "18-29"}, {45, "30-44"}, {65, "45-64"}, {1000, "65-"}};
    size_t i = 0;
    while (age >= bands[i].below && i < sizeof bands / sizeof *bands - 1)
        i++;
    return bands[i].band;
}

/* 01:00 UTC on the last Sunday of a month of 31 days (directive 2000/84/EC). */
static time_t last_sunday(int year, int month) {
    struct tm time = {.tm_year = year, .tm_mon = month, .tm_mday = 31, .tm_hour = 1};
    time_t instant = timegm(&time);
    return instant - (time_t)time.tm_wday * 86400;
}

/* The day in Finland at the request's clock. */
static void local_day(const char *now, char ret_day[11]) {
    struct tm time = {0};
    strptime(now, "%Y-%m-%dT%H:%M:%S", &time);
    time_t instant = timegm(&time);
    bool is_summer =
        instant >= last_sunday(time.tm_year, 2) && instant < last_sunday(time.tm_year, 9);
    instant += (is_summer ? 3 : 2) * 3600;
    gmtime_r(&instant, &time);
    strftime(ret_day, 11, "%Y-%m-%d", &time);
}

static bool is_identified_by(const struct paper *paper, const char *means) {
    size_t i;
    const json_t *one;
    json_array_foreach(paper->identification, i, one) {
        if (strcmp(json_string_value(one), means) == 0)
            return true;
    }
    return false;
}

static bool check_age(struct request *request, const struct paper *paper, const char *birth_date,
                      int *ret_age) {
    char day[11], last_day[11];
    request_read_clock(request);
    local_day(request->now, day);
    *ret_age = age_on(birth_date, day);
    snprintf(last_day, sizeof last_day, "%04d-12-31", paper->opened_year);
    int counted = paper->is_age_on_day ? *ret_age : age_on(birth_date, last_day);
    const char *wanted = arena_print(&request->arena, "%d", paper->voting_age);
    return counted >= paper->voting_age ||
           problem_set(&request->problem, PROBLEM_UNDER_AGE, wanted);
}

const struct voter *voter_identify(struct request *request, const struct paper *paper) {
    const struct actor *actor = &request->actor;
    struct problem *problem = &request->problem;
    if (!actor->is_authenticated) {
        problem_set(problem, PROBLEM_UNAUTHENTICATED);
        return NULL;
    }
    if (!is_identified_by(paper, "strong") && !is_identified_by(paper, "school_account")) {
        problem_set(problem, PROBLEM_IDENTIFICATION_NOT_ACCEPTED, NULL);
        return NULL;
    }
    const struct config *config = &request->app->config;
    if (!actor->birth_date || !is_date(actor->birth_date)) {
        problem_set(problem, PROBLEM_CLAIM_MISSING, config->claim_birth_date);
        return NULL;
    }
    if (paper->needs_residence && !actor->residence) {
        problem_set(problem, PROBLEM_CLAIM_MISSING, config->claim_residence);
        return NULL;
    }
    if (paper->needs_residence && strcmp(actor->residence, request->municipality) != 0) {
        problem_set(problem, PROBLEM_NOT_RESIDENT, NULL);
        return NULL;
    }
    int age;
    if (!check_age(request, paper, actor->birth_date, &age))
        return NULL;
    const char *identity =
        actor->identity
            ? arena_print(&request->arena, "identity %s", actor->identity)
            : arena_print(&request->arena, "subject %s %s", actor->issuer, actor->subject);
    unsigned char key[SEAL_KEY_BYTES];
    seal_derive(request->app->seal, paper->secret, paper->secret_length, "voter", identity, key);
    struct voter *voter = arena_new(&request->arena, sizeof *voter);
    *voter = (struct voter){voter_hex(&request->arena, key, sizeof key), "online", age_band_of(age),
                            NULL};
    return voter;
}
