"""`elinvoima tally`: sample elections against what others found, generated ones against pb_reference.py, hostile files."""
import http.client
import json
import pathlib
import random
import re
import subprocess
from fractions import Fraction

import pytest
import server
from pb_reference import Count, Election, generate, generate_large

SAMPLES = server.ROOT / "tests" / "pb"
REAL = server.ROOT.parent / "shared" / "pb"  # elections that are not ours to carry
RULES = ["greedy_votes", "greedy_votes_noskip", "greedy_density", "mes_cost", "mes_count", "phragmen"]


def run(*arguments, text=None):
    return subprocess.run([server.PROGRAM, "tally", *arguments], input=text, capture_output=True, text=True, timeout=120,
                          env=server.environment({}))


def tally(file, rule, *more, text=None):
    done = run(str(file), "--rule", rule, *more, "--json", text=text)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return json.loads(done.stdout)


def count(election, rule, *more):
    return tally("-", rule, *more, text=election.text())


# --- the samples ----------------------------------------------------------------------------------------
def expected_of(folder):
    path = folder / "expected.json"
    return json.loads(path.read_text())["files"] if path.exists() else {}


def options(name):
    """`tool_add1u` is --rule mes_cost --completion add1u --flavour tool; `mes_count_u` --rule mes_count --completion u."""
    if name in RULES:
        return [name]
    head, _, completion = name.rpartition("_")
    if head in ("tool", "checker"):
        return ["mes_cost", "--completion", completion, "--flavour", head]
    return [head, "--completion", completion]


def ties_of(file, tie_break):
    return tie_break if tie_break != "drawn" else "drawn:" + ",".join(file["drawn_order"])


CASES = [pytest.param(folder / name, file, rule, id=f"{name[:-3]}-{rule}")
         for folder in (SAMPLES, REAL) for name, file in expected_of(folder).items()
         if folder == SAMPLES or not name.startswith("gen_") for rule in file["rules"]]


@pytest.mark.parametrize("path, file, rule", CASES)
def test_sample_has_its_winners(path, file, rule):
    expected = file["rules"][rule]
    by_tie_break = expected.get("winners_by_tie_break") or {"lexico": expected["winners"]}
    for tie_break, winners in by_tie_break.items():
        result = tally(path, *options(rule), "--ties", ties_of(file, tie_break))
        assert result["winners"] == winners
        assert Fraction(result["spent"]) == Fraction(expected["cost"][tie_break])
        assert result["tie_met"] == expected.get("tie_met", False)


def test_real_elections_are_counted_where_they_are():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here: real elections are not counted")
    assert any(not case.values[0].name.startswith("gen_") for case in CASES)


# --- what is told ---------------------------------------------------------------------------------------
def joined(text):
    """With the no-break spaces that amounts are written with, here an underscore."""
    return text.replace("_", "\u00a0")


def test_steps_and_explanations_add_up():
    result = tally(SAMPLES / "gen_d01_unsupported.pb", "mes_cost", "--completion", "add1u")
    costs = {project["id"]: Fraction(project["cost"]) for project in result["projects"]}
    left = Fraction(result["budget"])
    for step in result["steps"]:
        left -= costs[step["project_id"]]
        assert Fraction(step["left"]) == left
    assert left == Fraction(result["left"]) == Fraction(result["budget"]) - Fraction(result["spent"])
    assert [step["project_id"] for step in result["steps"]] == result["order"] and sorted(result["order"]) == result["winners"]
    assert [step["phase"] for step in result["steps"]] == 5 * ["equal_shares"] + ["greedy"]
    shares = [step for step in result["steps"] if step["phase"] == "equal_shares"]
    for step in shares:  # the most a supporter pays, for each unit of the project's cost
        assert Fraction(step["key"]) == Fraction(step["payment"]) / costs[step["project_id"]]
    assert [Fraction(step["key"]) for step in shares] == sorted(Fraction(step["key"]) for step in shares)
    assert Fraction(result["endowment"]) == Fraction(1533, 29) + result["increments"]
    assert result["completion_ended"] == "exhausted"
    said = {project["id"]: project["explanation"] for project in result["projects"]}
    assert said["P-01"] == {
        "fi": joined("valittu 1.: 13 ääntä, kannattajat maksavat enintään 20_€ kukin, 1_273_€ jäljellä"),
        "sv": joined("valt som nr 1: 13 röster, anhängarna betalar högst 20_€ var, 1_273_€ kvar"),
        "en": joined("chosen 1st: 13 votes, supporters pay at most 20_€ each, 1_273_€ left")}
    assert said["P-09"]["en"] == joined("not chosen: costs 290_€, 203_€ left")
    assert said["P-02"]["fi"] == joined("ei valittu: maksaa 300_€, 263_€ jäljellä")


