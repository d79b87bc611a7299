/* The board's paper on a round as a page: the meeting first, the measures last. */
#include "board_pack.h"

static void write_decision(struct page *page, enum word word, const json_t *body,
                           const json_t *decision) {
    if (!json_is_object(body))
        return;
    struct markup *m = page->markup;
    page_fact_open(page, word);
    page_localised(page, "span", NULL, page_member(body, "name"));
    if (decision) {
        markup_text(m, ", ");
        page_date(page, page_member(decision, "meeting_on"));
        if (page_member(decision, "section_number"))
            markup_text(m,
                        arena_print(page->arena, ", §\u00a0%lld",
                                    json_integer_value(page_member(decision, "section_number"))));
    }
    page_fact_close(page);
}

static void write_meeting(struct page *page) {
    const json_t *answer = page->answer, *programme = page_member(answer, "programme");
    const json_t *assessment = page_member(answer, "assessment_decision");
    markup_open(page->markup, "dl", "class", "facts", NULL);
    page_fact_localised(page, WORD_PROGRAMME, page_member(programme, "name"));
    page_fact_text(page, WORD_VERSION, page_text(programme, "version_number"));
    page_fact_text(page, WORD_STATUS, page_code("round", page_member(answer, "status"), page));
    page_fact_date(page, WORD_DUE_ON, page_member(answer, "due_on"));
    write_decision(page, WORD_ASSESSING_BODY, page_member(answer, "assessing_body"), assessment);
    page_fact_text(page, WORD_REGISTER_NUMBER, page_text(assessment, "register_number"));
    write_decision(page, WORD_ONWARD_BODY, page_member(answer, "onward_report_body"),
                   page_member(answer, "onward_decision"));
    markup_close(page->markup);
}

static void write_contents(struct page *page) {
    page_contents_open(page);
    page_contents_item(page, "summary", WORD_SUMMARY);
    page_contents_item(page, "priorities", WORD_PRIORITIES);
    page_contents_item(page, "reds-and-yellows", WORD_REDS_AND_YELLOWS);
    page_contents_item(page, "by-theme", WORD_BY_THEME);
    page_contents_item(page, "by-party", WORD_BY_PARTY);
    page_contents_item(page, "missing-reports", WORD_MISSING_REPORTS);
    page_contents_measures(page, page_member(page->answer, "by_theme"));
    if (page_member(page->answer, "assessment_decision") ||
        page_member(page->answer, "onward_decision"))
        page_contents_item(page, "decisions", WORD_DECISIONS);
    page_contents_close(page);
}

/* "vihreä 10 / 18" for each light. */
static void write_tiles(struct page *page) {
    struct markup *m = page->markup;
    const json_t *counts = page_member(page->answer, "counts");
    markup_open(m, "ul", "class", "tiles", NULL);
    for (const char *const *light = page_lights; *light; light++) {
        markup_open(m, "li", NULL);
        page_light(page, *light);
        markup_text(m, " ");
        markup_element(m, "strong", page_number(page, counts, *light), NULL);
        markup_text(m, " / ");
        markup_text(m, page_number(page, counts, "total"));
        markup_close(m);
    }
    markup_close(m);
}

