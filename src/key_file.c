/* Reads and writes key files; which kind of key is wanted is the caller's affair. */
#include "key_file.h"

#include "log.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

/* Without this OpenSSL would ask for a passphrase on the terminal, and a service would wait for
 * ever. */
static int refuse_passphrase(char *buffer, int size, int is_writing, void *data) {
    (void)buffer, (void)size, (void)is_writing, (void)data;
    return -1;
}

EVP_PKEY *key_file_read(const char *path) {
    auto_file file = fopen(path, "re");
    if (!file) {
        log_write(LOG_ERROR, NULL, "the key %s cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, refuse_passphrase, NULL);
    ERR_clear_error();
    if (!key)
        log_write(LOG_ERROR, NULL, "%s holds no private key in PEM without passphrase", path);
    return key;
}

static bool write_key(int descriptor, EVP_PKEY *key) {
    auto_file file = fdopen(descriptor, "w");
    if (!file) {
        close(descriptor);
        return false;
    }
    return PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) && fflush(file) == 0 &&
           fsync(fileno(file)) == 0;
}

bool key_file_write(const char *path, EVP_PKEY *key) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        log_write(LOG_ERROR, NULL, "the new key %s cannot be made: %s", path, strerror(errno));
        return false;
    }
    if (write_key(descriptor, key))
        return true;
    log_write(LOG_ERROR, NULL, "the new key %s cannot be written: %s", path, strerror(errno));
    unlink(path);
    return false;
}
