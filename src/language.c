/* Languages of answers. */
#include "language.h"

#include <string.h>

const char *const language_codes[LANGUAGE_COUNT] = {"fi", "sv", "en"};

enum language language_find(const char *code) {
    enum language language = 0;
    while (language < LANGUAGE_COUNT && strcmp(language_codes[language], code) != 0)
        language++;
    return language;
}

static const char *text_in(const json_t *localised, enum language language) {
    return json_string_value(json_object_get(localised, language_codes[language]));
}

const char *language_pick(const json_t *localised, enum language wanted, enum language *ret_given) {
    enum language given = wanted;
    const char *text = text_in(localised, wanted);
    for (enum language i = 0; !text && i < LANGUAGE_COUNT; i++)
        if ((text = text_in(localised, i)))
            given = i;
    if (text)
        *ret_given = given;
    return text;
}
