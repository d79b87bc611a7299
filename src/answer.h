/* What every request gets, whoever answers it: id and start, constant headers, log line, count. */
#pragma once

#include "request.h"

struct metrics;

/* An answer on its way out: its headers for whoever sends them. */
struct answer {
    struct header headers[REQUEST_HEADERS_MOST + 8];
    size_t count;
    size_t bytes; /* of body that go out */
    char timing[64];
};

/* Sets id and started_us. */
void answer_begin(struct request *request);

/* Answers with request->problem when the stages never see the request; the connection closes. */
void answer_refuse(struct request *request);

/* Fills the headers, writes the log line and counts. The texts are borrowed from the request. */
void answer_finish(struct answer *answer, const struct request *request, struct metrics *metrics);
