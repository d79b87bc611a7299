/* Reads the settings and hands over to a subcommand. */
#include "command.h"
#include "config.h"
#include "log.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

extern char **environ;

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv, const struct config *config);
    const char *help;
} commands[] = {
    {"check", command_check,
     "verify the contract, its bindings and every statement against the database"},
    {"demo", command_demo, "fill a municipality with demonstration data"},
    {"grant", command_grant, "give a person a role in a municipality"},
    {"migrate", command_migrate, "bring the database to this version's schema"},
    {"municipality", command_municipality, "add or list municipalities"},
    {"serve", command_serve, "answer requests until SIGTERM; SIGHUP reads the keys again"},
    {"tally", command_tally, "count the election of a .pb file"},
    {"token", command_token, "mint a token of the service's own issuer"},
    {"verify", command_verify, "check a ballot's receipt, and later heads of its log, offline"},
    {"vote-key", command_vote_key, "make the key that signs logs of votes and hides voters"},
    {"worker", command_worker,
     "do what the calendar says is due until SIGTERM; --once [--as-of TIME]"},
    {0}};

static int print_help(FILE *out) {
    fputs("elinvoima COMMAND [ARGUMENTS]\n\nCommands:\n", out);
    for (const struct command *command = commands; command->name; command++)
        fprintf(out, "  %-13s %s\n", command->name, command->help);
    fputs("  help          print this\n\nSettings (environment, [default]):\n", out);
    auto_buffer settings = {0};
    config_write_help(&settings);
    fputs(settings.data, out);
    return out == stdout ? 0 : 2;
}

static const struct command *find_command(const char *name) {
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static enum log_level find_level(const char *name) {
    for (enum log_level level = LOG_DEBUG; level < LOG_ERROR; level++)
        if (strcmp(name, log_level_name(level)) == 0)
            return level;
    return LOG_ERROR;
}

/* Keys and tokens are in memory, so no core may be written and nobody of the same user may attach.
 */
static void keep_memory_private(void) {
    const struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check attaches */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int argc, char **argv) {
    if (argc < 2)
        return print_help(stderr);
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return print_help(stdout);
    const struct command *command = find_command(argv[1]);
    if (!command) {
        fprintf(stderr, "elinvoima: no command of this name; see `elinvoima help`\n");
        return 2;
    }
    keep_memory_private();
    signal(SIGPIPE, SIG_IGN);
    struct config config;
    auto_buffer faults = {0};
    if (!config_read(&config, environ, &faults)) {
        fputs(faults.data, stderr);
        return 2;
    }
    log_init(find_level(config.log_level));
    int status = command->run(argc - 1, argv + 1, &config);
    config_clear(&config);
    return status;
}
