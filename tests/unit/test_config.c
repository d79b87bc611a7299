/* Settings: defaults, values, secrets from files, and every fault in one reading. */
#include "check.h"
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

static void test_defaults_hold_without_environment(void) {
    struct config config;
    auto_buffer faults = {0};
    CHECK(config_read(&config, (char *[]){(char[]){"PATH=/bin"}, NULL}, &faults));
    CHECK_TEXT(config.listen, "127.0.0.1:8080");
    CHECK(config.workers == 8);
    CHECK_TEXT(config.database_url, "");
    CHECK(faults.length == 0);
    config_clear(&config);
    CHECK(config.listen == NULL);
}

static void test_values_replace_defaults(void) {
    struct config config;
    auto_buffer faults = {0};
    char *environment[] = {(char[]){"ELINVOIMA_WORKERS=3"}, (char[]){"ELINVOIMA_LISTEN=[::1]:0"},
                           (char[]){"ELINVOIMA_DRAIN_S=0"},
                           (char[]){"ELINVOIMA_DATABASE_URL=host=/tmp a=b"}, NULL};
    CHECK(config_read(&config, environment, &faults));
    CHECK(config.workers == 3 && config.drain_s == 0);
    CHECK_TEXT(config.listen, "[::1]:0");
    CHECK_TEXT(config.database_url, "host=/tmp a=b");
    config_clear(&config);
}

static void test_every_fault_is_told_at_once(void) {
    struct config config;
    auto_buffer faults = {0};
    char *environment[] = {(char[]){"ELINVOIMA_WORKERS=0"},
                           (char[]){"ELINVOIMA_DRAIN_S=-1"},
                           (char[]){"ELINVOIMA_IDLE_TIMEOUT_S=5x"},
                           (char[]){"ELINVOIMA_BODY_MOST_BYTES="},
                           (char[]){"ELINVOIMA_DATABASE_WAIT_MS=99999999999999999999"},
                           (char[]){"ELINVOIMA_LISTENN=secret-value"},
                           (char[]){"ELINVOIMA_LISTEN_FILE=/x"},
                           (char[]){"ELINVOIMA_LOG_LEVEL=loud"},
                           (char[]){"ELINVOIMA_TRUSTED_PROXIES=10.0.0.1,proxy"},
                           (char[]){"ELINVOIMA_DATABASE_URL=hush"},
                           (char[]){"ELINVOIMA_DATABASE_URL_FILE=/x"},
                           (char[]){"ELINVOIMA_MIGRATION_DATABASE_URL_FILE=/nonexistent/file"},
                           NULL};
    CHECK(!config_read(&config, environment, &faults));
    const char *const names[] = {
        "WORKERS must",         "DRAIN_S must",          "IDLE_TIMEOUT_S must",
        "BODY_MOST_BYTES must", "DATABASE_WAIT_MS must", "LISTENN is not",
        "LISTEN_FILE is not",   "LOG_LEVEL must",        "TRUSTED_PROXIES must",
        "exclude each other",   "cannot be read",        NULL};
    for (size_t i = 0; names[i]; i++) {
        CHECK(strstr(faults.data, names[i]));
    }
    CHECK(!strstr(faults.data, "secret-value") && !strstr(faults.data, "hush"));
}

static void test_secret_comes_from_file_without_line_end(void) {
    char path[] = "/tmp/test_config_XXXXXX", variable[128];
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, "dbname=x\n", 9) == 9);
    close(fd);
    snprintf(variable, sizeof variable, "ELINVOIMA_DATABASE_URL_FILE=%s", path);
    struct config config;
    auto_buffer faults = {0};
    CHECK(config_read(&config, (char *[]){variable, NULL}, &faults));
    CHECK_TEXT(config.database_url, "dbname=x");
    config_clear(&config);
    unlink(path);
}

static void test_help_names_every_setting(void) {
    auto_buffer out = {0};
    config_write_help(&out);
    CHECK(strstr(out.data, "ELINVOIMA_WORKERS\n"));
    CHECK(strstr(out.data, "ELINVOIMA_DATABASE_URL (or _FILE)"));
    CHECK(strstr(out.data, "[127.0.0.1:8080]"));
}

int main(void) {
    test_defaults_hold_without_environment();
    test_values_replace_defaults();
    test_every_fault_is_told_at_once();
    test_secret_comes_from_file_without_line_end();
    test_help_names_every_setting();
    return check_finish();
}
