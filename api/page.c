/* The frame of pages and feeds: from the JSON answer to markup, words, links. */
#include "page.h"

#include "app.h"
#include "bind.h"
#include "item.h"
#include "json.h"
#include "own.h"
#include "reply.h"
#include "session.h"

#include <string.h>

/* api/page.css and the policy that allows no more than it (tools/embed.py). */
extern const char page_css[];
extern const char page_policy[];

static const char *const words[WORD_COUNT][LANGUAGE_COUNT] = {
#define WORD(name, fi, sv, en) [WORD_##name] = {fi, sv, en},
#define CODE(...)
#include "page.def"
#undef CODE
#undef WORD
};

static const struct code {
    const char *member;
    const char *code;
    const char *words[LANGUAGE_COUNT];
} codes[] = {
#define WORD(...)
#define CODE(member, code, fi, sv, en) {member, code, {fi, sv, en}},
#include "page.def"
#undef CODE
#undef WORD
    {0},
};

const char *page_word(const struct page *page, enum word word) {
    return words[word][page->language];
}

const char *page_code(const char *member, const json_t *code, const struct page *page) {
    const char *text = json_string_value(code);
    for (const struct code *at = codes; text && at->code; at++)
        if (strcmp(at->member, member) == 0 && strcmp(at->code, text) == 0)
            return at->words[page->language];
    return text;
}

const json_t *page_member(const json_t *object, const char *name) {
    const json_t *member = json_object_get(object, name);
    return json_is_null(member) ? NULL : member;
}

const char *page_text(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static json_t *read_json(const struct buffer *json) {
    json_t *answer = json_loadb(json->data, json->length, 0, NULL);
    if (!answer)
        abort(); /* the database's own JSON */
    return answer;
}

/* The row as its JSON answer, read back: what is not in that answer cannot be on a page. */
static json_t *read_row(struct request *request, const PGresult *row) {
    auto_buffer json = {0};
    json_write_row(json_columns_new(row, NULL, &request->arena), row, 0, &json);
    return read_json(&json);
}

static const char *address_of(struct request *request) {
    return arena_print(&request->arena, "%s%.*s", request->app->config.public_url,
                       (int)strcspn(request->target, "?"), request->target);
}

static bool answer_page(struct request *request, const json_t *answer,
                        void (*write)(struct page *page)) {
    bool is_html = request->media == MEDIA_HTML;
    struct page page = {.language = request->language,
                        .answer = answer,
                        .address = address_of(request),
                        .arena = &request->arena};
    page.markup =
        markup_new(is_html ? "<!DOCTYPE html>\n" : "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n",
                   &request->reply);
    write(&page);
    markup_free(page.markup);
    if (is_html)
        request_set_header(request, "Content-Security-Policy", page_policy);
    const char *type =
        arena_print(&request->arena, "%s; charset=utf-8", media_types[request->media]);
    return reply_finish(request, type, 0);
}

bool page_answer(struct request *request, void (*write)(struct page *page)) {
    auto_result row = item_get(request);
    if (!row)
        return false;
    json_auto_t *answer = read_row(request, row);
    return answer_page(request, answer, write);
}

/* The row that says what a list is about. */
static json_t *read_head(struct request *request, const struct statement *head) {
    struct db *db = session_begin_read(request, head->is_restricted);
    if (!db)
        return NULL;
    const char *values[BIND_VALUES_MOST];
    int count = bind_values(request, head, NULL, values);
    auto_result row = db_run(db, head->text, values, count, &request->problem);
    session_end(request, db);
    return row ? read_row(request, row) : NULL;
}

bool page_list_answer(struct request *request, const struct statement *head,
                      void (*write)(struct page *page)) {
    json_auto_t *answer = read_head(request, head);
    if (!answer)
        return false;
    json_auto_t *list = read_json(&request->reply);
    buffer_clear(&request->reply);
    json_object_set(answer, "items", json_object_get(list, "items"));
    json_object_set_new(answer, "self",
                        json_string(arena_print(&request->arena, "%s%s",
                                                request->app->config.public_url, request->target)));
    return answer_page(request, answer, write);
}

const char *page_link(const struct page *page, const char *format) {
    return arena_print(page->arena, "%s?format=%s&lang=%s", page->address, format,
                       language_codes[page->language]);
}

static void write_head(struct page *page, const char *title) {
    struct markup *m = page->markup;
    markup_open(m, "head", NULL);
    markup_void(m, "meta", "charset", "utf-8", NULL);
    markup_void(m, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
                NULL);
    markup_element(m, "title", title, NULL);
    markup_open(m, "style", NULL);
    markup_raw(m, page_css);
    markup_close(m);
    markup_close(m);
}

static void write_languages(struct page *page) {
    static const char *const names[LANGUAGE_COUNT] = {"Suomeksi", "På svenska", "In English"};
    struct markup *m = page->markup;
    markup_open(m, "nav", "class", "languages", "aria-label", page_word(page, WORD_LANGUAGES),
                NULL);
    markup_open(m, "ul", NULL);
    for (enum language i = 0; i < LANGUAGE_COUNT; i++) {
        struct page other = *page;
        other.language = i;
        markup_open(m, "li", NULL);
        markup_element(m, "a", names[i], "href", page_link(&other, "html"), "lang",
                       language_codes[i], "hreflang", language_codes[i], "aria-current",
                       i == page->language ? "true" : NULL, NULL);
        markup_close(m);
    }
    markup_close(m);
    markup_close(m);
}

void page_begin(struct page *page, enum word kind, const json_t *title) {
    struct markup *m = page->markup;
    enum language given = page->language;
    const json_t *municipality = page_member(page->answer, "municipality");
    const char *name = language_pick(page_member(municipality, "name"), page->language, &given);
    const char *what = language_pick(title, page->language, &given);
    const char *running = arena_print(page->arena, "%s – %s", what, name);
    markup_open(m, "html", "lang", language_codes[page->language], "data-running", running, NULL);
    write_head(page, running);
    markup_open(m, "body", NULL);
    markup_element(m, "a", page_word(page, WORD_SKIP), "class", "skip", "href", "#content", NULL);
    markup_open(m, "header", NULL);
    page_localised(page, "p", "municipality", page_member(municipality, "name"));
    write_languages(page);
    markup_close(m);
    markup_open(m, "main", "id", "content", "tabindex", "-1", NULL);
    markup_element(m, "p", page_word(page, kind), "class", "kind", NULL);
    page_localised(page, "h1", NULL, title);
}

void page_end(struct page *page, const struct page_form *forms) {
    struct markup *m = page->markup;
    markup_close(m); /* main */
    markup_open(m, "footer", NULL);
    markup_open(m, "ul", NULL);
    for (; forms->format; forms++) {
        markup_open(m, "li", NULL);
        markup_element(m, "a", page_word(page, forms->label), "href",
                       page_link(page, forms->format), NULL);
        markup_close(m);
    }
    markup_close(m);
    markup_open(m, "p", "class", "address", NULL);
    markup_text(m, page_word(page, WORD_ADDRESS));
    markup_text(m, ": ");
    markup_text(m, page_link(page, "html"));
    markup_close(m);
    markup_close(m); /* footer */
    markup_close(m); /* body */
    markup_close(m); /* html */
}
