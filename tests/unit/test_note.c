/* Signed heads: what is written is read, and no edited byte passes. The fixed note is of the Go
 * module checksum database, whose log is of the same form. */
#include "note.h"

#include "buffer.h"
#include "check.h"
#include "own.h"
#include "seal.h"

#include <string.h>
#include <unistd.h>

static struct seal *new_seal(void) {
    char path[] = "/tmp/test_note_XXXXXX";
    int descriptor = mkstemp(path);
    close(descriptor);
    unlink(path);
    CHECK(seal_write_new_key(path));
    CHECK(!seal_write_new_key(path)); /* never over a key that is there */
    struct seal *seal = seal_new(path);
    unlink(path);
    return seal;
}

static void reads_what_it_wrote_and_nothing_else(const struct seal *seal) {
    struct note note = {.origin = "api.example.fi/743/cycle", .size = 1234567}, read;
    memset(note.root.bytes, 0xa5, sizeof note.root.bytes);
    auto_buffer text = {0}, key = {0};
    note_write(&note, seal, &text);
    note_write_verifier_key(note.origin, seal, &key);
    CHECK(note_read(text.data, key.data, &read));
    CHECK_TEXT(read.origin, note.origin);
    CHECK(read.size == note.size);
    CHECK(memcmp(&read.root, &note.root, sizeof read.root) == 0);
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        text.data[i] = byte == 'B' ? 'C' : 'B';
        CHECK(!note_read(text.data, key.data, &read));
        text.data[i] = byte;
    }
    for (size_t i = 0; i < key.length; i++) {
        char byte = key.data[i];
        key.data[i] = byte == 'B' ? 'C' : 'B';
        CHECK(!note_read(text.data, key.data, &read));
        key.data[i] = byte;
    }
}

static void passes_over_witnesses(const struct seal *seal, const struct seal *witness) {
    struct note note = {.origin = "origin", .size = 1}, read;
    auto_buffer text = {0}, other = {0}, key = {0};
    note_write(&note, seal, &text);
    note_write(&note, witness, &other);
    buffer_add_text(&text, strstr(other.data, "— "));
    note_write_verifier_key(note.origin, witness, &key);
    CHECK(note_read(text.data, key.data, &read));
}

/* The note and key that the documentation of Go's note package gives. */
static void takes_the_published_note(void) {
    static const char key[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    static const char text[] =
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
        "RZb6KE6RyyBwJnAM=\n";
    CHECK(note_is_signed(text, key));
    CHECK(!note_is_signed(text + 1, key));
    struct note read;
    CHECK(!note_read(text, key, &read)); /* signed, and no head of a log */
}

static void derives_apart(const struct seal *seal) {
    unsigned char key[SEAL_KEY_BYTES], other[SEAL_KEY_BYTES];
    unsigned char a[SEAL_KEY_BYTES], b[SEAL_KEY_BYTES];
    seal_key(seal, "of a cycle", 10, key);
    seal_key(seal, "of another", 10, other);
    seal_derive(seal, key, "voter", "010190-123X", a);
    seal_derive(seal, key, "voter", "010190-123X", b);
    CHECK(memcmp(a, b, sizeof a) == 0);
    seal_derive(seal, other, "voter", "010190-123X", b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    seal_derive(seal, key, "code", "010190-123X", b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    seal_derive(seal, key, "voter0", "10190-123X", b);
    CHECK(memcmp(a, b, sizeof a) != 0);
}

int main(void) {
    struct seal *seal = new_seal(), *witness = new_seal();
    reads_what_it_wrote_and_nothing_else(seal);
    passes_over_witnesses(seal, witness);
    takes_the_published_note();
    derives_apart(seal);
    seal_free(witness);
    seal_free(seal);
    return check_finish();
}
