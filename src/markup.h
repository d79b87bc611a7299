/*
 * HTML and XML that are well-formed and escaped whatever the texts hold: libxml2's writer, and the
 * only file that knows it. Elements are opened and closed, texts and attribute values are given as
 * they are; what the service would refuse in a request (text.h: control characters, marks that
 * override writing direction) is shown as U+FFFD. The output reads the same as HTML and as XML but
 * for the doctype. Running out of memory ends the process (see arena.h).
 */
#pragma once

#include "buffer.h"

struct markup;

/* Writes to `out`, which is complete after markup_free. `prologue`: what goes before the root. */
struct markup *markup_new(const char *prologue, struct buffer *out);
void markup_free(struct markup *markup);

/* Attributes are names with their values, ended by NULL; one whose value is NULL is left out. */
#define MARKUP_ATTRIBUTES __attribute__((sentinel))

void markup_open(struct markup *markup, const char *element, ...) MARKUP_ATTRIBUTES;
void markup_close(struct markup *markup);
void markup_text(struct markup *markup, const char *text);
/* An element with a text in it and nothing else. */
void markup_element(struct markup *markup, const char *element, const char *text,
                    ...) MARKUP_ATTRIBUTES;
/* An element that can hold nothing (HTML: meta, link). */
void markup_void(struct markup *markup, const char *element, ...) MARKUP_ATTRIBUTES;
/* Constants of the program, unescaped: the text of a style element. */
void markup_raw(struct markup *markup, const char *constant);
