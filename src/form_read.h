/* What the readers of the two kinds of forms share. */
#pragma once

#include "form.h"

struct form_reader {
    struct form *form;
    struct arena *arena;
    struct form_fault *ret_fault;
    struct form_field *field; /* being read; its name is NULL until it is known */
};

/* Empties the form. */
void form_reader_init(struct form_reader *reader, struct form *form, struct arena *arena,
                      struct form_fault *ret_fault);

/* The next field is read from here on; false when it is one too many. */
bool form_begin_field(struct form_reader *reader);

/* The fault of the field that is being read. Returns false. */
bool form_refuse(struct form_reader *reader, enum reason reason);

/* Texts given to these are in the arena, end with NUL at `length`, and are changed in place. */
bool form_take_name(struct form_reader *reader, char *name, size_t length);
bool form_take_filename(struct form_reader *reader, char *filename, size_t length);
bool form_take_text(struct form_reader *reader, char *text, size_t length);
