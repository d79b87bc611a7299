/* Pictures: kinds by content, orientation, size, what is taken away, what is refused. What is PNG's
 * alone is test_image_png.c. */
#include "image.h"

#include "check.h"
#include "chunks.h"
#include "own.h"

#include <png.h>
#include <stdint.h>
#include <turbojpeg.h>
#include <webp/encode.h>

enum { RED = 0, GREEN = 1, CHANNELS = 3, PNG_HEAD_BYTES = 33, WEBP_HEAD_BYTES = 12 };

/* Left half red, right half green, rows without gaps. The caller frees it. */
static uint8_t *two_halves(int width, int height) {
    uint8_t *rgb = calloc((size_t)width * (size_t)height, CHANNELS);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            rgb[((size_t)y * (size_t)width + (size_t)x) * CHANNELS +
                (x < width / 2 ? RED : GREEN)] = 255;
    return rgb;
}

static void add_jpeg(int width, int height, struct buffer *out) {
    auto_free uint8_t *rgb = two_halves(width, height);
    tjhandle handle = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    CHECK(tjCompress2(handle, rgb, width, 0, height, TJPF_RGB, &bytes, &length, TJSAMP_444, 95,
                      0) == 0);
    buffer_add(out, (const char *)bytes, length);
    tjFree(bytes);
    tjDestroy(handle);
}

static void add_png(int width, int height, struct buffer *out) {
    auto_free uint8_t *rgb = two_halves(width, height);
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)width,
                     .height = (png_uint_32)height,
                     .format = PNG_FORMAT_RGB};
    png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(png);
    auto_free uint8_t *bytes = malloc(length);
    CHECK(png_image_write_to_memory(&png, bytes, &length, 0, rgb, 0, NULL));
    buffer_add(out, (const char *)bytes, length);
}

static void add_webp(int width, int height, struct buffer *out) {
    auto_free uint8_t *rgb = two_halves(width, height);
    uint8_t *bytes = NULL;
    size_t length = WebPEncodeLosslessRGB(rgb, width, height, width * CHANNELS, &bytes);
    buffer_add(out, (const char *)bytes, length);
    WebPFree(bytes);
}

/* Red and green with the inks of print, inverted as Adobe's programs tell them. */
static void add_print(int width, int height, struct buffer *out) {
    auto_free uint8_t *rgb = two_halves(width, height);
    auto_free uint8_t *inks = malloc((size_t)width * (size_t)height * 4);
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++) {
        memcpy(inks + 4 * i, rgb + CHANNELS * i, CHANNELS);
        inks[4 * i + 3] = 255;
    }
    tjhandle handle = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    CHECK(tjCompress2(handle, inks, width, 0, height, TJPF_CMYK, &bytes, &length, TJSAMP_444, 95,
                      0) == 0);
    buffer_add(out, (const char *)bytes, length);
    tjFree(bytes);
    tjDestroy(handle);
}

/* As it stands in PNG and WebP: an orientation, and words that must go. */
static void add_exif(char orientation, bool is_little, struct buffer *out) {
    const char little[] = "II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0O\0\0\0\0\0\0\0GPS 62.79 22.84";
    const char big[] = "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0O\0\0\0\0\0\0GPS 62.79 22.84";
    size_t start = out->length;
    buffer_add(out, is_little ? little : big, is_little ? sizeof little : sizeof big);
    out->data[start + (is_little ? 18 : 19)] = orientation; /* the letter O above */
}

/* Behind the first marker. */
static void turn_jpeg(const struct buffer *jpeg, const struct buffer *exif, struct buffer *out) {
    buffer_add(out, jpeg->data, 2);
    buffer_add(out, (const char[]){'\xFF', '\xE1', 0, (char)(exif->length + 8)}, 4);
    buffer_add(out, "Exif\0", 6);
    buffer_add(out, exif->data, exif->length);
    buffer_add(out, jpeg->data + 2, jpeg->length - 2);
}

static void turn_png(const struct buffer *png, const struct buffer *exif, struct buffer *out) {
    buffer_add(out, png->data, PNG_HEAD_BYTES);
    add_chunk(out, "eXIf", exif->data, exif->length);
    buffer_add(out, png->data + PNG_HEAD_BYTES, png->length - PNG_HEAD_BYTES);
}

/* With the head that says that there is more than a picture: 48 to 32 pixels and EXIF. */
static void turn_webp(const struct buffer *webp, const struct buffer *exif, struct buffer *out) {
    size_t size = webp->length - WEBP_HEAD_BYTES + 4 + 18 + 8 + exif->length + exif->length % 2;
    buffer_add(out, "RIFF", 4);
    buffer_add(out, (const char[]){(char)size, (char)(size >> 8), 0, 0}, 4);
    buffer_add(out, "WEBPVP8X\12\0\0\0\10\0\0\0\57\0\0\37\0\0", 22);
    buffer_add(out, webp->data + WEBP_HEAD_BYTES, webp->length - WEBP_HEAD_BYTES);
    buffer_add(out, (const char[]){'E', 'X', 'I', 'F', (char)exif->length, 0, 0, 0}, 8);
    buffer_add(out, exif->data, exif->length);
    buffer_add(out, "", exif->length % 2);
}

