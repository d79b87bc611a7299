"""The frame of participatory budgeting: what opens a cycle and what stays as it was decided. Domain brief 4.5."""
import datetime

import pytest

import world as world_module
from budget import SHARES, both
from test_examples_calendar import work


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: the worker takes all that is due, and a municipality has one whole area."""
    return world_module.World(make_service("budget"))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def attempt(world, cycle, verb, body=None, subject="planner"):
    return world.of(subject).post(world.path("budget-cycles", cycle["id"], verb), body)


def codes(answer):
    return {(fault["code"], fault.get("pointer")) for fault in answer["errors"]}


def patch(world, cycle, body):
    path = world.path("budget-cycles", cycle["id"])
    return world.of("planner").patch(path, body, etag="*")


def test_example_26_shares_sum_to_the_appropriation_when_the_cycle_opens(world):
    cycle = world.budget.decided(appropriation_cents=200_000_00)
    assert attempt(world, cycle, "open-ideas").expect(200)["status"] == "ideas"
    cycle = world.budget.decided(appropriation_cents=210_000_00)
    answer = attempt(world, cycle, "open-ideas").expect(422, "shares_mismatch")
    assert "1000000" in answer["errors"][0]["detail"]


def test_example_27_a_cycle_without_its_own_decision_does_not_open(world):
    cycle = world.budget.plan()
    attempt(world, cycle, "open-ideas").expect(409, "decision_missing")
    other = world.budget.open()
    borrowed = world.budget.plan(decision_id=other["decision_id"])
    attempt(world, borrowed, "open-ideas").expect(422, "decision_used")
    tabled = world.budget.plan(decision_id=world.decision(world.committee, outcome="tabled")["id"])
    attempt(world, tabled, "open-ideas").expect(409, "decision_missing")
    elsewhere = world.budget.plan(decision_id=world.decision(world.board)["id"])
    attempt(world, elsewhere, "open-ideas").expect(409, "decision_missing")


def test_opening_tells_every_fault_at_once(world):
    body = world.budget.body(decision_id=world.decision(world.committee)["id"], theme={"sv": "Barn"}, shares=[],
                             criteria=[both("hyvä"), {"sv": "god"}], name={"sv": "Budget"})
    body["ideas_start_at"], body["ideas_end_at"] = "2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z"
    del body["voting_starts_at"]
    cycle = world.make("planner", "budget-cycles", body)
    answer = attempt(world, cycle, "open-ideas").expect(422)
    assert codes(answer) >= {
        ("shares_mismatch", "/shares"), ("calendar_missing", "/voting_starts_at"), ("locale_missing", "/name"),
        ("locale_missing", "/theme"), ("locale_missing", "/criteria/1"), ("phase_closed", "/ideas_end_at")}
    assert world.of("planner").get(world.path("budget-cycles", cycle["id"])).expect(200)["status"] == "planned"


@pytest.mark.parametrize("member", ["ideas_end_at", "voting_ends_at"])
def test_a_phase_lasts_two_weeks_at_least(world, member):
    first = {"ideas_end_at": "ideas_start_at", "voting_ends_at": "voting_starts_at"}[member]
    body = world.budget.body(decision_id=world.decision(world.committee)["id"])
    body[member] = (moment(body[first]) + datetime.timedelta(days=12)).isoformat().replace("+00:00", "Z")
    short = world.make("planner", "budget-cycles", body)
    answer = attempt(world, short, "open-ideas").expect(422, "phase_too_short")
    assert codes(answer) == {("phase_too_short", "/" + member)}
    patch(world, short, {"rules": {"phase_days_least": 13}}).expect(200)
    attempt(world, short, "open-ideas").expect(200)


def test_phases_do_not_overlap(world):
    body = world.budget.body()
    body["voting_starts_at"] = body["ideas_start_at"]
    answer = world.of("planner").post(world.path("budget-cycles"), body).expect(422, "rule_broken")
    assert answer["errors"][0]["pointer"] == "/voting_starts_at"


@pytest.mark.parametrize("rules, member", [
    ({"vote_method": "n_votes"}, "votes_most"), ({"vote_method": "cumulative"}, "points_total"),
    ({"target_group_must_be_involved": True}, "target_group"), ({"gathers_supports": True}, "supports_least")])
def test_a_rule_that_needs_a_number_is_refused_without_it(world, rules, member):
    answer = world.of("planner").post(world.path("budget-cycles"), world.budget.body(rules=rules)).expect(422, "rule_incomplete")
    assert answer["errors"][0]["pointer"] == "/rules/" + member
    planned = world.budget.plan()
    patch(world, planned, {"rules": rules}).expect(422, "rule_incomplete")


@pytest.mark.parametrize("method, more", [("cumulative", {"points_total": 10}), ("ordinal", {})])
def test_phragmen_cannot_count_points_or_ranks(world, method, more):
    rules = {"vote_method": method, "tally_rule": "phragmen", **more}
    answer = world.of("planner").post(world.path("budget-cycles"), world.budget.body(rules=rules)).expect(422, "rule_broken")
    assert answer["errors"][0]["pointer"] == "/rules/tally_rule" and "vote_method" in answer["errors"][0]["detail"]
    world.budget.plan(rules={**rules, "vote_method": "approval"})


def test_an_open_cycle_keeps_its_rules_and_lengthens_its_phases(world):
    cycle = world.budget.open()
    for change in ({"rules": {"voting_age": 16}}, {"appropriation_cents": 1}, {"criteria": []}, {"theme": both("muu")},
                   {"shares": world.budget.shares(koko=1)}, {"decision_id": None}, {"end_year": 2027}, {"start_year": 2024},
                   {"confirming_body_id": world.board["id"]}):
        answer = patch(world, cycle, change).expect(409, "rules_frozen")
        assert codes(answer) == {("rules_frozen", "/" + next(iter(change)))}
    assert patch(world, cycle, {"shares": list(reversed(world.budget.shares()))}).expect(200)["shares"] == cycle["shares"]
    for name in ("ideas_start_at", "ideas_end_at"):
        patch(world, cycle, {name: None}).expect(409, "phase_shortened")
    earlier = cycle["ideas_end_at"].replace("20", "19", 1)
    patch(world, cycle, {"ideas_end_at": earlier, "ideas_start_at": earlier}).expect(409, "phase_shortened")
    later = patch(world, cycle, {"ideas_end_at": cycle["voting_starts_at"]}).expect(200)
    assert later["ideas_end_at"] == cycle["voting_starts_at"]
    patch(world, cycle, {"voting_ends_at": cycle["voting_ends_at"].replace("20", "21", 1)}).expect(200)
    patch(world, cycle, {"name": both("Asukkaiden budjetti")}).expect(200)


def test_a_phase_that_ended_is_not_opened_again(world):
    cycle = world.budget.develop()
    patch(world, cycle, {"ideas_end_at": cycle["voting_starts_at"]}).expect(409, "phase_closed")


def test_a_cycle_that_is_over_does_not_change(world):
    patch(world, world.budget.cancelled(), {"name": both("uusi")}).expect(409, "wrong_state")


def test_ideas_end_when_their_time_is_over_and_not_before(world):
    cycle = world.budget.open()
    attempt(world, cycle, "develop").expect(409, "phase_open")
    world.budget.pass_days(cycle, 40)
    assert attempt(world, cycle, "develop").expect(200)["status"] == "development"


def test_the_worker_ends_the_idea_phase_by_itself(world):
    cycle = world.budget.open()
    end, act = moment(cycle["ideas_end_at"]), ("developBudgetCycle", cycle["id"])
    assert act not in work(world.service, end - datetime.timedelta(seconds=1))
    assert act in work(world.service, end)
    assert world.of().get(world.path("budget-cycles", cycle["id"])).expect(200)["status"] == "development"


def test_cancelling_takes_the_body_that_decides(world):
    cycle = world.budget.open()
    body = {"decision_id": world.decision(world.board)["id"], "reason": both("ei rahaa")}
    attempt(world, cycle, "cancel", body).expect(409, "decision_missing")
    body["decision_id"] = world.decision(world.committee)["id"]
    answer = attempt(world, cycle, "cancel", {**body, "reason": both("ks. matti@example.fi")}).expect(422, "personal_data")
    assert codes(answer) == {("personal_data", "/reason")}
    done = attempt(world, cycle, "cancel", body).expect(200)
    assert done["status"] == "cancelled" and done["cancelled_reason"] == both("ei rahaa")


def test_a_planned_cycle_is_seen_by_the_office_and_an_open_one_by_all(world):
    assert world.of().get(world.path("budget-cycles", world.cycle["id"])).status == 404
    opened = world.of().get(world.path("budget-cycles", world.ideas_cycle["id"])).expect(200)
    assert opened["published_at"] and opened["currency"] == "EUR"
    assert {share["area_name"]["fi"] for share in opened["shares"]} == {"koko kaupunki", *SHARES} - {"koko"}


def test_what_a_decision_did_to_a_cycle_is_told_with_it(world):
    cycle = world.budget.develop()
    world.budget.proposal(cycle, "koko", 1_000_00)
    for area in ("pohjoinen", "itäinen", "läntinen", "eteläinen"):
        world.budget.proposal(cycle, area, 1_000_00)
    listed = world.decision(world.committee)
    world.budget.move(cycle, "confirm-ballot", {"decision_id": listed["id"]})
    for decision, effect in ((cycle["decision_id"], "started"), (listed["id"], "ballot_confirmed")):
        found = world.of("planner").get(world.path("decisions", decision)).expect(200)["effects"]
        assert [(made["effect"], made["resource"], made["id"]) for made in found] == [(effect, "budget_cycle", cycle["id"])]
