/* Drawing lots: Fisher-Yates with SHA-256 of a seed and a counter. */
#include "tally_lot.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void put_number(unsigned char bytes[8], uint64_t number) {
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (56 - 8 * i));
}

static uint64_t get_number(const unsigned char bytes[8]) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static uint64_t draw(EVP_MD_CTX *context, const char *seed, size_t length, uint64_t counter) {
    unsigned char bytes[8], hash[EVP_MAX_MD_SIZE];
    put_number(bytes, counter);
    if (!EVP_DigestInit_ex(context, EVP_sha256(), NULL) ||
        !EVP_DigestUpdate(context, seed, length) ||
        !EVP_DigestUpdate(context, bytes, sizeof bytes) || !EVP_DigestFinal_ex(context, hash, NULL))
        abort();
    return get_number(hash);
}

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void tally_draw_lot(const char *seed, size_t seed_length, const char **texts, size_t count) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        abort();
    qsort(texts, count, sizeof *texts, compare_texts);
    uint64_t counter = 0;
    for (size_t i = count; i-- > 1;) {
        uint64_t choices = (uint64_t)i + 1, excess = -choices % choices, number;
        do
            number = draw(context, seed, seed_length, counter++);
        while (number > UINT64_MAX - excess);
        const char *text = texts[i];
        texts[i] = texts[number % choices];
        texts[number % choices] = text;
    }
    EVP_MD_CTX_free(context);
}
