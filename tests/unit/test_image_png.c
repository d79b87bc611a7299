/* PNG: what may lie behind and beside the pixels, depths, and rows that come in another order. */
#include "image.h"

#include "check.h"
#include "chunks.h"
#include "own.h"

#include <png.h>
#include <stdint.h>
#include <time.h>
#include <turbojpeg.h>

enum { SIDE = 64, HEAD_BYTES = 33, BLOCK_BYTES = 10000000, GREY = 0, RGB = 2, RGBA = 6 };

static void add_head(struct buffer *out, uint32_t width, uint32_t height, char depth, char colour) {
    auto_buffer head = {0};
    add_number(&head, width);
    add_number(&head, height);
    buffer_add(&head, (const char[]){depth, colour, 0, 0, 0}, 5);
    buffer_add(out, "\x89PNG\r\n\x1A\n", 8);
    add_chunk(out, "IHDR", head.data, head.length);
}

/* Rows of `row_bytes` bytes that are all `value`. */
static void add_rows(struct buffer *out, size_t rows, size_t row_bytes, int value) {
    size_t length = rows * (row_bytes + 1);
    auto_free uint8_t *raw = malloc(length);
    memset(raw, value, length);
    for (size_t row = 0; row < rows; row++)
        raw[row * (row_bytes + 1)] = 0; /* no filter */
    uLongf packed_length = compressBound(length);
    auto_free uint8_t *packed = malloc(packed_length);
    CHECK(compress2(packed, &packed_length, raw, length, 9) == Z_OK);
    add_chunk(out, "IDAT", (const char *)packed, packed_length);
}

/* Zeros without end: 2 MB that inflate to 2 GB. */
static void add_zeros(struct buffer *out) {
    auto_free uint8_t *zeros = calloc(BLOCK_BYTES, 1), *packed = malloc(BLOCK_BYTES);
    z_stream stream = {
        .next_in = zeros, .avail_in = BLOCK_BYTES, .next_out = packed, .avail_out = BLOCK_BYTES};
    CHECK(deflateInit(&stream, 9) == Z_OK && deflate(&stream, Z_FULL_FLUSH) == Z_OK);
    auto_buffer data = {0};
    buffer_add(&data, (const char *)packed, stream.total_out);
    for (int i = 0; i < 200; i++)
        buffer_add(&data, (const char *)packed + 2, stream.total_out - 2);
    deflateEnd(&stream);
    add_chunk(out, "IDAT", data.data, data.length);
}

static bool read_picture(const struct buffer *bytes, struct image *image,
                         enum problem_code expected) {
    struct problem problem = {0};
    *image = (struct image){0};
    bool is_read = image_read(bytes->data, bytes->length, image, &problem);
    CHECK_TEXT(problem_name(problem.code), problem_name(expected));
    CHECK(is_read == (expected == PROBLEM_NONE));
    return is_read;
}

static void refused(const struct buffer *bytes) {
    struct image image;
    if (read_picture(bytes, &image, PROBLEM_IMAGE_BROKEN))
        image_clear(&image);
}

/* How light the middle is, 0 to 255; -1 of what is refused. */
static int light_of(const struct buffer *bytes) {
    struct image image;
    uint8_t light[SIDE * SIDE];
    if (!read_picture(bytes, &image, PROBLEM_NONE))
        return -1;
    CHECK(image.width == SIDE && image.height == SIDE);
    tjhandle handle = tjInitDecompress();
    const unsigned char *jpeg = (const unsigned char *)image.full.data;
    CHECK(tjDecompress2(handle, jpeg, image.full.length, light, SIDE, 0, SIDE, TJPF_GRAY, 0) == 0);
    tjDestroy(handle);
    image_clear(&image);
    return light[SIDE / 2 * SIDE + SIDE / 2];
}

static bool is_near(int actual, int expected) {
    return actual >= expected - 3 && actual <= expected + 3;
}

/* What lies behind the last row is not inflated: that took four seconds. */
static void check_surplus(void) {
    auto_buffer bomb = {0}, extra = {0};
    add_head(&bomb, SIDE, SIDE, 8, RGB);
    add_zeros(&bomb);
    add_chunk(&bomb, "IEND", NULL, 0);
    clock_t start = clock();
    CHECK(is_near(light_of(&bomb), 0));
    CHECK(clock() - start < CLOCKS_PER_SEC / 2);
    add_head(&extra, SIDE, SIDE, 8, RGB);
    add_rows(&extra, SIDE + 1, (size_t)SIDE * 3, 200);
    add_chunk(&extra, "IEND", NULL, 0);
    CHECK(is_near(light_of(&extra), 200));
}

static void check_lacking(void) {
    auto_buffer rows = {0}, end = {0}, none = {0};
    add_head(&rows, SIDE, SIDE, 8, RGB);
    add_rows(&rows, SIDE - 1, (size_t)SIDE * 3, 200);
    add_chunk(&rows, "IEND", NULL, 0);
    refused(&rows);
    add_head(&end, SIDE, SIDE, 8, RGB);
    add_rows(&end, SIDE, (size_t)SIDE * 3, 200);
    refused(&end);
    add_head(&none, SIDE, SIDE, 8, RGB);
    add_chunk(&none, "IEND", NULL, 0);
    refused(&none);
}

