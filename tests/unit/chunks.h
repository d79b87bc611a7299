/* Chunks of PNG, made by hand. */
#pragma once

#include "buffer.h"

#include <stdint.h>
#include <zlib.h>

static inline void add_number(struct buffer *out, uint32_t number) {
    const uint8_t bytes[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                             (uint8_t)(number >> 8), (uint8_t)number};
    buffer_add(out, (const char *)bytes, sizeof bytes);
}

static inline void add_chunk(struct buffer *out, const char *name, const char *data,
                             size_t length) {
    add_number(out, (uint32_t)length);
    size_t start = out->length;
    buffer_add(out, name, 4);
    buffer_add(out, data, length);
    add_number(out, (uint32_t)crc32(0, (const uint8_t *)out->data + start, (uInt)(4 + length)));
}
