/*
 * Bodies that are forms, for the operations that take them. The texts that the contract names
 * become request->json and are checked as a body is, all that is wrong at once: of a name that
 * comes twice the first, or all where the schema says array. What else was sent stays in
 * request->form.
 */
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

struct picking {
    const struct form *form;
    bool is_open; /* x-open: words of an enum come in any case */
    json_t *json;
};

static void pick_member(const char *name, const struct schema *member, void *data) {
    struct picking *picking = data;
    bool is_list = schema_types(member) & SCHEMA_ARRAY;
    const struct form_field *field;
    for (size_t at = 0; (field = form_next(picking->form, name, &at));) {
        if (field->filename)
            continue;
        if (!is_list) {
            const char *value =
                picking->is_open ? schema_choice(member, field->value) : field->value;
            json_object_set_new(picking->json, name, json_string(value));
            return;
        }
        json_t *list = json_object_get(picking->json, name);
        if (!list)
            json_object_set_new(picking->json, name, list = json_array());
        json_array_append_new(list, json_string(field->value));
    }
}

static bool check_fields(struct request *request) {
    const struct schema *schema = request->operation->form;
    request->json = json_object();
    schema_each_member(schema, pick_member,
                       &(struct picking){.form = request->form,
                                         .is_open = request->operation->is_open,
                                         .json = request->json});
    return schema_check(schema, request->json, false, &request->arena, &request->problem);
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
    return check_fields(request);
}
