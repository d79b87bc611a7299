/* A box on the map as a parameter gives it: minlon,minlat,maxlon,maxlat (WGS 84, degrees). */
#pragma once

#include <stdbool.h>

enum { BOUNDING_BOX_EDGES = 4, BOUNDING_BOX_EDGE_BYTES = 16 };

/* Its edges as texts that PostgreSQL reads as numbers: west, south, east, north. */
struct bounding_box {
    char edges[BOUNDING_BOX_EDGES][BOUNDING_BOX_EDGE_BYTES];
};

/*
 * Four decimal numbers with commas between and nothing else, at most 8 decimals, longitudes from
 * -180 to 180, latitudes from -90 to 90, west below east, south below north: a box over the
 * antimeridian is two boxes. False when the text is none; *ret_box is then undefined.
 */
bool bounding_box_read(const char *text, struct bounding_box *ret_box);
