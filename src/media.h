/* The forms an answer can have (media.def). */
#pragma once

enum media {
#define MEDIA(name, ...) MEDIA_##name,
#include "media.def"
#undef MEDIA
    MEDIA_COUNT
};

/* Without parameters: "text/csv". */
extern const char *const media_types[MEDIA_COUNT];

/* The form of a media type, or of a word of `format` (csv-bom is CSV); MEDIA_COUNT when unknown. */
enum media media_find_type(const char *type);
enum media media_find_format(const char *format);
