/* The living programme as a page. */
#include "overview.h"

#include <string.h>

static void write_facts(struct page *page) {
    const json_t *round = page_member(page->answer, "round");
    markup_open(page->markup, "dl", "class", "facts", NULL);
    page_fact_text(page, WORD_VERSION, page_text(page->answer, "version_number"));
    page_fact_localised(page, WORD_ROUND, page_member(round, "name"));
    page_fact_date(page, WORD_PUBLISHED_ON, page_member(round, "published_on"));
    markup_close(page->markup);
    if (!round)
        markup_element(page->markup, "p", page_word(page, WORD_NO_ROUND), NULL);
}

static void write_contents(struct page *page) {
    page_contents_open(page);
    page_contents_item(page, "lights", WORD_LIGHTS);
    page_contents_item(page, "by-theme", WORD_BY_THEME);
    page_contents_item(page, "by-party", WORD_BY_PARTY);
    page_contents_measures(page, page_member(page->answer, "themes"));
    page_contents_close(page);
}

/* Each light with what it means and its count. */
static void write_lights(struct page *page) {
    struct markup *m = page->markup;
    page_heading(page, "h2", "lights", WORD_LIGHTS);
    page_table_open(page, "lights");
    page_table_head(page, WORD_LIGHT, false);
    page_table_head(page, WORD_MEANING, false);
    page_table_head(page, WORD_MEASURE_COUNT, true);
    page_table_body(page);
    size_t i, j;
    const json_t *row, *meaning;
    json_array_foreach(page_member(page->answer, "by_light"), i, row) {
        markup_open(m, "tr", NULL);
        markup_open(m, "th", "scope", "row", NULL);
        page_light(page, page_text(row, "light"));
        markup_close(m);
        markup_open(m, "td", NULL);
        if (strcmp(page_text(row, "light"), "unassessed") == 0)
            markup_text(m, page_word(page, WORD_UNASSESSED_MEANING));
        json_array_foreach(page_member(page->answer, "light_scale"), j, meaning) {
            if (json_equal(page_member(meaning, "light"), page_member(row, "light")))
                page_localised(page, "span", NULL, page_member(meaning, "meaning"));
        }
        markup_close(m);
        page_table_count(page, row, "count");
        markup_close(m);
    }
    page_table_close(page);
}

static void write_parties(struct page *page, const json_t *measure) {
    const json_t *parties = page_member(measure, "parties");
    page_fact_localised(page, WORD_LEAD, page_member(page_member(measure, "lead"), "title"));
    if (!json_array_size(parties))
        return;
    page_fact_open(page, WORD_PARTIES);
    size_t i;
    const json_t *party;
    json_array_foreach(parties, i, party) {
        if (i)
            markup_text(page->markup, "; ");
        page_localised(page, "span", NULL, page_member(party, "title"));
    }
    page_fact_close(page);
}

static void write_measure(struct page *page, const json_t *measure) {
    struct markup *m = page->markup;
    page_measure_open(page, measure, page_text(measure, "measure_line_id"));
    markup_open(m, "p", "class", "verdict", NULL);
    page_light(page, page_text(measure, "light"));
    page_localised(page, "span", "change", page_member(measure, "change_message"));
    page_flag(page, measure, "is_priority", WORD_PRIORITY);
    page_flag(page, measure, "is_self_assessed", WORD_SELF_ASSESSED);
    markup_close(m);
    page_localised(page, "p", "text", page_member(measure, "justification"));
    markup_open(m, "dl", "class", "facts", NULL);
    write_parties(page, measure);
    page_fact_text(page, WORD_STATUS,
                   page_code("reported_status", page_member(measure, "status"), page));
    page_fact_date(page, WORD_ASSESSED_ON, page_member(measure, "assessed_on"));
    page_fact_date(page, WORD_LAST_REPORTED_ON, page_member(measure, "last_reported_on"));
    page_fact_date(page, WORD_NEXT_DUE_ON, page_member(measure, "next_due_on"));
    markup_close(m);
    page_measure_close(page);
}

static void write_theme(struct page *page, const json_t *theme) {
    page_theme_heading(page, theme);
    size_t i;
    const json_t *measure;
    json_array_foreach(page_member(theme, "measures"), i, measure) {
        write_measure(page, measure);
    }
    if (!i)
        markup_element(page->markup, "p", page_word(page, WORD_NO_MEASURES), NULL);
}

void overview_write_page(struct page *page) {
    static const struct page_form forms[] = {{"json", WORD_AS_JSON}, {"atom", WORD_AS_ATOM}, {0}};
    const json_t *themes = page_member(page->answer, "themes");
    page_begin(page, WORD_OVERVIEW, page_member(page->answer, "name"));
    write_facts(page);
    write_contents(page);
    write_lights(page);
    page_heading(page, "h2", "by-theme", WORD_BY_THEME);
    page_counts(page, "by-theme", WORD_THEME, themes, page_member(page->answer, "counts"));
    page_heading(page, "h2", "by-party", WORD_BY_PARTY);
    page_counts(page, "by-party", WORD_PARTY, page_member(page->answer, "by_party"), NULL);
    page_heading(page, "h2", "measures", WORD_MEASURES);
    size_t i;
    const json_t *theme;
    json_array_foreach(themes, i, theme) {
        write_theme(page, theme);
    }
    page_end(page, forms);
}
