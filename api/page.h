/*
 * What the pages and feeds share. A page is made of the members of the JSON answer and nothing
 * else: the same statement, the same predicate of what may be seen. Each page_… writes at the place
 * where the markup stands; NULL and JSON's null are written as nothing.
 */
#pragma once

#include "markup.h"
#include "request.h"

#include <jansson.h>

enum word {
#define WORD(name, ...) WORD_##name,
#define CODE(...)
#include "page.def"
#undef CODE
#undef WORD
    WORD_COUNT
};

struct statement;

struct page {
    struct markup *markup;
    enum language language;
    const json_t *answer;
    const char *address; /* of the answer: with ELINVOIMA_PUBLIC_URL before it where that is set */
    struct arena *arena;
};

/* Answers with the operation's item in the form that was asked for, HTML or Atom, as `write` has
 * it. */
bool page_answer(struct request *request, void (*write)(struct page *page));

/* The same of the page of a list that stands in `reply` as JSON: `answer` is the row of `head` with
 * the list's `items` and its own address, `self`. */
bool page_list_answer(struct request *request, const struct statement *head,
                      void (*write)(struct page *page));

/* Static, in the page's language. page_code: of a code of the contract, else the code itself. */
const char *page_word(const struct page *page, enum word word);
const char *page_code(const char *member, const json_t *code, const struct page *page);

/* Borrowed: a member of an object, NULL when absent or null; its text. */
const json_t *page_member(const json_t *object, const char *name);
const char *page_text(const json_t *object, const char *name);

/* An integer member as text. */
const char *page_number(const struct page *page, const json_t *object, const char *member);

/* The address with these parameters and the page's language behind it. */
const char *page_link(const struct page *page, const char *format);

/* The HTML around the content: head, skip link, the municipality, languages; and the links to the
 * other forms (words of `format` with their labels, ended by NULL). */
void page_begin(struct page *page, enum word kind, const json_t *title);
struct page_form {
    const char *format;
    enum word label;
};
void page_end(struct page *page, const struct page_form *forms);

/* <element class lang>: a localised text, its language said where it is not the page's. */
void page_localised(struct page *page, const char *element, const char *class,
                    const json_t *localised);

/* A date as it is written in the page's language: 31.3.2025, 31 March 2025, exact as it is known.
 */
void page_date(struct page *page, const json_t *date);

/* A light as word, symbol and colour; NULL is `unassessed`. Their order on pages ends with NULL. */
extern const char *const page_lights[];
void page_light(struct page *page, const char *light);

/* A word shown beside something when that member of it is true. */
void page_flag(struct page *page, const json_t *object, const char *member, enum word word);

/* Opens a list for the items; where there are none, says so and returns false. */
bool page_list_open(struct page *page, const json_t *items, enum word none);

/* A theme's heading; a measure with its number and title, to be found at #measure-<id>. */
void page_theme_heading(struct page *page, const json_t *theme);
void page_measure_open(struct page *page, const json_t *measure, const char *id);
void page_measure_close(struct page *page);

/* A heading with an id, to be the target of the contents and the name of what follows. */
void page_heading(struct page *page, const char *element, const char *id, enum word word);

/* The contents: links to the ids. */
void page_contents_open(struct page *page);
void page_contents_item(struct page *page, const char *id, enum word word);
/* The measures with their themes below. */
void page_contents_measures(struct page *page, const json_t *themes);
void page_contents_close(struct page *page);

/* One row of a <dl class="facts">, or the parts of one whose value is made by the caller. */
void page_fact_open(struct page *page, enum word word);
void page_fact_close(struct page *page);
void page_fact_text(struct page *page, enum word word, const char *text);
void page_fact_date(struct page *page, enum word word, const json_t *date);
void page_fact_localised(struct page *page, enum word word, const json_t *localised);

/* The cells of a table: `<th scope="col">` of each word, and a number. */
void page_table_open(struct page *page, const char *labelled_by);
void page_table_head(struct page *page, enum word word, bool is_number);
void page_table_body(struct page *page);
void page_table_count(struct page *page, const json_t *row, const char *member);
void page_table_name(struct page *page, const json_t *row);
void page_table_close(struct page *page);

/* Lights by row: each has number? and name or title, and counts; a last row for `total`. */
void page_counts(struct page *page, const char *labelled_by, enum word first, const json_t *rows,
                 const json_t *total);
