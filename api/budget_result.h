/* The count of a closed vote. */
#pragma once

#include <stdbool.h>

struct db;
struct request;

/*
 * Counts every area of the cycle {id} from the closed box: writes its .pb file, its result with
 * every step, and a leaf in the log for both. Within the transaction that closed the box. Where the
 * body has a `reason` it is a correction: a further result, of the areas of `area_ids` or of all,
 * and a leaf of its own. False with the problem set.
 */
bool budget_result_count(struct request *request, struct db *db);
