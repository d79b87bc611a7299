/* Settings from the environment, read once in main and constant afterwards. See config.def. */
#pragma once

#include "buffer.h"

#include <stdbool.h>

typedef const char *config_text;
typedef int config_integer;

struct config {
#define CONFIG(type, member, fallback, secret, help) config_##type member;
#include "config.def"
#undef CONFIG
};

/*
 * Reads `environment` ("NAME=value" strings, ends with NULL). False when a variable is malformed, a
 * _FILE cannot be read or an ELINVOIMA_ variable is unknown; *out then says every fault, one a
 * line, without secret values.
 */
bool config_read(struct config *config, char *const *environment, struct buffer *faults);
void config_clear(struct config *config);

/* Whether a comma-separated setting has the entry: the whole of it, not its beginning. */
bool config_lists(const char *setting, const char *entry);

/* Adds the table of settings for --help. */
void config_write_help(struct buffer *out);
