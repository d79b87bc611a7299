/* The parts that pages are put together from: texts, dates, lights, facts, tables. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

const char *const page_lights[] = {"green", "yellow", "red", "grey", "unassessed", NULL};

const char *page_number(const struct page *page, const json_t *object, const char *member) {
    return arena_print(page->arena, "%lld", json_integer_value(json_object_get(object, member)));
}

void page_localised(struct page *page, const char *element, const char *class,
                    const json_t *localised) {
    enum language given;
    const char *text = language_pick(localised, page->language, &given);
    if (text)
        markup_element(page->markup, element, text, "class", class, "lang",
                       given == page->language ? NULL : language_codes[given], NULL);
}

/* "2025-03-31", "2025-03" or "2025" (RFC 3339's date, cut off where it is not known). */
static const char *date_words(const struct page *page, const char *date) {
    static const char *const months[] = {"",        "January",  "February", "March",  "April",
                                         "May",     "June",     "July",     "August", "September",
                                         "October", "November", "December"};
    size_t length = strlen(date);
    if (length < 7)
        return date;
    int month = (date[5] - '0') * 10 + date[6] - '0';
    int day = length < 10 ? 0 : (date[8] - '0') * 10 + date[9] - '0';
    if (page->language == LANGUAGE_EN)
        return day ? arena_print(page->arena, "%d %s %.4s", day, months[month % 13], date)
                   : arena_print(page->arena, "%s %.4s", months[month % 13], date);
    return day ? arena_print(page->arena, "%d.%d.%.4s", day, month, date)
               : arena_print(page->arena, "%d/%.4s", month, date);
}

void page_date(struct page *page, const json_t *date) {
    const char *text = json_string_value(date);
    if (text)
        markup_element(page->markup, "time", date_words(page, text), "datetime", text, NULL);
}

static const json_t *meaning_of(const struct page *page, const char *light) {
    size_t i;
    const json_t *meaning;
    json_array_foreach(json_object_get(page->answer, "light_scale"), i, meaning) {
        if (strcmp(page_text(meaning, "light"), light) == 0)
            return meaning;
    }
    return NULL;
}

void page_light(struct page *page, const char *light) {
    struct markup *m = page->markup;
    const char *code = light ? light : "unassessed";
    const json_t *meaning = meaning_of(page, code);
    markup_open(m, "span", "class", arena_print(page->arena, "light %s", code), NULL);
    markup_element(m, "span", meaning ? page_text(meaning, "symbol") : "?", "class", "symbol",
                   "aria-hidden", "true", NULL);
    markup_text(m, "\u00a0"); /* they stay on one line */
    if (meaning)
        page_localised(page, "span", NULL, page_member(meaning, "label"));
    else
        markup_element(m, "span", page_word(page, WORD_UNASSESSED), NULL);
    markup_close(m);
}

void page_heading(struct page *page, const char *element, const char *id, enum word word) {
    markup_element(page->markup, element, page_word(page, word), "id", id, NULL);
}

void page_flag(struct page *page, const json_t *object, const char *member, enum word word) {
    if (!json_is_true(json_object_get(object, member)))
        return;
    markup_text(page->markup, " ");
    markup_element(page->markup, "span", page_word(page, word), "class", "flag", NULL);
}

bool page_list_open(struct page *page, const json_t *items, enum word none) {
    bool has_items = json_array_size(items) > 0;
    if (has_items)
        markup_open(page->markup, "ul", "class", "items", NULL);
    else
        markup_element(page->markup, "p", page_word(page, none), NULL);
    return has_items;
}

/* Number and name or title. */
static void write_numbered(struct page *page, const json_t *row) {
    const json_t *name = page_member(row, "name");
    if (page_text(row, "number")) {
        markup_text(page->markup, page_text(row, "number"));
        markup_text(page->markup, " ");
    }
    page_localised(page, "span", NULL, name ? name : page_member(row, "title"));
}

static const char *theme_id(const struct page *page, const json_t *theme) {
    return arena_print(page->arena, "theme-%s", page_text(theme, "theme_id"));
}

void page_theme_heading(struct page *page, const json_t *theme) {
    markup_open(page->markup, "h3", "id", theme_id(page, theme), NULL);
    write_numbered(page, theme);
    markup_close(page->markup);
}

void page_measure_open(struct page *page, const json_t *measure, const char *id) {
    const char *light = page_text(measure, "light");
    markup_open(page->markup, "article", "id", arena_print(page->arena, "measure-%s", id), "class",
                light ? light : "unassessed", NULL);
    markup_open(page->markup, "h4", NULL);
    write_numbered(page, measure);
    markup_close(page->markup);
}

void page_measure_close(struct page *page) {
    markup_close(page->markup);
}

