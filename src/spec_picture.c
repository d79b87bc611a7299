/* Reads bodies that are pictures from the contract: in every kind that is read, or not at all. */
#include "image.h"
#include "spec_read.h"

bool spec_read_picture(struct spec *spec, json_t *content, const char *pointer,
                       struct operation *operation) {
    static const char *const kinds[] = {"image/jpeg", "image/png", "image/webp"};
    size_t count = sizeof kinds / sizeof *kinds, found = 0;
    for (size_t i = 0; i < count; i++)
        found += json_object_get(content, kinds[i]) != NULL;
    if (!found)
        return false;
    if (found != count || json_object_size(content) != count)
        spec_refuse(spec, pointer, "pictures are taken as " IMAGE_MEDIA ", and nothing else");
    const char *media;
    json_t *node;
    json_object_foreach(content, media, node) {
        spec_allow_keys(spec, node, spec_below(spec, pointer, media), "");
    }
    operation->takes_picture = true;
    operation->body_media = IMAGE_MEDIA;
    return true;
}