def test_what_supporters_pay_at_most_is_rounded_up():
    result = count(Election(10_000, {"a": 10_000}, [{"a": 1}] * 3), "mes_cost")
    assert result["projects"][0]["explanation"]["en"] == joined("chosen 1st: 3 votes, supporters pay at most 3_333,34_€ each, 0_€ left")


def test_checker_tells_of_costs_below_its_unit():
    result = tally("-", "mes_cost", "--completion", "add1", "--flavour", "checker",
                   text=Election(10, {"a": 9, "b": 9}, [{"a": 1}, {"b": 1}]).text().replace("\na;9", "\na;0.50"))
    project = result["projects"][0]
    assert project["fate"] == "below_unit"
    assert project["explanation"]["en"] == joined("not chosen: costs 0,50_€, and the count goes by whole units of currency")


def test_a_project_that_costs_as_much_as_the_mark_of_withdrawal_and_is_chosen_is_told_as_chosen():
    for budget, said in ((2_000_000_000, "chosen 1st: 1 vote, 1_000_000_001_€ left"), (100, "not chosen: withdrawn during the vote")):
        result = count(Election(budget, {"a": 999_999_999}, [{"a": 1}]), "greedy_votes")
        assert result["projects"][0]["explanation"]["en"] == joined(said)


def test_ties_are_told_with_those_who_lost_them():
    result = tally(SAMPLES / "gen_c04_symmetric.pb", "greedy_votes", "--ties", "drawn:107,100,121,114")
    assert result["order"] == ["107", "100", "121"] == result["tie_order"][:3]
    assert [step["tied_with"] for step in result["steps"]] == [["100", "121", "114"], ["121", "114"], ["114"]]


def test_lines_for_people():
    done = run(SAMPLES / "gen_i01_cents.pb", "--rule", "greedy_votes")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == joined("2  chosen 1st: 14 votes, 1_594,44_€ left")
    assert joined("6  not chosen: costs 898,65_€, 575,74_€ left") in done.stdout.splitlines()


def test_reasons_for_not_choosing():
    election = Election(100, {"a": 60, "b": 60, "c": 30, "d": 500, "e": 1}, [{"a": 1}] * 5 + [{"a": 1, "b": 1}] * 2 + [{"c": 1}])
    def fates(rule, *more):
        return {project["id"]: project["fate"] for project in count(election, rule, *more)["projects"]}
    assert fates("greedy_votes") == {"a": "chosen", "b": "too_dear", "c": "chosen", "d": "too_dear", "e": "chosen"}
    assert fates("greedy_votes_noskip") == {"a": "chosen", "b": "too_dear", "c": "after_stop", "d": "after_stop", "e": "after_stop"}
    assert fates("greedy_votes", "--minimum-score", "1")["e"] == "below_minimum"
    assert fates("mes_cost") == {"a": "chosen", "b": "supporters_poor", "c": "supporters_poor", "d": "too_dear", "e": "unsupported"}
    assert fates("phragmen")["e"] == "unsupported"


def test_phragmen_ends_when_one_of_the_equals_does_not_fit():
    election = Election(20, {"a": 5, "b": 10, "c": 20}, [{"a": 1}, {"b": 1}, {"c": 1}, {"c": 1}])
    result = count(election, "phragmen")
    assert result["winners"] == ["a"] and result["tie_met"]
    assert {project["id"]: project["fate"] for project in result["projects"]} == {"a": "chosen", "b": "after_stop", "c": "too_dear"}


def test_at_most_one_of_alternatives_is_chosen():
    text = Election(100, {"a": 10, "b": 10, "c": 10}, [{"a": 1, "b": 1}] * 3 + [{"c": 1}] * 2).text()
    text = text.replace("project_id;cost", "project_id;cost;alternative")
    for p, group in (("a", "park"), ("b", "park"), ("c", "")):
        text = text.replace(f"\n{p};10", f"\n{p};10;{group}")
    for rule in RULES:
        for completion in ("none", "add1u") if rule.startswith("mes") else ("none",):
            result = tally("-", rule, "--completion", completion, text=text)
            assert result["winners"] == ["a", "c"]
            assert next(project for project in result["projects"] if project["id"] == "b")["fate"] == "alternative"


