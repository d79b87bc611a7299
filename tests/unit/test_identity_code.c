/* Which texts hold an identity code, and what is left of them. */
#include "identity_code.h"

#include "check.h"

#include <string.h>

static bool masks(const char *text, const char *left) {
    char copy[200];
    strncpy(copy, text, sizeof copy - 1)[sizeof copy - 1] = '\0';
    bool is_found = identity_code_mask(copy);
    CHECK_TEXT(copy, left);
    return is_found;
}

static bool stays(const char *text) {
    return !masks(text, text);
}

static void test_code_is_masked_wherever_it_stands(void) {
    CHECK(masks("131052-308T", "******-****"));
    CHECK(masks("hetuni on 131052-308t.", "hetuni on ******-****."));
    CHECK(masks("(131052-308T, 131052-308T)", "(******-****, ******-****)"));
    CHECK(masks("131052-308T131052-308T", "******-**********-****"));
    CHECK(masks("ä 131052-308T\n", "ä ******-****\n"));
    CHECK(masks("”131052-308T”", "”******-****”"));
    CHECK(masks("Hetu:\u00A0131052-308T…", "Hetu:\u00A0******-****…"));
    CHECK(masks("—131052-308T👉", "—******-****👉"));
    CHECK(masks("\uFEFF131052-308T\u200B", "\uFEFF******-****\u200B"));
    CHECK(masks("hetu131052-308T", "hetu******-****"));
    CHECK(masks("131052-308Ton hetu_131052-308T_", "******-****on hetu_******-****_"));
    CHECK(masks("äb131052-308Tä", "äb******-****ä"));
}

static void test_every_sign_of_a_century_counts(void) {
    const char *signs = "+-ABCDEFUVWXY";
    for (const char *sign = signs; *sign; sign++) {
        char code[] = "131052-308T";
        code[6] = *sign;
        CHECK(masks(code, "******-****"));
    }
}

static void test_code_is_masked_however_it_is_written(void) {
    static const char *const writings[] = {
        "131052\u2013308T",       "131052\u2011308T",  "131052\u2010308T",
        "131052\u2212308T",       "131052-\u00AD308T", "131052\u00AD308T",
        "131052 - 308T",          "131052- 308T",      "131052 308T",
        "131052-\n308T",          "131052\u00A0308T",  "131052\u200B-\u200B308T",
        "131052 -- 308T",         "131052/308T",       "13.10.52-308T",
        "13.10.52 - 308T",        "13 10 52 - 308T",   "13-10-52-308T",
        "13/10/52 \u2013 308t",   "13.10.1952-308T",   "13101952-308T",
        "１３１０５２－３０８Ｔ", "131052 \n -  308t", "010100 a 123D"};
    for (size_t i = 0; i < sizeof writings / sizeof *writings; i++)
        CHECK(masks(writings[i], "******-****"));
}

static void test_what_is_no_code_stays(void) {
    CHECK(stays("131052-308S")); /* check character */
    CHECK(stays("tilaus 120326-0045"));
    CHECK(stays("310452-308K")); /* no such day */
    CHECK(stays("290201A123J") && masks("290200A1239", "******-****"));
    CHECK(stays("131352-3080"));
    CHECK(stays("131052G308T")); /* sign */
    CHECK(stays("131052--+308T"));
    CHECK(stays("131052308T"));
    CHECK(stays("1131052-308T"));
    CHECK(stays("120326-00400")); /* a digit goes on, where 120326-0040 is a code */
    CHECK(masks("120326-0040", "******-****"));
    CHECK(stays("22.11.26 1000")); /* a day and a time; with a sign it is a code */
    CHECK(masks("22.11.26-1000", "******-****"));
    CHECK(stays("13.10-52-308T"));
    CHECK(stays("131052-308"));
    CHECK(stays(""));
    CHECK(stays("puhelin 040-1234567, 0401234567, +358 40 123 4567"));
    CHECK(stays("avoinna 08-20 10-18, 1.12.2026 klo 10.00, 60100 Seinäjoki"));
}

static void test_ids_and_secrets_hold_none(void) {
    CHECK(masks("131052A324A", "******-****"));
    CHECK(stays("0131052a324a4f") && stays("f131052a324a") && stays("131052a324af"));
    CHECK(stays("ab131052-324a-4c1d-9b3c-0123456789ab"));
    CHECK(stays("0190cdef-131052A324ab"));
}

static void test_what_is_no_utf8_harms_nothing(void) {
    CHECK(masks("\xC3 131052-308T \xFF\xE2\x80", "\xC3 ******-**** \xFF\xE2\x80"));
    CHECK(stays("131052\xE2\x80"));
}

int main(void) {
    test_code_is_masked_wherever_it_stands();
    test_every_sign_of_a_century_counts();
    test_code_is_masked_however_it_is_written();
    test_what_is_no_code_stays();
    test_ids_and_secrets_hold_none();
    test_what_is_no_utf8_harms_nothing();
    return check_finish();
}
