/*
 * multipart/form-data (RFC 7578, on RFC 2046's grammar). A part ends at the first boundary behind
 * its beginning, and is looked at no further: what stands in a part cannot pass for another.
 */
#include "form_read.h"

#include "header_value.h"

#include <string.h>
#include <strings.h>

struct part {
    const char *at; /* what is not read yet */
    const char *end;
    bool has_other_filename; /* filename* */
};

static size_t bytes_left(const struct part *part) {
    return (size_t)(part->end - part->at);
}

static bool read_name(struct form_reader *reader, struct part *part, const char *name,
                      const char *text) {
    struct form_field *field = reader->field;
    char *copy = arena_text(reader->arena, text);
    if (strcasecmp(name, "name") == 0 && !field->name)
        return form_take_name(reader, copy, strlen(copy));
    if (strcasecmp(name, "filename") == 0 && !field->filename)
        return form_take_filename(reader, copy, strlen(copy));
    if (strcasecmp(name, "filename*") != 0 || part->has_other_filename)
        return form_refuse(reader, REASON_FORM_DISPOSITION);
    part->has_other_filename = true;
    return true;
}

/* The parameters of Content-Disposition: one name, and what makes a file of the part. */
static bool read_names(struct form_reader *reader, struct part *part, struct header_value *value) {
    struct form_field *field = reader->field;
    const char *name, *text;
    bool is_read;
    while ((is_read = header_value_next(value, reader->arena, &name, &text)) && name)
        if (!read_name(reader, part, name, text))
            return false;
    if (part->has_other_filename && !field->filename)
        field->filename = "";
    return (is_read && field->name) || form_refuse(reader, REASON_FORM_DISPOSITION);
}

static bool read_disposition(struct form_reader *reader, struct part *part, const char *text,
                             size_t length) {
    struct header_value value;
    const char *word = header_value_begin(&value, text, length, reader->arena);
    if (reader->field->name || strcasecmp(word, "form-data") != 0)
        return form_refuse(reader, REASON_FORM_DISPOSITION);
    return read_names(reader, part, &value);
}

/* Deprecated (section 4.7); what says that nothing was changed does no harm. */
static bool is_plain_encoding(const char *text) {
    return strcasecmp(text, "binary") == 0 || strcasecmp(text, "8bit") == 0 ||
           strcasecmp(text, "7bit") == 0;
}

static const char *trim(struct arena *arena, const char *text, const char *end) {
    while (text < end && *text == ' ')
        text++;
    while (text < end && end[-1] == ' ')
        end--;
    return arena_copy(arena, text, (size_t)(end - text));
}

static bool read_header(struct form_reader *reader, struct part *part, const char *line,
                        size_t length) {
    const char *colon = memchr(line, ':', length);
    const char *name = arena_copy(reader->arena, line, colon ? (size_t)(colon - line) : 0);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            return form_refuse(reader, REASON_FORM_HEADER);
    if (!*name || strpbrk(name, " \"(),/;<=>?@[\\]{}"))
        return form_refuse(reader, REASON_FORM_HEADER);
    const char *value = trim(reader->arena, colon + 1, line + length);
    if (strcasecmp(name, "Content-Disposition") == 0)
        return read_disposition(reader, part, value, strlen(value));
    if (strcasecmp(name, "Content-Transfer-Encoding") == 0 && !is_plain_encoding(value))
        return form_refuse(reader, REASON_FORM_ENCODING);
    if (strcasecmp(name, "Content-Type") != 0)
        return true;
    if (reader->field->type)
        return form_refuse(reader, REASON_FORM_HEADER);
    reader->field->type = value;
    return true;
}

/* Up to and with the empty line that ends the headers. */
static bool read_headers(struct form_reader *reader, struct part *part) {
    for (size_t count = 0; count <= FORM_HEADERS_MOST; count++) {
        size_t most = FORM_HEADER_BYTES_MOST + 2;
        const char *end =
            memmem(part->at, bytes_left(part) < most ? bytes_left(part) : most, "\r\n", 2);
        if (!end)
            return form_refuse(reader, REASON_FORM_HEADER);
        const char *line = part->at;
        part->at = end + 2;
        if (end == line)
            return reader->field->name || form_refuse(reader, REASON_FORM_DISPOSITION);
        if (!read_header(reader, part, line, (size_t)(end - line)))
            return false;
    }
    return form_refuse(reader, REASON_FORM_HEADER);
}