def test_lot_of_a_seed_is_an_order_anybody_can_draw_again():
    path = SAMPLES / "gen_b01_unitcost.pb"
    drawn = tally(path, "greedy_votes", "--ties", "seed:äänestys 2025")
    assert drawn["tie_order"] != sorted(drawn["tie_order"]) and len(drawn["tie_order"]) == 12
    again = tally(path, "greedy_votes", "--ties", "drawn:" + ",".join(drawn["tie_order"]))
    assert again["order"] == drawn["order"]
    assert tally(path, "greedy_votes", "--ties", "seed:another")["tie_order"] != drawn["tie_order"]
    both = tally(path, "greedy_votes", "--ties", "cost_votes_drawn:" + ",".join(drawn["tie_order"]))
    assert both["tie_order"][:3] == ["P-04", "P-11", "P-09"] or both["tie_order"][:3] == ["P-04", "P-11", "P-05"]


# --- against the reference ------------------------------------------------------------------------------
WAYS = [[rule] for rule in RULES] + [[rule, "--completion", completion, "--flavour", flavour]
                                     for rule in ("mes_cost", "mes_count") for completion in ("u", "add1", "add1u")
                                     for flavour in ("pabutools", "tool", "checker")]


@pytest.mark.parametrize("seed", range(60))
def test_generated_election_has_the_winners_of_the_reference(seed):
    election, chance = generate(seed), random.Random(-seed)
    for way in chance.sample(WAYS, 5):
        if way == ["phragmen"] and election.vote_type not in ("approval", "choose-1"):
            continue
        ties, minimum = chance.choice(["lexico", "cost_votes_id"]), chance.choice([0, 1, 3])
        result = count(election, *way, "--ties", ties, "--minimum-score", str(minimum))
        reference = Count(election, ties, minimum)
        assert result["order"] == reference.count(way[0], *way[2::2]), (way, ties, minimum, election.text())
        assert result["tie_met"] == reference.has_tie
        assert Fraction(result["spent"]) == reference.spent(result["order"]) <= election.budget


@pytest.mark.parametrize("seed, rule, completion", [(1, "mes_cost", "u"), (2, "mes_count", "none"), (3, "mes_cost", "add1"),
                                                    (4, "phragmen", "none")])
def test_large_election_has_the_winners_of_the_reference(seed, rule, completion):
    election = generate_large(seed)
    assert count(election, rule, "--completion", completion)["order"] == Count(election).count(rule, completion)


@pytest.mark.parametrize("seed", range(100, 112))
def test_order_of_ballots_and_scale_of_money_change_nothing(seed):
    election, chance = generate(seed), random.Random(seed)
    shuffled = Election(election.budget, election.costs, chance.sample(election.ballots, len(election.ballots)), election.vote_type)
    larger = Election(election.budget * 100, {p: c * 100 for p, c in election.costs.items()}, election.ballots, election.vote_type)
    for rule in RULES[:5]:
        result = count(election, rule, "--completion", "u")
        assert count(shuffled, rule, "--completion", "u") == result
        assert count(larger, rule, "--completion", "u")["order"] == result["order"]


@pytest.mark.parametrize("seed", range(200, 215))
def test_without_a_loser_greedy_chooses_the_same(seed):
    election = generate(seed)
    result = count(election, "greedy_votes")
    for loser in sorted(set(election.costs) - set(result["winners"])):
        costs = {p: c for p, c in election.costs.items() if p != loser}
        kept = {"ordinal": "scoring"}.get(election.vote_type, election.vote_type)  # ranks would move up
        ballots = [{p: points for p, points in ballot.items() if p != loser} for ballot in election.ballots]
        assert count(Election(election.budget, costs, ballots, kept), "greedy_votes")["order"] == result["order"]


# --- counts that others never end -------------------------------------------------------------------------
@pytest.mark.parametrize("flavour", ["pabutools", "tool", "checker"])
def test_add1_ends_when_every_supported_project_is_in(flavour):
    unsupported_fits = Election(100, {"a": 10, "b": 20, "c": 90, "d": 5}, [{"a": 1}, {"b": 1}])
    result = count(unsupported_fits, "mes_cost", "--completion", "add1", "--flavour", flavour)
    assert result["winners"] == ["a", "b"] and result["completion_ended"] == "all_bought"
    nobody = Election(100, {"a": 10, "b": 200}, [])
    result = count(nobody, "mes_cost", "--completion", "add1", "--flavour", flavour)
    assert result["winners"] == [] and result["completion_ended"] == "no_ballots"
    blank = count(Election(100, {"a": 10, "b": 200}, [{}, {}]), "mes_cost", "--completion", "add1u", "--flavour", flavour)
    assert blank["winners"] == ["a"] and blank["ballots"] == 2


