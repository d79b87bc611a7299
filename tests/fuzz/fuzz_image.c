/* The picture reader on any bytes: refused, or two pictures that are read again and keep their
 * size. */
#include "image.h"

#include "own.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_again(const struct buffer *jpeg, int width, int height) {
    struct problem problem = {0};
    struct image image = {0};
    if (!image_read(jpeg->data, jpeg->length, &image, &problem) || image.width != width ||
        image.height != height)
        abort();
    image_clear(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Never a NUL behind it, so that a read beyond the end is seen. */
    auto_free uint8_t *bytes = malloc(size + !size);
    struct problem problem = {0};
    struct image image = {0};
    if (size)
        memcpy(bytes, data, size);
    bool is_read = image_read(bytes, size, &image, &problem);
    if (is_read == (problem.code != PROBLEM_NONE) || image.width > IMAGE_SIDE_MOST ||
        image.height > IMAGE_SIDE_MOST)
        abort();
    if (is_read)
        read_again(&image.full, image.width, image.height);
    image_clear(&image);
    return 0;
}
