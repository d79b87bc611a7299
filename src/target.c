/* Reads request targets. It does not know which paths exist (spec.c). */
#include "target.h"

#include "text.h"

#include <string.h>

static bool refuse(struct request *request, enum reason reason) {
    return problem_set(&request->problem, PROBLEM_BAD_REQUEST,
                       reason_text(reason, request->language));
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of the decoded text; moves *at past what it came from. */
static bool decode_byte(const char *text, size_t length, enum target_part part, size_t *at,
                        char *ret_byte, enum reason *ret_reason) {
    char c = text[*at];
    *ret_byte = c == '+' && part != TARGET_PATH ? ' ' : c;
    (*at)++;
    *ret_reason = part == TARGET_FORM ? REASON_NUL : REASON_CHARACTER;
    if (c != '%' && part == TARGET_FORM)
        return c != '\0';
    if (c != '%')
        return (unsigned char)c > 0x20 && c != 0x7F && !strchr("\"<>\\#", c);
    *ret_reason = REASON_ESCAPE;
    if (length - *at < 2)
        return false;
    int high = hex_value(text[*at]), low = hex_value(text[*at + 1]);
    if (high < 0 || low < 0)
        return false;
    *at += 2;
    *ret_byte = (char)(high << 4 | low);
    *ret_reason = REASON_NUL;
    if (!*ret_byte)
        return false;
    *ret_reason = REASON_ENCODED_SLASH;
    return part != TARGET_PATH || *ret_byte != '/';
}

char *target_unescape(struct arena *arena, const char *text, size_t length, enum target_part part,
                      enum reason *ret_reason) {
    char *decoded = arena_new(arena, length + 1);
    size_t count = 0;
    for (size_t at = 0; at < length; count++)
        if (!decode_byte(text, length, part, &at, &decoded[count], ret_reason))
            return NULL;
    return decoded;
}

const char *target_decode(struct arena *arena, const char *text, size_t length,
                          enum target_part part, enum reason *ret_reason) {
    const char *decoded = target_unescape(arena, text, length, part, ret_reason);
    if (!decoded)
        return NULL;
    size_t bad;
    *ret_reason = REASON_ENCODING;
    if (!text_is_utf8(decoded, strlen(decoded), &bad))
        return NULL;
    bool is_simple = false;
    *ret_reason = REASON_CHARACTER;
    /* Other than in a query, whose values the schemas check, nobody would say where the fault is.
     */
    uint32_t refused = text_find_refused(decoded, &is_simple);
    if (part == TARGET_PATH && (refused || strpbrk(decoded, "\n\t")))
        return NULL;
    return refused ? decoded : text_normalize(decoded, is_simple, arena);
}

/* Also `%2e`: the path is decoded by now. */
static bool has_dot_segment(const char *path) {
    for (const char *at = path; (at = strchr(at, '/'));) {
        size_t length = strcspn(++at, "/");
        if ((length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.'))
            return true;
    }
    return false;
}

static bool has_few_parameters(const char *query) {
    size_t count = 1;
    while ((query = strchr(query, '&')) && count <= TARGET_PARAMETERS_MOST) {
        query++;
        count++;
    }
    return count <= TARGET_PARAMETERS_MOST;
}

bool target_read(struct request *request, const char **ret_path) {
    request->query = "";
    if (strnlen(request->target, TARGET_BYTES_MOST + 1) > TARGET_BYTES_MOST)
        return problem_set(&request->problem, PROBLEM_TARGET_TOO_LONG, "8000");
    if (strcmp(request->target, "*") == 0 && strcmp(request->method, "OPTIONS") == 0) {
        *ret_path = "*";
        return true;
    }
    const char *target = request->target;
    size_t length = strcspn(target, "?");
    if (target[0] != '/' || strchr(target, '#'))
        return refuse(request, REASON_TARGET);
    enum reason reason;
    const char *path = target_decode(&request->arena, target, length, TARGET_PATH, &reason);
    if (!path)
        return refuse(request, reason);
    if (has_dot_segment(path))
        return refuse(request, REASON_DOT_SEGMENT);
    if (target[length])
        request->query = target + length + 1;
    if (!has_few_parameters(request->query))
        return refuse(request, REASON_PARAMETERS);
    *ret_path = path;
    return true;
}
