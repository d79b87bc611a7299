/*
 * Who votes: from what says who somebody is to a key that tells nothing, and whether the cycle's
 * rules let them. Claims of a token, an ID seen at a desk and a row of a register are all the same
 * person here, and give the same key.
 */
#pragma once

#include "ballot_paper.h"
#include "request.h"

struct voter {
    const char *key; /* 64 hexadecimal digits: HMAC of the identity, per cycle */
    const char *channel, *age_band, *sex;
    const char *home_area_id; /* NULL: the ballot says it */
};

/* What the rules judge. The texts are borrowed. */
struct person {
    const char *identity;   /* the name that every issuer and every desk knows them by, or NULL */
    const char *birth_date; /* 1990-12-31 */
    const char *residence;  /* code of the municipality, or NULL */
};

/* NULL with the problem set (401, 403) when the caller may not vote in this cycle. The voter lives
 * as long as the request. */
const struct voter *voter_identify(struct request *request, const struct paper *paper);

/* The rule that keeps a person from voting, its parameter in *ret_parameter; PROBLEM_NONE and the
 * age band when none does. */
enum problem_code voter_check(struct request *request, const struct paper *paper,
                              const struct person *person, const char **ret_band,
                              const char **ret_parameter);

/* The key of whoever bears this identity, however it is written. */
const char *voter_key_of(struct request *request, const struct paper *paper, const char *identity);

/* The day in Finland at an instant ("2026-07-15T21:00:00Z"), both clock changes known (directive
 * 2000/84/EC): helsinki_date of the database, where there is no database to ask. */
void voter_day(const char *now, char ret_day[11]);

bool voter_may_use(const struct paper *paper, const char *means);
