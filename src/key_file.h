/* Private keys in PEM files without a passphrase that only their owner may read. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>

static inline void key_clear(EVP_PKEY **key) {
    EVP_PKEY_free(*key);
}
#define auto_key __attribute__((cleanup(key_clear))) EVP_PKEY *

/* The caller owns the key. NULL, with a log line, when the file holds none. */
EVP_PKEY *key_file_read(const char *path);

/* Writes a key to a new file. False, with a log line, if the file exists or cannot be written. */
bool key_file_write(const char *path, EVP_PKEY *key);
