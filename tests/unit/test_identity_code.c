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

static void test_code_is_masked_wherever_it_stands(void) {
    CHECK(masks("131052-308T", "******-****"));
    CHECK(masks("hetuni on 131052-308t.", "hetuni on ******-****."));
    CHECK(masks("(131052-308T, 131052-308T)", "(******-****, ******-****)"));
    CHECK(masks("ä 131052-308T\n", "ä ******-****\n"));
}

static void test_every_sign_of_a_century_counts(void) {
    const char *signs = "+-ABCDEFUVWXY";
    for (const char *sign = signs; *sign; sign++) {
        char code[] = "131052-308T";
        code[6] = *sign;
        CHECK(masks(code, "******-****"));
    }
}

static void test_what_is_no_code_stays(void) {
    CHECK(!masks("131052-308S", "131052-308S"));   /* check character */
    CHECK(!masks("131052G308T", "131052G308T"));   /* sign */
    CHECK(!masks("x131052-308T", "x131052-308T")); /* within a word */
    CHECK(!masks("131052-308Tä", "131052-308Tä"));
    CHECK(!masks("1131052-308T", "1131052-308T"));
    CHECK(!masks("131052-308", "131052-308"));
    CHECK(!masks("", ""));
    CHECK(!masks("puhelin 040-1234567", "puhelin 040-1234567"));
}

int main(void) {
    test_code_is_masked_wherever_it_stands();
    test_every_sign_of_a_century_counts();
    test_what_is_no_code_stays();
    return check_finish();
}
