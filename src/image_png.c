/*
 * PNG into pixels, by libpng's progressive reader: it stops inflating at the last row, where the
 * others inflate to the end whatever lies behind the picture (a file of 5 MB can hold 5 GB there).
 * Texts and profiles, which may be packed as tightly, are not unpacked.
 */
#include "image_pixels.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

enum { OPAQUE = 255 };

struct reading {
    struct pixels pixels;
    struct problem *problem;
    int passes; /* 7 of a picture that is interlaced */
    bool is_moving, has_last_row, has_end;
};

/* libpng's own would write to stderr. */
static void warn(png_structp png, const char *message) {
    (void)png;
    (void)message;
}

static void fail(png_structp png, const char *message) {
    (void)message;
    png_longjmp(png, 1);
}

/* An animation control with more than one frame. */
static bool is_moving(const png_unknown_chunk *chunk) {
    return memcmp(chunk->name, "acTL", 4) == 0 && chunk->size >= 4 &&
           png_get_uint_32(chunk->data) > 1;
}

/* Of the chunks that libpng is told to leave alone. Tells that none is to be kept. */
static int take_chunk(png_structp png, png_unknown_chunkp chunk) {
    struct reading *reading = png_get_user_chunk_ptr(png);
    if (memcmp(chunk->name, "eXIf", 4) == 0)
        reading->pixels.orientation = image_read_orientation(chunk->data, chunk->size);
    reading->is_moving |= is_moving(chunk);
    return 1;
}

/* Everything becomes eight bits of red, green, blue and how much of them is there, as sRGB. */
static void convert(png_structp png) {
    png_set_alpha_mode(png, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, OPAQUE, PNG_FILLER_AFTER);
}

/* What comes before the pixels is known. */
static void take_head(png_structp png, png_infop info) {
    struct reading *reading = png_get_progressive_ptr(png);
    struct pixels *pixels = &reading->pixels;
    pixels->width = (int)png_get_image_width(png, info);
    pixels->height = (int)png_get_image_height(png, info);
    if (reading->is_moving || !image_check_size(pixels->width, pixels->height, reading->problem))
        png_error(png, "not taken");
    convert(png);
    reading->passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    pixels->rgb = image_allocate(pixels->width, pixels->height, IMAGE_DEEP_CHANNELS);
}

static void take_row(png_structp png, png_bytep row, png_uint_32 number, int pass) {
    struct reading *reading = png_get_progressive_ptr(png);
    const struct pixels *pixels = &reading->pixels;
    size_t start = (size_t)number * (size_t)pixels->width * IMAGE_DEEP_CHANNELS;
    png_progressive_combine_row(png, pixels->rgb + start, row);
    reading->has_last_row |= (int)number + 1 == pixels->height && pass + 1 == reading->passes;
}

static void take_end(png_structp png, png_infop info) {
    struct reading *reading = png_get_progressive_ptr(png);
    (void)info;
    reading->has_end = true;
}

static void leave_chunks_alone(png_structp png, struct reading *reading) {
    const png_byte processed[] = "gAMA\0sRGB";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, processed, sizeof processed / 5);
    png_set_read_user_chunk_fn(png, reading, take_chunk);
}

static bool process(png_structp png, png_infop info, const uint8_t *bytes, size_t length,
                    struct reading *reading) {
    if (setjmp(png_jmpbuf(png)))
        return false;
    leave_chunks_alone(png, reading);
    png_set_progressive_read_fn(png, reading, take_head, take_row, take_end);
    png_process_data(png, info, (png_bytep)(uintptr_t)bytes, length);
    return reading->has_last_row && reading->has_end;
}

bool image_decode_png(const uint8_t *bytes, size_t length, struct pixels *ret_pixels,
                      struct problem *problem) {
    struct reading reading = {.pixels = {.orientation = IMAGE_UPRIGHT}, .problem = problem};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, fail, warn);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info)
        abort();
    bool is_done = process(png, info, bytes, length, &reading);
    png_destroy_read_struct(&png, &info, NULL);
    *ret_pixels = reading.pixels;
    if (!is_done)
        return problem->code == PROBLEM_NONE ? image_refuse_broken(problem) : false;
    image_whiten(ret_pixels);
    return true;
}
