/* The outcome of a count for people and programs. */
#pragma once

#include "buffer.h"
#include "election.h"
#include "tally.h"

/* What was counted, and how it came out. */
struct tally_report {
    const struct election *election;
    const struct tally_rules *rules;
    const char *ties; /* as the caller named the tie order */
    const struct tally_result *result;
};

/* Adds one object: see TallyResult in openapi.yaml. */
void tally_write_json(const struct tally_report *report, struct buffer *out);

/* Adds lines for a terminal. */
void tally_write_lines(const struct tally_report *report, enum language language,
                       struct buffer *out);

/* Adds what became of one project, as a sentence: "chosen 3rd: 214 votes, 18 000 € left". */
void tally_write_sentence(const struct tally_report *report, uint32_t project,
                          enum language language, struct buffer *out);
