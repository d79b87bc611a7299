/* Feedback as a feed: an entry for each published item, its words and the answer. */
#include "feedback_feed.h"

#include "feedback_publication.sql.h"
#include "hash.h"
#include "page.h"
#include "text.h"

enum { TITLE_POINTS = 80 };

static void choose(struct request *request, const char *name, const char *value) {
    const struct operation *operation = request->operation;
    for (size_t i = 0; i < operation->query_parameter_count; i++)
        if (strcmp(operation->query_parameters[i].name, name) == 0)
            request->query_values[i] = value;
}

void feedback_feed_choose(struct request *request) {
    choose(request, "publication", "published");
    choose(request, "sort", "-updated_at");
    choose(request, "fields", NULL);
}

/* The same feed has the same id, whatever its host is called: a UUID of its own making (RFC 9562,
 * version 8) of what it is asked by. */
static void write_feed_id(struct page *page) {
    const char *self = page_text(page->answer, "self");
    const char *path = strstr(self, "/v1/");
    uint64_t high = hash_bytes(path, strlen(path)), low = hash_word(high, strlen(path));
    markup_element(page->markup, "id",
                   arena_print(page->arena, "urn:uuid:%08x-%04x-8%03x-8%03x-%012llx",
                               (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
                               (unsigned)(high & 0xfff), (unsigned)(low >> 48 & 0xfff),
                               (unsigned long long)(low & 0xffffffffffff)),
                   NULL);
}

static const char *name_of(struct page *page, const char *member) {
    enum language given;
    return language_pick(page_member(page->answer, member), page->language, &given);
}

/* "Palaute: Valaistus, Keskusta – Seinäjoki" */
static void write_title(struct page *page) {
    const char *topic = name_of(page, "topic"), *area = name_of(page, "area");
    markup_element(page->markup, "title",
                   arena_print(page->arena, "%s%s%s%s%s – %s", page_word(page, WORD_FEEDBACK),
                               topic || area ? ": " : "", topic ? topic : "",
                               topic && area ? ", " : "", area ? area : "",
                               name_of(page, "municipality")),
                   NULL);
}

static void write_category(struct page *page, const json_t *item, const char *member) {
    markup_void(page->markup, "category", "term", page_text(item, member), NULL);
}

static void write_entry(struct page *page, const json_t *item) {
    struct markup *m = page->markup;
    const char *id = page_text(item, "id"), *text = page_text(item, "published_text");
    const char *title = page_text(item, "published_title"), *reply = page_text(item, "reply");
    if (!text) /* to the public the words let through stand in `text` */
        text = page_text(item, "text"), title = page_text(item, "title");
    markup_open(m, "entry", "xml:lang", page_text(item, "language"), NULL);
    markup_element(m, "id", arena_print(page->arena, "urn:uuid:%s", id), NULL);
    markup_element(m, "title", title ? title : text_shorten(text, TITLE_POINTS, page->arena), NULL);
    if (page_text(item, "published_at"))
        markup_element(m, "published", page_text(item, "published_at"), NULL);
    markup_element(m, "updated", page_text(item, "updated_at"), NULL);
    markup_void(m, "link", "rel", "alternate", "type", media_types[MEDIA_JSON], "href",
                arena_print(page->arena, "%s/%s", page->address, id), NULL);
    write_category(page, item, "kind");
    write_category(page, item, "status");
    markup_element(m, "summary", text, NULL);
    if (reply)
        markup_element(
            m, "content",
            arena_print(page->arena, "%s\n\n%s: %s", text, page_word(page, WORD_ANSWER), reply),
            NULL);
    markup_close(m);
}

static void write_feed(struct page *page) {
    struct markup *m = page->markup;
    const json_t *items = page_member(page->answer, "items");
    const char *updated = page_text(json_array_get(items, 0), "updated_at");
    size_t i;
    const json_t *item;
    markup_open(m, "feed", "xmlns", "http://www.w3.org/2005/Atom", "xml:lang",
                language_codes[page->language], NULL);
    write_feed_id(page);
    write_title(page);
    /* nothing has been published yet */
    markup_element(m, "updated", updated ? updated : "1970-01-01T00:00:00Z", NULL);
    markup_void(m, "link", "rel", "self", "type", media_types[MEDIA_ATOM], "href",
                page_text(page->answer, "self"), NULL);
    markup_void(m, "link", "rel", "alternate", "type", media_types[MEDIA_JSON], "href",
                page->address, NULL);
    markup_open(m, "author", NULL);
    markup_element(m, "name", name_of(page, "municipality"), NULL);
    markup_close(m);
    json_array_foreach(items, i, item) write_entry(page, item);
    markup_close(m);
}

bool feedback_feed_write(struct request *request) {
    return page_list_answer(request, &feedback_publication_feed_head, write_feed);
}
