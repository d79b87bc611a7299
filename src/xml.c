/* Writes XML by markup.h, or JSON. */
#include "xml.h"

#include "markup.h"
#include "text.h"

#include <string.h>

enum { DEPTH_MOST = 8 };

const char *const xml_types[XML_FORM_COUNT] = {"text/xml; charset=utf-8",
                                               "application/json; charset=utf-8"};

struct xml {
    struct markup *markup; /* NULL: JSON */
    struct buffer *out;
    bool is_list[DEPTH_MOST]; /* of what is open */
    size_t depth;
    bool needs_comma;
};

struct xml *xml_new(enum xml_form form, struct buffer *out) {
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
    struct xml *xml = calloc(1, sizeof *xml);
    if (!xml)
        abort();
    xml->out = out;
    xml->markup = form == XML_AS_XML ? markup_new(declaration, out) : NULL;
    return xml;
}

void xml_free(struct xml *xml) {
    if (!xml)
        return;
    markup_free(xml->markup);
    free(xml);
}

/* The comma before a member or an item, and a member's name. */
static void begin_json(struct xml *xml, const char *element) {
    if (xml->needs_comma)
        buffer_add_char(xml->out, ',');
    xml->needs_comma = true;
    if (!xml->depth || xml->is_list[xml->depth - 1])
        return;
    buffer_add_json_text(xml->out, element);
    buffer_add_char(xml->out, ':');
}

static void open_container(struct xml *xml, const char *element, bool is_list) {
    if (xml->depth == DEPTH_MOST)
        abort();
    if (xml->markup)
        markup_open(xml->markup, element, NULL);
    else {
        begin_json(xml, element);
        buffer_add_char(xml->out, is_list ? '[' : '{');
        xml->needs_comma = false;
    }
    xml->is_list[xml->depth++] = is_list;
}

void xml_open(struct xml *xml, const char *element) {
    open_container(xml, element, false);
}

void xml_list(struct xml *xml, const char *element) {
    open_container(xml, element, true);
}

void xml_close(struct xml *xml) {
    if (!xml->depth)
        abort();
    bool is_list = xml->is_list[--xml->depth];
    if (xml->markup)
        markup_close(xml->markup);
    else
        buffer_add_char(xml->out, is_list ? ']' : '}');
    xml->needs_comma = true;
}

/* One value: `text` as XML, `json` as JSON. */
static void write_value(struct xml *xml, const char *element, const char *text, const char *json) {
    if (!xml->markup) {
        begin_json(xml, element);
        buffer_add_text(xml->out, json);
    } else if (*text)
        markup_element(xml->markup, element, text, NULL);
    else
        markup_void(xml->markup, element, NULL);
}

void xml_text(struct xml *xml, const char *element, const char *text) {
    auto_buffer clean = {0}, json = {0};
    bool is_simple;
    text = text ? text : "";
    if (text_find_refused(text, &is_simple)) {
        text_replace_refused(text, "", &clean);
        text = clean.data;
    }
    buffer_add_json_text(&json, text);
    write_value(xml, element, text, json.data);
}

void xml_boolean(struct xml *xml, const char *element, bool is_true) {
    const char *word = is_true ? "true" : "false";
    write_value(xml, element, word, word);
}

void xml_number(struct xml *xml, const char *element, const char *number) {
    if (number)
        write_value(xml, element, number, number);
}