/* Whether a part of this type is the text it is taken for. */
static bool is_text_type(struct form_reader *reader, const char *type) {
    struct header_value value;
    const char *word = header_value_begin(&value, type, strlen(type), reader->arena);
    const char *name, *text;
    bool is_read;
    if (strncasecmp(word, "text/", 5) != 0)
        return false;
    while ((is_read = header_value_next(&value, reader->arena, &name, &text)) && name)
        if (strcasecmp(name, "charset") == 0 && strcasecmp(text, "utf-8") != 0 &&
            strcasecmp(text, "us-ascii") != 0)
            return false;
    return is_read;
}

static bool read_content(struct form_reader *reader, const struct part *part) {
    struct form_field *field = reader->field;
    size_t length = bytes_left(part);
    if (field->type && strncasecmp(field->type, "multipart/", 10) == 0)
        return form_refuse(reader, REASON_FORM_NESTED);
    if (field->filename) {
        field->value = part->at;
        field->length = length;
        return true;
    }
    if (field->type && !is_text_type(reader, field->type))
        return form_refuse(reader, REASON_FORM_TYPE);
    if (length > FORM_TEXT_BYTES_MOST)
        return form_refuse(reader, REASON_FORM_TEXT);
    return form_take_text(reader, arena_copy(reader->arena, part->at, length), length);
}

/* `part->at` is behind a boundary, at the end of its line. */
static bool read_part(struct form_reader *reader, struct part *part) {
    if (!form_begin_field(reader))
        return false;
    if (!bytes_left(part)) /* its line is that of the next boundary */
        return form_refuse(reader, REASON_FORM_DISPOSITION);
    if (bytes_left(part) < 2 || memcmp(part->at, "\r\n", 2) != 0)
        return form_refuse(reader, REASON_FORM_BOUNDARY);
    part->at += 2;
    return read_headers(reader, part) && read_content(reader, part);
}

/* The field that should follow. */
static bool refuse_next(struct form_reader *reader, enum reason reason) {
    form_begin_field(reader);
    return form_refuse(reader, reason);
}

/* Behind the last boundary's two hyphens. */
static bool check_end(struct form_reader *reader, const struct part *rest) {
    size_t left = bytes_left(rest);
    return !left || (left == 2 && memcmp(rest->at, "\r\n", 2) == 0) ||
           refuse_next(reader, REASON_FORM_TRAILING);
}

bool form_read_multipart(struct form *form, const char *boundary, const char *body, size_t length,
                         struct arena *arena, struct form_fault *ret_fault) {
    struct form_reader reader;
    form_reader_init(&reader, form, arena, ret_fault);
    const char *delimiter = arena_print(arena, "\r\n--%s", boundary);
    size_t delimiter_length = strlen(delimiter);
    struct part rest = {.at = body, .end = body + length};
    /* the first boundary needs no line before it */
    size_t skipped = length && body[0] == '-' ? 2 : 0;
    size_t first_length = delimiter_length - skipped;
    if (length < first_length || memcmp(body, delimiter + skipped, first_length) != 0)
        return refuse_next(&reader, REASON_FORM_BOUNDARY);
    rest.at += first_length;
    while (bytes_left(&rest) < 2 || memcmp(rest.at, "--", 2) != 0) {
        const char *next = memmem(rest.at, bytes_left(&rest), delimiter, delimiter_length);
        struct part part = {.at = rest.at, .end = next};
        if (!next)
            return refuse_next(&reader, REASON_FORM_END);
        if (!read_part(&reader, &part))
            return false;
        rest.at = next + delimiter_length;
    }
    rest.at += 2;
    return check_end(&reader, &rest);
}
