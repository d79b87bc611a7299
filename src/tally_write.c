/* Sentences and lines about a count. */
#include "tally_write.h"

#include "amount.h"
#include "text.h"

#include <string.h>

static const char *const sentences[][LANGUAGE_COUNT] = {
#define TALLY_TEXT(name, fi, sv, en) {fi, sv, en},
#include "tally_text.def"
#undef TALLY_TEXT
};
enum sentence {
#define TALLY_TEXT(name, ...) SENTENCE_##name,
#include "tally_text.def"
#undef TALLY_TEXT
};

static enum sentence sentence_of(const struct tally_report *report, uint32_t project) {
    const struct tally_verdict *verdict = &report->result->verdicts[project];
    if (verdict->fate != TALLY_CHOSEN && election_is_withdrawn(report->election, project))
        return SENTENCE_WITHDRAWN;
    if (verdict->fate != TALLY_CHOSEN)
        return SENTENCE_BELOW_MINIMUM + (verdict->fate - TALLY_BELOW_MINIMUM);
    enum tally_phase phase = report->result->steps[verdict->position - 1].phase;
    return phase == TALLY_BY_SHARES && !report->election->has_points ? SENTENCE_CHOSEN_SHARES
                                                                     : SENTENCE_CHOSEN;
}

static void write_money(const struct tally_report *report, int64_t money, struct buffer *out) {
    const char *currency = report->election->currency;
    amount_write_spaced(money, report->election->money_decimals, out);
    buffer_print(out, "\u00a0%s", strcmp(currency, "EUR") == 0 ? "€" : currency);
}

/* "214 votes": of points or of votes, one or many. */
static void write_score(const struct tally_report *report, uint32_t project, enum language language,
                        struct buffer *out) {
    static const char *const units[2][2][LANGUAGE_COUNT] = {
        {{"ääntä", "röster", "votes"}, {"ääni", "röst", "vote"}},
        {{"pistettä", "poäng", "points"}, {"piste", "poäng", "point"}}};
    const struct election *election = report->election;
    int64_t score = election->projects[project].score;
    bool is_one = score == amount_power(election->point_decimals);
    amount_write_spaced(score, election->point_decimals, out);
    buffer_print(out, " %s", units[election->has_points][is_one][language]);
}

/* "3.", "som nr 3", "3rd" */
static void write_place(size_t place, enum language language, struct buffer *out) {
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    size_t last = place % 10;
    bool is_irregular = last >= 1 && last <= 3 && place / 10 % 10 != 1;
    if (language == LANGUAGE_EN)
        buffer_print(out, "%zu%s", place, endings[is_irregular ? last : 0]);
    else
        buffer_print(out, language == LANGUAGE_FI ? "%zu." : "som nr %zu", place);
}

/* What a supporter pays at most, rounded up to the decimals of money, cents at least. */
static void write_payment(const struct tally_report *report, size_t place, struct buffer *out) {
    unsigned decimals = report->election->money_decimals;
    unsigned shown = decimals < 2 ? 2 : decimals;
    mpz_t payment;
    mpz_init_set(payment, mpq_numref(report->result->steps[place - 1].payment));
    mpz_mul_si(payment, payment, amount_power(shown - decimals));
    mpz_cdiv_q(payment, payment, mpq_denref(report->result->steps[place - 1].payment));
    amount_write_spaced(mpz_get_si(payment), shown, out);
    mpz_clear(payment);
    const char *currency = report->election->currency;
    buffer_print(out, "\u00a0%s", strcmp(currency, "EUR") == 0 ? "€" : currency);
}

void tally_write_sentence(const struct tally_report *report, uint32_t project,
                          enum language language, struct buffer *out) {
    const struct tally_verdict *verdict = &report->result->verdicts[project];
    enum sentence sentence = sentence_of(report, project);
    bool is_chosen = verdict->fate == TALLY_CHOSEN;
    auto_buffer score = {0};
    auto_buffer cost = {0};
    auto_buffer money = {0};
    auto_buffer place = {0};
    write_score(report, project, language, &score);
    write_money(report, is_chosen ? verdict->left : report->election->projects[project].cost,
                &cost);
    if (sentence == SENTENCE_CHOSEN_SHARES)
        write_payment(report, verdict->position, &money);
    else
        write_money(report, verdict->left, &money);
    write_place(verdict->position, language, &place);
    const char *const parameters[] = {score.data, cost.data, money.data, place.data};
    text_fill(sentences[sentence][language], parameters, out);
}

void tally_write_lines(const struct tally_report *report, enum language language,
                       struct buffer *out) {
    const struct election *election = report->election;
    const struct tally_result *result = report->result;
    for (size_t i = 0; i < result->step_count; i++) {
        uint32_t project = result->steps[i].project;
        buffer_print(out, "%s  ", election->projects[project].id);
        tally_write_sentence(report, project, language, out);
        buffer_add_char(out, '\n');
    }
    for (uint32_t i = 0; i < election->project_count; i++) {
        if (result->verdicts[i].fate == TALLY_CHOSEN)
            continue;
        buffer_print(out, "%s  ", election->projects[i].id);
        tally_write_sentence(report, i, language, out);
        buffer_add_char(out, '\n');
    }
    write_money(report, result->spent, out);
    buffer_add_text(out, " / ");
    write_money(report, election->budget, out);
    buffer_print(out, "  %zu / %zu  %s%s\n", result->step_count, election->project_count,
                 tally_rule_name(report->rules->rule), result->tie_met ? "  =" : "");
}
