"""Closing and counting: secrecy after closing, the count from the public file, and the body's decision."""
import hashlib
import json
import subprocess
import uuid

import pytest

import server
import world as world_module
from budget import OFFICERS, both


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("count", workers=8))


def whole(world, cents, **more):
    return {"shares": [{"area_id": world.budget.areas["koko"]["id"], "appropriation_cents": cents}], "appropriation_cents": cents, **more}


def approval(**rules):
    return {"vote_method": "approval", "area_rule": "all", "smallest_group": 2, **rules}


def close(world, vote):
    world.budget.pass_days(vote, 30)
    return world.budget.count(vote)


def results(world, vote):
    return world.of().get_all(world.path("budget-results"), query={"budget_cycle_id": vote["id"]})


def winners(world, vote):
    result, = results(world, vote)
    return [vote["ids"]["koko"][int(number) - 1] for number in result["result"]["order"]]


def test_example_43_what_does_not_fit_is_passed_over(world):
    vote = world.budget.vote({"koko": [40_000_00, 35_000_00, 25_000_00, 5_000_00]}, **whole(world, 70_000_00, rules=approval()))
    ids = vote["ids"]["koko"]
    for supporters in range(4, 0, -1):  # each has one vote more than the next
        for index in range(4 - supporters, 4 - supporters + 1):
            for _ in range(supporters):
                world.budget.cast(world.voter(), vote, [ids[index]]).expect(201)
    assert close(world, vote).expect(200)["status"] == "counted"
    assert winners(world, vote) == [ids[0], ids[2], ids[3]]
    result, = results(world, vote)
    assert result["standing"] == "provisional" and result["ballots"] == 10
    assert result["result"]["left"] == "0" and result["result"]["spent"] == "70000"


def test_stopping_at_the_first_that_does_not_fit_is_a_rule_of_the_cycle(world):
    vote = world.budget.vote({"koko": [40_000_00, 35_000_00, 25_000_00]}, **whole(world, 70_000_00, rules=approval(on_overflow="stop")))
    ids = vote["ids"]["koko"]
    for index, supporters in enumerate((3, 2, 1)):
        for _ in range(supporters):
            world.budget.cast(world.voter(), vote, [ids[index]]).expect(201)
    close(world, vote).expect(200)
    assert winners(world, vote) == [ids[0]]


def test_example_44_a_tie_is_broken_by_the_lot_that_was_drawn_and_a_recount_gives_the_same(world, tmp_path):
    vote = world.budget.vote({"koko": [50_000_00] * 6}, **whole(world, 100_000_00, rules=approval()))
    ids = vote["ids"]["koko"]
    for index in range(6):
        world.budget.cast(world.voter(), vote, [ids[index]]).expect(201)
    close(world, vote).expect(200)
    frozen = json.loads(world.of().get(world.path("budget-cycles", vote["id"], "vote")).expect(200)["frozen"])
    assert frozen["lot"] == sorted(range(1, 7), key=lambda n: hashlib.sha256(f"{frozen['lot_seed']} {n}".encode()).hexdigest())
    assert winners(world, vote) == [ids[number - 1] for number in frozen["lot"][:2]]
    assert frozen["officers"] and frozen["opened_at"]
    result, = results(world, vote)
    assert result["result"]["tie_met"] is True
    file = world.of().get(world.path("budget-results", result["id"], "file")).expect(200).body
    assert hashlib.sha256(file).hexdigest() == result["file_sha256"]
    path = tmp_path / "vote.pb"
    path.write_bytes(file)
    again = json.loads(subprocess.run(
        [server.PROGRAM, "tally", path, "--rule", "greedy_votes", "--ties", "drawn:" + ",".join(map(str, frozen["lot"])),
         "--minimum-score", "1", "--json"], env=server.environment({}), capture_output=True, text=True, check=True).stdout)
    assert (again["order"], again["spent"], again["tie_met"]) == (result["result"]["order"], result["result"]["spent"], True)


