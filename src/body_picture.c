/* Pictures in bodies. */
#include "body_picture.h"

#include "hex.h"
#include "image.h"
#include "own.h"

#include <stdatomic.h>
#include <string.h>

/* A picture takes up to 200 MB and half a second while it is read. */
enum { AT_ONCE_MOST = 2, RETRY_S = 1 };

bool body_picture_gives(const char *name) {
    static const char *const given[] = {"full_picture", "height", "small_picture", "width"};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (strcmp(given[i], name) == 0)
            return true;
    return false;
}

/* "\\x89ab…" */
static json_t *bytea_text(const struct buffer *bytes) {
    size_t length = 2 + 2 * bytes->length;
    auto_free char *text = malloc(length + 1);
    if (!text)
        abort();
    memcpy(text, "\\x", 2);
    hex_write((const unsigned char *)bytes->data, bytes->length, text + 2);
    return json_stringn_nocheck(text, length);
}

static json_t *read(const void *bytes, size_t length, struct problem *problem) {
    struct image image = {0};
    json_t *values = NULL;
    if (image_read(bytes, length, &image, problem))
        values = json_pack("{s:i, s:i, s:o, s:o}", "width", image.width, "height", image.height,
                           "full_picture", bytea_text(&image.full), "small_picture",
                           bytea_text(&image.small));
    image_clear(&image);
    return values;
}

json_t *body_make_picture(struct request *request, const void *bytes, size_t length) {
    static atomic_int running;
    bool has_room = atomic_fetch_add(&running, 1) < AT_ONCE_MOST;
    json_t *values = has_room ? read(bytes, length, &request->problem) : NULL;
    atomic_fetch_sub(&running, 1);
    if (has_room)
        return values;
    request->problem.retry_after_s = RETRY_S;
    problem_set(&request->problem, PROBLEM_UNAVAILABLE,
                arena_print(&request->arena, "%d", RETRY_S));
    return NULL;
}

bool body_read_picture(struct request *request) {
    request->json = body_make_picture(request, request->body, request->body_length);
    return request->json != NULL;
}
