/* JPEG, PNG and WebP into pixels. The libraries decode; what a file may ask of them is decided
 * here. */
#include "image_pixels.h"

#include "image.h"
#include "own.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/decode.h>

/* A progressive JPEG has about ten scans; each one costs the time of a whole picture. */
enum { SCANS_MOST = 32, ORIENTATION_TAG = 0x0112, ORIENTATION_UPRIGHT = 1, WHITE = 255 };
enum {
    MARK_TEM = 0x01,
    MARK_FIRST_BARE = 0xD0,
    MARK_END = 0xD9,
    MARK_SCAN = 0xDA,
    MARK_EXIF = 0xE1
};

/* What the markers of a JPEG tell, read before anything is decoded. */
struct markers {
    int scans, orientation;
    bool has_end;
};

static bool refuse_broken(struct problem *problem) {
    return problem_set(problem, PROBLEM_IMAGE_BROKEN);
}

static bool check_size(int width, int height, struct problem *problem) {
    if (width < 1 || height < 1)
        return refuse_broken(problem);
    return (int64_t)width * height <= IMAGE_PIXELS_MOST ||
           problem_set(problem, PROBLEM_IMAGE_TOO_LARGE, "25");
}

uint8_t *image_allocate(int width, int height) {
    uint8_t *rgb = malloc((size_t)width * (size_t)height * IMAGE_CHANNELS);
    if (!rgb)
        abort();
    return rgb;
}

static unsigned read_number(const uint8_t *at, int count, bool is_little) {
    unsigned number = 0;
    for (int i = 0; i < count; i++)
        number = number << 8 | at[is_little ? count - 1 - i : i];
    return number;
}

/* The orientation in an APP1 segment; upright unless it says another. */
static int read_orientation(const uint8_t *at, size_t length) {
    if (length < 14 || memcmp(at, "Exif\0", 6) != 0)
        return ORIENTATION_UPRIGHT;
    at += 6;
    length -= 6;
    bool is_little = at[0] == 'I';
    size_t list = read_number(at + 4, 4, is_little);
    if (list > length - 2)
        return ORIENTATION_UPRIGHT;
    size_t count = read_number(at + list, 2, is_little);
    for (size_t entry = list + 2; count-- && entry + 12 <= length; entry += 12)
        if (read_number(at + entry, 2, is_little) == ORIENTATION_TAG) {
            unsigned value = read_number(at + entry + 8, 2, is_little);
            return value >= 1 && value <= 8 ? (int)value : ORIENTATION_UPRIGHT;
        }
    return ORIENTATION_UPRIGHT;
}

/* Marker by marker to the end of the picture; between scans it is looked for, elsewhere it is told.
 */
static struct markers read_markers(const uint8_t *bytes, size_t length) {
    struct markers found = {.orientation = ORIENTATION_UPRIGHT};
    size_t at = 2;
    while (at + 1 < length && !found.has_end) {
        const uint8_t *mark = memchr(bytes + at, 0xFF, length - at - 1);
        if (!mark)
            break;
        at = (size_t)(mark - bytes) + 1;
        uint8_t code = bytes[at];
        found.has_end = code == MARK_END;
        found.scans += code == MARK_SCAN;
        bool is_bare = code <= MARK_TEM || (code >= MARK_FIRST_BARE && code <= MARK_END);
        if (code == 0xFF)
            continue;
        at++;
        if (is_bare || length - at < 2)
            continue;
        size_t size = read_number(bytes + at, 2, false);
        if (size < 2 || size > length - at)
            break;
        if (code == MARK_EXIF && found.orientation == ORIENTATION_UPRIGHT)
            found.orientation = read_orientation(bytes + at + 2, size - 2);
        at += size;
    }
    return found;
}

/* The library halves while it decodes, which saves memory and time. */
static int choose_divisor(int side) {
    int divisor = 8;
    while (divisor > 1 && side / divisor < IMAGE_SIDE_MOST)
        divisor /= 2;
    return divisor;
}

