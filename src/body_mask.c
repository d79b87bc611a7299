/* Identity codes do not get further than the reading of a body. */
#include "body.h"

#include "identity_code.h"

#include <string.h>

static bool mask_text(struct arena *arena, json_t *text) {
    char *copy = arena_text(arena, json_string_value(text));
    return identity_code_mask(copy) && json_string_set(text, copy) == 0;
}

static bool mask_value(struct arena *arena, json_t *value) {
    bool is_masked = json_is_string(value) && mask_text(arena, value);
    const char *name;
    json_t *part;
    size_t at;
    json_object_foreach(value, name, part) is_masked |= mask_value(arena, part);
    json_array_foreach(value, at, part) is_masked |= mask_value(arena, part);
    return is_masked;
}

void body_mask(struct request *request) {
    if (!mask_value(&request->arena, request->json))
        return;
    body_keep_text(request);
    request->body = request->json_text;
    request->body_length = strlen(request->json_text);
}
