/* JPEG and WebP into pixels; PNG is image_png.c. The libraries decode; what a file may ask of them
 * is decided here. */
#include "image_pixels.h"

#include "image.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/decode.h>
#include <webp/demux.h>

/* A progressive JPEG has about ten scans; each one costs the time of a whole picture. */
enum { SCANS_MOST = 32, INK_CHANNELS = 4 };
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

/* Marker by marker to the end of the picture; between scans it is looked for, elsewhere it is told.
 */
static struct markers read_markers(const uint8_t *bytes, size_t length) {
    struct markers found = {.orientation = IMAGE_UPRIGHT};
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
        size_t size = (size_t)bytes[at] << 8 | bytes[at + 1];
        if (size < 2 || size > length - at)
            break;
        if (code == MARK_EXIF && found.orientation == IMAGE_UPRIGHT)
            found.orientation = image_read_orientation(bytes + at + 2, size - 2);
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

/*
 * Inks of print as colours of a screen, in place. They are told inverted, as Adobe's programs do
 * and whoever reads such files expects.
 */
static void print_to_screen(uint8_t *inks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *from = inks + INK_CHANNELS * i;
        unsigned black = from[3];
        for (size_t channel = 0; channel < IMAGE_CHANNELS; channel++)
            inks[IMAGE_CHANNELS * i + channel] = (uint8_t)((from[channel] * black + 127) / 255);
    }
}

static bool decode_jpeg_with(tjhandle handle, const uint8_t *bytes, size_t length,
                             struct pixels *pixels, struct problem *problem) {
    struct markers markers = read_markers(bytes, length);
    int width = 0, height = 0, sampling, colours = 0; /* not set of a file of tables alone */
    if (!markers.has_end || markers.scans > SCANS_MOST ||
        tjDecompressHeader3(handle, bytes, length, &width, &height, &sampling, &colours) != 0)
        return image_refuse_broken(problem);
    if (!image_check_size(width, height, problem))
        return false;
    tjscalingfactor scale = {1, choose_divisor(width > height ? width : height)};
    bool is_print = colours == TJCS_CMYK || colours == TJCS_YCCK;
    *pixels = (struct pixels){.width = TJSCALED(width, scale),
                              .height = TJSCALED(height, scale),
                              .orientation = markers.orientation};
    pixels->rgb =
        image_allocate(pixels->width, pixels->height, is_print ? INK_CHANNELS : IMAGE_CHANNELS);
    if (tjDecompress2(handle, bytes, length, pixels->rgb, pixels->width, 0, pixels->height,
                      is_print ? TJPF_CMYK : TJPF_RGB,
                      TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
        return image_refuse_broken(problem);
    if (is_print)
        print_to_screen(pixels->rgb, (size_t)pixels->width * (size_t)pixels->height);
    return true;
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

static int read_webp_orientation(const uint8_t *bytes, size_t length) {
    const WebPData file = {bytes, length};
    WebPDemuxer *demuxer = WebPDemux(&file);
    WebPChunkIterator exif = {0};
    int orientation = IMAGE_UPRIGHT;
    if (demuxer && WebPDemuxGetChunk(demuxer, "EXIF", 1, &exif))
        orientation = image_read_orientation(exif.chunk.bytes, exif.chunk.size);
    WebPDemuxReleaseChunkIterator(&exif);
    WebPDemuxDelete(demuxer);
    return orientation;
}

/* One that moves has no single picture and is refused by the library. */
static bool decode_webp(const uint8_t *bytes, size_t length, struct pixels *pixels,
                        struct problem *problem) {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(bytes, length, &features) != VP8_STATUS_OK || features.has_animation)
        return image_refuse_broken(problem);
    if (!image_check_size(features.width, features.height, problem))
        return false;
    size_t size = IMAGE_DEEP_CHANNELS * (size_t)features.width * (size_t)features.height;
    auto_free uint8_t *rgba = image_allocate(features.width, features.height, IMAGE_DEEP_CHANNELS);
    if (!WebPDecodeRGBAInto(bytes, length, rgba, size, IMAGE_DEEP_CHANNELS * features.width))
        return image_refuse_broken(problem);
    *pixels = (struct pixels){.width = features.width,
                              .height = features.height,
                              .rgb = steal(&rgba),
                              .orientation = read_webp_orientation(bytes, length)};
    image_whiten(pixels);
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
        return image_decode_png(bytes, length, ret_pixels, problem);
    if (begins(bytes, length, "RIFF", 4) && length >= 12 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return decode_webp(bytes, length, ret_pixels, problem);
    return problem_set(problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE, IMAGE_MEDIA);
}