static bool decode_jpeg_with(tjhandle handle, const uint8_t *bytes, size_t length,
                             struct pixels *pixels, struct problem *problem) {
    struct markers markers = read_markers(bytes, length);
    int width, height, sampling, colours;
    if (!markers.has_end || markers.scans > SCANS_MOST ||
        tjDecompressHeader3(handle, bytes, length, &width, &height, &sampling, &colours) != 0)
        return refuse_broken(problem);
    if (!check_size(width, height, problem))
        return false;
    tjscalingfactor scale = {1, choose_divisor(width > height ? width : height)};
    *pixels = (struct pixels){.width = TJSCALED(width, scale),
                              .height = TJSCALED(height, scale),
                              .orientation = markers.orientation};
    pixels->rgb = image_allocate(pixels->width, pixels->height);
    return tjDecompress2(handle, bytes, length, pixels->rgb, pixels->width, 0, pixels->height,
                         TJPF_RGB, TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0 ||
           refuse_broken(problem);
}

static bool decode_jpeg(const uint8_t *bytes, size_t length, struct pixels *pixels,
                        struct problem *problem) {
    tjhandle handle = tjInitDecompress();
    if (!handle)
        abort();
    bool is_done = decode_jpeg_with(handle, bytes, length, pixels, problem);
    tjDestroy(handle);
    return is_done;
}

static bool decode_png_with(png_image *png, struct pixels *pixels, struct problem *problem) {
    if (png->width > INT32_MAX || png->height > INT32_MAX)
        return refuse_broken(problem);
    if (!check_size((int)png->width, (int)png->height, problem))
        return false;
    *pixels = (struct pixels){.width = (int)png->width,
                              .height = (int)png->height,
                              .rgb = image_allocate((int)png->width, (int)png->height),
                              .orientation = ORIENTATION_UPRIGHT};
    png->format = PNG_FORMAT_RGB;
    const png_color white = {WHITE, WHITE, WHITE};
    return png_image_finish_read(png, &white, pixels->rgb, 0, NULL) || refuse_broken(problem);
}

static bool decode_png(const uint8_t *bytes, size_t length, struct pixels *pixels,
                       struct problem *problem) {
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&png, bytes, length))
        return refuse_broken(problem);
    bool is_done = decode_png_with(&png, pixels, problem);
    png_image_free(&png);
    return is_done;
}

/* Red, green, blue and how much of them is there, onto white, in place. */
static void whiten(uint8_t *rgba, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *from = rgba + 4 * i;
        unsigned alpha = from[3];
        for (size_t channel = 0; channel < IMAGE_CHANNELS; channel++) {
            unsigned sum = from[channel] * alpha + WHITE * (255 - alpha);
            rgba[IMAGE_CHANNELS * i + channel] = (uint8_t)((sum + 127) / 255);
        }
    }
}

/* One that moves has no single picture and is refused by the library. */
static bool decode_webp(const uint8_t *bytes, size_t length, struct pixels *pixels,
                        struct problem *problem) {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(bytes, length, &features) != VP8_STATUS_OK || features.has_animation)
        return refuse_broken(problem);
    if (!check_size(features.width, features.height, problem))
        return false;
    size_t count = (size_t)features.width * (size_t)features.height;
    auto_free uint8_t *rgba = malloc(4 * count);
    if (!rgba)
        abort();
    if (!WebPDecodeRGBAInto(bytes, length, rgba, 4 * count, 4 * features.width))
        return refuse_broken(problem);
    whiten(rgba, count);
    *pixels = (struct pixels){.width = features.width,
                              .height = features.height,
                              .rgb = steal(&rgba),
                              .orientation = ORIENTATION_UPRIGHT};
    return true;
}

static bool begins(const uint8_t *bytes, size_t length, const char *signature, size_t count) {
    return length >= count && memcmp(bytes, signature, count) == 0;
}

bool image_decode(const uint8_t *bytes, size_t length, struct pixels *ret_pixels,
                  struct problem *problem) {
    if (begins(bytes, length, "\xFF\xD8\xFF", 3))
        return decode_jpeg(bytes, length, ret_pixels, problem);
    if (begins(bytes, length, "\x89PNG\r\n\x1A\n", 8))
        return decode_png(bytes, length, ret_pixels, problem);
    if (begins(bytes, length, "RIFF", 4) && length >= 12 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return decode_webp(bytes, length, ret_pixels, problem);
    return problem_set(problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE, IMAGE_MEDIA);
}
