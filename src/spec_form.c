/* Reads bodies that are forms from the contract. */
#include "form.h"
#include "spec_read.h"

static enum form_kind find_kind(const char *media) {
    enum form_kind kind = 0;
    while (kind < FORM_KIND_COUNT && strcmp(form_types[kind], media) != 0)
        kind++;
    return kind;
}

static bool has_form(json_t *content) {
    for (enum form_kind kind = 0; kind < FORM_KIND_COUNT; kind++)
        if (json_object_get(content, form_types[kind]))
            return true;
    return false;
}

bool spec_read_form(struct spec *spec, json_t *content, const char *pointer,
                    struct operation *operation) {
    if (!has_form(content))
        return false;
    if (operation->method != METHOD_POST)
        spec_refuse(spec, pointer, "forms are taken by POST only");
    auto_buffer names = {0};
    const char *media;
    json_t *node;
    json_object_foreach(content, media, node) {
        const char *at = spec_below(spec, spec_below(spec, pointer, "content"), media);
        enum form_kind kind = find_kind(media);
        if (kind == FORM_KIND_COUNT)
            spec_refuse(spec, at, "a body that may be a form may be nothing else");
        spec_allow_keys(spec, node, at, "example examples schema");
        operation->form = spec_read_schema(spec, node, at);
        operation->form_kinds |= 1u << kind;
        buffer_print(&names, "%s%s", names.length ? ", " : "", media);
    }
    operation->body_media = arena_text(&spec->arena, names.data);
    return true;
}
