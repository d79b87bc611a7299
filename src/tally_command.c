/* `elinvoima tally`: counts the election of a .pb file. */
#include "amount.h"
#include "command.h"
#include "own.h"
#include "pb.h"
#include "tally_write.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

enum { EXIT_USAGE = 2, PIECE_BYTES = 65536 };

/* Some minutes of work. */
#define EFFORT_MOST UINT64_C(200000000000)

struct wishes {
    struct tally_rules rules;
    const char *file, *ties, *minimum_score;
    bool as_json;
};

static const char usage[] =
    "usage: elinvoima tally FILE --rule RULE [--completion none|u|add1|add1u]\n"
    "           [--flavour pabutools|tool|checker] [--ties ORDER] [--minimum-score N] [--json]\n"
    "\n"
    "Counts the election of a .pb file (Pabulib's format; - is standard input) exactly.\n"
    "Rules: greedy_votes, greedy_votes_noskip, greedy_density, mes_cost, mes_count (Equal Shares\n"
    "by cost or by number), phragmen. Completion and flavour are of Equal Shares.\n"
    "Tie orders: lexico (usual), cost_votes_id, drawn:ID,ID,... (all projects, first wins),\n"
    "seed:TEXT (drawn from the text), cost_votes_drawn:..., cost_votes_seed:...\n";

static bool set_rule(struct wishes *wishes, const char *name) {
    wishes->rules.rule = tally_find_rule(name);
    return wishes->rules.rule != TALLY_RULE_COUNT;
}

static bool set_completion(struct wishes *wishes, const char *name) {
    wishes->rules.completion = tally_find_completion(name);
    return wishes->rules.completion != TALLY_COMPLETION_COUNT;
}

static bool set_flavour(struct wishes *wishes, const char *name) {
    wishes->rules.flavour = tally_find_flavour(name);
    return wishes->rules.flavour != TALLY_FLAVOUR_COUNT;
}

static bool set_option(struct wishes *wishes, int option) {
    switch (option) {
    case 'r':
        return set_rule(wishes, optarg);
    case 'c':
        return set_completion(wishes, optarg);
    case 'f':
        return set_flavour(wishes, optarg);
    case 't':
        wishes->ties = optarg;
        return true;
    case 'm':
        wishes->minimum_score = optarg;
        return true;
    case 'j':
        wishes->as_json = true;
        return true;
    default:
        return false;
    }
}

static bool read_wishes(int argc, char **argv, struct wishes *wishes) {
    static const struct option options[] = {
        {"completion", required_argument, NULL, 'c'},
        {"flavour", required_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},
        {"minimum-score", required_argument, NULL, 'm'},
        {"rule", required_argument, NULL, 'r'},
        {"ties", required_argument, NULL, 't'},
        {0},
    };
    *wishes = (struct wishes){.rules = {.rule = TALLY_RULE_COUNT, .effort_most = EFFORT_MOST},
                              .ties = "lexico"};
    optind = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!set_option(wishes, option))
            return false;
    wishes->file = argv[optind];
    return optind + 1 == argc && wishes->rules.rule != TALLY_RULE_COUNT;
}

/* One byte beyond the largest file: then it is known to be too large. */
static bool read_file(const char *name, struct buffer *bytes) {
    bool is_input = strcmp(name, "-") == 0;
    auto_file file = is_input ? NULL : fopen(name, "rbe");
    FILE *from = is_input ? stdin : file;
    size_t length = 1;
    while (from && length && bytes->length <= PB_FILE_BYTES_MOST) {
        buffer_reserve(bytes, PIECE_BYTES);
        length = fread(bytes->data + bytes->length, 1, PIECE_BYTES, from);
        bytes->length += length;
    }
    if (from && !ferror(from))
        return true;
    fprintf(stderr, "elinvoima tally: cannot read %s: %s\n", name, strerror(errno));
    return false;
}

static int refuse(const struct problem *problem) {
    auto_buffer lines = {0};
    problem_write_lines(problem, LANGUAGE_EN, &lines);
    fprintf(stderr, "%s", lines.data);
    return EXIT_FAILURE;
}

static bool read_minimum(const struct wishes *wishes, const struct election *election,
                         int64_t *ret_score) {
    struct amount score = {0};
    if (wishes->minimum_score && !amount_read(wishes->minimum_score, &score))
        return false;
    return score.decimals <= election->point_decimals &&
           amount_scale(score, election->point_decimals, INT64_MAX, ret_score);
}

static int count(struct wishes *wishes, const struct election *election, struct arena *arena) {
    struct problem problem = {0};
    auto_tally result = {0};
    auto_buffer out = {0};
    struct tally_report report = {election, &wishes->rules, wishes->ties, &result};
    wishes->rules.rank = tally_rank(election, wishes->ties, arena);
    if (!wishes->rules.rank || !read_minimum(wishes, election, &wishes->rules.minimum_score)) {
        fprintf(stderr, "elinvoima tally: %s is not one\n",
                wishes->rules.rank ? "the minimum score" : "the tie order");
        return EXIT_USAGE;
    }
    if (!tally_count(&result, election, &wishes->rules, &problem))
        return refuse(&problem);
    if (wishes->as_json)
        tally_write_json(&report, &out);
    else
        tally_write_lines(&report, LANGUAGE_EN, &out);
    return fputs(out.data, stdout) >= 0 && (!wishes->as_json || putchar('\n') > 0) &&
                   fflush(stdout) == 0
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}

int command_tally(int argc, char **argv, const struct config *config) {
    (void)config;
    struct wishes wishes;
    if (!read_wishes(argc, argv, &wishes)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    auto_buffer bytes = {0};
    if (!read_file(wishes.file, &bytes))
        return EXIT_FAILURE;
    struct problem problem = {0};
    struct arena arena = {0};
    auto_pb pb = {0};
    auto_election election = {0};
    int status;
    if (pb_read(&pb, bytes.data, bytes.length, wishes.file, &arena, &problem) &&
        election_read(&election, &pb, wishes.file, &arena, &problem))
        status = count(&wishes, &election, &arena);
    else
        status = refuse(&problem);
    arena_clear(&arena);
    return status;
}
