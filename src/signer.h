/*
 * The service's own key (ES256): it mints the service's own tokens, and other secrets are derived
 * from it.
 */
#pragma once

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

enum { SIGNER_KEY_ID_BYTES = 33 };

struct signer;

/* Reads an EC P-256 private key (PEM, without passphrase). NULL, with a log line, when that fails.
 */
struct signer *signer_new(const char *path);
void signer_free(struct signer *signer);

/* The key that verifies what this signer mints; borrowed. */
EVP_PKEY *signer_key(const struct signer *signer);

/* Names the key in its tokens' `kid`: made from the public key, so that it changes when the key
 * does. */
const char *signer_key_id(const struct signer *signer);

/*
 * Mints a token with the further claims of the object `claims` (borrowed, NULL: none). Returns
 * malloc'd text; NULL, with a log line, when `issuer` or `subject` is not a name (token.h), a claim
 * is one of the token's own, the times make no sense or libjwt fails.
 */
char *signer_mint(const struct signer *signer, const char *issuer, const char *audience,
                  const char *subject, const json_t *claims, int64_t now_s, int64_t lifetime_s);

/* 32 secret bytes for a purpose: HMAC-SHA256(private key in DER, purpose). */
void signer_derive(const struct signer *signer, const char *purpose, unsigned char ret_key[32]);

/* Writes a new key to a new file that only its owner may read. False, with a log line, if it
 * exists. */
bool signer_write_new_key(const char *path);
