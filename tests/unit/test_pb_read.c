/* The .pb file: lax in, strict out, nothing lost; faults with their lines. */
#include "pb.h"

#include "check.h"
#include "elections.h"

#define META "META\nkey;value\nnum_projects;2\nnum_votes;2\nbudget;100\nvote_type;approval\n"
#define PROJECTS "PROJECTS\nproject_id;cost;name\na;60;\"Piste; \"\"A\"\"\"\nb;40;B\n"
#define VOTES "VOTES\nvoter_id;vote\n1;a,b\n2;b\n"

/* What the strict form of a file must be: LF at every line's end. */
static void normalise(struct buffer *bytes) {
    size_t kept = 0;
    for (size_t i = 0; i < bytes->length; i++)
        if (bytes->data[i] != '\r')
            bytes->data[kept++] = bytes->data[i];
    bytes->length = kept;
    bytes->data[kept] = '\0';
    if (kept && bytes->data[kept - 1] != '\n')
        buffer_add_char(bytes, '\n');
}

static void check_round_trip(const char *folder, const char *name) {
    auto_buffer bytes = {0};
    auto_buffer written = {0};
    auto_pb pb = {0};
    struct arena arena = {0};
    struct problem problem = {0};
    read_bytes(folder, name, &bytes);
    CHECK(pb_read(&pb, bytes.data, bytes.length, "/file", &arena, &problem));
    pb_write(&pb, &written);
    normalise(&bytes);
    CHECK_TEXT(written.data, bytes.data);
    arena_clear(&arena);
}

static void check_strict(const char *text, const char *expected) {
    auto_buffer written = {0};
    auto_pb pb = {0};
    struct arena arena = {0};
    struct problem problem = {0};
    CHECK(pb_read(&pb, text, strlen(text), "/file", &arena, &problem));
    pb_write(&pb, &written);
    CHECK_TEXT(written.data, expected);
    arena_clear(&arena);
}

/* `expected` is "code line, code line…" of all faults. */
static void check_faults(const char *text, size_t length, const char *expected) {
    auto_buffer faults = {0};
    auto_election election = {0};
    struct arena arena = {0};
    struct problem problem = {0};
    CHECK(!read_election(&election, text, length, &arena, &problem));
    CHECK(problem.code == PROBLEM_PB_INVALID || problem.code == PROBLEM_PB_TOO_LARGE);
    for (const struct fault *fault = problem.faults; fault; fault = fault->next)
        buffer_print(&faults, "%s%s %s", faults.length ? ", " : "", problem_name(fault->code),
                     fault->parameters[0]);
    CHECK_TEXT(faults.data ? faults.data : "", expected);
    arena_clear(&arena);
}
#define CHECK_FAULTS(text, expected) check_faults((text), strlen(text), (expected))

static void test_form(void) {
    CHECK_FAULTS("", "pb_section 1, pb_section 1, pb_section 1");
    CHECK_FAULTS("hello\n", "pb_section 1, pb_section 2, pb_section 2, pb_section 2");
    CHECK_FAULTS(META VOTES PROJECTS, "pb_section 7, pb_section 11");
    CHECK_FAULTS(META PROJECTS, "pb_section 11");
    CHECK_FAULTS(META META PROJECTS VOTES, "pb_section 7");
    CHECK_FAULTS(META PROJECTS "c;7\nd;8;D;D\n" VOTES, "pb_row 11, pb_row 12");
    CHECK_FAULTS(META PROJECTS "c;7;\"C\n" VOTES, "pb_quote 11, pb_section 16");
    CHECK_FAULTS(META PROJECTS "c;7;\"C\"c\n" VOTES, "pb_quote 11");
    CHECK_FAULTS(META "PROJECTS\nproject_id;project_id;price\na;b;c\n" VOTES,
                 "pb_column_repeated 8, pb_column_missing 14");
    CHECK_FAULTS("META\nkey;value\nbudget;1\xC3(\n" PROJECTS VOTES, "pb_character 3");
    check_faults(META "a\0b\n", sizeof META + 4, "pb_character 7");
}

