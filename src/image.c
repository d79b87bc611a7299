/* Sizes, turns and writes pictures. */
#include "image.h"

#include "image_pixels.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { QUALITY = 85 };

/* One line of pixels made shorter: each new pixel is the mean of what it covers. Positions are
 * counted in parts of which an old pixel has `to` and a new one `from`, so they are whole. */
static void shrink_line(const uint8_t *in, int64_t from, uint8_t *out, int64_t to,
                        size_t out_step) {
    for (int64_t j = 0; j < to; j++, out += out_step) {
        int64_t start = j * from, end = start + from, sums[IMAGE_CHANNELS] = {0};
        for (int64_t i = start / to; i * to < end; i++) {
            int64_t low = i * to > start ? i * to : start;
            int64_t high = (i + 1) * to < end ? (i + 1) * to : end;
            for (int channel = 0; channel < IMAGE_CHANNELS; channel++)
                sums[channel] += in[i * IMAGE_CHANNELS + channel] * (high - low);
        }
        for (int channel = 0; channel < IMAGE_CHANNELS; channel++)
            out[channel] = (uint8_t)((sums[channel] + from / 2) / from);
    }
}

/* Rows made shorter become columns: twice this is both ways. */
static uint8_t *shrink_rows(const uint8_t *rgb, int width, int height, int new_width) {
    uint8_t *out = image_allocate(height, new_width, IMAGE_CHANNELS);
    for (int y = 0; y < height; y++)
        shrink_line(rgb + (size_t)y * (size_t)width * IMAGE_CHANNELS, width,
                    out + (size_t)y * IMAGE_CHANNELS, new_width, (size_t)height * IMAGE_CHANNELS);
    return out;
}

static int scaled(int side, int longest, int most) {
    int64_t length = ((int64_t)side * most + longest / 2) / longest;
    return length ? (int)length : 1;
}

static void shrink(struct pixels *pixels, int most) {
    int longest = pixels->width > pixels->height ? pixels->width : pixels->height;
    if (longest <= most)
        return;
    int width = scaled(pixels->width, longest, most);
    int height = scaled(pixels->height, longest, most);
    auto_free uint8_t *columns = shrink_rows(pixels->rgb, pixels->width, pixels->height, width);
    free(pixels->rgb);
    pixels->rgb = shrink_rows(columns, pixels->height, width, height);
    pixels->width = width;
    pixels->height = height;
}

static bool is_one_of(int orientation, const char *set) {
    return strchr(set, '0' + orientation) != NULL;
}

/* The eight orientations of EXIF are two mirrors and an exchange of rows and columns. */
static void turn(struct pixels *pixels) {
    int orientation = pixels->orientation, width = pixels->width, height = pixels->height;
    if (orientation == 1)
        return;
    bool is_swapped = orientation >= 5;
    bool is_x_mirrored = is_one_of(orientation, "2378");
    bool is_y_mirrored = is_one_of(orientation, "3467");
    int new_width = is_swapped ? height : width, new_height = is_swapped ? width : height;
    uint8_t *out = image_allocate(new_width, new_height, IMAGE_CHANNELS), *to = out;
    for (int y = 0; y < new_height; y++)
        for (int x = 0; x < new_width; x++, to += IMAGE_CHANNELS) {
            int from_x = is_swapped ? y : x, from_y = is_swapped ? x : y;
            from_x = is_x_mirrored ? width - 1 - from_x : from_x;
            from_y = is_y_mirrored ? height - 1 - from_y : from_y;
            size_t from = (size_t)from_y * (size_t)width + (size_t)from_x;
            memcpy(to, pixels->rgb + from * IMAGE_CHANNELS, IMAGE_CHANNELS);
        }
    free(pixels->rgb);
    *pixels =
        (struct pixels){.width = new_width, .height = new_height, .rgb = out, .orientation = 1};
}

static void encode(const struct pixels *pixels, struct buffer *out) {
    tjhandle handle = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    if (!handle || tjCompress2(handle, pixels->rgb, pixels->width, 0, pixels->height, TJPF_RGB,
                               &bytes, &length, TJSAMP_420, QUALITY, 0) != 0)
        abort(); /* memory: there is no other way to fail */
    buffer_add(out, (const char *)bytes, length);
    tjFree(bytes);
    tjDestroy(handle);
}

bool image_read(const void *bytes, size_t length, struct image *ret_image,
                struct problem *problem) {
    struct pixels pixels = {0};
    bool is_done = image_decode(bytes, length, &pixels, problem);
    if (is_done) {
        shrink(&pixels, IMAGE_SIDE_MOST);
        turn(&pixels);
        *ret_image = (struct image){.width = pixels.width, .height = pixels.height};
        encode(&pixels, &ret_image->full);
        shrink(&pixels, IMAGE_SMALL_SIDE_MOST);
        encode(&pixels, &ret_image->small);
    }
    free(pixels.rgb);
    return is_done;
}

void image_clear(struct image *image) {
    buffer_clear(&image->full);
    buffer_clear(&image->small);
}
