/*
 * A lot that anybody can draw again: an order of texts from a seed.
 *
 * The texts are sorted by code point. Then, for i from the last down to 1 (counting from 0), the
 * text at i changes places with the one at j, where j is a number from 0 to i made thus: let x be
 * the first 8 bytes, big-endian, of SHA-256(seed, then k as 8 bytes big-endian), where k counts all
 * the draws from 0; if x is below 2^64 − 2^64 mod (i + 1), then j = x mod (i + 1), otherwise the
 * draw is repeated with the next k. The order from 0 on is the lot: earlier wins.
 */
#pragma once

#include <stddef.h>

/* Puts the texts into the order drawn from the seed. */
void tally_draw_lot(const char *seed, size_t seed_length, const char **texts, size_t count);
