/* What the tests of the two kinds of forms share: a form as one line of text. */
#pragma once

#include "buffer.h"
#include "form.h"

#include <string.h>

static struct arena arena;
static struct form form;

/* The reason's name would do, but only its text is known: that is what people read. */
static inline const char *fault_text(const struct form_fault *fault) {
    return arena_print(&arena, "%zu %s: %s", fault->number, fault->name ? fault->name : "-",
                       reason_text(fault->reason, LANGUAGE_EN));
}

/* "name=value, name=(file.jpg, image/jpeg)bytes": what was read, in its order. */
static inline const char *fields_text(void) {
    auto_buffer text = {0};
    buffer_add_text(&text, "");
    for (size_t i = 0; i < form.count; i++) {
        const struct form_field *field = &form.fields[i];
        buffer_print(&text, "%s%s=", i ? ", " : "", field->name);
        if (field->filename)
            buffer_print(&text, "(%s, %s)", field->filename, field->type ? field->type : "-");
        buffer_add(&text, field->value, field->length);
    }
    return arena_copy(&arena, text.data, text.length);
}
