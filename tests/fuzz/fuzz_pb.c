/* The .pb reader on any bytes: what it takes is written strictly, and read again comes out the
 * same. */
#include "election.h"
#include "pb.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes what was read; false when it was refused. */
static bool rewrite(const char *bytes, size_t length, struct buffer *out) {
    struct problem problem = {0};
    struct arena arena = {0};
    auto_pb pb = {0};
    bool is_read = pb_read(&pb, bytes, length, "/file", &arena, &problem);
    if (is_read == (problem.code != PROBLEM_NONE) || problem.fault_count > PB_FAULTS_MOST)
        abort();
    if (is_read)
        pb_write(&pb, out);
    arena_clear(&arena);
    return is_read;
}

static void read_election(const char *bytes, size_t length) {
    struct problem problem = {0};
    struct arena arena = {0};
    auto_pb pb = {0};
    auto_election election = {0};
    if (pb_read(&pb, bytes, length, "/file", &arena, &problem) &&
        election_read(&election, &pb, "/file", &arena, &problem)) {
        size_t ballots = 0;
        for (size_t i = 0; i < election.group_count; i++)
            ballots += election.weights[i];
        if (ballots > election.ballot_count || election.ballot_count != pb.votes.row_count)
            abort();
    }
    arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Never a NUL behind it, so that a read beyond the end is seen. */
    char *bytes = malloc(size + !size);
    auto_buffer first = {0};
    auto_buffer second = {0};
    if (size)
        memcpy(bytes, data, size);
    read_election(bytes, size);
    if (rewrite(bytes, size, &first) &&
        (!rewrite(first.data, first.length, &second) || second.length != first.length ||
         memcmp(first.data, second.data, first.length) != 0))
        abort();
    free(bytes);
    return 0;
}
