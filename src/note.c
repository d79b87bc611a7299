/* Writes and reads signed notes; the rules of the form are in the header. */
#include "note.h"

#include "buffer.h"
#include "hex.h"
#include "own.h"
#include "seal.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum { KEY_ID_BYTES = 4, ED25519 = 1, SIGNED_BYTES = KEY_ID_BYTES + SEAL_SIGNATURE_BYTES };

static void add_base64(struct buffer *out, const void *bytes, size_t length) {
    buffer_reserve(out, length * 2 + 4);
    int written = EVP_EncodeBlock((unsigned char *)out->data + out->length, bytes, (int)length);
    out->length += (size_t)written;
}

/* Exactly `length` bytes from `characters` of padded base64; strict. */
static bool read_base64(const char *text, size_t characters, void *ret_bytes, size_t length) {
    unsigned char decoded[2 * SIGNED_BYTES];
    if (characters != (length + 2) / 3 * 4 || characters > sizeof decoded)
        return false;
    if (EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)characters) < (int)length)
        return false;
    /* EVP takes leading and trailing blanks and bits that mean nothing: write it again to compare
     */
    auto_buffer again = {0};
    add_base64(&again, decoded, length);
    if (memcmp(again.data, text, characters) != 0)
        return false;
    memcpy(ret_bytes, decoded, length);
    return true;
}

/* SHA-256 of name, newline, kind and public key; its first four bytes. */
static void read_key_id(const char *origin, const unsigned char *public_key,
                        unsigned char ret_id[KEY_ID_BYTES]) {
    auto_buffer named = {0};
    buffer_print(&named, "%s\n%c", origin, ED25519);
    buffer_add(&named, (const char *)public_key, SEAL_PUBLIC_BYTES);
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)named.data, named.length, digest);
    memcpy(ret_id, digest, KEY_ID_BYTES);
}

void note_write(const struct note *note, const struct seal *seal, struct buffer *out) {
    size_t start = out->length;
    buffer_print(out, "%s\n%" PRIu64 "\n", note->origin, note->size);
    add_base64(out, note->root.bytes, sizeof note->root.bytes);
    buffer_add_text(out, "\n");
    unsigned char signed_bytes[SIGNED_BYTES];
    read_key_id(note->origin, seal_public(seal), signed_bytes);
    seal_sign(seal, out->data + start, out->length - start, signed_bytes + KEY_ID_BYTES);
    buffer_print(out, "\n— %s ", note->origin);
    add_base64(out, signed_bytes, sizeof signed_bytes);
    buffer_add_text(out, "\n");
}

void note_write_verifier_key(const char *origin, const struct seal *seal, struct buffer *out) {
    unsigned char id[KEY_ID_BYTES], key[1 + SEAL_PUBLIC_BYTES] = {ED25519};
    read_key_id(origin, seal_public(seal), id);
    memcpy(key + 1, seal_public(seal), SEAL_PUBLIC_BYTES);
    char name[2 * KEY_ID_BYTES + 1];
    hex_write(id, sizeof id, name);
    buffer_print(out, "%s+%s+", origin, name);
    add_base64(out, key, sizeof key);
}

struct verifier {
    char origin[NOTE_ORIGIN_MOST + 1];
    unsigned char id[KEY_ID_BYTES];
    unsigned char public_key[SEAL_PUBLIC_BYTES];
};

static bool read_verifier(const char *text, struct verifier *ret_verifier) {
    size_t length = strcspn(text, "+");
    if (length == 0 || length > NOTE_ORIGIN_MOST || strlen(text) < length + 11 ||
        text[length + 9] != '+')
        return false;
    memcpy(ret_verifier->origin, text, length);
    ret_verifier->origin[length] = '\0';
    unsigned char key[1 + SEAL_PUBLIC_BYTES];
    const char *encoded = text + length + 10;
    if (!read_base64(encoded, strlen(encoded), key, sizeof key) || key[0] != ED25519)
        return false;
    memcpy(ret_verifier->public_key, key + 1, SEAL_PUBLIC_BYTES);
    read_key_id(ret_verifier->origin, ret_verifier->public_key, ret_verifier->id);
    char id[2 * KEY_ID_BYTES + 1];
    hex_write(ret_verifier->id, KEY_ID_BYTES, id);
    return strncmp(id, text + length + 1, 2 * KEY_ID_BYTES) == 0;
}

/* One signature line: true when it is the verifier's and right. */
static bool is_signed_by(const char *line, size_t length, const struct verifier *verifier,
                         const char *text, size_t text_length) {
    size_t name = strlen(verifier->origin);
    static const char dash[] = "— ";
    size_t start = strlen(dash);
    unsigned char bytes[SIGNED_BYTES];
    return length > start + name + 1 && strncmp(line, dash, start) == 0 &&
           strncmp(line + start, verifier->origin, name) == 0 && line[start + name] == ' ' &&
           read_base64(line + start + name + 1, length - start - name - 1, bytes, sizeof bytes) &&
           memcmp(bytes, verifier->id, KEY_ID_BYTES) == 0 &&
           seal_check(verifier->public_key, text, text_length, bytes + KEY_ID_BYTES);
}

/* The three lines: origin, size without leading zeros, root. */
static bool read_lines(const char *text, size_t length, struct note *ret_note) {
    const char *size = memchr(text, '\n', length);
    const char *root = size ? memchr(size + 1, '\n', length - (size_t)(size + 1 - text)) : NULL;
    const char *end = root ? memchr(root + 1, '\n', length - (size_t)(root + 1 - text)) : NULL;
    if (!end || (size_t)(size - text) > NOTE_ORIGIN_MOST)
        return false;
    memcpy(ret_note->origin, text, (size_t)(size - text));
    ret_note->origin[size - text] = '\0';
    size_t digits = strspn(size + 1, "0123456789");
    if (digits == 0 || digits > 15 || size + 1 + digits != root || (size[1] == '0' && digits > 1))
        return false;
    ret_note->size = strtoull(size + 1, NULL, 10);
    return read_base64(root + 1, (size_t)(end - root - 1), ret_note->root.bytes,
                       sizeof ret_note->root.bytes);
}

static bool check_signatures(const char *text, size_t length, const struct verifier *verifier) {
    for (const char *line = text + length + 1, *end; (end = strchr(line, '\n')); line = end + 1)
        if (is_signed_by(line, (size_t)(end - line), verifier, text, length))
            return true;
    return false;
}

/* Bytes of the signed text, its last newline included; 0 when there is none. */
static size_t signed_length(const char *text) {
    const char *gap = strstr(text, "\n\n— ");
    return gap ? (size_t)(gap + 1 - text) : 0;
}

bool note_is_signed(const char *text, const char *verifier_key) {
    struct verifier verifier;
    size_t length = signed_length(text);
    return length > 0 && read_verifier(verifier_key, &verifier) &&
           check_signatures(text, length, &verifier);
}

bool note_read(const char *text, const char *verifier_key, struct note *ret_note) {
    struct note note;
    if (!note_is_signed(text, verifier_key) || !read_lines(text, signed_length(text), &note) ||
        strncmp(verifier_key, note.origin, strlen(note.origin)) != 0 ||
        verifier_key[strlen(note.origin)] != '+')
        return false;
    *ret_note = note;
    return true;
}
