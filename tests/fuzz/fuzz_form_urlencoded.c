/* Urlencoded forms: what is taken is written with every byte escaped, and read again is the same.
 */
#include "forms.h"

static void write_escaped(const char *text, struct buffer *out) {
    for (; *text; text++)
        buffer_print(out, "%%%02x", (unsigned char)*text);
}

static void write_form(const struct form *form, struct buffer *out) {
    for (size_t i = 0; i < form->count; i++) {
        buffer_add_text(out, "&");
        write_escaped(form->fields[i].name, out);
        buffer_add_text(out, "=");
        write_escaped(form->fields[i].value, out);
    }
}

static void read_attributes(const struct form *form, struct arena *arena) {
    for (size_t i = 0; i < form->count; i++) {
        const char *code = NULL;
        if (form_read_attribute(form->fields[i].name, arena, &code) == FORM_ATTRIBUTE)
            must(*code && !strpbrk(code, "[]"));
        const struct form_field *found = form_find(form, form->fields[i].name);
        must(found ? found->length > 0 : !form->fields[i].length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct form first, second;
    struct form_fault fault;
    auto_buffer written = {0};
    /* Never a NUL behind it: the body that http.c lends has none either. */
    char *body = malloc(size + !size);
    if (size)
        memcpy(body, data, size);
    if (form_read_urlencoded(&first, body, size, &arena, &fault)) {
        check_form(&first, body, size);
        read_attributes(&first, &arena);
        buffer_add_text(&written, "");
        write_form(&first, &written);
        must(form_read_urlencoded(&second, written.data, written.length, &arena, &fault));
        check_same(&first, &second);
    } else
        check_fault(&fault);
    arena_clear(&arena);
    free(body);
    return 0;
}
