/* The count of a closed vote. */
#pragma once

#include <stdbool.h>

struct db;
struct request;

/*
 * Counts every area of the cycle {id} from the closed box: writes its .pb file, its result with
 * every step, and a leaf in the log for both. Within the transaction that closed the box. False
 * with the problem set.
 */
bool budget_result_count(struct request *request, struct db *db);
