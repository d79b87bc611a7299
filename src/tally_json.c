/* The outcome of a count as JSON. Amounts and fractions are texts: no number of JSON holds them. */
#include "amount.h"
#include "own.h"
#include "tally_write.h"

#include <stdlib.h>
#include <string.h>

static const char *const phase_names[] = {"greedy", "equal_shares", "phragmen"};
static const char *const fate_names[] = {"chosen",      "below_minimum",   "unsupported",
                                         "too_dear",    "supporters_poor", "after_stop",
                                         "alternative", "below_unit"};

static void write_amount(const char *name, int64_t scaled, unsigned decimals, struct buffer *out) {
    buffer_print(out, ",\"%s\":\"", name);
    amount_write(scaled, decimals, out);
    buffer_add_char(out, '"');
}

static void write_text(const char *name, const char *text, struct buffer *out) {
    buffer_print(out, ",\"%s\":", name);
    buffer_add_json_text(out, text);
}

/* A fraction of whole numbers of 10^-decimals, in whole units. */
static void write_fraction(const char *name, const mpq_t fraction, unsigned decimals,
                           struct buffer *out) {
    mpq_t whole;
    mpq_init(whole);
    mpq_set_si(whole, 1, (unsigned long)amount_power(decimals));
    mpq_mul(whole, whole, fraction);
    auto_free char *text = mpq_get_str(NULL, 10, whole);
    mpq_clear(whole);
    write_text(name, text, out);
}

static void write_ids(const char *name, const struct tally_report *report, const uint32_t *projects,
                      size_t count, struct buffer *out) {
    buffer_print(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buffer_add_char(out, ',');
        buffer_add_json_text(out, report->election->projects[projects[i]].id);
    }
    buffer_add_char(out, ']');
}

static int compare_ids(const void *left, const void *right, void *data) {
    const struct project *projects = data;
    return strcmp(projects[*(const uint32_t *)left].id, projects[*(const uint32_t *)right].id);
}

static void write_orders(const struct tally_report *report, struct buffer *out) {
    const struct tally_result *result = report->result;
    size_t count = report->election->project_count;
    auto_free uint32_t *projects = calloc(count + 1, sizeof *projects);
    if (!projects)
        abort();
    for (size_t i = 0; i < result->step_count; i++)
        projects[i] = result->steps[i].project;
    write_ids("order", report, projects, result->step_count, out);
    qsort_r(projects, result->step_count, sizeof *projects, compare_ids,
            report->election->projects);
    write_ids("winners", report, projects, result->step_count, out);
    for (uint32_t i = 0; i < count; i++)
        projects[report->rules->rank[i]] = i;
    write_ids("tie_order", report, projects, count, out);
}

/* A key in whole units: of points, points per money, or money (per money). */
static void write_key(const struct tally_report *report, const struct tally_step *step,
                      struct buffer *out) {
    unsigned money = report->election->money_decimals, points = report->election->point_decimals;
    bool by_density = report->rules->rule == TALLY_GREEDY_DENSITY ||
                      report->rules->rule == TALLY_GREEDY_DENSITY_NOSKIP;
    bool by_cost = report->rules->rule == TALLY_MES_COST;
    mpq_t key, scale;
    mpq_inits(key, scale, NULL);
    unsigned above = 0, below = points;
    if (step->phase == TALLY_BY_GREEDY)
        above = by_density ? money : 0;
    else if (step->phase == TALLY_BY_SHARES) {
        above = points;
        below = by_cost ? 0 : money;
    } else {
        below = money;
    }
    mpq_set_si(scale, amount_power(above), (unsigned long)amount_power(below));
    mpq_canonicalize(scale);
    mpq_mul(key, step->key, scale);
    write_fraction("key", key, 0, out);
    mpq_clears(key, scale, NULL);
}