void page_contents_open(struct page *page) {
    markup_open(page->markup, "nav", "class", "contents", "aria-labelledby", "contents", NULL);
    page_heading(page, "h2", "contents", WORD_CONTENTS);
    markup_open(page->markup, "ol", NULL);
}

void page_contents_item(struct page *page, const char *id, enum word word) {
    markup_open(page->markup, "li", NULL);
    markup_element(page->markup, "a", page_word(page, word), "href",
                   arena_print(page->arena, "#%s", id), NULL);
    markup_close(page->markup);
}

void page_contents_measures(struct page *page, const json_t *themes) {
    struct markup *m = page->markup;
    markup_open(m, "li", NULL);
    markup_element(m, "a", page_word(page, WORD_MEASURES), "href", "#measures", NULL);
    size_t i;
    const json_t *theme;
    markup_open(m, "ul", NULL);
    json_array_foreach(themes, i, theme) {
        markup_open(m, "li", NULL);
        markup_open(m, "a", "href", arena_print(page->arena, "#%s", theme_id(page, theme)), NULL);
        write_numbered(page, theme);
        markup_close(m);
        markup_close(m);
    }
    markup_close(m);
    markup_close(m);
}

void page_contents_close(struct page *page) {
    markup_close(page->markup);
    markup_close(page->markup);
}

void page_fact_open(struct page *page, enum word word) {
    markup_open(page->markup, "div", NULL);
    markup_element(page->markup, "dt", page_word(page, word), NULL);
    markup_open(page->markup, "dd", NULL);
}

void page_fact_close(struct page *page) {
    markup_close(page->markup);
    markup_close(page->markup);
}

void page_fact_text(struct page *page, enum word word, const char *text) {
    if (!text)
        return;
    page_fact_open(page, word);
    markup_text(page->markup, text);
    page_fact_close(page);
}

void page_fact_date(struct page *page, enum word word, const json_t *date) {
    if (!json_is_string(date))
        return;
    page_fact_open(page, word);
    page_date(page, date);
    page_fact_close(page);
}

void page_fact_localised(struct page *page, enum word word, const json_t *localised) {
    if (!json_is_object(localised))
        return;
    page_fact_open(page, word);
    page_localised(page, "span", NULL, localised);
    page_fact_close(page);
}

void page_table_open(struct page *page, const char *labelled_by) {
    markup_open(page->markup, "table", "aria-labelledby", labelled_by, NULL);
    markup_open(page->markup, "thead", NULL);
    markup_open(page->markup, "tr", NULL);
}

void page_table_head(struct page *page, enum word word, bool is_number) {
    markup_open(page->markup, "th", "scope", "col", "class", is_number ? "number" : NULL, NULL);
    markup_element(page->markup, "span", page_word(page, word), "class", "head", NULL);
    markup_close(page->markup);
}

void page_table_count(struct page *page, const json_t *row, const char *member) {
    markup_element(
        page->markup, "td",
        arena_print(page->arena, "%lld", json_integer_value(json_object_get(row, member))), "class",
        "number", NULL);
}

void page_table_name(struct page *page, const json_t *row) {
    markup_open(page->markup, "th", "scope", "row", NULL);
    write_numbered(page, row);
    markup_close(page->markup);
}

void page_table_body(struct page *page) {
    markup_close(page->markup);
    markup_close(page->markup);
    markup_open(page->markup, "tbody", NULL);
}

void page_table_close(struct page *page) {
    markup_close(page->markup);
    markup_close(page->markup);
}

static void write_light_heads(struct page *page) {
    for (const char *const *light = page_lights; *light; light++) {
        markup_open(page->markup, "th", "scope", "col", "class", "number", NULL);
        markup_open(page->markup, "span", "class", "head", NULL);
        page_light(page, *light);
        markup_close(page->markup);
        markup_close(page->markup);
    }
    page_table_head(page, WORD_TOTAL, true);
}

static void write_light_counts(struct page *page, const json_t *counts) {
    for (const char *const *light = page_lights; *light; light++)
        page_table_count(page, counts, *light);
    page_table_count(page, counts, "total");
    markup_close(page->markup);
}

void page_counts(struct page *page, const char *labelled_by, enum word first, const json_t *rows,
                 const json_t *total) {
    struct markup *m = page->markup;
    page_table_open(page, labelled_by);
    page_table_head(page, first, false);
    write_light_heads(page);
    page_table_body(page);
    size_t i;
    const json_t *row;
    json_array_foreach(rows, i, row) {
        markup_open(m, "tr", NULL);
        page_table_name(page, row);
        write_light_counts(page, page_member(row, "counts"));
    }
    if (total) {
        markup_open(m, "tr", "class", "total", NULL);
        markup_element(m, "th", page_word(page, WORD_TOTAL), "scope", "row", NULL);
        write_light_counts(page, total);
    }
    page_table_close(page);
}
