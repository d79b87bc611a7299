/* Requests of the demo loader. What they say is in demo_load.c and demo_round.c. */
#include "demo_call.h"

#include "answer.h"
#include "auth.h"
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_LIFETIME_S = 600 };

char *demo_print(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    return text;
}

void demo_set_clock(struct demo *demo, const char *at) {
    bool is_real = !at || strcmp(at, "now") == 0;
    snprintf(demo->clock, sizeof demo->clock, "%s", is_real ? "" : at);
}

const char *demo_text(const json_t *item, const char *member) {
    return json_string_value(json_object_get(item, member));
}

bool demo_holds(const json_t *item, const char *member, const char *value) {
    const char *text = demo_text(item, member);
    return text && value && strcmp(text, value) == 0;
}

const json_t *demo_find(const struct demo *demo, const char *external_id) {
    return external_id ? json_object_get(demo->known, external_id) : NULL;
}

const char *demo_id(const struct demo *demo, const json_t *item, const char *member) {
    const char *external_id = demo_text(item, member);
    const char *id = demo_text(demo_find(demo, external_id), "id");
    if (!id)
        fprintf(stderr, "demo: %s: nothing is known as %s\n", member,
                external_id ? external_id : "(none)");
    return id;
}

/* "Bearer …" of a subject; minted once. */
static const char *authorization_of(struct demo *demo, const char *subject) {
    const char *value = demo_text(demo->tokens, subject);
    if (value)
        return value;
    auto_free char *token = auth_mint(demo->app.auth, subject, TOKEN_LIFETIME_S);
    if (!token)
        return NULL;
    auto_free char *text = demo_print("Bearer %s", token);
    json_object_set_new(demo->tokens, subject, json_string(text));
    return demo_text(demo->tokens, subject);
}

static json_t *read_answer(const struct request *request, const char *subject) {
    if (request->status >= 200 && request->status < 300 && request->reply.length)
        return json_loadb(request->reply.data, request->reply.length, 0, NULL);
    fprintf(stderr, "demo: %s %s as %s at %s: %d\n%.*s\n", request->method, request->target,
            subject ? subject : "nobody", request->now, request->status, (int)request->reply.length,
            request->reply.length ? request->reply.data : "");
    return NULL;
}

static json_t *ask(struct demo *demo, const char *subject, const char *method, const char *target,
                   const char *key, const json_t *body) {
    auto_free char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct header headers[3];
    size_t count = 0;
    if (subject)
        headers[count++] = (struct header){"Authorization", authorization_of(demo, subject)};
    if (subject && !headers[0].value)
        return NULL;
    if (text)
        headers[count++] = (struct header){"Content-Type", "application/json"};
    if (key)
        headers[count++] = (struct header){"Idempotency-Key", key};
    struct request request = {.app = &demo->app,
                              .method = method,
                              .target = target,
                              .protocol = "HTTP/1.1",
                              .peer = "127.0.0.1",
                              .headers = headers,
                              .header_count = count,
                              .body = text ? text : "",
                              .body_length = text ? strlen(text) : 0};
    answer_begin(&request);
    snprintf(request.now, sizeof request.now, "%s", demo->clock);
    request_answer(&request);
    demo->requests++;
    json_t *answer = read_answer(&request, subject);
    request_clear(&request);
    return answer;
}

json_t *demo_call(struct demo *demo, const char *subject, const char *method, const char *target,
                  const json_t *body) {
    return ask(demo, subject, method, target, NULL, body);
}

json_t *demo_post(struct demo *demo, const char *subject, const char *target, const char *key,
                  const json_t *body) {
    return ask(demo, subject, "POST", target, key, body);
}

json_t *demo_list(struct demo *demo, const char *subject, const char *target) {
    json_auto_t *all = json_array();
    auto_free char *next = demo_print("%s", target);
    while (next) {
        json_auto_t *page = demo_call(demo, subject, "GET", next, NULL);
        if (!page)
            return NULL;
        json_array_extend(all, json_object_get(page, "items"));
        const char *more = demo_text(page, "next");
        free(next);
        next = more ? demo_print("%s", more) : NULL;
    }
    return steal(&all);
}

bool demo_call_known(struct demo *demo, const char *subject, const char *method, const char *target,
                     const json_t *body, const char *external_id) {
    json_t *made = demo_call(demo, subject, method, target, body);
    return made && json_object_set_new(demo->known, external_id, made) == 0;
}
