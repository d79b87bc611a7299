/*
 * The fields of a form as they were sent, in one ordered list: application/x-www-form-urlencoded
 * (WHATWG URL, section 5.1) and multipart/form-data (RFC 7578). Nothing is joined, sorted or left
 * out: a name that comes twice is two fields. What two readers could take for two things is
 * refused.
 *
 *   1. Names, file names and texts are UTF-8 in NFC, ended by NUL; lines of a text end with LF
 *      (forms send CRLF). A text may hold characters that text.h refuses: whoever uses it says so.
 *   2. A file is a field with a file name, even an empty one. Its bytes stay where they are, in the
 *      body, as they were sent and with no NUL behind them; nobody has looked at them.
 *   3. Everything else is in the arena. Reading takes time and memory in the body's length.
 */
#pragma once

#include "arena.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    FORM_FIELDS_MOST = 100,
    FORM_NAME_BYTES_MOST = 200,
    FORM_FILENAME_BYTES_MOST = 255,
    FORM_TEXT_BYTES_MOST = 65536, /* a file's limit is the body's */
    FORM_HEADERS_MOST = 8,        /* of one part */
    FORM_HEADER_BYTES_MOST = 1024,
    FORM_BOUNDARY_BYTES_MOST = 70 /* RFC 2046, section 5.1.1 */
};

struct form_field {
    const char *name;
    const char *value;
    size_t length;
    const char *filename; /* NULL: a text. No path: nobody opens it */
    const char *type;     /* what the part says its Content-Type is; NULL when it does not */
};

struct form {
    struct form_field *fields;
    size_t count;
};

/* What is wrong, and with which field. */
struct form_fault {
    size_t number;    /* from 1 on, in the order sent */
    const char *name; /* NULL when it could not be read */
    enum reason reason;
};

enum form_kind { FORM_URLENCODED, FORM_MULTIPART, FORM_KIND_COUNT };

/* Without parameters: "multipart/form-data". */
extern const char *const form_types[FORM_KIND_COUNT];

/*
 * The kind of form that a Content-Type names; FORM_KIND_COUNT when it names none, or another
 * charset than UTF-8, or a parameter that a form has not. *ret_boundary: of a multipart form, its
 * boundary; NULL when that is missing, longer than FORM_BOUNDARY_BYTES_MOST or has other characters
 * than RFC 2046 gives it.
 */
enum form_kind form_find_kind(const char *type, struct arena *arena, const char **ret_boundary);

/*
 * Reads a body; false with the first fault. Urlencoded: a bad percent escape, and of names and
 * values what is said above. `&&` is no field; `a` is an empty `a`; a name may not be empty.
 */
bool form_read_urlencoded(struct form *form, const char *body, size_t length, struct arena *arena,
                          struct form_fault *ret_fault);

/*
 * Multipart: nothing but an empty line before the first boundary and behind the last; every line
 * ends with CRLF; no padding behind a boundary; each part has one Content-Disposition, `form-data`
 * with one name, at most one Content-Type, and no Content-Transfer-Encoding that changes bytes; its
 * other headers mean nothing (section 4.8). `filename*` (which section 4.2 forbids and clients
 * send) makes a file of an unknown name. What is no file is text: of no type or text/…, in UTF-8.
 * Parts within parts (section 4.3, "multipart/mixed") are refused.
 */
bool form_read_multipart(struct form *form, const char *boundary, const char *body, size_t length,
                         struct arena *arena, struct form_fault *ret_fault);

/*
 * The next field of that name at or behind *index whose value is not empty, and moves *index past
 * it; NULL when there is none. To take an empty field for an absent one is what Open311 asks for.
 */
const struct form_field *form_next(const struct form *form, const char *name, size_t *index);

/* The first of them, or NULL. */
const struct form_field *form_find(const struct form *form, const char *name);

enum form_attribute { FORM_NO_ATTRIBUTE, FORM_ATTRIBUTE, FORM_ATTRIBUTE_BROKEN };

/*
 * Open311's names of answers: `attribute[CODE]` and, of one among several, `attribute[CODE][]`.
 * *ret_code is in the arena and not empty. Broken: a name that begins with `attribute[` and goes on
 * in another way, as `attribute[a][b]`.
 */
enum form_attribute form_read_attribute(const char *name, struct arena *arena,
                                        const char **ret_code);
