/* The way from a .pb file to an outcome. */
#include "tally_file.h"

#include "amount.h"
#include "pb.h"
#include "tally_write.h"

static bool read_minimum(const char *text, const struct election *election, int64_t *ret_score) {
    struct amount score = {0};
    if (text && !amount_read(text, &score))
        return false;
    return score.decimals <= election->point_decimals &&
           amount_scale(score, election->point_decimals, INT64_MAX, ret_score);
}

static bool count(const struct tally_wishes *wishes, const struct election *election,
                  struct arena *arena, struct problem *problem, struct buffer *out) {
    struct tally_rules rules = wishes->rules;
    auto_tally result = {0};
    struct tally_report report = {election, &rules, wishes->ties, &result};
    rules.rank = tally_rank(election, wishes->ties, arena);
    if (!rules.rank)
        problem_add(problem, arena, FAULT_POINTER, "/ties", PROBLEM_TALLY_TIES_UNFIT, NULL);
    if (!read_minimum(wishes->minimum_score, election, &rules.minimum_score))
        problem_add(problem, arena, FAULT_POINTER, "/minimum_score", PROBLEM_TALLY_MINIMUM_UNFIT,
                    NULL);
    if (problem->code != PROBLEM_NONE || !tally_count(&result, election, &rules, problem))
        return false;
    if (wishes->as_lines)
        tally_write_lines(&report, LANGUAGE_EN, out);
    else
        tally_write_json(&report, out);
    return true;
}

bool tally_file(const struct tally_wishes *wishes, const char *bytes, size_t length,
                const char *where, struct arena *arena, struct problem *problem,
                struct buffer *out) {
    auto_pb pb = {0};
    auto_election election = {.choices_most = wishes->choices_most};
    return pb_read(&pb, bytes, length, where, arena, problem) &&
           election_read(&election, &pb, where, arena, problem) &&
           count(wishes, &election, arena, problem, out);
}
