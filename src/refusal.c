/* Problems on their way out. */
#include "refusal.h"

#include "app.h"
#include "identity_code.h"
#include "xml.h"

#include <string.h>

/* Open311 knows 403 for a wrong key, 404 for what is not there, and 400; what HTTP says of the
 * request itself stays. */
static int status_of_list(int status) {
    switch (status) {
    case 401:
        return 403;
    case 409:
    case 410:
    case 412:
    case 422:
    case 428:
        return 400;
    default:
        return status;
    }
}

static void write_entry(struct xml *xml, enum problem_code code, const char *where,
                        const char *const *parameters, enum language language) {
    auto_buffer description = {0}, number = {0};
    if (where)
        buffer_print(&description, "%s: ", where[0] == '/' ? where + 1 : where);
    problem_write_detail(code, parameters, language, &description);
    buffer_print(&number, "%d", problem_status(code));
    xml_open(xml, "error");
    xml_number(xml, "code", number.data);
    xml_text(xml, "description", description.data);
    xml_close(xml);
}

static void write_list(const struct problem *problem, enum language language, enum xml_form form,
                       struct buffer *out) {
    struct xml *xml = xml_new(form, out);
    xml_list(xml, "errors");
    if (!problem->faults)
        write_entry(xml, problem->code, NULL, problem->parameters, language);
    for (const struct fault *fault = problem->faults; fault; fault = fault->next)
        write_entry(xml, fault->code, fault->where, fault->parameters, language);
    xml_close(xml);
    xml_free(xml);
}

/* By the raw target, since the problem may be that it cannot be read. */
static enum xml_form form_of(const char *target) {
    size_t length = strcspn(target, "?");
    return length >= 5 && strncmp(target + length - 5, ".json", 5) == 0 ? XML_AS_JSON : XML_AS_XML;
}

static void mask(struct arena *arena, const char **text) {
    char *copy = arena_text(arena, *text);
    if (copy && identity_code_mask(copy))
        *text = copy;
}

/* A problem may repeat what was sent before anything masks it: the name of a member, a value. */
static void mask_texts(struct problem *problem, struct arena *arena) {
    for (size_t i = 0; i < PROBLEM_PARAMETERS; i++)
        mask(arena, &problem->parameters[i]);
    for (struct fault *fault = problem->faults; fault; fault = fault->next) {
        mask(arena, &fault->where);
        for (size_t i = 0; i < PROBLEM_PARAMETERS; i++)
            mask(arena, &fault->parameters[i]);
    }
}

void refusal_write(struct request *request) {
    struct problem *problem = &request->problem;
    mask_texts(problem, &request->arena);
    request->status = problem_status(problem->code);
    if (!spec_is_suffixed(request->app->spec, request->target)) {
        request->reply_type = "application/problem+json";
        problem_write(problem, request->language, request->id, &request->reply);
        return;
    }
    enum xml_form form = form_of(request->target);
    request->status = status_of_list(request->status);
    request->reply_type = xml_types[form];
    write_list(problem, request->language, form, &request->reply);
}
