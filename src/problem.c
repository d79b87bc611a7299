/* The table behind problem.def, and how a problem is written as JSON and as a page. */
#include "problem.h"

#include "text.h"

#include <string.h>

struct row {
    int status;
    const char *name;
    const char *titles[LANGUAGE_COUNT];
    const char *details[LANGUAGE_COUNT];
};

static const struct row rows[PROBLEM_COUNT] = {
    [PROBLEM_NONE] = {0, "", {"", "", ""}, {"", "", ""}},
#define PROBLEM(name, status, code, title_fi, title_sv, title_en, detail_fi, detail_sv, detail_en) \
    [PROBLEM_## \
        name] = {status, code, {title_fi, title_sv, title_en}, {detail_fi, detail_sv, detail_en}},
#include "problem.def"
#undef PROBLEM
};

bool problem_set_with(struct problem *problem, enum problem_code code,
                      const char *const parameters[PROBLEM_PARAMETERS]) {
    problem->code = code;
    memcpy(problem->parameters, parameters, sizeof problem->parameters);
    return false;
}

bool problem_add_with(struct problem *problem, struct arena *arena, enum fault_place place,
                      const char *where, enum problem_code code,
                      const char *const parameters[PROBLEM_PARAMETERS]) {
    if (problem->code == PROBLEM_NONE)
        problem_set_with(problem, code, parameters);
    if (problem->fault_count == PROBLEM_FAULTS_MOST)
        return false;
    struct fault *fault = arena_new(arena, sizeof *fault);
    fault->place = place;
    fault->where = where;
    fault->code = code;
    memcpy(fault->parameters, parameters, sizeof fault->parameters);
    if (problem->last_fault)
        problem->last_fault->next = fault;
    else
        problem->faults = fault;
    problem->last_fault = fault;
    problem->fault_count++;
    return false;
}

enum problem_code problem_find(const char *name) {
    for (enum problem_code code = PROBLEM_NONE + 1; code < PROBLEM_COUNT; code++)
        if (strcmp(rows[code].name, name) == 0)
            return code;
    return PROBLEM_NONE;
}

const char *problem_name(enum problem_code code) {
    return rows[code].name;
}

int problem_status(enum problem_code code) {
    return rows[code].status;
}

static void write_member(const char *name, const char *value, struct buffer *out) {
    buffer_print(out, ",\"%s\":", name);
    buffer_add_json_text(out, value);
}

static void write_detail(enum problem_code code, const char *const *parameters,
                         enum language language, struct buffer *out) {
    auto_buffer detail = {0};
    text_fill(rows[code].details[language], parameters, &detail);
    write_member("detail", detail.data ? detail.data : "", out);
}

static void write_faults(const struct problem *problem, enum language language,
                         struct buffer *out) {
    if (!problem->faults)
        return;
    buffer_add_text(out, ",\"errors\":[");
    for (const struct fault *fault = problem->faults; fault; fault = fault->next) {
        buffer_add_text(out, fault->place == FAULT_POINTER ? "{\"pointer\":" : "{\"parameter\":");
        buffer_add_json_text(out, fault->where);
        write_member("code", rows[fault->code].name, out);
        write_detail(fault->code, fault->parameters, language, out);
        buffer_add_text(out, fault->next ? "}," : "}");
    }
    buffer_add_char(out, ']');
}

void problem_write_detail(enum problem_code code, const char *const parameters[PROBLEM_PARAMETERS],
                          enum language language, struct buffer *out) {
    text_fill(rows[code].details[language], parameters, out);
}

void problem_write_lines(const struct problem *problem, enum language language,
                         struct buffer *out) {
    problem_write_detail(problem->code, problem->parameters, language, out);
    buffer_add_char(out, '\n');
    for (const struct fault *fault = problem->faults; fault; fault = fault->next) {
        buffer_print(out, "%s: ", fault->where);
        problem_write_detail(fault->code, fault->parameters, language, out);
        buffer_add_char(out, '\n');
    }
}

static void write_allowed(const char *allowed, struct buffer *out) {
    if (!allowed)
        return;
    buffer_add_text(out, ",\"allowed\":[");
    const char *separator = "";
    while (*(allowed += strspn(allowed, ", "))) {
        size_t length = strcspn(allowed, ", ");
        buffer_print(out, "%s\"%.*s\"", separator, (int)length, allowed);
        separator = ",";
        allowed += length;
    }
    buffer_add_char(out, ']');
}

void problem_write(const struct problem *problem, enum language language, const char *instance,
                   struct buffer *out) {
    const struct row *row = &rows[problem->code];
    buffer_print(out, "{\"type\":\"/problems/%s\"", row->name);
    write_member("title", row->titles[language], out);
    buffer_print(out, ",\"status\":%d", row->status);
    write_detail(problem->code, problem->parameters, language, out);
    write_member("instance", instance, out);
    write_member("code", row->name, out);
    write_faults(problem, language, out);
    write_allowed(problem->allowed, out);
    buffer_add_char(out, '}');
}

static void add_html_text(const char *text, struct buffer *out) {
    for (; *text; text++) {
        if (*text == '<')
            buffer_add_text(out, "&lt;");
        else if (*text == '&')
            buffer_add_text(out, "&amp;");
        else
            buffer_add_char(out, *text);
    }
}

static void write_section(const struct row *row, enum language language, struct buffer *out) {
    auto_buffer detail = {0};
    text_fill(row->details[language], NULL, &detail);
    buffer_print(out, "<section lang=\"%s\">\n<h2>", language_codes[language]);
    add_html_text(row->titles[language], out);
    buffer_add_text(out, "</h2>\n<p>");
    add_html_text(detail.data ? detail.data : "", out);
    buffer_add_text(out, "</p>\n</section>\n");
}

void problem_write_page(enum problem_code code, struct buffer *out) {
    const struct row *row = &rows[code];
    buffer_print(out,
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s (%d)</title>\n"
                 "</head>\n<body>\n<main>\n<h1><code>%s</code> – HTTP %d</h1>\n",
                 row->name, row->status, row->name, row->status);
    for (enum language language = LANGUAGE_FI; language < LANGUAGE_COUNT; language++)
        write_section(row, language, out);
    buffer_add_text(out, "</main>\n</body>\n</html>\n");
}
