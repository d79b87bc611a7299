/* The languages an answer can be given in, and which of a localised text's languages is given. */
#pragma once

#include <jansson.h>

enum language { LANGUAGE_FI, LANGUAGE_SV, LANGUAGE_EN, LANGUAGE_COUNT };

/* "fi", "sv", "en" (BCP 47). */
extern const char *const language_codes[LANGUAGE_COUNT];

/* The language of that code, LANGUAGE_COUNT when it is none of them. */
enum language language_find(const char *code);

/*
 * Borrowed: the text of {"fi": …, "sv": …} in the wanted language, else in the first there is of
 * fi, sv, en; NULL when it has none or is no object. *ret_given is then the language of the text.
 */
const char *language_pick(const json_t *localised, enum language wanted, enum language *ret_given);
