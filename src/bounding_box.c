/* Reading boxes. */
#include "bounding_box.h"

#include <stdlib.h>
#include <string.h>

enum { WEST, SOUTH, EAST, NORTH };

static size_t count_digits(const char *at) {
    return strspn(at, "0123456789");
}

/* -12.345: the length, 0 when it is no such number. */
static size_t number_length(const char *text) {
    const char *at = text + (*text == '-');
    size_t whole = count_digits(at);
    if (whole < 1 || whole > 3)
        return 0;
    at += whole;
    if (*at != '.')
        return (size_t)(at - text);
    size_t decimals = count_digits(at + 1);
    return decimals >= 1 && decimals <= 8 ? (size_t)(at - text) + 1 + decimals : 0;
}

bool bounding_box_read(const char *text, struct bounding_box *ret_box) {
    double degrees[BOUNDING_BOX_EDGES];
    for (int i = 0; i < BOUNDING_BOX_EDGES; i++) {
        size_t length = number_length(text);
        if (!length || text[length] != (i == NORTH ? '\0' : ','))
            return false;
        memcpy(ret_box->edges[i], text, length);
        ret_box->edges[i][length] = '\0';
        degrees[i] = strtod(ret_box->edges[i], NULL);
        text += length + 1;
    }
    return degrees[WEST] >= -180 && degrees[EAST] <= 180 && degrees[SOUTH] >= -90 &&
           degrees[NORTH] <= 90 && degrees[WEST] < degrees[EAST] && degrees[SOUTH] < degrees[NORTH];
}
