/* Forms: their kinds, the urlencoded reader, and how fields are found. */
#include "form.h"

#include "form_read.h"
#include "header_value.h"
#include "target.h"
#include "text.h"

#include <string.h>
#include <strings.h>

const char *const form_types[FORM_KIND_COUNT] = {"application/x-www-form-urlencoded",
                                                 "multipart/form-data"};

/* The characters of RFC 2046's `boundary`; a blank, which may not be the last, nobody sends. */
static bool is_boundary(const char *text) {
    size_t length = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "'()+_,-./:=?");
    return length && length <= FORM_BOUNDARY_BYTES_MOST && !text[length];
}

enum form_kind form_find_kind(const char *type, struct arena *arena, const char **ret_boundary) {
    struct header_value value;
    const char *word = header_value_begin(&value, type, strlen(type), arena);
    enum form_kind kind = 0;
    while (kind < FORM_KIND_COUNT && strcasecmp(word, form_types[kind]) != 0)
        kind++;
    const char *name, *text, *boundary = NULL;
    bool is_read;
    while ((is_read = header_value_next(&value, arena, &name, &text)) && name) {
        if (strcasecmp(name, "charset") == 0 && strcasecmp(text, "utf-8") == 0)
            continue;
        if (kind != FORM_MULTIPART || strcasecmp(name, "boundary") != 0 || boundary)
            return FORM_KIND_COUNT;
        boundary = text;
    }
    *ret_boundary = boundary && is_boundary(boundary) ? boundary : NULL;
    return is_read ? kind : FORM_KIND_COUNT;
}

void form_reader_init(struct form_reader *reader, struct form *form, struct arena *arena,
                      struct form_fault *ret_fault) {
    *form = (struct form){.fields = arena_new(arena, FORM_FIELDS_MOST * sizeof *form->fields)};
    *reader = (struct form_reader){.form = form, .arena = arena, .ret_fault = ret_fault};
}

bool form_begin_field(struct form_reader *reader) {
    struct form *form = reader->form;
    if (form->count == FORM_FIELDS_MOST) {
        *reader->ret_fault = (struct form_fault){form->count + 1, NULL, REASON_FORM_FIELDS};
        return false;
    }
    reader->field = &form->fields[form->count++];
    return true;
}

bool form_refuse(struct form_reader *reader, enum reason reason) {
    const char *name = reader->field ? reader->field->name : NULL;
    *reader->ret_fault = (struct form_fault){reader->form->count, name, reason};
    return false;
}

static void fold_line_ends(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++)
        if (*from != '\r')
            *to++ = *from;
        else if (from[1] != '\n')
            *to++ = '\n';
    *to = '\0';
}

/* NULL, refused, when the bytes are no text at all. */
static const char *take_text(struct form_reader *reader, char *text, size_t length,
                             uint32_t *ret_refused) {
    size_t bad;
    if (memchr(text, '\0', length)) {
        form_refuse(reader, REASON_NUL);
        return NULL;
    }
    if (!text_is_utf8(text, length, &bad)) {
        form_refuse(reader, REASON_ENCODING);
        return NULL;
    }
    fold_line_ends(text);
    bool is_simple;
    *ret_refused = text_find_refused(text, &is_simple);
    return *ret_refused ? text : text_normalize(text, is_simple, reader->arena);
}

bool form_take_name(struct form_reader *reader, char *name, size_t length) {
    uint32_t refused;
    const char *text = take_text(reader, name, length, &refused);
    if (!text)
        return false;
    if (refused || strpbrk(text, "\n\t") || !*text || strlen(text) > FORM_NAME_BYTES_MOST)
        return form_refuse(reader, REASON_FORM_NAME);
    reader->field->name = text;
    return true;
}

bool form_take_filename(struct form_reader *reader, char *filename, size_t length) {
    uint32_t refused;
    const char *text = take_text(reader, filename, length, &refused);
    if (!text)
        return false;
    if (refused || strpbrk(text, "\n\t") || strlen(text) > FORM_FILENAME_BYTES_MOST)
        return form_refuse(reader, REASON_FORM_FILENAME);
    reader->field->filename = text;
    return true;
}

bool form_take_text(struct form_reader *reader, char *text, size_t length) {
    uint32_t refused;
    const char *value = take_text(reader, text, length, &refused);
    if (!value)
        return false;
    reader->field->value = value;
    reader->field->length = strlen(value);
    return reader->field->length <= FORM_TEXT_BYTES_MOST || form_refuse(reader, REASON_FORM_TEXT);
}

/* One `name=value` or `name`. */
static bool read_pair(struct form_reader *reader, const char *pair, size_t length) {
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals ? (size_t)(equals - pair) : length;
    size_t value_length = equals ? length - name_length - 1 : 0;
    enum reason reason;
    if (!form_begin_field(reader))
        return false;
    char *name = target_unescape(reader->arena, pair, name_length, TARGET_FORM, &reason);
    if (!name)
        return form_refuse(reader, reason);
    if (!form_take_name(reader, name, strlen(name)))
        return false;
    char *value = target_unescape(reader->arena, pair + length - value_length, value_length,
                                  TARGET_FORM, &reason);
    if (!value)
        return form_refuse(reader, reason);
    return form_take_text(reader, value, strlen(value));
}

bool form_read_urlencoded(struct form *form, const char *body, size_t length, struct arena *arena,
                          struct form_fault *ret_fault) {
    struct form_reader reader;
    form_reader_init(&reader, form, arena, ret_fault);
    const char *end = body + length;
    for (const char *at = body; at < end; at++) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        size_t pair_length = (size_t)((ampersand ? ampersand : end) - at);
        if (pair_length && !read_pair(&reader, at, pair_length))
            return false;
        at += pair_length;
    }
    return true;
}

const struct form_field *form_next(const struct form *form, const char *name, size_t *index) {
    while (*index < form->count) {
        const struct form_field *field = &form->fields[(*index)++];
        if (field->length && strcmp(field->name, name) == 0)
            return field;
    }
    return NULL;
}

const struct form_field *form_find(const struct form *form, const char *name) {
    size_t index = 0;
    return form_next(form, name, &index);
}

enum form_attribute form_read_attribute(const char *name, struct arena *arena,
                                        const char **ret_code) {
    static const char prefix[] = "attribute[";
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return FORM_NO_ATTRIBUTE;
    const char *code = name + sizeof prefix - 1;
    size_t length = strcspn(code, "[]");
    const char *rest = code + length;
    if (!length || (strcmp(rest, "]") != 0 && strcmp(rest, "][]") != 0))
        return FORM_ATTRIBUTE_BROKEN;
    *ret_code = arena_copy(arena, code, length);
    return FORM_ATTRIBUTE;
}