def test_closing_a_large_box_may_take_longer_than_a_request(world):
    """What the database is told while the ballots are copied; a hundred thousand took longer than five seconds."""
    world.rows("create function is_patient() returns trigger language plpgsql as $$ begin"
               " if least(current_setting('statement_timeout')::interval, current_setting('idle_in_transaction_session_timeout')::interval)"
               " < '5 minutes' then raise exception 'impatient'; end if; return null; end $$")
    world.rows("create trigger is_patient after insert on ballot for each statement execute function is_patient()")
    vote = world.budget.vote()
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)
    close(world, vote).expect(200)
    world.rows("drop trigger is_patient on ballot")
    assert world.rows("select count(*) from ballot where budget_cycle_id = %s", vote["id"]) == [(1,)]


def test_of_equally_many_votes_the_cheaper_wins_unless_the_cycle_says_otherwise(world):
    vote = world.budget.vote({"koko": [thousands * 1000_00 for thousands in range(20, 10, -1)]}, **whole(world, 20_000_00, rules=approval(smallest_group=2)))
    ids = vote["ids"]["koko"]
    for proposal in ids:
        world.budget.cast(world.voter(), vote, [proposal]).expect(201)
    close(world, vote).expect(200)
    result, = results(world, vote)
    assert vote["rules"]["ties"] == ["lower_cost", "higher_score", "lot"]
    assert result["result"]["tie_order"] == [str(number) for number in range(10, 0, -1)]


@pytest.mark.parametrize("ties, chosen", [
    (["lower_cost", "higher_score", "lot"], [1]), (["higher_score", "lower_cost", "lot"], [1]), (["lower_cost", "lot"], [1])])
def test_ties_are_broken_in_the_order_the_cycle_says(world, ties, chosen):
    vote = world.budget.vote({"koko": [50_000_00, 40_000_00, 60_000_00]}, **whole(world, 60_000_00, rules=approval(ties=ties)))
    ids = vote["ids"]["koko"]
    for index in range(3):
        world.budget.cast(world.voter(), vote, [ids[index]]).expect(201)
    close(world, vote).expect(200)
    assert [ids.index(winner) for winner in winners(world, vote)] == chosen


@pytest.mark.parametrize("ties, chosen", [(["lower_cost", "higher_score", "lot"], 0), (["higher_score", "lower_cost", "lot"], 1)])
def test_by_cost_first_and_by_score_first_differ_where_keys_are_equal(world, ties, chosen):
    """Two votes for 20 000 and three for 30 000: as many votes for a euro, so the tie order decides."""
    vote = world.budget.vote({"koko": [20_000_00, 30_000_00]}, **whole(
        world, 30_000_00, rules=approval(ties=ties, tally_rule="greedy_density")))
    ids = vote["ids"]["koko"]
    for index, supporters in enumerate((2, 3)):
        for _ in range(supporters):
            world.budget.cast(world.voter(), vote, [ids[index]]).expect(201)
    close(world, vote).expect(200)
    assert winners(world, vote) == [ids[chosen]]
    result, = results(world, vote)
    assert result["result"]["tie_order"] == (["1", "2"] if chosen == 0 else ["2", "1"])


def test_of_an_area_with_few_ballots_only_the_outcome_is_told(world):
    """Four ballots where five are the least: neither scores nor the file; at five both."""
    for voters in (4, 5):
        vote = world.budget.vote({"koko": [10_000_00, 20_000_00]}, **whole(world, 30_000_00, rules=approval(smallest_group=5)))
        for _ in range(voters):
            world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)
        close(world, vote).expect(200)
        result, = results(world, vote)
        assert winners(world, vote) == [vote["ids"]["koko"][0]] and result["ballots"] == (None if voters == 4 else voters)
        area, = world.of().get(world.path("budget-cycles", vote["id"], "books")).expect(200)["areas"]
        assert (area["ballots"], area["file_rows"], area["file_difference"]) == (result["ballots"], result["ballots"], 0)
        file = world.of().get(world.path("budget-results", result["id"], "file"))
        if voters == 4:
            assert set(result["result"]) == {"order", "winners", "spent", "left"}
            file.expect(404)
            stored, = world.rows("select file, result::text from budget_result where id = %s", result["id"])
            assert hashlib.sha256(stored[0].encode()).hexdigest() == result["file_sha256"]
            assert hashlib.sha256(stored[1].encode()).hexdigest() == result["result_sha256"] and "score" not in stored[1]
            # nobody finds the ballots by trying all files until one has the hash in the log
            assert "salt " in stored[0]
        else:
            assert result["result"]["projects"][0]["score"] == "5"
            file.expect(200)


