/* A request's use of the database: who acts and when, told to the transaction; what it cost, told
 * to the log. */
#pragma once

#include "db.h"
#include "request.h"

/*
 * Takes a connection for reading. `is_restricted`: within a transaction that knows the actor,
 * because row-level security asks. NULL with the problem set on failure.
 */
struct db *session_begin_read(struct request *request, bool is_restricted);

/* Takes a connection, begins a transaction and tells it municipality, actor, role, clock, request,
 * reason and decision. */
struct db *session_begin_write(struct request *request);

/* The id of what the transaction has made, which its apply told as `app.made`. NULL with the
 * problem set. */
const char *session_made(struct request *request, struct db *db);

/* Gives the connection back (an open transaction is rolled back). NULL is legal. */
void session_end(struct request *request, struct db *db);
