/* Decimal numbers: what is read, what is refused, how they are written for people. */
#include "amount.h"

#include "check.h"

static void check_read(const char *text, int64_t digits, unsigned decimals) {
    struct amount amount = {0};
    CHECK(amount_read(text, &amount));
    CHECK(amount.digits == digits && amount.decimals == decimals);
}

static void check_written(int64_t scaled, unsigned decimals, const char *plain,
                          const char *spaced) {
    auto_buffer one = {0};
    auto_buffer other = {0};
    amount_write(scaled, decimals, &one);
    amount_write_spaced(scaled, decimals, &other);
    CHECK_TEXT(one.data, plain);
    CHECK_TEXT(other.data, spaced);
}

int main(void) {
    check_read("1999.99", 199999, 2);
    check_read(" 1999,90 ", 19999, 1);
    check_read("-3", -3, 0);
    check_read("7.000000000000000", 7, 0);
    check_read("0.000001", 1, 6);
    check_read("999999999999999999", 999999999999999999, 0);
    const char *const refused[] = {"",         " ",   "-",  "+1",  "1e3",   ".5",
                                   "5.",       "1 0", "0x", "NaN", "1.2.3", "1234567890123456789",
                                   "0.0000001"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct amount amount;
        CHECK(!amount_read(refused[i], &amount));
    }
    int64_t scaled;
    CHECK(amount_scale((struct amount){15, 1}, 3, 1500, &scaled) && scaled == 1500);
    CHECK(!amount_scale((struct amount){15, 1}, 3, 1499, &scaled));
    CHECK(!amount_scale((struct amount){-16, 1}, 3, 1500, &scaled));
    check_written(1800000, 2, "18000", "18\u00a0000");
    check_written(123456789, 3, "123456.789", "123\u00a0456,78");
    check_written(5, 1, "0.5", "0,50");
    check_written(-5, 1, "-0.5", "−0,50");
    check_written(-1250, 2, "-12.5", "−12,50");
    check_written(999, 0, "999", "999");
    return check_finish();
}