static void test_meaning(void) {
    CHECK_FAULTS("META\nkey;value\n" PROJECTS VOTES,
                 "pb_key_missing 1, pb_key_missing 1, pb_key_missing 1, pb_key_missing 1");
    CHECK_FAULTS(META "budget;7\n" PROJECTS VOTES, "pb_repeated 7");
    CHECK_FAULTS(META PROJECTS "a;7;A\n" VOTES, "pb_count 3, pb_repeated 11");
    CHECK_FAULTS(META PROJECTS VOTES "2;a\n", "pb_count 4, pb_repeated 15");
    CHECK_FAULTS(META PROJECTS "VOTES\nvoter_id;vote\n1;a,c\n2;A,\n",
                 "pb_project_unknown 13, pb_project_unknown 14, pb_project_unknown 14");
    const char *const costs[] = {"0", "-5", "1000000000000000000", "1e3", "", "0.0000001"};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        auto_buffer text = {0};
        buffer_print(&text, "%sPROJECTS\nproject_id;cost\na;%s\nb;40\n%s", META, costs[i], VOTES);
        check_faults(text.data, text.length, "pb_amount 9");
    }
    CHECK_FAULTS(
        "META\nkey;value\nnum_projects;2\nnum_votes;two\nbudget;100\nvote_type;range\n" PROJECTS
            VOTES,
        "pb_value 4, pb_value 6");
}

#define CUMULATIVE \
    "META\nkey;value\nnum_projects;2\nnum_votes;2\nbudget;100\nvote_type;cumulative\n"

static void test_ballots(void) {
    CHECK_FAULTS(CUMULATIVE PROJECTS VOTES, "pb_column_missing 1");
    CHECK_FAULTS(CUMULATIVE PROJECTS "VOTES\nvoter_id;vote;points\n1;a,b;3\n2;a;-1\n",
                 "pb_points 13, pb_value 14");
    CHECK_FAULTS(CUMULATIVE PROJECTS "VOTES\nvoter_id;vote;points\n1;a;99999999999\n2;a;x\n",
                 "pb_value 13, pb_value 14");
    CHECK_FAULTS(
        "META\nkey;value\nnum_projects;2\nnum_votes;2\nbudget;100\nvote_type;choose-1\n" PROJECTS
            VOTES,
        "pb_value 13");
}

/* All faults at once, but no more than PB_FAULTS_MOST. */
static void test_many(void) {
    auto_buffer text = {0};
    auto_election election = {0};
    struct arena arena = {0};
    struct problem problem = {0};
    buffer_add_text(&text, META PROJECTS "VOTES\nvoter_id;vote\n");
    for (int i = 0; i < 1000; i++)
        buffer_print(&text, "%d;nothing\n", i);
    CHECK(!read_election(&election, text.data, text.length, &arena, &problem));
    CHECK(problem.fault_count == PB_FAULTS_MOST);
    arena_clear(&arena);
}

static void test_large(void) {
    size_t length = PB_FILE_BYTES_MOST + 1;
    auto_free char *bytes = malloc(length);
    memset(bytes, 'x', length);
    check_faults(bytes, length, "pb_too_large 67108864");
}

int main(void) {
    CHECK(each_election(election_folders[0], check_round_trip) == 25);
    each_election(election_folders[1], check_round_trip);
    check_strict(META PROJECTS VOTES, META PROJECTS VOTES);
    check_strict("\xEF\xBB\xBF META \r\n\r\nvalue;key\r\n1;2\n"
                 "PROJECTS\nname;cost;project_id\r\n\"a\nb\";\"7\"; x\n\n VOTES\nvote;voter_id\n;1",
                 "META\nvalue;key\n1;2\n"
                 "PROJECTS\nname;cost;project_id\n\"a\nb\";7; x\nVOTES\nvote;voter_id\n;1\n");
    test_form();
    test_meaning();
    test_ballots();
    test_many();
    test_large();
    return check_finish();
}
