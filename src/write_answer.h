/* What a write is answered with, whether it was written alone (write.c) or with others (gather.c).
 */
#pragma once

#include "db.h"
#include "request.h"

/* The row's version; 0 when it has none. */
int64_t write_version(const PGresult *rows, int row);

/* Adds to the request's problem what a guard's row says: code, pointer or next states, parameter.
 */
void write_refuse(struct request *request, const PGresult *rows, int row);

/* Answers with a row that was read back: ETag, Location when it was made under `made_id`, the item.
 */
bool write_answer(struct request *request, const PGresult *rows, int row, const char *made_id);