/* A picture with one more chunk before and one behind its pixels. */
static void add_with(struct buffer *out, const char *before, const char *behind, const char *data,
                     size_t length) {
    add_head(out, SIDE, SIDE, 8, RGB);
    if (before)
        add_chunk(out, before, data, length);
    add_rows(out, SIDE, (size_t)SIDE * 3, 200);
    if (behind)
        add_chunk(out, behind, data, length);
    add_chunk(out, "IEND", NULL, 0);
}

static void check_moving(void) {
    auto_buffer still = {0}, moving = {0};
    add_with(&still, "acTL", NULL, "\0\0\0\1\0\0\0\0", 8);
    CHECK(is_near(light_of(&still), 200));
    add_with(&moving, "acTL", NULL, "\0\0\0\2\0\0\0\0", 8);
    refused(&moving);
}

/* EXIF may stand behind the pixels, too, and may be empty. */
static void check_exif(void) {
    const char exif[] = "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0";
    auto_buffer png = {0};
    struct image image;
    add_head(&png, 48, 32, 8, RGB);
    add_rows(&png, 32, 144, 200);
    add_chunk(&png, "eXIf", exif, sizeof exif);
    add_chunk(&png, "IEND", NULL, 0);
    CHECK(read_picture(&png, &image, PROBLEM_NONE) && image.width == 32 && image.height == 48);
    image_clear(&image);
    auto_buffer empty = {0};
    add_with(&empty, "eXIf", "eXIf", NULL, 0);
    CHECK(is_near(light_of(&empty), 200));
}

/* Each depth means what it says: a middle grey stays one, what is linear becomes one. */
static void check_depths(void) {
    auto_buffer deep = {0}, linear = {0}, grey = {0}, clear = {0};
    add_head(&deep, SIDE, SIDE, 16, RGB);
    add_rows(&deep, SIDE, (size_t)SIDE * 6, 128);
    add_chunk(&deep, "IEND", NULL, 0);
    CHECK(is_near(light_of(&deep), 128));
    add_head(&linear, SIDE, SIDE, 8, RGB);
    add_chunk(&linear, "gAMA", "\0\1\x86\xA0", 4);
    add_rows(&linear, SIDE, (size_t)SIDE * 3, 55);
    add_chunk(&linear, "IEND", NULL, 0);
    CHECK(is_near(light_of(&linear), 127));
    add_head(&grey, SIDE, SIDE, 1, GREY);
    add_rows(&grey, SIDE, SIDE / 8, 255);
    add_chunk(&grey, "IEND", NULL, 0);
    CHECK(is_near(light_of(&grey), 255));
    add_head(&clear, SIDE, SIDE, 8, RGBA);
    add_rows(&clear, SIDE, (size_t)SIDE * 4, 0);
    add_chunk(&clear, "IEND", NULL, 0);
    CHECK(is_near(light_of(&clear), 255));
}

static void add_bytes(png_structp png, png_bytep bytes, size_t length) {
    buffer_add(png_get_io_ptr(png), (const char *)bytes, length);
}

static void flush(png_structp png) {
    (void)png;
}

/* A picture of many colours, its rows in order or interlaced. */
static void add_colours(uint32_t width, uint32_t height, int interlacing, struct buffer *out) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    auto_free uint8_t *row = malloc((size_t)width * 3);
    png_set_write_fn(png, out, add_bytes, flush);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, interlacing,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int pass = png_set_interlace_handling(png); pass; pass--)
        for (uint32_t y = 0; y < height; y++) {
            for (uint32_t i = 0; i < width * 3; i++)
                row[i] = (uint8_t)((i * 37 + y * 91) % 251);
            png_write_row(png, row);
        }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

/* Some sizes have no pixels in some of the seven passes. */
static void check_interlaced(void) {
    for (uint32_t size = 0; size < 81; size++) {
        auto_buffer plain = {0}, interlaced = {0};
        struct image first, second;
        add_colours(size % 9 + 1, size / 9 + 1, PNG_INTERLACE_NONE, &plain);
        add_colours(size % 9 + 1, size / 9 + 1, PNG_INTERLACE_ADAM7, &interlaced);
        CHECK(read_picture(&plain, &first, PROBLEM_NONE) &
              read_picture(&interlaced, &second, PROBLEM_NONE));
        CHECK(first.full.length == second.full.length &&
              memcmp(first.full.data, second.full.data, first.full.length) == 0);
        image_clear(&first);
        image_clear(&second);
    }
    auto_buffer whole = {0}, first_pass = {0};
    add_colours(SIDE, SIDE, PNG_INTERLACE_ADAM7, &whole);
    buffer_add(&first_pass, whole.data, HEAD_BYTES);
    add_rows(&first_pass, SIDE / 8, SIDE / 8 * 3, 200);
    add_chunk(&first_pass, "IEND", NULL, 0);
    refused(&first_pass);
}

int main(void) {
    check_surplus();
    check_lacking();
    check_moving();
    check_exif();
    check_depths();
    check_interlaced();
    return check_finish();
}
