/*
 * Signed heads of a log as text: C2SP tlog-checkpoint in C2SP signed-note form
 * (https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note), so that existing witnesses can
 * read them:
 *
 *     <origin>\n<leaves>\n<root, base64>\n\n— <origin> <base64 of key id and signature>\n
 *
 * A verifier key is `<origin>+<key id, 8 hex digits>+<base64 of 0x01 and the public key>`.
 */
#pragma once

#include "merkle.h"

#include <stdbool.h>

struct buffer;
struct seal;

enum { NOTE_ORIGIN_MOST = 200 };

struct note {
    char origin[NOTE_ORIGIN_MOST + 1]; /* no spaces, no '+' */
    uint64_t size;
    struct merkle_hash root;
};

void note_write(const struct note *note, const struct seal *seal, struct buffer *out);
void note_write_verifier_key(const char *origin, const struct seal *seal, struct buffer *out);

/* Whether the key signed the note, whatever its text says; other signatures (witnesses') are passed
 * over. */
bool note_is_signed(const char *text, const char *verifier_key);

/* Reads a note and checks that the key signed it. False when it is not of this form, names another
 * origin or is not rightly signed. */
bool note_read(const char *text, const char *verifier_key, struct note *ret_note);
