/* Decoded pictures, between image_decode.c and image.c. */
#pragma once

#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_CHANNELS = 3 };

struct pixels {
    int width, height;
    uint8_t *rgb;    /* width * height * IMAGE_CHANNELS, rows without gaps */
    int orientation; /* 1 to 8 as in EXIF: how to turn it upright */
};

/* The caller frees ret_pixels->rgb. A picture much too long may come in half, quarter or eighth
 * size. */
bool image_decode(const uint8_t *bytes, size_t length, struct pixels *ret_pixels,
                  struct problem *problem);

uint8_t *image_allocate(int width, int height);