def cancel(world, proposal_id, status, code=None):
    return world.of("planner").post(world.path("proposals", proposal_id, "cancel-project"), {"reason": both("tontti myytiin")}).expect(status, code)


def test_the_rows_of_one_person_in_two_areas_files_are_not_at_places_that_tell(world):
    """Everybody chose as many in the east as in the north, so equal orders would show equal people."""
    areas = {"pohjoinen": [1000_00] * 4, "itäinen": [1000_00] * 4, "läntinen": [1000_00], "eteläinen": [1000_00], "koko": [1000_00]}
    vote = world.budget.vote(areas, rules=approval())
    picked = [i * i % 7 % 4 for i in range(32)]
    for pick in picked:
        world.budget.cast(world.voter(), vote, [vote["ids"]["pohjoinen"][pick], vote["ids"]["itäinen"][pick]]).expect(201)
    close(world, vote).expect(200)
    correction = {"reason": both("tarkistuslaskenta"), "officers": OFFICERS}
    world.of("officer").post(world.path("budget-cycles", vote["id"], "correct"), correction).expect(200)
    leaves = world.of().get(world.path("budget-cycles", vote["id"], "transparency", "leaves")).expect(200)["lines"]
    files = {}
    for result in results(world, vote):
        name = result["area_name"]["fi"]
        file = world.of().get(world.path("budget-results", result["id"], "file")).expect(200)
        assert hashlib.sha256(file.body).hexdigest() == result["file_sha256"] and f"file {result['file_sha256']}" in leaves
        votes = [int(row.split(";")[1]) for row in file.text.split("VOTES\n")[1].splitlines()[1:]]
        files[name, result["revision"]] = [number - min(votes) for number in votes], file.text.split("salt ")[1].split()[0]
    rows = [files[name, revision][0] for name in ("pohjoinen", "itäinen") for revision in (1, 2)]
    assert all(sorted(one) == sorted(picked) for one in rows)
    assert len({tuple(one) for one in rows}) == 4
    assert len({salt for _, salt in files.values()}) == len(files) == 10


