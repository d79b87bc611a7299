/*
 * `elinvoima verify`: whether a ballot's receipt holds, without asking anybody. What it cannot see
 * is said in the usage: it trusts the verifier key, and a vote bought or watched is beyond it.
 */
#include "command.h"
#include "hex.h"
#include "merkle.h"
#include "note.h"
#include "own.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum { FILE_BYTES_MOST = 4 << 20, HEX_CHARS = 2 * SHA256_DIGEST_LENGTH };

static const char usage[] =
    "usage: elinvoima verify RECEIPT [--key VERIFIER] [--inclusion PROOF]\n"
    "                        [--head NOTE --consistency PROOF]\n"
    "\n"
    "RECEIPT is the answer to a cast ballot, as JSON. Checked are: that its token opens the "
    "commitment\n"
    "and that the leaf is of it; that the head is signed; with PROOF of …/transparency/inclusion "
    "that the\n"
    "leaf is in that head (or in NOTE's); with NOTE, a later …/transparency/checkpoint, and PROOF "
    "of\n"
    "…/transparency/consistency that the log only grew. Give VERIFIER from another source than "
    "the\n"
    "receipt: a key is as good as the place it came from. A later leaf `replacement` or `void` of "
    "the\n"
    "commitment (…/transparency/leaves) says that the ballot is not the one that counts.\n";

struct wishes {
    const char *receipt, *key, *inclusion, *head, *consistency;
};

static bool say(bool holds, const char *what) {
    printf("%s: %s\n", holds ? "ok" : "FAILED", what);
    return holds;
}

static json_t *read_json(const char *path) {
    json_error_t error;
    json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fprintf(stderr, "elinvoima verify: %s: %s\n", path, error.text);
    return value;
}

static char *read_text(const char *path) {
    auto_file file = fopen(path, "re");
    auto_free char *text = calloc(1, FILE_BYTES_MOST + 1);
    if (file && text && fread(text, 1, FILE_BYTES_MOST, file) > 0)
        return steal(&text);
    fprintf(stderr, "elinvoima verify: %s cannot be read\n", path);
    return NULL;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void hash_hex(const char *text, size_t length, char ret_hex[HEX_CHARS + 1]) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)text, length, digest);
    hex_write(digest, sizeof digest, ret_hex);
}

/* As openapi.yaml says it of BallotReceipt.commitment. */
static bool opens(const json_t *answer, const json_t *receipt) {
    auto_free char *salted = NULL, *bound = NULL;
    char salt[HEX_CHARS + 1], commitment[HEX_CHARS + 1];
    int length = asprintf(&salted, "salt %s", text_of(answer, "token"));
    if (length < 0)
        return false;
    hash_hex(salted, (size_t)length, salt);
    length = asprintf(&bound, "elinvoima ballot 1\n%s\n%s\n", salt, text_of(answer, "ballot"));
    if (length < 0)
        return false;
    hash_hex(bound, (size_t)length, commitment);
    return strcmp(commitment, text_of(receipt, "commitment")) == 0;
}

static bool is_line_of(const json_t *receipt) {
    const char *line = text_of(receipt, "line"), *commitment = text_of(receipt, "commitment");
    size_t length = strlen(line);
    bool is_ballot = strncmp(line, "ballot ", 7) == 0 || strncmp(line, "replacement ", 12) == 0;
    return is_ballot && length > HEX_CHARS && strcmp(line + length - HEX_CHARS, commitment) == 0;
}

static int read_hashes(const json_t *proof, struct merkle_hash hashes[MERKLE_PROOF_MOST]) {
    const json_t *list = json_object_get(proof, "hashes");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > MERKLE_PROOF_MOST)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        unsigned char bytes[36];
        if (!text || strlen(text) != 44 ||
            EVP_DecodeBlock(bytes, (const unsigned char *)text, 44) != 33)
            return -1;
        memcpy(hashes[i].bytes, bytes, sizeof hashes[i].bytes);
    }
    return (int)count;
}

static bool check_inclusion(const char *path, const json_t *receipt, const struct note *head) {
    json_auto_t *proof = read_json(path);
    struct merkle_hash hashes[MERKLE_PROOF_MOST], leaf;
    int count = proof ? read_hashes(proof, hashes) : -1;
    const char *line = text_of(receipt, "line");
    merkle_leaf(line, strlen(line), &leaf);
    uint64_t position = (uint64_t)json_integer_value(json_object_get(receipt, "leaf_position"));
    return say(count >= 0 &&
                   merkle_check_inclusion(&leaf, position, head->size, hashes, count, &head->root),
               "the ballot is in the log");
}

static bool check_consistency(const char *path, const struct note *older,
                              const struct note *newer) {
    json_auto_t *proof = read_json(path);
    struct merkle_hash hashes[MERKLE_PROOF_MOST];
    int count = proof ? read_hashes(proof, hashes) : -1;
    return say(count >= 0 && merkle_check_consistency(older->size, &older->root, newer->size,
                                                      &newer->root, hashes, count),
               "the log only grew between the two heads");
}

static bool check_all(const struct wishes *wishes, const json_t *answer) {
    const json_t *receipt = json_object_get(answer, "receipt");
    const char *key = wishes->key ? wishes->key : text_of(receipt, "verifier_key");
    struct note first, head;
    bool holds = say(opens(answer, receipt), "the token opens the commitment");
    holds = say(is_line_of(receipt), "the leaf is of this commitment") && holds;
    if (!say(note_read(text_of(receipt, "checkpoint"), key, &first), "the head is signed"))
        return false;
    head = first;
    if (wishes->head) {
        auto_free char *note = read_text(wishes->head);
        if (!say(note && note_read(note, key, &head), "the later head is signed"))
            return false;
    }
    if (wishes->consistency)
        holds = check_consistency(wishes->consistency, &first, &head) && holds;
    if (wishes->inclusion)
        holds = check_inclusion(wishes->inclusion, receipt, &head) && holds;
    if (!wishes->key)
        puts("note: the verifier key is the receipt's own");
    return holds;
}

static bool read_wishes(int argc, char **argv, struct wishes *ret_wishes) {
    static const struct option options[] = {
        {"consistency", required_argument, NULL, 'c'},
        {"head", required_argument, NULL, 'h'},
        {"inclusion", required_argument, NULL, 'i'},
        {"key", required_argument, NULL, 'k'},
        {0},
    };
    optind = 0; /* glibc: start anew, whoever has used getopt before */
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'c')
            ret_wishes->consistency = optarg;
        else if (option == 'h')
            ret_wishes->head = optarg;
        else if (option == 'i')
            ret_wishes->inclusion = optarg;
        else if (option == 'k')
            ret_wishes->key = optarg;
        else
            return false;
    }
    ret_wishes->receipt = argv[optind];
    return optind + 1 == argc && (!ret_wishes->consistency || ret_wishes->head);
}

int command_verify(int argc, char **argv, const struct config *config) {
    (void)config;
    struct wishes wishes = {0};
    if (!read_wishes(argc, argv, &wishes)) {
        fputs(usage, stderr);
        return 2;
    }
    json_auto_t *answer = read_json(wishes.receipt);
    return answer && check_all(&wishes, answer) ? EXIT_SUCCESS : EXIT_FAILURE;
}
