/*
 * Pictures from strangers. Bytes of a JPEG, PNG or WebP, told apart by content, become two new
 * JPEGs: the full picture, upright and no longer than IMAGE_SIDE_MOST, and a small copy. Nothing of
 * the input but its colours goes on: no metadata, no profile, no bytes before, between or after.
 * What is transparent becomes white.
 *
 * Width times height is read from the head and judged before a pixel is decoded, the scans of a
 * JPEG are counted before any is, and what a PNG has packed behind its last row stays packed, so
 * that a small file costs neither memory nor time without bound.
 */
#pragma once

#include "buffer.h"
#include "problem.h"

#include <stdbool.h>
#include <stddef.h>

/* What is read, as a contract and a problem name it. */
#define IMAGE_MEDIA "image/jpeg, image/png, image/webp"

enum { IMAGE_PIXELS_MOST = 25000000, IMAGE_SIDE_MOST = 2048, IMAGE_SMALL_SIDE_MOST = 640 };

struct image {
    int width, height; /* of the full picture */
    struct buffer full, small;
};

/* False with the problem UNSUPPORTED_MEDIA_TYPE, IMAGE_BROKEN or IMAGE_TOO_LARGE. */
bool image_read(const void *bytes, size_t length, struct image *ret_image, struct problem *problem);

void image_clear(struct image *image);
