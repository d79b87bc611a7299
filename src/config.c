/*
 * Settings from the environment. All faults are found in one reading, so that an operator repairs
 * them in one go; values of secrets never appear in them.
 */
#include "config.h"

#include "own.h"
#include "proxy.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char PREFIX[] = "ELINVOIMA_";

enum { NAME_BYTES = 64, SECRET_BYTES = 16384 };
enum kind { KIND_text, KIND_integer };

struct setting {
    const char *member;
    enum kind kind;
    size_t offset;
    const char *fallback;
    bool is_secret;
    const char *help;
};

static const struct setting settings[] = {
#define CONFIG(type, member, fallback, secret, help) \
    {#member, KIND_##type, offsetof(struct config, member), fallback, secret, help},
#include "config.def"
#undef CONFIG
    {0}};

/* Whole numbers that mean something else than their type says. */
static const struct {
    const char *member;
    int least, most;
} ranges[] = {{"bodies_most_bytes", 1024 * 1024, INT_MAX},
              {"body_most_bytes", 1024, 64 * 1024 * 1024},
              {"connections_most", 1, 100000},
              {"connections_most_per_address", 1, 100000},
              {"database_connections", 1, 1000},
              {"idle_timeout_s", 1, 3600},
              {"smtp_is_plain", 0, 1},
              {"workers", 1, 256},
              {0}};

static void write_name(const struct setting *setting, char ret_name[NAME_BYTES]) {
    size_t length = (size_t)snprintf(ret_name, NAME_BYTES, "%s%s", PREFIX, setting->member);
    for (size_t i = 0; i < length; i++)
        if (ret_name[i] >= 'a' && ret_name[i] <= 'z')
            ret_name[i] = (char)(ret_name[i] - 'a' + 'A');
}

/* Value of NAME or NAME_FILE in the environment; NULL when it is not there. */
static const char *find_value(char *const *environment, const char *name, const char *suffix) {
    size_t name_length = strlen(name), suffix_length = strlen(suffix);
    for (; *environment; environment++) {
        const char *at = *environment;
        if (strncmp(at, name, name_length) == 0 &&
            strncmp(at + name_length, suffix, suffix_length) == 0 &&
            at[name_length + suffix_length] == '=')
            return at + name_length + suffix_length + 1;
    }
    return NULL;
}

/* Reads a secret's file without its last line end. NULL with a fault. */
static char *read_file(const char *path, const char *name, struct buffer *faults) {
    auto_file file = fopen(path, "re");
    if (!file) {
        buffer_print(faults, "%s_FILE cannot be read: %s\n", name, strerror(errno));
        return NULL;
    }
    auto_free char *text = calloc(1, SECRET_BYTES + 1);
    if (!text)
        abort();
    size_t length = fread(text, 1, SECRET_BYTES + 1, file);
    if (ferror(file) || length > SECRET_BYTES || memchr(text, '\0', length)) {
        buffer_print(faults, "%s_FILE cannot be used: it is not a text of at most %d bytes\n", name,
                     SECRET_BYTES);
        return NULL;
    }
    while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = '\0';
    return steal(&text);
}

static char *copy(const char *text) {
    char *result = strdup(text);
    if (!result)
        abort();
    return result;
}

static void read_text(const struct setting *setting, const char *name, char *const *environment,
                      config_text *ret_value, struct buffer *faults) {
    const char *value = find_value(environment, name, "");
    const char *path = setting->is_secret ? find_value(environment, name, "_FILE") : NULL;
    if (value && path) {
        buffer_print(faults, "%s and %s_FILE exclude each other\n", name, name);
        return;
    }
    *ret_value = path ? read_file(path, name, faults) : copy(value ? value : setting->fallback);
}

static void read_integer(const struct setting *setting, const char *name, char *const *environment,
                         config_integer *ret_value, struct buffer *faults) {
    int least = 0, most = INT_MAX;
    for (size_t i = 0; ranges[i].member; i++) {
        if (strcmp(ranges[i].member, setting->member) == 0) {
            least = ranges[i].least;
            most = ranges[i].most;
        }
    }
    const char *value = find_value(environment, name, "");
    if (!value)
        value = setting->fallback;
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || *end || *value < '0' || *value > '9' || number < least || number > most) {
        buffer_print(faults, "%s must be a whole number from %d to %d\n", name, least, most);
        return;
    }
    *ret_value = (int)number;
}

static bool is_known(const char *variable) {
    char name[NAME_BYTES];
    for (const struct setting *setting = settings; setting->member; setting++) {
        write_name(setting, name);
        size_t length = strlen(name);
        if (strncmp(variable, name, length) != 0)
            continue;
        if (variable[length] == '=' ||
            (setting->is_secret && strncmp(variable + length, "_FILE=", 6) == 0))
            return true;
    }
    return false;
}

static void check_names(char *const *environment, struct buffer *faults) {
    for (; *environment; environment++) {
        const char *variable = *environment;
        if (strncmp(variable, PREFIX, sizeof PREFIX - 1) == 0 && !is_known(variable))
            buffer_print(faults, "%.*s is not a setting; see `elinvoima help`\n",
                         (int)strcspn(variable, "="), variable);
    }
}

static void check_log_level(const struct config *config, struct buffer *faults) {
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (config->log_level && strcmp(config->log_level, levels[i]) == 0)
            return;
    buffer_print(faults, "ELINVOIMA_LOG_LEVEL must be debug, info, warning or error\n");
}

static void check_proxies(const struct config *config, struct buffer *faults) {
    if (config->trusted_proxies && !proxy_check_setting(config->trusted_proxies))
        buffer_print(faults, "ELINVOIMA_TRUSTED_PROXIES must be addresses and networks, such as "
                             "10.0.0.2,172.16.0.0/12\n");
}

bool config_read(struct config *config, char *const *environment, struct buffer *faults) {
    struct config result = {0};
    size_t before = faults->length;
    for (const struct setting *setting = settings; setting->member; setting++) {
        char name[NAME_BYTES];
        void *member = (char *)&result + setting->offset;
        write_name(setting, name);
        if (setting->kind == KIND_text)
            read_text(setting, name, environment, member, faults);
        else
            read_integer(setting, name, environment, member, faults);
    }
    check_names(environment, faults);
    check_log_level(&result, faults);
    check_proxies(&result, faults);
    if (faults->length > before) {
        config_clear(&result);
        return false;
    }
    *config = result;
    return true;
}

void config_clear(struct config *config) {
    for (const struct setting *setting = settings; setting->member; setting++) {
        if (setting->kind != KIND_text)
            continue;
        char **text = (char **)(void *)((char *)config + setting->offset);
        if (*text && setting->is_secret)
            explicit_bzero(*text, strlen(*text));
        free(*text);
    }
    *config = (struct config){0};
}

bool config_lists(const char *setting, const char *entry) {
    size_t length = strlen(entry);
    const char *at = setting;
    while (at && *(at += strspn(at, ", "))) {
        size_t listed = strcspn(at, ", ");
        if (listed == length && strncmp(at, entry, length) == 0)
            return true;
        at += listed;
    }
    return false;
}

void config_write_help(struct buffer *out) {
    for (const struct setting *setting = settings; setting->member; setting++) {
        char name[NAME_BYTES];
        write_name(setting, name);
        buffer_print(out, "  %s%s\n      %s", name, setting->is_secret ? " (or _FILE)" : "",
                     setting->help);
        buffer_print(out, *setting->fallback ? " [%s]\n" : "\n", setting->fallback);
    }
}
