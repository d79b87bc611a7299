/* Reads `word; name=value` one parameter at a time. */
#include "header_value.h"

#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct header_value *value) {
    while (value->at < value->end && is_blank(*value->at))
        value->at++;
}

/* Up to the first of `marks`, without the blanks around it. */
static const char *read_word(struct header_value *value, const char *marks, struct arena *arena) {
    skip_blanks(value);
    const char *begin = value->at;
    while (value->at < value->end && !strchr(marks, *value->at))
        value->at++;
    const char *end = value->at;
    while (end > begin && is_blank(end[-1]))
        end--;
    return arena_copy(arena, begin, (size_t)(end - begin));
}

const char *header_value_begin(struct header_value *value, const char *text, size_t length,
                               struct arena *arena) {
    *value = (struct header_value){.at = text, .end = text + length};
    return read_word(value, ";", arena);
}

/* Behind the opening quote. NULL when it is not closed or has an escape without need. */
static const char *read_quoted(struct header_value *value, struct arena *arena) {
    const char *close = value->at;
    while (close < value->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= value->end)
        return NULL;
    char *text = arena_copy(arena, value->at, (size_t)(close - value->at));
    value->at = close + 1;
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\\' && !strchr("\"\\", *++from))
            return NULL;
        *to++ = *from;
    }
    *to = '\0';
    return text;
}

static const char *read_text(struct header_value *value, struct arena *arena) {
    if (value->at < value->end && *value->at == '"') {
        value->at++;
        return read_quoted(value, arena);
    }
    const char *text = read_word(value, " \t;,\"\\", arena);
    return *text ? text : NULL;
}

bool header_value_next(struct header_value *value, struct arena *arena, const char **ret_name,
                       const char **ret_text) {
    *ret_name = NULL;
    skip_blanks(value);
    if (value->at == value->end)
        return true;
    if (*value->at++ != ';')
        return false;
    const char *name = read_word(value, "=;\"", arena);
    if (!*name || strpbrk(name, " \t") || value->at == value->end || *value->at++ != '=')
        return false;
    const char *text = read_text(value, arena);
    if (!text)
        return false;
    *ret_name = name;
    *ret_text = text;
    return true;
}
