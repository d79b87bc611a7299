/*
 * The keys whose tokens the service believes: its own and those of the configured issuers.
 *
 *   1. A key is bound to one issuer, one audience and one algorithm; the token's `alg` must name
 *      that one.
 *   2. Keys are read and parsed once; nothing is fetched at a token's word.
 *   3. A key set never changes after it was made: a reload makes another.
 *
 * The issuers file is a JSON array of {"issuer", "audience", "algorithm", "key_file", "kid",
 * "identification"}.
 * Algorithms: HS256 (key file: 32 bytes or more of secret, one newline at its end does not count),
 * ES256, RS256, PS256, EdDSA (Ed25519) with a public key in PEM. "audience" (default:
 * token_audience) and "kid" may be left out. An issuer may stand several times, one row a key, so
 * that a key can be changed without a gap. "identification" is how the issuer knows people when
 * they vote: "strong" (the default, and the service's own) or "school_account".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct config;
struct keys;
struct signer;
struct token;

/*
 * Reads the issuers config names and adds the service's own key. NULL, with a log line per fault,
 * when one cannot be used. `signer` must outlive the keys.
 */
struct keys *keys_new(const struct config *config, const struct signer *signer);
void keys_free(struct keys *keys);

/*
 * Whether a token that token_read has read is for us, from one of our issuers, current and rightly
 * signed. Sets token->identification; false sets token->refusal. May be called by many threads at
 * once.
 */
bool keys_check(const struct keys *keys, struct token *token, int64_t now_s);
