/* Decoded pictures, between what decodes them and image.c. */
#pragma once

#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_CHANNELS = 3, IMAGE_DEEP_CHANNELS = 4, IMAGE_UPRIGHT = 1 };

struct pixels {
    int width, height;
    uint8_t *rgb;    /* width * height * IMAGE_CHANNELS, rows without gaps */
    int orientation; /* 1 to 8 as in EXIF: how to turn it upright */
};

/* The caller frees ret_pixels->rgb, also of one that is refused. A picture much too long may come
 * in half, quarter or eighth size. */
bool image_decode(const uint8_t *bytes, size_t length, struct pixels *ret_pixels,
                  struct problem *problem);
bool image_decode_png(const uint8_t *bytes, size_t length, struct pixels *ret_pixels,
                      struct problem *problem);

/* Ends the process where there is no memory. */
uint8_t *image_allocate(int width, int height, int channels);

/* Always false. */
bool image_refuse_broken(struct problem *problem);

/* IMAGE_BROKEN or IMAGE_TOO_LARGE. */
bool image_check_size(int width, int height, struct problem *problem);

/* Puts red, green, blue and how much of them is there (IMAGE_DEEP_CHANNELS) onto white, in place.
 */
void image_whiten(struct pixels *pixels);

/* The orientation that EXIF tells (CIPA DC-008), with or without the name it has in a JPEG;
 * IMAGE_UPRIGHT unless it says another. */
int image_read_orientation(const uint8_t *exif, size_t length);
