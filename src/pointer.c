/* JSON pointers: reading and writing. */
#include "pointer.h"

#include <stdlib.h>
#include <string.h>

/* One step down: a member by its unescaped name, or an array's item by its index. */
static json_t *step(json_t *node, const char *name) {
    if (json_is_object(node))
        return json_object_get(node, name);
    if (json_is_array(node) && *name && strspn(name, "0123456789") == strlen(name))
        return json_array_get(node, strtoul(name, NULL, 10));
    return NULL;
}

static void unescape(const char *from, size_t length, struct buffer *out) {
    for (size_t i = 0; i < length; i++) {
        bool is_escape = from[i] == '~' && i + 1 < length;
        if (is_escape)
            i++;
        buffer_add_char(out, !is_escape ? from[i] : from[i] == '1' ? '/' : '~');
    }
}

json_t *pointer_find(json_t *root, const char *pointer) {
    if (*pointer == '#')
        pointer++;
    json_t *node = root;
    while (node && *pointer == '/') {
        size_t length = strcspn(++pointer, "/");
        auto_buffer name = {0};
        unescape(pointer, length, &name);
        node = step(node, name.data ? name.data : "");
        pointer += length;
    }
    return *pointer ? NULL : node;
}

void pointer_add(struct buffer *out, const char *name) {
    buffer_add_char(out, '/');
    for (; *name; name++) {
        if (*name == '~')
            buffer_add_text(out, "~0");
        else if (*name == '/')
            buffer_add_text(out, "~1");
        else
            buffer_add_char(out, *name);
    }
}