static void write_step(const struct tally_report *report, const struct tally_step *step,
                       struct buffer *out) {
    const struct election *election = report->election;
    buffer_add_text(out, "{\"project_id\":");
    buffer_add_json_text(out, election->projects[step->project].id);
    write_text("phase", phase_names[step->phase], out);
    write_key(report, step, out);
    if (step->phase == TALLY_BY_SHARES) {
        mpq_t payment;
        mpq_init(payment);
        mpz_set_si(mpq_numref(payment), amount_power(election->point_decimals));
        mpq_mul(payment, payment, step->payment);
        write_fraction("payment", payment, election->money_decimals, out);
        mpq_clear(payment);
    } else {
        buffer_add_text(out, ",\"payment\":null");
    }
    write_amount("left", step->left, election->money_decimals, out);
    write_ids("tied_with", report, step->tied, step->tied_count, out);
    buffer_add_char(out, '}');
}

static void write_project(const struct tally_report *report, uint32_t number, struct buffer *out) {
    static const char *const languages[LANGUAGE_COUNT] = {"fi", "sv", "en"};
    const struct election *election = report->election;
    const struct project *project = &election->projects[number];
    const struct tally_verdict *verdict = &report->result->verdicts[number];
    buffer_add_text(out, "{\"id\":");
    buffer_add_json_text(out, project->id);
    write_text("name", project->name, out);
    write_amount("cost", project->cost, election->money_decimals, out);
    write_amount("score", project->score, election->point_decimals, out);
    write_text("fate", fate_names[verdict->fate], out);
    if (verdict->position)
        buffer_print(out, ",\"position\":%zu", verdict->position);
    else
        buffer_add_text(out, ",\"position\":null");
    buffer_add_text(out, ",\"explanation\":{");
    for (enum language language = LANGUAGE_FI; language < LANGUAGE_COUNT; language++) {
        auto_buffer sentence = {0};
        tally_write_sentence(report, number, language, &sentence);
        buffer_print(out, "%s\"%s\":", language ? "," : "", languages[language]);
        buffer_add_json_text(out, sentence.data);
    }
    buffer_add_text(out, "}}");
}

static void write_rules(const struct tally_report *report, struct buffer *out) {
    const struct tally_rules *rules = report->rules;
    const struct tally_result *result = report->result;
    buffer_print(out, "\"rule\":\"%s\"", tally_rule_name(rules->rule));
    write_text("completion", tally_completion_name(rules->completion), out);
    write_text("flavour", tally_flavour_name(rules->flavour), out);
    write_text("ties", report->ties, out);
    write_amount("minimum_score", rules->minimum_score, report->election->point_decimals, out);
    write_fraction("endowment", result->endowment, report->election->money_decimals, out);
    buffer_print(out, ",\"increments\":%llu", (unsigned long long)result->increments);
    write_text("completion_ended", tally_end_name(result->end), out);
}

void tally_write_json(const struct tally_report *report, struct buffer *out) {
    const struct election *election = report->election;
    const struct tally_result *result = report->result;
    buffer_add_char(out, '{');
    write_rules(report, out);
    write_amount("budget", election->budget, election->money_decimals, out);
    write_amount("spent", result->spent, election->money_decimals, out);
    write_amount("left", election->budget - result->spent, election->money_decimals, out);
    write_text("currency", election->currency, out);
    buffer_print(out, ",\"ballots\":%zu,\"tie_met\":%s", election->ballot_count,
                 result->tie_met ? "true" : "false");
    write_orders(report, out);
    buffer_add_text(out, ",\"steps\":[");
    for (size_t i = 0; i < result->step_count; i++) {
        if (i)
            buffer_add_char(out, ',');
        write_step(report, &result->steps[i], out);
    }
    buffer_add_text(out, "],\"projects\":[");
    for (uint32_t i = 0; i < election->project_count; i++) {
        if (i)
            buffer_add_char(out, ',');
        write_project(report, i, out);
    }
    buffer_add_text(out, "]}");
}