static bool read_picture(const struct buffer *bytes, struct image *image,
                         enum problem_code expected) {
    struct problem problem = {0};
    *image = (struct image){0};
    /* of exactly this size, so that a read beyond the end is seen */
    char *exact = malloc(bytes->length + !bytes->length);
    if (bytes->length)
        memcpy(exact, bytes->data, bytes->length);
    bool is_read = image_read(exact, bytes->length, image, &problem);
    free(exact);
    CHECK_TEXT(problem_name(problem.code), problem_name(expected));
    CHECK(is_read == (expected == PROBLEM_NONE));
    return is_read;
}

static void refused(const struct buffer *bytes, enum problem_code expected) {
    struct image image;
    if (read_picture(bytes, &image, expected))
        image_clear(&image);
}

/* "red" or "green" at a place given in tenths, and what sizes the JPEG has. */
static const char *colour_at(const struct buffer *jpeg, int x, int y, int *ret_width,
                             int *ret_height) {
    int sampling;
    tjhandle handle = tjInitDecompress();
    const unsigned char *bytes = (const unsigned char *)jpeg->data;
    CHECK(tjDecompressHeader2(handle, (unsigned char *)jpeg->data, jpeg->length, ret_width,
                              ret_height, &sampling) == 0);
    auto_free uint8_t *rgb = malloc((size_t)*ret_width * (size_t)*ret_height * CHANNELS);
    CHECK(tjDecompress2(handle, bytes, jpeg->length, rgb, *ret_width, 0, *ret_height, TJPF_RGB,
                        0) == 0);
    tjDestroy(handle);
    const uint8_t *at = rgb + (*ret_height * y / 10 * *ret_width + *ret_width * x / 10) * CHANNELS;
    if (at[RED] > 200 && at[GREEN] < 60)
        return "red";
    return at[GREEN] > 200 && at[RED] < 60 ? "green" : "other";
}

/* What stands left and right, or above and below: `first` and the other colour. */
static void check_sides(const struct buffer *jpeg, bool is_lying, const char *first, int width,
                        int height) {
    int w, h;
    CHECK_TEXT(colour_at(jpeg, is_lying ? 2 : 5, is_lying ? 5 : 2, &w, &h), first);
    CHECK_TEXT(colour_at(jpeg, is_lying ? 8 : 5, is_lying ? 5 : 8, &w, &h),
               *first == 'r' ? "green" : "red");
    CHECK(w == width && h == height);
}

static void check_kinds(void) {
    void (*const kinds[])(int, int, struct buffer *) = {add_jpeg, add_png, add_webp};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct image image;
        auto_buffer small = {0}, large = {0}, cut = {0};
        kinds[i](48, 32, &small);
        CHECK(read_picture(&small, &image, PROBLEM_NONE) && image.width == 48 &&
              image.height == 32);
        check_sides(&image.full, true, "red", 48, 32);
        check_sides(&image.small, true, "red", 48, 32);
        image_clear(&image);
        kinds[i](3000, 1000, &large);
        CHECK(read_picture(&large, &image, PROBLEM_NONE) && image.width == 2048 &&
              image.height == 683);
        check_sides(&image.full, true, "red", 2048, 683);
        check_sides(&image.small, true, "red", 640, 213);
        image_clear(&image);
        buffer_add(&cut, small.data, small.length * 2 / 3);
        refused(&cut, PROBLEM_IMAGE_BROKEN);
    }
}

/* EXIF says how the camera was held: 1 upright, 3 upside down, 6 and 8 on its sides, the even and
 * the odd others mirrored. */
static void check_orientations(void) {
    static const struct {
        const char *first;
        bool is_lying;
    } expected[] = {{"red", true},  {"green", true}, {"green", true},  {"red", true},
                    {"red", false}, {"red", false},  {"green", false}, {"green", false}};
    static const struct {
        void (*add)(int, int, struct buffer *);
        void (*turn)(const struct buffer *, const struct buffer *, struct buffer *);
    } kinds[] = {{add_jpeg, turn_jpeg}, {add_png, turn_png}, {add_webp, turn_webp}};
    for (int i = 0; i < 48; i++) {
        struct image image;
        auto_buffer lying = {0}, exif = {0}, turned = {0};
        kinds[i / 16].add(48, 32, &lying);
        add_exif((char)(i % 8 + 1), i % 16 < 8, &exif);
        kinds[i / 16].turn(&lying, &exif, &turned);
        CHECK(read_picture(&turned, &image, PROBLEM_NONE));
        bool is_lying = expected[i % 8].is_lying;
        CHECK(image.width == (is_lying ? 48 : 32) && image.height == (is_lying ? 32 : 48));
        check_sides(&image.full, is_lying, expected[i % 8].first, image.width, image.height);
        CHECK(!memmem(image.full.data, image.full.length, "Exif", 4));
        CHECK(!memmem(image.full.data, image.full.length, "GPS", 3));
        image_clear(&image);
    }
}