@pytest.mark.parametrize("overflow", ["skip", "stop"])
def test_what_is_withdrawn_during_the_vote_stays_on_earlier_ballots_comes_on_no_later_and_is_not_chosen(world, overflow):
    vote = world.budget.vote({"koko": [10_000_00, 20_000_00]}, **whole(world, 30_000_00, rules=approval(on_overflow=overflow)))
    gone, other = vote["ids"]["koko"]
    early, key = world.voter(), f"key-{uuid.uuid4()}"
    first = world.budget.cast(early, vote, [gone, other], key).expect(201)
    world.budget.cast(world.voter(), vote, [gone]).expect(201)
    assert cancel(world, gone, 200)["status"] == "cancelled"
    late = world.voter()
    answer = world.budget.cast(late, vote, [gone, other]).expect(422, "choice_withdrawn")
    assert answer.faults() == {"/choices/0/proposal_id": "choice_withdrawn"}
    world.budget.cast(early, vote, [gone], replaces=first["token"]).expect(422, "choice_withdrawn")
    assert world.budget.cast(early, vote, [gone, other], key).expect(201)["receipt"]["commitment"] == first["receipt"]["commitment"]
    world.budget.cast(late, vote, [other]).expect(201)
    cancel(world, gone, 409, "wrong_state")
    lines = world.of().get(world.path("budget-cycles", vote["id"], "transparency", "leaves")).expect(200)["lines"]
    reason = json.dumps(both("tontti myytiin"), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    assert lines[3] == f"withdrawal 1 {hashlib.sha256(reason.encode()).hexdigest()}" and len(lines) == 5
    close(world, vote).expect(200)
    cancel(world, other, 409, "wrong_state")
    result, = results(world, vote)
    assert winners(world, vote) == [other] and result["ballots"] == 2
    told = {project["id"]: project for project in result["result"]["projects"]}
    assert told["1"]["explanation"]["en"] == "not chosen: withdrawn during the vote"
    file = world.of().get(world.path("budget-results", result["id"], "file")).expect(200).text
    assert "\n1;999999999;" in file and "\n2;20000;" in file and file.endswith("VOTES\nvoter_id;vote\n1;2\n2;2\n")
    assert "#3: withdrawn during the vote and left out of the ballots: 1 #4: ballots with no other choice, left out: 1\n" in file
    books = world.of().get(world.path("budget-cycles", vote["id"], "books")).expect(200).json
    assert books["difference"] == 0 and books["ballots"] == 3 and [area["file_difference"] for area in books["areas"]] == [0]
    decision = world.decision(world.committee)["id"]
    world.of("planner").post(world.path("budget-cycles", vote["id"], "confirm"), {"decision_id": decision}).expect(200)
    assert dict(world.rows("select id::text, status from proposal where budget_cycle_id = %s", vote["id"])) == {gone: "cancelled", other: "selected"}


def recount(world, result, path):
    """What `elinvoima tally` makes of the published file, told nothing but the rules."""
    path.write_bytes(world.of().get(world.path("budget-results", result["id"], "file")).expect(200).body)
    told = result["result"]
    wishes = ["--rule", told["rule"], "--ties", "drawn:" + ",".join(told["tie_order"]), "--minimum-score", told["minimum_score"]]
    if told["rule"].startswith("mes"):
        wishes += ["--completion", told["completion"], "--flavour", told["flavour"]]
    return json.loads(subprocess.run([server.PROGRAM, "tally", path, *wishes, "--json"], env=server.environment({}),
                                     capture_output=True, text=True, check=True).stdout)


def test_by_votes_per_cost_the_count_stops_at_what_does_not_fit_where_the_cycle_says_so(world):
    """By votes per cost: 4 for 10 000, 6 for 20 000, 5 for 25 000, 1 for 8 000; the third does not fit any more."""
    orders = {}
    for overflow in ("skip", "stop"):
        vote = world.budget.vote({"koko": [10_000_00, 20_000_00, 25_000_00, 8_000_00]}, **whole(
            world, 40_000_00, rules=approval(tally_rule="greedy_density", on_overflow=overflow)))
        ids = vote["ids"]["koko"]
        for count, choice in ((4, 0), (6, 1), (5, 2), (1, 3)):
            for _ in range(count):
                world.budget.cast(world.voter(), vote, [ids[choice]]).expect(201)
        close(world, vote).expect(200)
        told = results(world, vote)[0]["result"]
        orders[overflow] = told["rule"], told["order"], told["projects"][3]["fate"]
    assert orders == {"skip": ("greedy_density", ["1", "2", "4"], "chosen"), "stop": ("greedy_density_noskip", ["1", "2"], "after_stop")}


def test_a_result_names_the_rules_it_was_counted_by(world):
    vote = world.budget.vote()
    receipt = world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)["receipt"]
    close(world, vote).expect(200)
    frozen = world.rows("select frozen from budget_vote where budget_cycle_id = %s", vote["id"])[0][0]
    named = {result["frozen_sha256"] for result in results(world, vote)}
    assert named == {hashlib.sha256(frozen.encode()).hexdigest()} == {receipt["frozen_sha256"]}


RULES = [{"tally_rule": "greedy_votes", "on_overflow": "stop"}, {"tally_rule": "greedy_votes", "on_overflow": "stop", "minimum_score": 0},
         {"tally_rule": "greedy_votes"}, {"tally_rule": "greedy_density"}, {"tally_rule": "greedy_density", "on_overflow": "stop"}, {"tally_rule": "phragmen"}, *(
             {"tally_rule": "equal_shares", "utility": utility, "completion": completion, "flavour": flavour}
             for utility in ("cost", "cardinality") for completion, flavour in (
                 ("none", "checker"), ("u", "checker"), ("add1", "pabutools"), ("add1u", "tool"), ("add1u", "checker")))]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "-".join(map(str, rules.values())))