def test_checker_never_spends_more_than_the_pot_by_counting_whole_units():
    election = Election("10.50", {"a": Fraction("5.90"), "b": Fraction("5.90")}, [{"a": 1, "b": 1}] * 3)
    result = count(election, "mes_cost", "--completion", "add1", "--flavour", "checker")
    assert result["winners"] == ["a"]


# --- wrong usage and hostile files --------------------------------------------------------------------------
SAMPLE = SAMPLES / "gen_a01_approval.pb"


@pytest.mark.parametrize("arguments", [
    [], ["FILE"], ["FILE", "--rule"], ["FILE", "--rule", "best"], ["FILE", "FILE", "--rule", "phragmen"],
    ["FILE", "--rule", "mes_cost", "--completion", "all"], ["FILE", "--rule", "mes_cost", "--flavour", "x"],
    ["FILE", "--rule", "mes_cost", "--unknown"]])
def test_wrong_usage_ends_with_2(arguments):
    done = run(*[str(SAMPLE) if argument == "FILE" else argument for argument in arguments])
    assert done.returncode == 2 and done.stderr and not done.stdout


@pytest.mark.parametrize("wish, said", [
    (["--ties", "random"], "tie"), (["--ties", "drawn:P-01,P-02"], "every project once"), (["--minimum-score", "x"], "minimum score"),
    (["--minimum-score", "0.5"], "more decimals"), (["--ties", "drawn:P-01,P-02,P-04,P-03,P-03"], "every project once"),
    (["--ties", "cost_votes_drawn:"], "every project once")])
def test_wish_that_does_not_fit_the_file_ends_with_1(wish, said):
    done = run(str(SAMPLE), "--rule", "mes_cost", *wish)
    assert done.returncode == 1 and said in done.stderr and not done.stdout


def test_missing_file_ends_with_1(tmp_path):
    done = run(str(tmp_path / "nothing.pb"), "--rule", "phragmen")
    assert done.returncode == 1 and "nothing.pb" in done.stderr


def cut(text, share):
    return text[:int(len(text) * share)]


@pytest.mark.parametrize("change, line", [
    (lambda text: text[:text.index("v30;")], "num_votes is 44, but there are 29 rows"), (lambda text: cut(text, 0.3), "PROJECTS"), (lambda text: "", "META"),
    (lambda text: text.replace("v3;", "v2;"), "the voter_id v2 was there before"),
    (lambda text: text.replace("P-03;270", "P-02;270"), "the project_id P-02 was there before"),
    (lambda text: text.replace("P-03;270", "P-03;1000000000000000000"), "Line 21"),
    (lambda text: text.replace("P-03;270", "P-03;-1"), "Line 21"),
    (lambda text: text.replace("v3;P-02", "v3;P-02;x;y"), "Line 28: 4 values"),
    (lambda text: text.replace("v3;P-02", "v3;P-99"), "Line 28: there is no project P-99"),
    (lambda text: text.replace("v3;P-02", "v3;\0"), "Line 28"),
])
def test_hostile_file_is_refused_with_its_lines(change, line):
    text = change(SAMPLE.read_text())
    done = run("-", "--rule", "greedy_votes", text=text)
    assert done.returncode == 1 and not done.stdout
    assert line in done.stderr, done.stderr


def test_file_of_100_mb_is_refused(tmp_path):
    path = tmp_path / "large.pb"
    with path.open("w") as file:
        file.truncate(100_000_000)
    done = run(str(path), "--rule", "greedy_votes")
    assert done.returncode == 1 and "67108864" in done.stderr


def test_points_are_no_approvals_for_phragmen():
    done = run(str(SAMPLES / "gen_g01_cumulative.pb"), "--rule", "phragmen")
    assert done.returncode == 1 and "approvals only" in done.stderr


# --- the same by HTTP -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["a01_approval", "g07_scoring", "h01_ordinal", "i04_blank_ballots"])
def test_recount_answers_what_the_command_says(anonymous, name):
    path = SAMPLES / f"gen_{name}.pb"
    wishes = {"rule": "mes_cost", "completion": "add1u", "flavour": "tool", "ties": "cost_votes_seed:x", "minimum_score": "1"}
    answer = anonymous.post("/v1/tallies", {"file": path.read_text(), **wishes}).expect(200)
    assert answer.headers["Cache-Control"] == "no-store"
    options = [word for name, value in wishes.items() if name != "rule" for word in (f"--{name.replace('_', '-')}", value)]
    assert answer.json == tally(path, "mes_cost", *options)


