"""What a cycle keeps to once it is open: its calendar, and a decision for each of its steps. Domain brief 4.5, 4.7."""
import concurrent.futures
import datetime

import pytest

import world as world_module
from budget import OFFICERS, SHARES, both
from test_rules_budget import attempt, codes, moment, patch
from test_writing import wait_until_blocked


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: time goes by in its cycles."""
    return world_module.World(make_service("cycle", workers=8))


@pytest.fixture(scope="module")
def aged(world):
    """A cycle that asks for the age of who sends ideas."""
    return world.budget.open(rules={"idea_age": 10})


def moved(cycle, **days):
    """Members of the calendar, so many days later."""
    return {name: (moment(cycle[name]) + datetime.timedelta(days=count)).isoformat().replace("+00:00", "Z") for name, count in days.items()}


def shown(world, cycle):
    return world.of("planner").get(world.path("budget-cycles", cycle["id"])).expect(200).json


def listed(world, **more):
    """A cycle whose ballot list is confirmed."""
    cycle = world.budget.develop(**more)
    for area in SHARES:
        world.budget.proposal(cycle, area, 1_000_00)
    return world.budget.move(cycle, "confirm-ballot", {"decision_id": world.decision(world.committee)["id"]})


def counted(world):
    vote = world.budget.vote()
    world.budget.pass_days(vote, 30)
    return {**world.budget.count(vote).expect(200).json, "ids": vote["ids"]}


# --- the calendar ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("phase", ["open", "develop", "vote"])
def test_no_time_of_an_open_cycle_is_taken_away(world, phase):
    cycle = getattr(world.budget, phase)()
    for member in ("ideas_start_at", "ideas_end_at", "voting_starts_at", "voting_ends_at"):
        answer = patch(world, cycle, {member: None}).expect(409, "phase_shortened")
        assert codes(answer) == {("phase_shortened", "/" + member)}


@pytest.mark.parametrize("phase", ["open", "develop", "vote"])
def test_a_vote_that_was_announced_is_not_shortened(world, phase):
    cycle = shown(world, getattr(world.budget, phase)())
    answer = patch(world, cycle, moved(cycle, voting_ends_at=-1)).expect(409, "phase_shortened")
    assert codes(answer) == {("phase_shortened", "/voting_ends_at")}
    patch(world, cycle, moved(cycle, voting_ends_at=1)).expect(200)


@pytest.mark.parametrize("phase", ["open", "develop"])
def test_a_vote_that_begins_later_ends_later_by_as_much(world, phase):
    cycle = shown(world, getattr(world.budget, phase)())
    for change in (moved(cycle, voting_starts_at=3), moved(cycle, voting_starts_at=3, voting_ends_at=2)):
        assert codes(patch(world, cycle, change).expect(409, "phase_shortened")) == {("phase_shortened", "/voting_ends_at")}
    patch(world, cycle, moved(cycle, voting_starts_at=3, voting_ends_at=3)).expect(200)
    patch(world, cycle, moved(cycle, voting_starts_at=-1)).expect(200)


def test_an_open_vote_keeps_its_beginning_and_one_that_ended_is_not_opened_again(world):
    vote = world.budget.vote()
    for days in (-1, 1):
        patch(world, vote, moved(vote, voting_starts_at=days)).expect(409, "phase_shortened")
    world.budget.pass_days(vote, 21)
    answer = patch(world, vote, moved(shown(world, vote), voting_ends_at=30)).expect(409, "phase_closed")
    assert codes(answer) == {("phase_closed", "/voting_ends_at")}


def test_a_vote_that_is_opened_late_still_lasts_as_long_as_the_rules_say(world):
    cycle = listed(world)
    world.budget.pass_days(cycle, 34)
    body = {"officers": OFFICERS}
    answer = attempt(world, cycle, "open-voting", body, "officer").expect(422, "phase_too_short")
    assert codes(answer) == {("phase_too_short", "/voting_ends_at")}
    patch(world, cycle, moved(shown(world, cycle), voting_ends_at=10)).expect(200)
    attempt(world, cycle, "open-voting", body, "officer").expect(200)


# --- decisions -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("outcome", ["rejected", "returned", "tabled", "noted"])
def test_a_running_vote_is_cancelled_by_an_approval_alone(world, outcome):
    vote = world.budget.vote()
    body = {"decision_id": world.decision(world.committee, outcome=outcome)["id"], "reason": both("peruttiin")}
    attempt(world, vote, "cancel", body).expect(409, "decision_missing")
    assert shown(world, vote)["status"] == "voting"


def test_every_step_of_a_cycle_has_a_decision_of_its_own(world):
    cycle = world.budget.develop()
    for area in SHARES:
        world.budget.proposal(cycle, area, 1_000_00)

    def used(verb, decision, **more):
        answer = attempt(world, cycle, verb, {"decision_id": decision, **more}).expect(422, "decision_used")
        assert codes(answer) == {("decision_used", "/decision_id")}

    opening, ballot = cycle["decision_id"], world.decision(world.committee)["id"]
    used("confirm-ballot", opening)
    world.budget.move(cycle, "confirm-ballot", {"decision_id": ballot})
    world.budget.pass_days(cycle, 20)
    world.budget.move(cycle, "open-voting", {"officers": OFFICERS}, "officer")
    for decision in (opening, ballot):
        used("cancel", decision, reason=both("peruttiin"))
    world.budget.pass_days(cycle, 30)
    world.budget.count(cycle).expect(200)
    for decision in (opening, ballot):
        used("confirm", decision)
    world.budget.move(cycle, "confirm", {"decision_id": world.decision(world.committee)["id"]})


def test_of_two_cycles_that_open_by_one_decision_at_once_one_opens(world):
    decision = world.decision(world.committee)["id"]
    first, second = (world.budget.plan(decision_id=decision) for _ in range(2))
    holder = world.service.cluster.connect(world.service.database)
    try:
        with holder.cursor() as cursor, concurrent.futures.ThreadPoolExecutor(1) as pool:
            cursor.execute("update budget_cycle set status = 'ideas', published_at = now() where id = %s", (first["id"],))
            asked = pool.submit(attempt, world, second, "open-ideas")
            wait_until_blocked(world)
            holder.commit()
            assert codes(asked.result().expect(422, "decision_used")) == {("decision_used", "/decision_id")}
    finally:
        holder.close()


def test_a_deviation_is_told_once(world):
    vote = counted(world)
    first, second = vote["ids"]["koko"][:2]
    deviations = [{"proposal_id": one, "is_selected": True, "reason": both("tarve")} for one in (first, second, first)]
    body = {"decision_id": world.decision(world.committee)["id"], "deviations": deviations}
    answer = attempt(world, vote, "confirm", body).expect(422, "choice_repeated")
    assert codes(answer) == {("choice_repeated", "/deviations/2/proposal_id")}
    attempt(world, vote, "confirm", {**body, "deviations": deviations[:2]}).expect(200)


def test_what_the_body_decides_otherwise_is_explained_in_the_municipalitys_language(world):
    vote = counted(world)
    deviation = {"proposal_id": vote["ids"]["koko"][0], "is_selected": True, "reason": {"sv": "behov"}}
    body = {"decision_id": world.decision(world.committee)["id"], "deviations": [deviation]}
    answer = attempt(world, vote, "confirm", body).expect(422, "locale_missing")
    assert codes(answer) == {("locale_missing", "/deviations/0/reason")}


# --- the rules -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rules, member, other", [
    ({"vote_method": "n_votes", "votes_least": 5, "votes_most": 3}, "votes_least", "votes_most"),
    ({"vote_method": "choose_one", "votes_least": 2}, "votes_least", "vote_method"),
    ({"vote_method": "cumulative", "votes_least": 4, "points_total": 3}, "points_total", "votes_least"),
    ({"min_cost_cents": 5_000_00, "max_cost_cents": 4_999_99}, "max_cost_cents", "min_cost_cents"),
    ({"supports_least": 5}, "supports_least", "gathers_supports")])
def test_rules_that_nobody_could_keep_together_are_refused(world, rules, member, other):
    for answer in (world.of("planner").post(world.path("budget-cycles"), world.budget.body(rules=rules)),
                   patch(world, world.cycle, {"rules": rules})):
        assert codes(answer.expect(422, "rule_broken")) == {("rule_broken", "/rules/" + member)}
        assert other in answer["errors"][0]["detail"]


@pytest.mark.parametrize("rules", [
    {"vote_method": "n_votes", "votes_least": 3, "votes_most": 3}, {"vote_method": "choose_one", "votes_least": 1},
    {"vote_method": "cumulative", "votes_least": 3, "points_total": 3}, {"min_cost_cents": 5_000_00, "max_cost_cents": 5_000_00},
    {"gathers_supports": True, "supports_least": 5}])
def test_rules_that_just_go_together_are_taken(world, rules):
    assert world.budget.plan(rules=rules)["rules"].items() >= rules.items()


def test_ideas_are_not_opened_without_criteria_to_judge_them_by(world):
    cycle = world.budget.decided(criteria=[])
    answer = attempt(world, cycle, "open-ideas").expect(422)
    assert codes(answer) == {("required", "/criteria")}
    patch(world, cycle, {"criteria": [both("Kuuluu kaupungin tehtäviin")]}).expect(200)
    attempt(world, cycle, "open-ideas").expect(200)


# --- the year --------------------------------------------------------------------------------------------
def test_who_votes_is_decided_by_the_year_the_vote_begins_in(world):
    """Announced for next year and opened in this one: those vote who turn twelve next year."""
    cycle = listed(world)
    this_year = moment(shown(world, cycle)["voting_starts_at"]).year
    world.rows("update budget_cycle set voting_starts_at = voting_starts_at + interval '1 year',"
               " voting_ends_at = voting_ends_at + interval '1 year' where id = %s", cycle["id"])
    world.budget.move(cycle, "open-voting", {"officers": OFFICERS}, "officer")
    world.rows("update budget_cycle set voting_starts_at = now() - interval '1 day' where id = %s", cycle["id"])
    chosen = world.rows("select id::text from proposal where budget_cycle_id = %s order by number limit 1", cycle["id"])[0]
    world.budget.cast(world.voter(birthdate=f"{this_year - 10}-01-01"), cycle, chosen).expect(403, "under_age")
    world.budget.cast(world.voter(birthdate=f"{this_year - 11}-12-31"), cycle, chosen).expect(201)


@pytest.mark.parametrize("birthdate", [
    "1990-99-99", "1990-02-30", "1990-13-01", "1990-00-10", "1990-01-00", "0000-01-01", "1900-02-29"])
def test_a_birth_date_that_is_no_day_gives_no_age(world, aged, birthdate):
    person = world.voter(birthdate=birthdate)
    world.budget.cast(person, world.voting_cycle, [world.voting_cycle["ids"]["koko"][0]]).expect(403, "claim_missing")
    person.post(world.path("proposals"), world.budget.idea(aged)).expect(403, "claim_missing")


# --- two officers ----------------------------------------------------------------------------------------
def test_two_officers_count_and_correct_and_the_result_names_them(world):
    vote = world.budget.vote()
    world.budget.pass_days(vote, 30)
    for verb, more in (("count", {}), ("correct", {"reason": both("laskettiin väärin")})):
        for officers in ([], ["kaupunginsihteeri"], ["kaupunginsihteeri"] * 2):
            attempt(world, vote, verb, {"officers": officers, **more}, "officer").expect(422)
        assert shown(world, vote)["status"] == ("counted" if more else "voting")
        attempt(world, vote, verb, {"officers": [f"{verb} 1", f"{verb} 2"], **more}, "officer").expect(200)
    results = world.of().get_all(world.path("budget-results"), query={"budget_cycle_id": vote["id"], "area_id": world.budget.areas["koko"]["id"]})
    assert {result["revision"]: result["officers"] for result in results} == {1: ["count 1", "count 2"], 2: ["correct 1", "correct 2"]}
