/* The table behind media.def. */
#include "media.h"

#include <string.h>

const char *const media_types[MEDIA_COUNT] = {
#define MEDIA(name, type, format) type,
#include "media.def"
#undef MEDIA
};

static const char *const formats[MEDIA_COUNT] = {
#define MEDIA(name, type, format) format,
#include "media.def"
#undef MEDIA
};

static enum media find(const char *const names[MEDIA_COUNT], const char *name) {
    enum media media = 0;
    while (media < MEDIA_COUNT && strcmp(names[media], name) != 0)
        media++;
    return media;
}

enum media media_find_type(const char *type) {
    return find(media_types, type);
}

enum media media_find_format(const char *format) {
    return strcmp(format, "csv-bom") == 0 ? MEDIA_CSV : find(formats, format);
}
