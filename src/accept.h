/*
 * The acceptor: one thread that listens, hands each new connection to a callback, and knows of
 * every open connection what it is doing, so that slow ones end and greedy ones make room. It reads
 * and writes nothing.
 *
 *   1. A connection is in the table from before it is handed over until accept_forget; its file
 *      descriptor is its index. accept_forget is called before the descriptor is closed, so
 *      shutdown(2) here can never hit a stranger.
 *   2. A request's headers are complete within idle_timeout_s of its first line, its body within
 *      twice that; the first line of the first request comes within idle_timeout_s.
 *   3. A connection whose request is being answered is never ended here.
 *   4. When the total or an address's share is used up, the connection that has waited or received
 *      the longest is ended for the new one (a request not before it has taken a second); when
 *      there is none, the new one is refused.
 *   5. Out of descriptors or memory, accepting pauses for a moment; the backlog waits.
 *   6. A request whose sender has hung up midway is ended within two ticks; so is one, once nothing
 *      is accepted any more, of which nothing has come for QUIET_WHILE_DRAINING_MS.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct acceptor;

struct accept_options {
    const char *listen; /* "127.0.0.1:8080", "[::]:8080", "*:8080" */
    int most;
    int most_per_address; /* IPv6: per /64, which one customer has to himself */
    int idle_timeout_s;
    bool (*add)(void *data, int fd, const struct sockaddr *address,
                socklen_t length); /* takes the fd */
    void *data;
};

struct accept_counts {
    uint64_t accepted, refused, ended_slow, ended_for_room;
    int open;      /* connections */
    int running;   /* of these with a request under way */
    int answering; /* of these with one whose effect nobody knows yet */
};

/* Starts the thread. False with a log line. `options` are copied, their texts borrowed. */
bool accept_start(const struct accept_options *options, struct acceptor **ret_acceptor);
int accept_port(const struct acceptor *acceptor);

/* Takes what is in the backlog, then closes the listening socket; deadlines still hold. */
void accept_quiesce(struct acceptor *acceptor);

/* Ends the thread: no connection is handed over any more. The table stays. */
void accept_stop(struct acceptor *acceptor);

/* Frees the table of a stopped acceptor; no connection may be left. */
void accept_free(struct acceptor *acceptor);

/*
 * What the connection does, told by its thread. `headers_pending` points to an int that turns 0
 * when the headers are complete, valid until the next call for this fd.
 */
void accept_mark_receiving(struct acceptor *acceptor, int fd, const int *headers_pending);
void accept_mark_running(struct acceptor *acceptor, int fd);
void accept_mark_sending(struct acceptor *acceptor, int fd, size_t bytes);
void accept_mark_waiting(struct acceptor *acceptor, int fd);
void accept_forget(struct acceptor *acceptor, int fd);

/* Address text of the peer (IPv6: its /64), valid while the connection is open. */
const char *accept_peer(const struct acceptor *acceptor, int fd);

void accept_read_counts(struct acceptor *acceptor, struct accept_counts *ret_counts);
