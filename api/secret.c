/* Secrets of items. */
#include "secret.h"

#include "app.h"
#include "auth.h"
#include "hex.h"

#include <string.h>

enum { SECRET_BYTES = 16 };

const char *secret_make(struct request *request, const char *purpose, const char *id) {
    unsigned char key[32];
    auth_derive(request->app->auth,
                arena_print(&request->arena, "%s %s %s", purpose, request->municipality, id), key);
    char *secret = arena_new(&request->arena, 2 * SECRET_BYTES + 1);
    hex_write(key, SECRET_BYTES, secret);
    return secret;
}

static const char *made_id(const struct request *request) {
    for (size_t i = 0; i < request->reply_header_count; i++)
        if (strcmp(request->reply_headers[i].name, "Location") == 0)
            return strrchr(request->reply_headers[i].value, '/') + 1;
    return NULL;
}

/* The answer ends with a place for the secret; it is filled after the answer was kept. */
void secret_fill(struct request *request, const char *member, const char *purpose, const char *id) {
    const char *empty = arena_print(&request->arena, "\"%s\":null}", member);
    struct buffer *reply = &request->reply;
    if (!id || request->prefer.rollback || reply->length < strlen(empty))
        return;
    reply->length -= strlen("null}");
    buffer_print(reply, "\"%s\"}", secret_make(request, purpose, id));
}

void secret_tell(struct request *request, const char *member, const char *purpose) {
    secret_fill(request, member, purpose, made_id(request));
}
