/* A body for a new item and for a patch: what is taken is JSON that would be taken again. */
#include "../unit/sample.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_body(struct sample *sample, const char *body, size_t length, bool is_patch) {
    static struct spec *spec;
    if (!spec)
        spec = sample_spec();
    const char *path = is_patch ? "/v1/743/items/" SAMPLE_ID : "/v1/743/items";
    const char *media = is_patch ? "application/merge-patch+json" : "application/json";
    const char *allow;
    sample_init(sample, spec, is_patch ? "PATCH" : "POST", path,
                (const char *const[]){"Content-Type", media, NULL});
    sample->request.body = body;
    sample->request.body_length = length;
    return spec_match(spec, &sample->request, path, &allow) && request_read_body(&sample->request);
}

static void read_twice(const char *body, size_t length, bool is_patch) {
    struct sample first, second;
    if (read_body(&first, body, length, is_patch)) {
        const char *text = first.request.json_text;
        if (!read_body(&second, text, strlen(text), is_patch) ||
            strcmp(second.request.json_text, text) != 0)
            abort();
        request_clear(&second.request);
    } else {
        problem_write(&first.request.problem, LANGUAGE_FI, "r", &first.request.reply);
        json_t *problem = json_loads(first.request.reply.data, 0, NULL);
        if (!problem)
            abort();
        json_decref(problem);
    }
    request_clear(&first.request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Never a NUL behind it: the body that http.c lends has none either. */
    char *body = malloc(size + !size);
    if (size)
        memcpy(body, data, size);
    read_twice(body, size, false);
    read_twice(body, size, true);
    free(body);
    return 0;
}
