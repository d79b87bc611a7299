/* The one pipeline of every write; operation.c gives it its steps. */
#pragma once

#include "bind.h"
#include "operation.h"

enum write_kind { WRITE_CREATE, WRITE_UPDATE, WRITE_DELETE, WRITE_ACT, WRITE_PUT };

/*
 * begin and settings · replay · lock · visible? (404, 410) · version? (412) · guard (409, 422) ·
 * apply · read back · keep the replay · commit (rollback for a dry run). A serialization failure or
 * deadlock is tried once more from the start. Sets the answer or the problem.
 */
bool write_run(struct request *request, enum write_kind kind);

/*
 * Whether a creation would be allowed now: replay and guard alone, nothing is written or locked.
 * For what is dear to prepare. The status is set when a kept answer is the reply; false with the
 * problem.
 */
bool write_ask(struct request *request);
