/*
 * An answer that clients may ask for as XML or as JSON, described once and written in either: what
 * Open311 (GeoReport v2) calls the Spark convention. Both forms say the same, since one call writes
 * both. XML: one root, no attributes, no namespace. JSON: the root's name is dropped, and so is
 * that of each item of a list, which is an array (also of one, or of none).
 *
 *   xml_list(xml, "services");     <services>               [
 *   xml_open(xml, "service");        <service>                {
 *   xml_text(xml, "code", "001");      <code>001</code>         "code":"001"
 *   xml_close(xml);                  </service>               }
 *   xml_close(xml);                </services>              ]
 *
 * What no text of ours may hold (text.h) is dropped from both forms, since XML 1.0 (section 2.2)
 * cannot carry most of it in any way; so is CR. Text is UTF-8; bytes that are not are dropped.
 * Running out of memory ends the process (see arena.h), and so does closing what is not open.
 */
#pragma once

#include "buffer.h"

#include <stdbool.h>

enum xml_form { XML_AS_XML, XML_AS_JSON, XML_FORM_COUNT };

/* Content-Type of each form. */
extern const char *const xml_types[XML_FORM_COUNT];

struct xml;

/* Writes to `out`, which is complete after xml_free. */
struct xml *xml_new(enum xml_form form, struct buffer *out);
void xml_free(struct xml *xml);

/* An element of members, and one of equal children; at most 8 are open at once. Below a list an
 * element's name stands in XML only. */
void xml_open(struct xml *xml, const char *element);
void xml_list(struct xml *xml, const char *element);
void xml_close(struct xml *xml);

/* NULL is an empty text: clients of Open311 break at a null where they look for text. */
void xml_text(struct xml *xml, const char *element, const char *text);

/* "true" or "false". */
void xml_boolean(struct xml *xml, const char *element, bool is_true);

/* A number as the database prints it, written as it is; NULL is left out of both forms. */
void xml_number(struct xml *xml, const char *element, const char *number);
