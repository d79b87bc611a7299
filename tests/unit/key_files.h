/* Key files in a folder of the test's own, which folder_remove takes away again. */
#pragma once

#include "buffer.h"
#include "check.h"
#include "own.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/elinvoima_test_XXXXXX";

static inline void folder_make(void) {
    CHECK(mkdtemp(folder) != NULL);
}

static inline const char *path_of(const char *name) {
    static char paths[64][300];
    static int next;
    char *path = paths[next++ % 64];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline const char *write_file(const char *name, const void *bytes, size_t length) {
    const char *path = path_of(name);
    auto_file file = fopen(path, "w");
    fwrite(bytes, 1, length, file);
    return path;
}

static inline const char *write_text(const char *name, const char *text) {
    return write_file(name, text, strlen(text));
}

static inline const char *write_public(const char *name, EVP_PKEY *key) {
    const char *path = path_of(name);
    auto_file file = fopen(path, "w");
    PEM_write_PUBKEY(file, key);
    return path;
}

static inline const char *write_private(const char *name, EVP_PKEY *key, const EVP_CIPHER *cipher) {
    const char *path = path_of(name);
    auto_file file = fopen(path, "w");
    PEM_write_PKCS8PrivateKey(file, key, cipher, cipher ? "secret" : NULL, cipher ? 6 : 0, NULL,
                              NULL);
    return path;
}

/* Adds a row to the issuers file's text. `more` is further members or "". */
static inline void add_row(struct buffer *json, const char *issuer, const char *algorithm,
                           const char *path, const char *more) {
    buffer_print(json, "%c{\"issuer\":\"%s\",\"algorithm\":\"%s\",\"key_file\":\"%s\"%s}",
                 json->length ? ',' : '[', issuer, algorithm, path, more);
}

static inline void folder_remove(void) {
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        unlink(path_of(entry->d_name));
    closedir(entries);
    CHECK(rmdir(folder) == 0);
}
