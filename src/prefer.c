/* Prefer (RFC 7240): wishes, so nothing here fails. */
#include "negotiate.h"

#include <string.h>
#include <strings.h>

struct span {
    const char *text;
    size_t length;
};

static bool equals(const struct span *span, const char *text) {
    return span->length == strlen(text) && strncasecmp(span->text, text, span->length) == 0;
}

static const char *skip_blanks(const char *at) {
    return at + strspn(at, " \t");
}

/* A token or a quoted string; escapes in the latter stay as they are: no known value has any. */
static const char *read_word(const char *at, struct span *ret_word) {
    if (*at != '"') {
        *ret_word = (struct span){.text = at, .length = strcspn(at, " \t,;=\"")};
        return at + ret_word->length;
    }
    const char *end = ++at;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    *ret_word = (struct span){.text = at, .length = (size_t)(end - at)};
    return *end ? end + 1 : end;
}

/* Past everything up to the next comma outside of quotes. */
static const char *skip_preference(const char *at) {
    struct span ignored;
    while (*at && *at != ',')
        at = *at == '"' ? read_word(at, &ignored) : at + 1;
    return at;
}

/* Which kinds were seen already: of several with one name the first counts (section 2). */
struct seen {
    bool has_return, has_count, has_tx;
};

static void take(struct preferences *prefer, struct seen *seen, const struct span *name,
                 const struct span *value) {
    if (equals(name, "return") && !seen->has_return) {
        seen->has_return = true;
        prefer->return_minimal = equals(value, "minimal");
    }
    if (equals(name, "count") && !seen->has_count) {
        seen->has_count = true;
        prefer->count_exact = equals(value, "exact");
    }
    if (equals(name, "tx") && !seen->has_tx) {
        seen->has_tx = true;
        prefer->rollback = equals(value, "rollback");
    }
}

void negotiate_preferences(struct request *request) {
    struct seen seen = {0};
    size_t index = 0;
    const char *at;
    while ((at = negotiate_next_header(request, "Prefer", &index))) {
        while (*(at += strspn(at, ", \t"))) {
            struct span name, value = {.text = "", .length = 0};
            at = skip_blanks(read_word(at, &name));
            if (*at == '=')
                at = read_word(skip_blanks(at + 1), &value);
            take(&request->prefer, &seen, &name, &value);
            at = skip_preference(at);
        }
    }
}
