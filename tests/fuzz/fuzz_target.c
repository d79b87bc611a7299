/* A target and three headers: whatever comes in, one answer goes out and the path is what it says.
 */
#include "../unit/sample.h"
#include "negotiate.h"
#include "target.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line of the input, always a text of its own. */
static char *next_line(const uint8_t **data, size_t *size) {
    const uint8_t *end = memchr(*data, '\n', *size);
    size_t length = end ? (size_t)(end - *data) : *size;
    char *line = strndup((const char *)*data, length);
    size_t used = end ? length + 1 : length;
    *data += used;
    *size -= used;
    return line;
}

static void walk(struct request *request, const struct spec *spec) {
    const char *path = NULL, *allow = NULL;
    negotiate_language(request);
    if (!target_read(request, &path))
        return;
    if (strstr(path, "/../") || strstr(path, "/./"))
        abort();
    if (spec_match(spec, request, path, &allow) && request->operation &&
        request_read_query(request))
        request_read_headers(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct spec *spec;
    if (!spec)
        spec = sample_spec();
    char *target = next_line(&data, &size);
    char *accept = next_line(&data, &size);
    char *prefer = next_line(&data, &size);
    char *match = next_line(&data, &size);
    static const char *const methods[] = {"GET", "PATCH", "POST", "OPTIONS"};
    for (size_t i = 0; i < 4; i++) {
        struct sample sample;
        const char *const headers[] = {i % 2 ? "Accept-Language" : "Accept",
                                       accept,
                                       "Prefer",
                                       prefer,
                                       "If-Match",
                                       match,
                                       "Idempotency-Key",
                                       match,
                                       NULL};
        sample_init(&sample, spec, methods[i], target, headers);
        walk(&sample.request, spec);
        if (sample.request.problem.code)
            problem_write(&sample.request.problem, sample.request.language, "r",
                          &sample.request.reply);
        request_clear(&sample.request);
    }
    free(target);
    free(accept);
    free(prefer);
    free(match);
    return 0;
}