static void write_report_counts(struct page *page) {
    static const struct {
        const char *member;
        enum word word;
    } counts[] = {
        {"total", WORD_REQUESTED}, {"accepted", WORD_ACCEPTED}, {"submitted", WORD_SUBMITTED},
        {"late", WORD_LATE},       {"missing", WORD_MISSING},   {"excused", WORD_EXCUSED},
    };
    const json_t *requests = page_member(page->answer, "requests");
    page_heading(page, "h3", "reports", WORD_REPORTS);
    markup_open(page->markup, "dl", "class", "facts", NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        page_fact_text(page, counts[i].word, page_number(page, requests, counts[i].member));
    markup_close(page->markup);
}

static void write_summary(struct page *page) {
    page_heading(page, "h2", "summary", WORD_SUMMARY);
    write_tiles(page);
    write_report_counts(page);
}

static void write_priority(struct page *page, const json_t *priority) {
    struct markup *m = page->markup;
    const char *number = page_text(priority, "measure_number");
    markup_open(m, "li", NULL);
    markup_open(m, "strong", NULL);
    markup_text(m, number ? number : page_text(priority, "theme_number"));
    markup_text(m, " ");
    page_localised(page, "span", NULL, page_member(priority, "name"));
    markup_close(m);
    page_flag(page, priority, "is_carried_in", WORD_CARRIED_IN);
    page_localised(page, "p", "text", page_member(priority, "reason"));
    markup_close(m);
}

static void write_priorities(struct page *page) {
    const json_t *priorities = page_member(page->answer, "priorities"), *priority;
    page_heading(page, "h2", "priorities", WORD_PRIORITIES);
    if (!page_list_open(page, priorities, WORD_NO_PRIORITIES))
        return;
    size_t i;
    json_array_foreach(priorities, i, priority) {
        write_priority(page, priority);
    }
    markup_close(page->markup);
}

/* A link to the measure with its number and title. */
static void write_measure_link(struct page *page, const json_t *measure) {
    struct markup *m = page->markup;
    markup_open(m, "a", "href",
                arena_print(page->arena, "#measure-%s", page_text(measure, "measure_id")), NULL);
    markup_text(m, page_text(measure, "number"));
    markup_text(m, " ");
    page_localised(page, "span", NULL, page_member(measure, "title"));
    markup_close(m);
}

static void write_reds_and_yellows(struct page *page) {
    const json_t *measures = page_member(page->answer, "reds_and_yellows"), *measure;
    page_heading(page, "h2", "reds-and-yellows", WORD_REDS_AND_YELLOWS);
    if (!page_list_open(page, measures, WORD_NO_REDS_OR_YELLOWS))
        return;
    size_t i;
    json_array_foreach(measures, i, measure) {
        markup_open(page->markup, "li", NULL);
        page_light(page, page_text(measure, "light"));
        markup_text(page->markup, " ");
        write_measure_link(page, measure);
        page_localised(page, "p", "text", page_member(measure, "justification"));
        markup_close(page->markup);
    }
    markup_close(page->markup);
}

static void write_reports_by_party(struct page *page) {
    static const struct {
        const char *member;
        enum word word;
    } columns[] = {
        {"requests", WORD_REQUESTED},
        {"on_time", WORD_ON_TIME},
        {"late", WORD_LATE},
        {"missing", WORD_MISSING},
    };
    size_t i;
    const json_t *row;
    page_heading(page, "h3", "party-reports", WORD_BY_PARTY_REPORTS);
    page_table_open(page, "party-reports");
    page_table_head(page, WORD_PARTY, false);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        page_table_head(page, columns[c].word, true);
    page_table_body(page);
    json_array_foreach(page_member(page->answer, "by_party"), i, row) {
        markup_open(page->markup, "tr", NULL);
        page_table_name(page, row);
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            page_table_count(page, row, columns[c].member);
        markup_close(page->markup);
    }
    page_table_close(page);
}

static void write_tables(struct page *page) {
    const json_t *answer = page->answer;
    page_heading(page, "h2", "by-theme", WORD_BY_THEME);
    page_counts(page, "by-theme", WORD_THEME, page_member(answer, "by_theme"),
                page_member(answer, "counts"));
    page_heading(page, "h2", "by-party", WORD_BY_PARTY);
    page_heading(page, "h3", "party-lights", WORD_BY_PARTY_LIGHTS);
    page_counts(page, "party-lights", WORD_PARTY, page_member(answer, "by_party"), NULL);
    write_reports_by_party(page);
}

static void write_missing_reports(struct page *page) {
    const json_t *parties = page_member(page->answer, "missing_reports"), *party, *measure;
    page_heading(page, "h2", "missing-reports", WORD_MISSING_REPORTS);
    if (!page_list_open(page, parties, WORD_NO_MISSING_REPORTS))
        return;
    size_t i, j;
    json_array_foreach(parties, i, party) {
        markup_open(page->markup, "li", NULL);
        page_localised(page, "strong", NULL, page_member(party, "title"));
        markup_open(page->markup, "ul", NULL);
        json_array_foreach(page_member(party, "measures"), j, measure) {
            markup_open(page->markup, "li", NULL);
            write_measure_link(page, measure);
            markup_close(page->markup);
        }
        markup_close(page->markup);
        markup_close(page->markup);
    }
    markup_close(page->markup);
}

/* One party's own view: what it reported, or why there is no report. */
static void write_view(struct page *page, const json_t *view) {
    struct markup *m = page->markup;
    const char *own = page_text(view, "own_light");
    markup_open(m, "li", NULL);
    page_localised(page, "strong", NULL, page_member(view, "title"));
    markup_text(
        m, arena_print(page->arena, " (%s)", page_code("role", page_member(view, "role"), page)));
    page_flag(page, view, "is_late", WORD_LATE);
    markup_open(m, "dl", "class", "facts", NULL);
    page_fact_text(page, WORD_REPORT, page_code("request", page_member(view, "status"), page));
    page_fact_text(page, WORD_STATUS,
                   page_code("reported_status", page_member(view, "reported_status"), page));
    if (own) {
        page_fact_open(page, WORD_OWN_LIGHT);
        page_light(page, own);
        page_fact_close(page);
    }
    markup_close(m);
    page_localised(page, "p", "text", page_member(view, "summary"));
    markup_close(m);
}

static void write_views(struct page *page, const json_t *views) {
    size_t i;
    const json_t *view;
    if (!json_array_size(views))
        return;
    markup_element(page->markup, "p", page_word(page, WORD_REPORTS_OF_PARTIES), "class", "label",
                   NULL);
    markup_open(page->markup, "ul", "class", "views", NULL);
    json_array_foreach(views, i, view) {
        write_view(page, view);
    }
    markup_close(page->markup);
}

static void write_measure(struct page *page, const json_t *measure) {
    struct markup *m = page->markup;
    page_measure_open(page, measure, page_text(measure, "measure_id"));
    markup_open(m, "dl", "class", "facts", NULL);
    page_fact_open(page, WORD_GIVEN_LIGHT);
    page_light(page, page_text(measure, "light"));
    page_fact_close(page);
    page_fact_open(page, WORD_SUGGESTED_LIGHT);
    page_light(page, page_text(measure, "suggested_light"));
    page_fact_close(page);
    markup_close(m);
    markup_open(m, "p", "class", "verdict", NULL);
    page_flag(page, measure, "is_overridden", WORD_OVERRIDDEN);
    page_flag(page, measure, "is_self_assessed", WORD_SELF_ASSESSED);
    markup_close(m);
    page_localised(page, "p", "text", page_member(measure, "justification"));
    write_views(page, page_member(measure, "own_views"));
    page_measure_close(page);
}

static void write_measures(struct page *page) {
    const json_t *measures = page_member(page->answer, "measures"), *theme, *measure;
    size_t i, j;
    page_heading(page, "h2", "measures", WORD_MEASURES);
    if (!json_array_size(measures))
        markup_element(page->markup, "p", page_word(page, WORD_NO_MEASURES), NULL);
    json_array_foreach(page_member(page->answer, "by_theme"), i, theme) {
        page_theme_heading(page, theme);
        json_array_foreach(measures, j, measure) {
            if (json_equal(page_member(measure, "theme_number"), page_member(theme, "number")))
                write_measure(page, measure);
        }
    }
}

static void write_decision_text(struct page *page, const json_t *decision) {
    if (!decision)
        return;
    page_localised(page, "h3", NULL, page_member(decision, "title"));
    page_localised(page, "p", "text", page_member(decision, "decision"));
}

static void write_decisions(struct page *page) {
    const json_t *assessment = page_member(page->answer, "assessment_decision");
    const json_t *onward = page_member(page->answer, "onward_decision");
    if (!assessment && !onward)
        return;
    page_heading(page, "h2", "decisions", WORD_DECISIONS);
    write_decision_text(page, assessment);
    write_decision_text(page, onward);
}

void board_pack_write_page(struct page *page) {
    static const struct page_form forms[] = {{"json", WORD_AS_JSON}, {"csv", WORD_AS_CSV}, {0}};
    page_begin(page, WORD_BOARD_PACK, page_member(page->answer, "name"));
    write_meeting(page);
    write_contents(page);
    write_summary(page);
    write_priorities(page);
    write_reds_and_yellows(page);
    write_tables(page);
    write_missing_reports(page);
    write_measures(page);
    write_decisions(page);
    page_end(page, forms);
}