/* What is not EXIF, or not an orientation, turns nothing. */
static void check_odd_orientations(void) {
    auto_buffer jpeg = {0}, exif = {0}, odd = {0}, other = {0}, late = {0};
    struct buffer *const all[] = {&odd, &other, &late};
    struct image image;
    add_jpeg(48, 32, &jpeg);
    add_exif(99, true, &exif);
    turn_jpeg(&jpeg, &exif, &odd);
    exif.data[18] = 6;
    exif.data[0] = 'h';
    turn_jpeg(&jpeg, &exif, &other);
    memcpy(exif.data, "II*\0\377\377\377\377", 8);
    turn_jpeg(&jpeg, &exif, &late);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        CHECK(read_picture(all[i], &image, PROBLEM_NONE) && image.width == 48);
        image_clear(&image);
    }
}

static void check_print(void) {
    struct image image;
    auto_buffer print = {0};
    add_print(48, 32, &print);
    CHECK(read_picture(&print, &image, PROBLEM_NONE) && image.width == 48);
    check_sides(&image.full, true, "red", 48, 32);
    image_clear(&image);
}

/* What is another file too loses the other file; what begins as another kind is none. */
static void check_polyglots(void) {
    const char page[] = "<script>alert(1)</script>";
    auto_buffer jpeg = {0}, before = {0}, none = {0};
    struct image image;
    add_jpeg(16, 16, &jpeg);
    buffer_add_text(&before, page);
    buffer_add(&before, jpeg.data, jpeg.length);
    refused(&before, PROBLEM_UNSUPPORTED_MEDIA_TYPE);
    refused(&none, PROBLEM_UNSUPPORTED_MEDIA_TYPE);
    buffer_add_text(&jpeg, page);
    CHECK(read_picture(&jpeg, &image, PROBLEM_NONE));
    CHECK(!memmem(image.full.data, image.full.length, "script", 6));
    image_clear(&image);
    const char *const others[] = {"GIF89a\1\0\1\0\0\0\0;", "BM", "%PDF-1.7",
                                  "<svg xmlns='http://www.w3.org/2000/svg'/>", "RIFF\4\0\0\0WAVE"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        auto_buffer other = {0};
        buffer_add_text(&other, others[i]);
        refused(&other, PROBLEM_UNSUPPORTED_MEDIA_TYPE);
    }
}

/* A head that promises more pixels than are taken: nothing behind it is looked at. */
static void check_bombs(void) {
    auto_buffer jpeg = {0}, png = {0}, exact = {0}, scans = {0};
    add_jpeg(16, 16, &jpeg);
    char *frame = memmem(jpeg.data, jpeg.length, "\xFF\xC0", 2);
    memcpy(frame + 5, "\xFF\x00\xFF\x00", 4);
    refused(&jpeg, PROBLEM_IMAGE_TOO_LARGE);
    add_png(5001, 5000, &png);
    CHECK(png.length < 1000000);
    refused(&png, PROBLEM_IMAGE_TOO_LARGE);
    struct image image;
    add_png(5000, 5000, &exact);
    CHECK(read_picture(&exact, &image, PROBLEM_NONE) && image.width == 2048 &&
          image.height == 2048);
    image_clear(&image);
    add_jpeg(16, 16, &scans);
    scans.length -= 2;
    for (int i = 0; i < 40; i++)
        buffer_add(&scans, "\xFF\xDA\0\10\1\1\0\0\77\0", 10);
    buffer_add(&scans, "\xFF\xD9", 2);
    refused(&scans, PROBLEM_IMAGE_BROKEN);
}

/* Transparent is white, not what colour lies below. */
static void check_transparent(void) {
    uint8_t rgba[16 * 16 * 4] = {0}, *bytes = NULL;
    auto_buffer webp = {0};
    struct image image;
    size_t length = WebPEncodeLosslessRGBA(rgba, 16, 16, 64, &bytes);
    buffer_add(&webp, (const char *)bytes, length);
    WebPFree(bytes);
    CHECK(read_picture(&webp, &image, PROBLEM_NONE));
    int width, height;
    CHECK_TEXT(colour_at(&image.full, 5, 5, &width, &height), "other");
    image_clear(&image);
}

int main(void) {
    check_kinds();
    check_orientations();
    check_odd_orientations();
    check_print();
    check_polyglots();
    check_bombs();
    check_transparent();
    return check_finish();
}
