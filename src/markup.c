/* Markup by libxml2's writer. */
#include "markup.h"

#include "text.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

struct markup {
    xmlTextWriterPtr writer;
};

static int write_out(void *out, const char *bytes, int length) {
    buffer_add(out, bytes, (size_t)length);
    return length;
}

/* What fails here has no memory, or is a fault of ours. */
static void must(int result) {
    if (result < 0)
        abort();
}

struct markup *markup_new(const char *prologue, struct buffer *out) {
    static once_flag once = ONCE_FLAG_INIT;
    call_once(&once, xmlInitParser); /* before the first use by several threads */
    struct markup *markup = malloc(sizeof *markup);
    if (!markup)
        abort();
    xmlOutputBufferPtr output = xmlOutputBufferCreateIO(write_out, NULL, out, NULL);
    markup->writer = output ? xmlNewTextWriter(output) : NULL;
    if (!markup->writer)
        abort();
    must(xmlTextWriterWriteRaw(markup->writer, BAD_CAST prologue));
    return markup;
}

void markup_free(struct markup *markup) {
    if (!markup)
        return;
    must(xmlTextWriterFlush(markup->writer));
    xmlFreeTextWriter(markup->writer);
    free(markup);
}

void markup_text(struct markup *markup, const char *text) {
    auto_buffer shown = {0};
    bool is_simple;
    if (text_find_refused(text, &is_simple)) {
        text_replace_refused(text, "\uFFFD", &shown);
        text = shown.data;
    }
    must(xmlTextWriterWriteString(markup->writer, BAD_CAST text));
}

static void open_element(struct markup *markup, const char *element, va_list attributes) {
    must(xmlTextWriterStartElement(markup->writer, BAD_CAST element));
    const char *name;
    while ((name = va_arg(attributes, const char *))) {
        const char *value = va_arg(attributes, const char *);
        if (!value)
            continue;
        must(xmlTextWriterStartAttribute(markup->writer, BAD_CAST name));
        markup_text(markup, value);
        must(xmlTextWriterEndAttribute(markup->writer));
    }
}

void markup_open(struct markup *markup, const char *element, ...) {
    va_list attributes;
    va_start(attributes, element);
    open_element(markup, element, attributes);
    va_end(attributes);
}

/* Never `<td/>`: HTML would take it for an opening. */
void markup_close(struct markup *markup) {
    must(xmlTextWriterFullEndElement(markup->writer));
}

void markup_element(struct markup *markup, const char *element, const char *text, ...) {
    va_list attributes;
    va_start(attributes, text);
    open_element(markup, element, attributes);
    va_end(attributes);
    markup_text(markup, text);
    markup_close(markup);
}

void markup_void(struct markup *markup, const char *element, ...) {
    va_list attributes;
    va_start(attributes, element);
    open_element(markup, element, attributes);
    va_end(attributes);
    must(xmlTextWriterEndElement(markup->writer));
}

void markup_raw(struct markup *markup, const char *constant) {
    must(xmlTextWriterWriteRaw(markup->writer, BAD_CAST constant));
}
