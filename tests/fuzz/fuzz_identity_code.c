/* Identity codes: a text never becomes longer, stays UTF-8, and holds none once they are masked. */
#include "forms.h"
#include "identity_code.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    char *text = arena_copy(&arena, (const char *)data, size);
    size_t length = strlen(text), bad;
    bool was_utf8 = text_is_utf8(text, length, &bad);
    bool is_found = identity_code_mask(text);
    must(strlen(text) <= length && (!was_utf8 || text_is_utf8(text, strlen(text), &bad)));
    must(is_found <= (strstr(text, IDENTITY_CODE_MASK) != NULL));
    must(!identity_code_mask(text));
    arena_clear(&arena);
    return 0;
}
