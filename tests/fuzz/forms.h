/* What holds of every form that was read, and how two are compared. */
#pragma once

#include "buffer.h"
#include "form.h"
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds) {
    if (!holds)
        abort();
}

static inline void check_name(const char *name, size_t most) {
    bool is_simple;
    must(strlen(name) <= most && !text_find_refused(name, &is_simple) && !strpbrk(name, "\n\t"));
}

/* Files lie within the body; everything else is text. */
static inline void check_form(const struct form *form, const char *body, size_t length) {
    must(form->count <= FORM_FIELDS_MOST);
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        size_t bad;
        check_name(field->name, FORM_NAME_BYTES_MOST);
        must(*field->name);
        if (field->filename) {
            check_name(field->filename, FORM_FILENAME_BYTES_MOST);
            must(field->value >= body && field->value + field->length <= body + length);
        } else
            must(strlen(field->value) == field->length && !strchr(field->value, '\r') &&
                 field->length <= FORM_TEXT_BYTES_MOST &&
                 text_is_utf8(field->value, field->length, &bad));
    }
}

static inline void check_fault(const struct form_fault *fault) {
    must(fault->number >= 1 && fault->number <= FORM_FIELDS_MOST + 1 &&
         fault->reason < REASON_COUNT);
    if (fault->name)
        check_name(fault->name, FORM_NAME_BYTES_MOST);
}

static inline bool is_same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static inline void check_same(const struct form *a, const struct form *b) {
    must(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct form_field *one = &a->fields[i], *other = &b->fields[i];
        must(is_same(one->name, other->name) && is_same(one->filename, other->filename) &&
             is_same(one->type, other->type) && one->length == other->length &&
             memcmp(one->value, other->value, one->length) == 0);
    }
}
