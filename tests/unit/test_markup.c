/* Markup: texts stay texts, elements are whole, languages are picked. */
#include "check.h"
#include "language.h"
#include "markup.h"

/* <p title="text">text</p> */
static void check_text(const char *text, const char *in_attribute, const char *in_element) {
    auto_buffer out = {0}, expected = {0};
    struct markup *markup = markup_new("", &out);
    markup_element(markup, "p", text, "title", text, NULL);
    markup_free(markup);
    buffer_print(&expected, "<p title=\"%s\">%s</p>", in_attribute, in_element);
    CHECK_TEXT(out.data, expected.data);
}

static void test_texts_are_escaped(void) {
    check_text("plain", "plain", "plain");
    check_text("</p><script>&amp;", "&lt;/p&gt;&lt;script&gt;&amp;amp;",
               "&lt;/p&gt;&lt;script&gt;&amp;amp;");
    check_text("\"'", "&quot;'", "&quot;'");
    check_text("]]>", "]]&gt;", "]]&gt;");
    check_text("", "", "");
    check_text("é", "&#xE9;", "é");
}

static void test_what_requests_may_not_hold_is_replaced(void) {
    static const char *const refused[] = {
        "\x01",   "\x1b",   "\x7f", "\xc2\x85",    "\u202e",
        "\u2067", "\uFFFE", "\xff", "\xed\xa0\x80" /* surrogate: three bytes, none valid */};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        auto_buffer out = {0}, text = {0}, expected = {0};
        buffer_print(&text, "a%sb", refused[i]);
        struct markup *markup = markup_new("", &out);
        markup_element(markup, "p", text.data, NULL);
        markup_free(markup);
        const char *mark =
            i + 1 < sizeof refused / sizeof *refused ? "\uFFFD" : "\uFFFD\uFFFD\uFFFD";
        buffer_print(&expected, "<p>a%sb</p>", mark);
        CHECK_TEXT(out.data, expected.data);
    }
}

static void test_elements_are_whole(void) {
    auto_buffer out = {0};
    struct markup *markup = markup_new("<!DOCTYPE html>\n", &out);
    markup_open(markup, "tr", "class", NULL, "id", "x", NULL);
    markup_open(markup, "td", NULL);
    markup_close(markup);
    markup_void(markup, "br", NULL);
    markup_raw(markup, "a > b");
    markup_free(markup); /* closes nothing by itself: what was written stands */
    CHECK_TEXT(out.data, "<!DOCTYPE html>\n<tr id=\"x\"><td></td><br/>a > b");
}

static void test_a_language_that_is_missing_gives_the_next(void) {
    json_auto_t *text = json_pack("{s:s, s:s}", "sv", "på svenska", "en", "in English");
    enum language given;
    CHECK_TEXT(language_pick(text, LANGUAGE_EN, &given), "in English");
    CHECK(given == LANGUAGE_EN);
    CHECK_TEXT(language_pick(text, LANGUAGE_FI, &given), "på svenska");
    CHECK(given == LANGUAGE_SV);
    CHECK(!language_pick(NULL, LANGUAGE_FI, &given) && given == LANGUAGE_SV);
    CHECK(language_find("sv") == LANGUAGE_SV && language_find("de") == LANGUAGE_COUNT);
}

int main(void) {
    test_texts_are_escaped();
    test_what_requests_may_not_hold_is_replaced();
    test_elements_are_whole();
    test_a_language_that_is_missing_gives_the_next();
    return check_finish();
}
