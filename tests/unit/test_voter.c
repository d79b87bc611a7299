/* The day a voter's age is judged on: Finland's, at midnight and at both clock changes. */
#include "../../api/voter.h"

#include "check.h"

static void check_day(const char *now, const char *expected) {
    char day[11];
    voter_day(now, day);
    CHECK_TEXT(day, expected);
}

int main(void) {
    check_day("2026-01-15T21:59:59.999Z", "2026-01-15"); /* +2 */
    check_day("2026-01-15T22:00:00Z", "2026-01-16");
    check_day("2026-07-15T20:59:59Z", "2026-07-15"); /* +3 */
    check_day("2026-07-15T21:00:00Z", "2026-07-16");
    /* summer begins on 29 March 2026 at 01:00 UTC, and on 25 March in 2029 */
    check_day("2026-03-28T21:59:59Z", "2026-03-28");
    check_day("2026-03-28T22:00:00Z", "2026-03-29");
    check_day("2026-03-29T20:59:59Z", "2026-03-29");
    check_day("2026-03-29T21:00:00Z", "2026-03-30");
    check_day("2029-03-25T21:00:00Z", "2029-03-26");
    /* and ends on 25 October 2026, on 31 October in 2027 */
    check_day("2026-10-24T21:00:00Z", "2026-10-25");
    check_day("2026-10-25T21:59:59Z", "2026-10-25");
    check_day("2026-10-25T22:00:00Z", "2026-10-26");
    check_day("2027-10-30T21:00:00Z", "2027-10-31");
    check_day("2027-10-31T21:00:00Z", "2027-10-31");
    check_day("2026-12-31T22:00:00Z", "2027-01-01");
    return check_finish();
}
