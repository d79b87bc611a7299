/*
 * The key of votes (Ed25519): signs the heads of the logs, and hides who voted.
 *
 *   1. It must not change while a vote is open, since voters would no longer be recognised: a cycle
 *      remembers the id of the key it was opened with.
 *   2. What hides a voter is made of this key and of a secret of the cycle, so that neither the
 *      database nor the key file alone tells who voted, and destroying the cycle's secret ends it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SEAL_SIGNATURE_BYTES = 64, SEAL_PUBLIC_BYTES = 32, SEAL_KEY_BYTES = 32, SEAL_ID_CHARS = 33 };

struct seal;

/* Reads an Ed25519 private key (PEM, without passphrase). NULL, with a log line, when that fails.
 */
struct seal *seal_new(const char *path);
void seal_free(struct seal *seal);

/* Writes a new key to a new file that only its owner may read. False, with a log line, if it
 * exists. */
bool seal_write_new_key(const char *path);

/* Names the key: 32 hexadecimal digits made from the public key. */
const char *seal_id(const struct seal *seal);
const unsigned char *seal_public(const struct seal *seal);

/* RFC 8032. Any thread. */
void seal_sign(const struct seal *seal, const void *bytes, size_t length,
               unsigned char ret_signature[SEAL_SIGNATURE_BYTES]);
bool seal_check(const unsigned char public_key[SEAL_PUBLIC_BYTES], const void *bytes, size_t length,
                const unsigned char signature[SEAL_SIGNATURE_BYTES]);

/* What the seal and `secret` (a cycle's) make together, for seal_derive. As secret as they are. */
void seal_key(const struct seal *seal, const void *secret, size_t length,
              unsigned char ret_key[SEAL_KEY_BYTES]);

/* HMAC-SHA-256 with seal_key's `key` over `purpose`, 0x00 and `text`: a voter's mark, a code's
 * hash, a ballot's token. */
void seal_derive(const struct seal *seal, const unsigned char *key, const char *purpose,
                 const char *text, unsigned char ret_mac[SEAL_KEY_BYTES]);
