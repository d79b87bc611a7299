/* The sample elections: tests/pb, and ../shared/pb where that is there. */
#pragma once

#include "election.h"
#include "own.h"
#include "pb.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const election_folders[] = {"tests/pb", "../shared/pb"};

static inline void read_bytes(const char *folder, const char *name, struct buffer *bytes) {
    auto_buffer path = {0};
    buffer_print(&path, "%s/%s", folder, name);
    auto_file file = fopen(path.data, "rb");
    if (!file)
        abort();
    for (size_t length = 1; length; bytes->length += length) {
        buffer_reserve(bytes, 65536);
        length = fread(bytes->data + bytes->length, 1, 65535, file);
    }
    bytes->data[bytes->length] = '\0';
}

/* Calls back for each .pb file. Returns how many there were. */
static inline int each_election(const char *folder, void (*see)(const char *, const char *)) {
    DIR *directory = opendir(folder);
    int count = 0;
    if (!directory)
        printf("%s is not here: its elections are not tested\n", folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        size_t length = strlen(entry->d_name);
        if (length > 3 && strcmp(entry->d_name + length - 3, ".pb") == 0) {
            see(folder, entry->d_name);
            count++;
        }
    }
    if (directory)
        closedir(directory);
    return count;
}

/* An election out of the text of a .pb file; what it borrows lives in the arena. */
static inline bool read_election(struct election *election, const char *text, size_t length,
                                 struct arena *arena, struct problem *problem) {
    auto_pb pb = {0};
    return pb_read(&pb, text, length, "/file", arena, problem) &&
           election_read(election, &pb, "/file", arena, problem);
}
