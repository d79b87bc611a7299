/* `elinvoima vote-key`: makes the key that signs the logs of votes and hides voters. */
#include "command.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>

int command_vote_key(int argc, char **argv, const struct config *config) {
    (void)config;
    if (argc != 2 || argv[1][0] == '-') {
        fputs("usage: elinvoima vote-key FILE\n"
              "\n"
              "Writes a new private key (Ed25519, PEM, readable by its owner only) to a file not "
              "yet there, for\n"
              "ELINVOIMA_VOTE_KEY_FILE. Keep it as long as a vote is open: with another one no "
              "voter is recognised.\n",
              stderr);
        return 2;
    }
    return seal_write_new_key(argv[1]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
