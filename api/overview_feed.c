/* The living programme as an Atom feed (RFC 4287): an entry for each published light. */
#include "overview.h"

static void write_link(struct page *page, const char *rel, const char *type, const char *address) {
    markup_void(page->markup, "link", "rel", rel, "type", type, "hreflang",
                language_codes[page->language], "href", address, NULL);
}

static void write_id(struct page *page, const char *uuid) {
    markup_element(page->markup, "id", arena_print(page->arena, "urn:uuid:%s", uuid), NULL);
}

/* Number, measure, light: what a reader of feeds shows in a row. */
static void write_title(struct page *page, const json_t *measure) {
    enum language given;
    const char *title = language_pick(page_member(measure, "title"), page->language, &given);
    const char *label = language_pick(page_member(measure, "light_label"), page->language, &given);
    const char *symbol = page_text(measure, "light_symbol");
    markup_element(page->markup, "title",
                   label ? arena_print(page->arena, "%s %s: %s %s", page_text(measure, "number"),
                                       title, symbol, label)
                         : arena_print(page->arena, "%s %s: %s", page_text(measure, "number"),
                                       title, page_word(page, WORD_UNASSESSED)),
                   NULL);
}

static void write_localised(struct page *page, const char *element, const json_t *localised) {
    enum language given = page->language;
    const char *text = language_pick(localised, page->language, &given);
    if (text)
        markup_element(page->markup, element, text, "xml:lang",
                       given == page->language ? NULL : language_codes[given], NULL);
}

/* An assessment is never changed, only followed by another: its id is the entry's, for ever. */
static void write_entry(struct page *page, const json_t *measure) {
    struct markup *m = page->markup;
    const char *line = page_text(measure, "measure_line_id");
    const char *light = page_text(measure, "light");
    markup_open(m, "entry", NULL);
    write_id(page, page_text(measure, "assessment_id"));
    write_title(page, measure);
    markup_element(m, "published", page_text(measure, "published_at"), NULL);
    markup_element(m, "updated", page_text(measure, "published_at"), NULL);
    write_link(page, "alternate", media_types[MEDIA_HTML],
               arena_print(page->arena, "%s#measure-%s", page_link(page, "html"), line));
    markup_void(m, "category", "term", light ? light : "unassessed", NULL);
    if (page_text(measure, "change"))
        markup_void(m, "category", "term", page_text(measure, "change"), NULL);
    write_localised(page, "summary", page_member(measure, "change_message"));
    write_localised(page, "content", page_member(measure, "justification"));
    markup_close(m);
}

static void write_entries(struct page *page) {
    size_t i, j;
    const json_t *theme, *measure;
    json_array_foreach(page_member(page->answer, "themes"), i, theme) {
        json_array_foreach(page_member(theme, "measures"), j, measure) {
            if (page_text(measure, "assessment_id"))
                write_entry(page, measure);
        }
    }
}

void overview_write_feed(struct page *page) {
    struct markup *m = page->markup;
    enum language given;
    const json_t *municipality = page_member(page->answer, "municipality");
    markup_open(m, "feed", "xmlns", "http://www.w3.org/2005/Atom", "xml:lang",
                language_codes[page->language], NULL);
    write_id(page, page_text(page->answer, "programme_id"));
    write_localised(page, "title", page_member(page->answer, "name"));
    markup_element(m, "updated", page_text(page->answer, "fresh_at"), NULL);
    write_link(page, "self", media_types[MEDIA_ATOM], page_link(page, "atom"));
    write_link(page, "alternate", media_types[MEDIA_HTML], page_link(page, "html"));
    markup_open(m, "author", NULL);
    markup_element(m, "name",
                   language_pick(page_member(municipality, "name"), page->language, &given), NULL);
    markup_close(m);
    write_entries(page);
    markup_close(m);
}
