/* Entity tags of answers. */
#include "reply.h"

#include "hash.h"

#include <string.h>

const char *reply_version_tag(struct request *request, int64_t version) {
    return arena_print(&request->arena, "\"%lld\"", (long long)version);
}

static const char *weak_tag(struct request *request) {
    uint64_t hash = hash_bytes(request->reply.data, request->reply.length);
    return arena_print(&request->arena, "W/\"%016llx\"", (unsigned long long)hash);
}

/* Weak comparison: the tags without their W/ are the same. */
static bool is_named(const char *list, const char *tag) {
    const char *bare = strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
    if (strcmp(list, "*") == 0)
        return true;
    size_t length = strlen(bare);
    for (const char *at = strstr(list, bare); at; at = strstr(at + 1, bare))
        if (at[length] == '\0' || at[length] == ',' || at[length] == ' ')
            return true;
    return false;
}

bool reply_finish(struct request *request, const char *type, int64_t version) {
    const char *tag = version > 0 ? reply_version_tag(request, version) : weak_tag(request);
    request_set_header(request, "ETag", tag);
    const char *known = request_header(request, "If-None-Match");
    if (known && strlen(known) < 4096 && is_named(known, tag)) {
        request->status = 304;
        buffer_clear(&request->reply);
        return true;
    }
    request->status = 200;
    request->reply_type = type;
    return true;
}
