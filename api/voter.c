/* Eligibility from claims or a register. What is kept of a person is the key and an age band. */
#include "voter.h"

#include "app.h"
#include "format.h"
#include "person.h"
#include "session.h"
#include "vote_paper.h"
#include "voter_register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Whole years on a day; both "2013-12-30". */
static int age_on(const char *birth_date, const char *day) {
    int years = (int)(strtol(day, NULL, 10) - strtol(birth_date, NULL, 10));
    return strncmp(day + 4, birth_date + 4, 6) < 0 ? years - 1 : years;
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

void voter_day(const char *now, char ret_day[11]) {
    struct tm time = {0};
    strptime(now, "%Y-%m-%dT%H:%M:%S", &time);
    time_t instant = timegm(&time);
    bool is_summer =
        instant >= last_sunday(time.tm_year, 2) && instant < last_sunday(time.tm_year, 9);
    instant += (is_summer ? 3 : 2) * 3600;
    gmtime_r(&instant, &time);
    strftime(ret_day, 11, "%Y-%m-%d", &time);
}

bool voter_may_use(const struct paper *paper, const char *means) {
    size_t i;
    const json_t *one;
    json_array_foreach(paper->identification, i, one) {
        if (strcmp(json_string_value(one), means) == 0)
            return true;
    }
    return false;
}

static bool is_of_age(struct request *request, const struct paper *paper, const char *birth_date,
                      int *ret_age) {
    char day[11], last_day[11];
    request_read_clock(request);
    voter_day(request->now, day);
    *ret_age = age_on(birth_date, day);
    snprintf(last_day, sizeof last_day, "%04d-12-31", paper->voting_year);
    int counted = paper->is_age_on_day ? *ret_age : age_on(birth_date, last_day);
    return counted >= paper->voting_age;
}

enum problem_code voter_check(struct request *request, const struct paper *paper,
                              const struct person *person, const char **ret_band,
                              const char **ret_parameter) {
    const struct config *config = &request->app->config;
    int age;
    *ret_parameter = config->claim_birth_date;
    if (!person->birth_date || !format_find("date")->is_valid(person->birth_date))
        return PROBLEM_CLAIM_MISSING;
    *ret_parameter = config->claim_residence;
    if (paper->needs_residence && !person->residence)
        return PROBLEM_CLAIM_MISSING;
    *ret_parameter = NULL;
    if (paper->needs_residence && strcmp(person->residence, request->municipality) != 0)
        return PROBLEM_NOT_RESIDENT;
    *ret_parameter = arena_print(&request->arena, "%d", paper->voting_age);
    if (!is_of_age(request, paper, person->birth_date, &age))
        return PROBLEM_UNDER_AGE;
    *ret_band = age_band_of(age);
    return PROBLEM_NONE;
}

const char *voter_key_of(struct request *request, const struct paper *paper, const char *identity) {
    return vote_derive(request, paper, "voter", person_of_identity(&request->arena, identity));
}

/* Where identity codes name the voters, an issuer's own name would let one person vote twice. */
static bool name_voter(struct request *request, const struct paper *paper, const char **ret_key) {
    const struct actor *actor = &request->actor;
    const char *claim = request->app->config.claim_identity;
    if (*claim && !actor->identity)
        return problem_set(&request->problem, PROBLEM_CLAIM_MISSING, claim);
    *ret_key = vote_derive(request, paper, "voter", person_of_actor(&request->arena, actor));
    return true;
}

/* The area of the vote whose code a claim tells; NULL when it is none of them. */
static const char *area_of_district(const struct paper *paper, const char *district) {
    const json_t *areas = json_object_get(paper->frozen, "areas");
    for (size_t i = 0; district && i < paper->area_count; i++) {
        const char *code = json_string_value(json_object_get(json_array_get(areas, i), "code"));
        if (code && strcmp(code, district) == 0 && !paper->areas[i].is_whole)
            return paper->areas[i].id;
    }
    return NULL;
}

/* By the claims, or where the cycle has a register by what stands there. */
static bool may_vote(struct request *request, const struct paper *paper, struct voter *voter) {
    const struct actor *actor = &request->actor;
    voter->home_area_id = area_of_district(paper, actor->district);
    if (voter_may_use(paper, "voter_register")) {
        struct db *db =
            name_voter(request, paper, &voter->key) ? session_begin_read(request, false) : NULL;
        bool is_registered = db && voter_register_find(request, db, voter);
        session_end(request, db);
        return is_registered;
    }
    const struct person person = {actor->identity, actor->birth_date, actor->residence};
    const char *parameter;
    enum problem_code refusal = voter_check(request, paper, &person, &voter->age_band, &parameter);
    if (refusal != PROBLEM_NONE)
        return problem_set(&request->problem, refusal, parameter);
    return name_voter(request, paper, &voter->key);
}

const struct voter *voter_identify(struct request *request, const struct paper *paper) {
    struct problem *problem = &request->problem;
    struct voter *voter = arena_new(&request->arena, sizeof *voter);
    voter->channel = "online";
    if (!request->actor.is_authenticated)
        problem_set(problem, PROBLEM_UNAUTHENTICATED);
    else if (!voter_may_use(paper, request->actor.identification) &&
             !voter_may_use(paper, "voter_register"))
        problem_set(problem, PROBLEM_IDENTIFICATION_NOT_ACCEPTED, NULL);
    else if (may_vote(request, paper, voter))
        return voter;
    return NULL;
}