def test_with_a_favourite_withdrawn_whoever_recounts_the_file_gets_the_same(world, tmp_path, rules):
    """It is on most ballots, on some alone; nobody votes for the last."""
    vote = world.budget.vote({"koko": [9_000_00, 20_000_00, 15_000_00, 12_000_00, 1_000_00]}, **whole(world, 48_000_00, rules=approval(**rules)))
    ids = vote["ids"]["koko"]
    for picks in ([0], [0], [0, 1], [0, 1], [0, 1, 2], [0, 2], [0, 3], [3]):
        world.budget.cast(world.voter(), vote, [ids[pick] for pick in picks]).expect(201)
    cancel(world, ids[0], 200)
    close(world, vote).expect(200)
    result, = results(world, vote)
    told, again = result["result"], recount(world, result, tmp_path / "vote.pb")
    assert told["winners"] and "1" not in told["winners"] and result["ballots"] == 6
    assert (again["winners"], again["order"], again["spent"], again["left"]) == (told["winners"], told["order"], told["spent"], told["left"])
    if rules["tally_rule"] == "greedy_votes":
        assert told["order"] == ["2", "4", "3", *(["5"] if "minimum_score" in rules else [])]


def test_equal_shares_is_counted_when_the_cycle_says_so(world):
    """Ten for two dear ones, five for a cheap one: by votes the five get nothing, by equal shares their part."""
    votes = {}
    for rule in ("greedy_votes", "equal_shares"):
        vote = world.budget.vote({"koko": [40_000_00, 40_000_00, 20_000_00]}, **whole(world, 80_000_00, rules=approval(tally_rule=rule)))
        ids = vote["ids"]["koko"]
        for _ in range(10):
            world.budget.cast(world.voter(), vote, ids[:2]).expect(201)
        for _ in range(5):
            world.budget.cast(world.voter(), vote, ids[2:]).expect(201)
        close(world, vote).expect(200)
        votes[rule] = [ids.index(winner) for winner in winners(world, vote)]
    assert sorted(votes["greedy_votes"]) == [0, 1]
    assert 2 in votes["equal_shares"] and len(votes["equal_shares"]) == 2


def test_each_area_is_counted_from_the_ballots_that_choose_there(world):
    vote = world.budget.vote(rules={"smallest_group": 2})
    ids, areas = vote["ids"], world.budget.areas
    world.budget.cast(world.voter(), vote, [ids["itäinen"][0], ids["koko"][0]]).expect(201)
    world.budget.cast(world.voter(), vote, [ids["läntinen"][1]]).expect(201)
    world.budget.cast(world.voter(), vote, [ids["koko"][0]]).expect(201)
    close(world, vote).expect(200)
    counted = {result["area_id"]: result for result in results(world, vote)}
    assert {name: counted[areas[name]["id"]]["ballots"] for name in areas} == {
        "pohjoinen": None, "itäinen": None, "läntinen": None, "eteläinen": None, "koko": 2}  # one each, and the total would tell it
    file = world.of().get(world.path("budget-results", counted[areas["koko"]["id"]]["id"], "file")).expect(200).text
    votes = file.partition("VOTES\n")[2].splitlines()
    assert len(votes) == 3 and "age" not in votes[0] and "sex" not in votes[0]


def test_a_replaced_ballot_does_not_count(world):
    vote = world.budget.vote({"koko": [10_000_00, 10_000_00]}, **whole(world, 10_000_00, rules=approval()))
    ids, voter = vote["ids"]["koko"], world.voter()
    first = world.budget.cast(voter, vote, [ids[0]]).expect(201)
    world.budget.cast(voter, vote, [ids[1]], replaces=first["token"]).expect(201)
    close(world, vote).expect(200)
    assert winners(world, vote) == [ids[1]]
    books = world.of().get(world.path("budget-cycles", vote["id"], "books")).expect(200).json
    assert (books["marks"], books["ballots"], books["ballot_leaves"], books["tombstones"], books["difference"]) == (1, 1, 1, 1, 0)


