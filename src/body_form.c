/* Bodies that are forms, for the operations that take them. What the fields mean is theirs. */
#include "body.h"
#include "form.h"
#include "text.h"

enum { SHOWN_POINTS = 60 };

static bool refuse_field(struct request *request, const struct form_fault *fault) {
    struct arena *arena = &request->arena;
    const char *which = fault->name ? text_shorten(fault->name, SHOWN_POINTS, arena)
                                    : arena_print(arena, "#%zu", fault->number);
    return problem_set(&request->problem, PROBLEM_INVALID_FORM, which,
                       reason_text(fault->reason, request->language));
}

static bool read_fields(struct request *request, enum form_kind kind, const char *boundary,
                        struct form *form, struct form_fault *ret_fault) {
    const char *body = request->body ? request->body : "";
    size_t length = request->body_length;
    if (kind == FORM_MULTIPART)
        return form_read_multipart(form, boundary, body, length, &request->arena, ret_fault);
    return form_read_urlencoded(form, body, length, &request->arena, ret_fault);
}

bool body_read_form(struct request *request) {
    const struct operation *operation = request->operation;
    const char *type = body_type(request), *boundary = NULL;
    enum form_kind kind = type ? form_find_kind(type, &request->arena, &boundary) : FORM_KIND_COUNT;
    if (!(operation->form_kinds >> kind & 1))
        return problem_set(&request->problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                           operation->body_media);
    if (kind == FORM_MULTIPART && !boundary)
        return problem_set(&request->problem, PROBLEM_INVALID_HEADER, "Content-Type",
                           reason_text(REASON_BOUNDARY, request->language));
    struct form *form = arena_new(&request->arena, sizeof *form);
    struct form_fault fault;
    if (!read_fields(request, kind, boundary, form, &fault))
        return refuse_field(request, &fault);
    request->form = form;
    return true;
}
