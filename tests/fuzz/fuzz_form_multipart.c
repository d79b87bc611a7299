/* A line with the Content-Type, and the body: what is taken is written as parts, and read again is
 * the same. */
#include "forms.h"

static void write_quoted(const char *text, struct buffer *out) {
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if (strchr("\"\\", *text))
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void write_field(const struct form_field *field, const char *boundary, struct buffer *out) {
    buffer_print(out, "--%s\r\nContent-Disposition: form-data; name=", boundary);
    write_quoted(field->name, out);
    if (field->filename) {
        buffer_add_text(out, "; filename=");
        write_quoted(field->filename, out);
    }
    if (field->type)
        buffer_print(out, "\r\nContent-Type: %s", field->type);
    buffer_add_text(out, "\r\n\r\n");
    buffer_add(out, field->value, field->length);
    buffer_add_text(out, "\r\n");
}

/* In NFC a text can begin as a boundary does (U+212A becomes K); as sent it did not. */
static bool looks_like_a_boundary(const struct form_field *field, const char *boundary) {
    return !field->filename && strncmp(field->value, "--", 2) == 0 &&
           strncmp(field->value + 2, boundary, strlen(boundary)) == 0;
}

static void read_again(const struct form *form, const char *boundary, struct arena *arena) {
    struct form again;
    struct form_fault fault;
    auto_buffer written = {0};
    for (size_t i = 0; i < form->count; i++) {
        if (looks_like_a_boundary(&form->fields[i], boundary))
            return;
        write_field(&form->fields[i], boundary, &written);
    }
    buffer_print(&written, "--%s--", boundary);
    must(form_read_multipart(&again, boundary, written.data, written.length, arena, &fault));
    check_same(form, &again);
}

static void read_body(const char *type, const char *body, size_t length, struct arena *arena) {
    struct form form;
    struct form_fault fault;
    const char *boundary = NULL;
    if (form_find_kind(type, arena, &boundary) != FORM_MULTIPART || !boundary)
        return;
    must(*boundary && strlen(boundary) <= FORM_BOUNDARY_BYTES_MOST);
    if (form_read_multipart(&form, boundary, body, length, arena, &fault)) {
        check_form(&form, body, length);
        read_again(&form, boundary, arena);
    } else
        check_fault(&fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    const char *line_end = memchr(data, '\n', size);
    if (!line_end)
        return 0;
    size_t type_length = (size_t)(line_end - (const char *)data);
    size_t length = size - type_length - 1;
    /* Never a NUL behind it: the body that http.c lends has none either. */
    char *body = malloc(length + !length);
    memcpy(body, line_end + 1, length);
    read_body(arena_copy(&arena, (const char *)data, type_length), body, length, &arena);
    arena_clear(&arena);
    free(body);
    return 0;
}