def test_nothing_is_counted_or_shown_while_the_vote_is_open(world):
    vote = world.budget.vote()
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)
    world.budget.count(vote).expect(409, "phase_open")
    assert results(world, vote) == []
    close(world, vote).expect(200)
    world.budget.count(vote).expect(409, "wrong_state")
    assert len(results(world, vote)) == 5


def test_the_log_ends_with_closing_files_and_tallies(world):
    vote = world.budget.vote()
    for _ in range(3):
        world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)
    close(world, vote).expect(200)
    lines = world.of().get(world.path("budget-cycles", vote["id"], "transparency", "leaves")).expect(200)["lines"]
    assert [line.split()[0] for line in lines] == ["freeze"] + ["ballot"] * 3 + ["closing"] + ["file", "tally"] * 5
    assert lines[4] == "closing 3"
    counted = results(world, vote)
    assert {line.split()[1] for line in lines if line.startswith("file")} == {result["file_sha256"] for result in counted}
    assert {line.split()[1] for line in lines if line.startswith("tally")} == {result["result_sha256"] for result in counted}
    note = world.of().get(world.path("budget-cycles", vote["id"], "transparency", "checkpoint")).expect(200).text
    from test_rules_evidence import leaf, root_of
    import base64
    assert base64.b64decode(note.split("\n")[2]) == root_of([leaf(line) for line in lines])


def test_after_closing_no_mark_and_ballot_can_be_joined(world):
    """Each leak of the integrity brief, looked for in the tables themselves."""
    vote = world.budget.vote()
    tokens = []
    for number in range(30):
        answer = world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][number % 2]]).expect(201)
        tokens.append((answer["token"], answer["receipt"]["commitment"]))
    close(world, vote).expect(200)
    rows = world.rows
    where = "where budget_cycle_id = %s"
    # no transaction in common: all ballots were written by one, and no mark by that
    ballot_xmin = rows(f"select distinct xmin::text from ballot {where}", vote["id"])
    assert len(ballot_xmin) == 1 and not rows(f"select from voter_mark {where} and xmin::text = %s", vote["id"], ballot_xmin[0][0])
    # physical order is the order of random ids
    ids = [row[0] for row in rows(f"select id::text from ballot {where} order by ctid", vote["id"])]
    assert ids == sorted(ids) and all(uuid.UUID(i).version == 4 for i in ids) and len(ids) == 30
    # nothing in common but the cycle and the area, and no time
    columns = {table: {column: kind for column, kind in rows(
        "select column_name, data_type from information_schema.columns where table_name = %s", table)} for table in ("ballot", "voter_mark")}
    assert set(columns["ballot"]) & set(columns["voter_mark"]) == {"municipality", "budget_cycle_id", "area_id"}
    assert not [kind for kind in columns["ballot"].values() if "time" in kind or kind == "date"]
    assert columns["voter_mark"]["voted_on"] == "date" and not [k for k in columns["voter_mark"].values() if "time" in k]
    # nor a mark and a leaf, which names the ballot where trackers are public; marks stand in the order of their keys
    assert not rows(f"select from voter_mark m join evidence_leaf l on l.xmin = m.xmin and l.budget_cycle_id = m.budget_cycle_id "
                    "where m.budget_cycle_id = %s", vote["id"])
    # nor in what is left of rows that are gone: the pages hold the living ones alone
    world.service.cluster.ask(world.service.database, "create extension if not exists pageinspect")
    partition = "voter_mark_" + vote["id"].replace("-", "")
    items = world.service.cluster.ask(
        world.service.database, "select count(*) from generate_series(0, pg_relation_size(%s) / 8192 - 1) as page (number),"
        " heap_page_items(get_raw_page(%s, page.number::integer))", partition, partition)
    assert items == [(30,)]
    marks = [bytes(row[0]) for row in rows(f"select voter_key from voter_mark {where} order by ctid", vote["id"])]
    assert marks == sorted(marks) and len(marks) == 30
    # the open box is gone, and with it tokens, commitments and leaf positions of ballots
    assert rows("select count(*) from ballot_box where budget_cycle_id = %s", vote["id"])[0][0] == 0
    assert rows("select to_regclass(%s)", f"ballot_box_{vote['id'].replace('-', '')}")[0][0] is None
    # no change row, no idempotency row, no log line tells of who or what
    assert not rows("select from change where resource in ('ballot', 'ballot_box', 'voter_mark')")
    assert not rows("select from idempotency where operation like '%%ballots%%'")
    log = world.service.server.text()
    assert not any(token in log or commitment in log for token, commitment in tokens)
    assert not any(i in log for i in vote["ids"]["koko"])


