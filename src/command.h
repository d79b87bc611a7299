/*
 * The subcommands. `argv[0]` is the command's name; the result is the process's exit status: 0
 * done, 1 failed (the log or standard error says why), 2 wrong usage.
 */
#pragma once

struct config;

int command_check(int argc, char **argv, const struct config *config);
int command_demo(int argc, char **argv, const struct config *config);
int command_grant(int argc, char **argv, const struct config *config);
int command_migrate(int argc, char **argv, const struct config *config);
int command_municipality(int argc, char **argv, const struct config *config);
int command_serve(int argc, char **argv, const struct config *config);
int command_tally(int argc, char **argv, const struct config *config);
int command_token(int argc, char **argv, const struct config *config);
int command_verify(int argc, char **argv, const struct config *config);
int command_vote_key(int argc, char **argv, const struct config *config);
int command_worker(int argc, char **argv, const struct config *config);