def test_recount_takes_the_file_as_it_stands(anonymous):
    text = SAMPLE.read_text().replace("P-01", "a\u0308").replace("\n", "\r\n")
    answer = anonymous.post("/v1/tallies", {"file": "\ufeff" + text, "rule": "greedy_votes"}).expect(200)
    assert "a\u0308" in answer["tie_order"]


def test_recount_tells_all_faults_of_a_file_with_their_lines(anonymous):
    text = SAMPLE.read_text().replace("v3;P-02", "v2;P-99").replace("P-05;330", "P-05;0")
    answer = anonymous.post("/v1/tallies", {"file": text, "rule": "greedy_votes"}).expect(422, "pb_invalid")
    assert [(fault["pointer"], fault["code"], fault["detail"][:9]) for fault in answer["errors"]] == [
        ("/file", "pb_amount", "Rivi 23: "), ("/file", "pb_repeated", "Rivi 28: "), ("/file", "pb_project_unknown", "Rivi 28: ")]


def test_recount_refuses_wishes_that_do_not_fit_the_file(anonymous):
    body = {"file": SAMPLE.read_text(), "rule": "mes_cost", "ties": "drawn:P-01", "minimum_score": "0.5"}
    answer = anonymous.post("/v1/tallies", body).expect(422, "tally_ties_unfit")
    assert answer.faults() == {"/ties": "tally_ties_unfit", "/minimum_score": "tally_minimum_unfit"}
    points = (SAMPLES / "gen_g01_cumulative.pb").read_text()
    anonymous.post("/v1/tallies", {"file": points, "rule": "phragmen"}).expect(422, "tally_rule_unfit")


def endless():
    """Add1 by euros to a million million: others would count for days."""
    costs = {"a": 999_999_999_999, "b": 999_999_999_998, "c": 5}
    return {"file": Election(10**12, costs, [{"a": 1}, {"b": 1}, {"c": 1}]).text(), "rule": "mes_cost", "completion": "add1",
            "flavour": "checker"}


def test_only_recounts_take_so_large_a_body_even_without_its_length(service, anonymous):
    comment = "comment;" + "x" * 1_000_000
    body = json.dumps({"file": SAMPLE.read_text().replace("experimental;1", comment), "rule": "phragmen"}).encode()
    for path, status in (("/v1/tallies", 200), ("/v1/743/bodies", 401)):
        assert anonymous.post(path, body=body, headers={"Content-Type": "application/json"}).status == status
    for path, status in (("/v1/tallies", 200), ("/v1/743/programmes", 413)):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        token = service.token("coordinator")
        connection.request("POST", path, (body[at:at + 65536] for at in range(0, len(body), 65536)), encode_chunked=True,
                           headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked", "Authorization": f"Bearer {token}"})
        assert connection.getresponse().status == status
        connection.close()


def scored_by_default(ballots, projects):
    """Few bytes that stand for a choice of every ballot for every project."""
    return ("META\nkey;value\nnum_projects;%d\nnum_votes;%d\nbudget;500\nvote_type;scoring\ndefault_score;1\nPROJECTS\nproject_id;cost\n"
            % (projects, ballots) + "".join(f"{p};1\n" for p in range(projects)) + "VOTES\nvoter_id;vote;points\n"
            + "".join(f"{b:x};{b % projects};{b % 997 + 2}\n" for b in range(ballots)))


def test_default_scores_make_no_more_choices_than_a_body_can_name(make_service):
    service = make_service("default-scores")
    status = pathlib.Path(f"/proc/{service.server.process.pid}/status")
    before = int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1])
    answer = service.client().post("/v1/tallies", {"file": scored_by_default(20_000, 1000), "rule": "greedy_votes"}).expect(422, "pb_invalid")
    assert [(fault["code"], "3\u00a0000\u00a0000" in fault["detail"]) for fault in answer["errors"]] == [("pb_too_many", True)]
    assert int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) - before < 200_000, "all choices were made"
    service.client().post("/v1/tallies", {"file": scored_by_default(2_000, 1000), "rule": "greedy_votes"}).expect(200)


@pytest.fixture(scope="module")
def little(make_service):
    return make_service("little", recount_effort_millions=1).client()


def test_recount_that_takes_too_long_is_given_up(little):
    for _ in range(3):  # and the next may begin
        little.post("/v1/tallies", endless()).expect(422, "tally_too_large")
    little.post("/v1/tallies", {"file": SAMPLE.read_text(), "rule": "phragmen"}).expect(200)


def test_recount_above_their_number_is_503(make_service):
    busy = make_service("busy", recounts_most=0).client()
    answer = busy.post("/v1/tallies", {"file": "x", "rule": "phragmen"}, is_failure_expected=True).expect(503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
