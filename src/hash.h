/*
 * FNV-1a by words of eight bytes: for finding and comparing what nobody gains by forging. By single
 * bytes it took a quarter of the time of a list.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_word(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 1099511628211u;
    return hash ^ hash >> 32; /* brings the word's upper bytes down, which the product does not */
}

static inline uint64_t hash_bytes(const char *bytes, size_t length) {
    uint64_t hash = 14695981039346656037u, word;
    for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = hash_word(hash, word);
    }
    word = 0;
    if (length)
        memcpy(&word, bytes, length);
    return hash_word(hash, word ^ (uint64_t)length << 56);
}
