/* The facts of the folder demo, embedded. */
#pragma once

#include <stddef.h>

struct demo_file {
    const char *name; /* "bodies" */
    const char *text; /* a JSON array */
    size_t length;
};
extern const struct demo_file demo_files[]; /* ends with {0} */
