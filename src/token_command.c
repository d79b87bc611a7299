/* `elinvoima token`: mints a token of the service's own issuer for scripts, or makes a new key. */
#include "command.h"
#include "config.h"
#include "own.h"
#include "signer.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>

enum { HOURS_USUAL = 12, HOURS_MOST = 24 * 366, EXIT_USAGE = 2 };

struct wishes {
    const char *subject;
    const char *issuer;
    const char *new_key_path;
    json_t *claims;
    int64_t hours;
};

static const char usage[] =
    "usage: elinvoima token --subject SUBJECT [--claim NAME=TEXT]… [--hours N] [--issuer ISSUER]\n"
    "       elinvoima token --new-key FILE\n"
    "\n"
    "Prints a token signed with ELINVOIMA_TOKEN_KEY_FILE, valid 12 hours unless told otherwise, "
    "or\n"
    "writes a new private key (EC P-256, PEM, readable by its owner only) to a file not yet "
    "there.\n"
    "What the subject may do is said by the grants in the database, not by the token; a claim says "
    "what\n"
    "an identity provider would, such as a voter's date of birth.\n";

static bool read_hours(const char *text, int64_t *ret_hours) {
    char *end = NULL;
    errno = 0;
    long hours = strtol(text, &end, 10);
    if (errno || end == text || *end || hours < 1 || hours > HOURS_MOST)
        return false;
    *ret_hours = hours;
    return true;
}

/* NAME=TEXT */
static bool read_claim(const char *text, json_t *claims) {
    const char *equals = strchr(text, '=');
    return equals && equals > text &&
           json_object_setn_new(claims, text, (size_t)(equals - text), json_string(equals + 1)) ==
               0;
}

static bool read_wishes(int argc, char **argv, struct wishes *ret_wishes) {
    static const struct option options[] = {
        {"claim", required_argument, NULL, 'c'},   {"hours", required_argument, NULL, 'h'},
        {"issuer", required_argument, NULL, 'i'},  {"new-key", required_argument, NULL, 'k'},
        {"subject", required_argument, NULL, 's'}, {0},
    };
    optind = 0; /* glibc: start anew, whoever has used getopt before */
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'i')
            ret_wishes->issuer = optarg;
        else if (option == 'k')
            ret_wishes->new_key_path = optarg;
        else if (option == 's')
            ret_wishes->subject = optarg;
        else if (option == 'c' ? !read_claim(optarg, ret_wishes->claims)
                               : option != 'h' || !read_hours(optarg, &ret_wishes->hours))
            return false;
    }
    return optind == argc && !ret_wishes->subject != !ret_wishes->new_key_path;
}

int command_token(int argc, char **argv, const struct config *config) {
    json_auto_t *claims = json_object();
    struct wishes wishes = {.claims = claims, .hours = HOURS_USUAL};
    if (!read_wishes(argc, argv, &wishes)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (wishes.new_key_path)
        return signer_write_new_key(wishes.new_key_path) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (!config->token_key_file || !*config->token_key_file) {
        fputs("elinvoima token: ELINVOIMA_TOKEN_KEY_FILE is not set\n", stderr);
        return EXIT_FAILURE;
    }
    struct signer *signer = signer_new(config->token_key_file);
    if (!signer)
        return EXIT_FAILURE;
    const char *issuer = wishes.issuer ? wishes.issuer : config->token_issuer;
    auto_free char *token = signer_mint(signer, issuer, config->token_audience, wishes.subject,
                                        claims, time(NULL), wishes.hours * 3600);
    signer_free(signer);
    return token && puts(token) >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
