/* What the kinds of pictures share while they are decoded. */
#include "image_pixels.h"

#include "image.h"

#include <stdlib.h>
#include <string.h>

enum { EXIF_NAME_BYTES = 6, TIFF_HEAD_BYTES = 8, ORIENTATION_TAG = 0x0112, WHITE = 255 };

uint8_t *image_allocate(int width, int height, int channels) {
    uint8_t *pixels = malloc((size_t)width * (size_t)height * (size_t)channels);
    if (!pixels)
        abort();
    return pixels;
}

bool image_refuse_broken(struct problem *problem) {
    return problem_set(problem, PROBLEM_IMAGE_BROKEN);
}

bool image_check_size(int width, int height, struct problem *problem) {
    if (width < 1 || height < 1)
        return image_refuse_broken(problem);
    return (int64_t)width * height <= IMAGE_PIXELS_MOST ||
           problem_set(problem, PROBLEM_IMAGE_TOO_LARGE, "25");
}

void image_whiten(struct pixels *pixels) {
    size_t count = (size_t)pixels->width * (size_t)pixels->height;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *from = pixels->rgb + IMAGE_DEEP_CHANNELS * i;
        unsigned alpha = from[3];
        for (size_t channel = 0; channel < IMAGE_CHANNELS; channel++) {
            unsigned sum = from[channel] * alpha + WHITE * (255 - alpha);
            pixels->rgb[IMAGE_CHANNELS * i + channel] = (uint8_t)((sum + 127) / 255);
        }
    }
}

static unsigned read_number(const uint8_t *at, int count, bool is_little) {
    unsigned number = 0;
    for (int i = 0; i < count; i++)
        number = number << 8 | at[is_little ? count - 1 - i : i];
    return number;
}

int image_read_orientation(const uint8_t *exif, size_t length) {
    bool is_named = length >= EXIF_NAME_BYTES && memcmp(exif, "Exif\0", EXIF_NAME_BYTES) == 0;
    size_t start = is_named ? EXIF_NAME_BYTES : 0;
    if (length < start + TIFF_HEAD_BYTES)
        return IMAGE_UPRIGHT;
    const uint8_t *tiff = exif + start;
    length -= start;
    bool is_little = memcmp(tiff, "II*\0", 4) == 0;
    size_t list = read_number(tiff + 4, 4, is_little);
    if ((!is_little && memcmp(tiff, "MM\0*", 4) != 0) || list > length - 2)
        return IMAGE_UPRIGHT;
    size_t count = read_number(tiff + list, 2, is_little);
    for (size_t entry = list + 2; count-- && entry + 12 <= length; entry += 12)
        if (read_number(tiff + entry, 2, is_little) == ORIENTATION_TAG) {
            unsigned value = read_number(tiff + entry + 8, 2, is_little);
            return value >= 1 && value <= 8 ? (int)value : IMAGE_UPRIGHT;
        }
    return IMAGE_UPRIGHT;
}
