/* What else than the native operations takes feedback in. */
#pragma once

#include "operation.h"

/* Remembers the hash of the link's secret beside what the transaction has made: the effect of every
 * creation. */
bool feedback_keep_link(struct request *request, struct db *db);