def test_example_45_a_deviation_needs_a_reason(world):
    vote = world.budget.vote({"koko": [10_000_00, 10_000_00]}, **whole(world, 10_000_00, rules=approval()))
    ids = vote["ids"]["koko"]
    world.budget.cast(world.voter(), vote, [ids[0]]).expect(201)
    close(world, vote).expect(200)
    decision = world.decision(world.committee)["id"]
    path = world.path("budget-cycles", vote["id"], "confirm")
    deviations = [{"proposal_id": ids[0], "is_selected": False}, {"proposal_id": ids[1], "is_selected": True, "reason": both("halvempi")}]
    answer = world.of("planner").post(path, {"decision_id": decision, "deviations": deviations}).expect(422, "reason_required")
    assert answer["errors"][0]["pointer"] == "/deviations/0/reason"
    world.of("planner").post(path, {"decision_id": str(uuid.uuid4())}).expect(409, "decision_missing")
    world.of("planner").post(path, {"decision_id": decision, "deviations": [
        {"proposal_id": str(uuid.uuid4()), "is_selected": True, "reason": both("x")}]}).expect(422, "choice_unknown")
    deviations[0]["reason"] = both("soita 131052-308T")
    answer = world.of("planner").post(path, {"decision_id": decision, "deviations": deviations}).expect(422, "personal_data")
    assert answer.faults() == {"/deviations/0/reason": "personal_data"}
    deviations[0]["reason"] = both("suunniteltu muualle")
    done = world.of("planner").post(path, {"decision_id": decision, "deviations": deviations}).expect(200)
    assert done["status"] == "decided" and done["confirming_decision_id"] == decision
    assert results(world, vote)[0]["standing"] == "confirmed"
    stored = dict(world.rows("select id::text, status from proposal where budget_cycle_id = %s", vote["id"]))
    assert stored == {ids[0]: "not_selected", ids[1]: "selected"}


def test_a_result_confirmed_as_counted_selects_the_winners(world):
    vote = world.budget.vote({"koko": [10_000_00, 10_000_00]}, **whole(world, 10_000_00, rules=approval()))
    ids = vote["ids"]["koko"]
    world.budget.cast(world.voter(), vote, [ids[1]]).expect(201)
    close(world, vote).expect(200)
    world.budget.move(vote, "confirm", {"decision_id": world.decision(world.committee)["id"]})
    stored = dict(world.rows("select id::text, status from proposal where budget_cycle_id = %s", vote["id"]))
    assert stored == {ids[0]: "not_selected", ids[1]: "selected"}


@pytest.mark.parametrize("rule", ["greedy_votes", "equal_shares", "phragmen"])
def test_of_an_exclusive_group_at_most_one_is_chosen(world, rule):
    """Two uses of one plot: the one with more votes, whoever could pay for both; a recount of the file agrees."""
    vote = world.budget.vote({"koko": [(10_000_00, "tontti 5"), (9_000_00, "tontti 5"), 8_000_00]},
                             **whole(world, 40_000_00, rules=approval(tally_rule=rule)))
    ids = vote["ids"]["koko"]
    for choices in (ids, ids, [ids[0], ids[2]]):
        world.budget.cast(world.voter(), vote, choices).expect(201)
    close(world, vote).expect(200)
    assert sorted(winners(world, vote)) == sorted([ids[0], ids[2]])
    result, = results(world, vote)
    file = world.of().get(world.path("budget-results", result["id"], "file")).expect(200).text
    assert "project_id;cost;name;alternative\n" in file and ";tontti 5\n" in file
    told = {project["id"]: project["fate"] for project in result["result"]["projects"]}
    assert told["2"] == "alternative"
