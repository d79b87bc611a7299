/* `elinvoima tally`: counts the election of a .pb file. */
#include "command.h"
#include "own.h"
#include "pb.h"
#include "tally_file.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

enum { EXIT_USAGE = 2, PIECE_BYTES = 65536 };

/* Some minutes of work. */
#define EFFORT_MOST UINT64_C(200000000000)

static const char usage[] =
    "usage: elinvoima tally FILE --rule RULE [--completion none|u|add1|add1u]\n"
    "           [--flavour pabutools|tool|checker] [--ties ORDER] [--minimum-score N] [--json]\n"
    "\n"
    "Counts the election of a .pb file (Pabulib's format; - is standard input) exactly.\n"
    "Rules: greedy_votes, greedy_votes_noskip, greedy_density, greedy_density_noskip,\n"
    "mes_cost, mes_count (Equal Shares by cost or by number), phragmen. Completion and\n"
    "flavour are of Equal Shares.\n"
    "Tie orders: lexico (usual), cost_votes_id, drawn:ID,ID,... (all projects, first wins),\n"
    "seed:TEXT (drawn from the text), cost_votes_drawn:..., cost_votes_seed:...\n";

static bool set_rule(struct tally_wishes *wishes, const char *name) {
    wishes->rules.rule = tally_find_rule(name);
    return wishes->rules.rule != TALLY_RULE_COUNT;
}

static bool set_completion(struct tally_wishes *wishes, const char *name) {
    wishes->rules.completion = tally_find_completion(name);
    return wishes->rules.completion != TALLY_COMPLETION_COUNT;
}

static bool set_flavour(struct tally_wishes *wishes, const char *name) {
    wishes->rules.flavour = tally_find_flavour(name);
    return wishes->rules.flavour != TALLY_FLAVOUR_COUNT;
}

static bool set_option(struct tally_wishes *wishes, int option) {
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
        wishes->as_lines = false;
        return true;
    default:
        return false;
    }
}

static bool read_wishes(int argc, char **argv, struct tally_wishes *wishes, const char **ret_file) {
    static const struct option options[] = {
        {"completion", required_argument, NULL, 'c'},
        {"flavour", required_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},
        {"minimum-score", required_argument, NULL, 'm'},
        {"rule", required_argument, NULL, 'r'},
        {"ties", required_argument, NULL, 't'},
        {0},
    };
    *wishes = (struct tally_wishes){.rules = {.rule = TALLY_RULE_COUNT, .effort_most = EFFORT_MOST},
                                    .ties = "lexico",
                                    .as_lines = true};
    optind = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!set_option(wishes, option))
            return false;
    *ret_file = argv[optind];
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

int command_tally(int argc, char **argv, const struct config *config) {
    (void)config;
    const char *name;
    struct tally_wishes wishes;
    struct problem problem = {0};
    struct arena arena = {0};
    auto_buffer bytes = {0};
    auto_buffer out = {0};
    if (!read_wishes(argc, argv, &wishes, &name)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (!read_file(name, &bytes))
        return EXIT_FAILURE;
    bool is_done = tally_file(&wishes, bytes.data, bytes.length, name, &arena, &problem, &out);
    if (!is_done)
        problem_write_lines(&problem, LANGUAGE_EN, &out);
    else if (!wishes.as_lines)
        buffer_add_char(&out, '\n');
    arena_clear(&arena);
    FILE *to = is_done ? stdout : stderr;
    bool is_written = fputs(out.data, to) >= 0 && fflush(to) == 0;
    return is_done && is_written ? EXIT_SUCCESS : EXIT_FAILURE;
}
