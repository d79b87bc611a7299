"""What follows a decided vote: the projects, the end of the cycle, and what is forgotten then. Domain brief 4.5, 4.6, 6."""
import datetime
import hashlib

import pytest

import server
import world as world_module
from budget import both
from world import DUE, HOME, TODAY


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: time goes by in its cycles."""
    return world_module.World(make_service("projects", workers=8))


def path(world, proposal, *more):
    return world.path("proposals", proposal["id"], *more)


def decide(world):
    """A cycle whose body has decided to carry out one project, of the whole city."""
    vote = world.budget.vote()
    ids = vote["ids"]["koko"]
    world.budget.cast(world.voter(), vote, [ids[0]]).expect(201)
    world.budget.pass_days(vote, 30)
    world.budget.count(vote).expect(200)
    world.budget.move(vote, "confirm", {"decision_id": world.decision(world.committee)["id"]})
    chosen = world.of().get_all(world.path("proposals"), query={"budget_cycle_id": vote["id"], "status": "selected"})
    assert [row["id"] for row in chosen] == [ids[0]]
    return vote, chosen[0]


def plan(world, proposal, **more):
    return world.of("planner").post(path(world, proposal, "plan-project"), {
        "responsible_party_id": world.parties[0]["id"], "starts_on": TODAY.isoformat(), "ends_on": DUE, **more})


def remaining(world, cycle, area="koko"):
    shown = world.of().get(world.path("budget-cycles", cycle["id"])).expect(200)
    return next(share["remaining_cents"] for share in shown["shares"] if share["area_id"] == world.budget.areas[area]["id"])


def test_a_selected_proposal_becomes_a_project_and_the_cycle_closes_after_it(world):
    cycle, chosen = decide(world)
    assert remaining(world, cycle) == 10_000_00
    answer = world.of("planner").post(world.path("budget-cycles", cycle["id"], "implement")).expect(409, "project_missing")
    assert answer.faults() == {f"/proposals/{chosen['number']}": "project_missing"}
    world.of("planner").post(path(world, chosen, "start-project")).expect(409, "project_missing")
    assert plan(world, chosen, responsible_party_id=world_module.unknown_id()).expect(422).faults() == {"/responsible_party_id": "reference_not_found"}
    plan(world, chosen, ends_on="2020-01-01").expect(422, "rule_broken")
    planned = plan(world, chosen, measure_line_id=world.measures[0]["measure_line_id"]).expect(200)
    assert planned["responsible_party_id"] == world.parties[0]["id"] and planned["measure_line_id"] == world.measures[0]["measure_line_id"]
    assert world.budget.move(cycle, "implement")["status"] == "implementation"
    assert world.budget.carry(chosen, "start-project")["status"] == "in_progress"
    done = world.budget.carry(chosen, "complete-project", complete_project={"spent_cents": 9_000_00})
    assert (done["status"], done["spent_cents"]) == ("completed", 9_000_00)
    assert remaining(world, cycle) == 11_000_00
    plan(world, chosen).expect(409, "wrong_state")
    assert world.budget.move(cycle, "close")["status"] == "closed"


def test_example_48_an_impossible_project_is_cancelled_and_its_money_is_the_areas_again(world):
    cycle, chosen = decide(world)
    plan(world, chosen, spent_cents=500_00).expect(200)
    world.budget.carry(chosen, "start-project")
    where = path(world, chosen, "cancel-project")
    world.of("planner").post(where, {"reason": both("soita 131052-308T")}).expect(422, "personal_data")
    world.of("planner").post(where, {"reason": both("maaperä ei kestä")}).expect(200)
    shown = world.of().get(path(world, chosen)).expect(200)
    assert (shown["status"], shown["cancelled_reason"]) == ("cancelled", both("maaperä ei kestä"))
    assert remaining(world, cycle) == 19_500_00
    result = world.of().get_all(world.path("budget-results"), query={"budget_cycle_id": cycle["id"], "area_id": world.budget.areas["koko"]["id"]})
    assert [r["standing"] for r in result] == ["confirmed"]
    history = world.rows("select to_status from transition where resource = 'proposal' and resource_id = %s order by id", chosen["id"])
    assert [status for status, in history][-4:] == ["on_ballot", "selected", "in_progress", "cancelled"]


def test_example_49_a_cycle_with_an_open_project_does_not_close(world):
    cycle, chosen = decide(world)
    plan(world, chosen).expect(200)
    world.budget.move(cycle, "implement")
    where = world.path("budget-cycles", cycle["id"], "close")
    answer = world.of("planner").post(where).expect(409, "open_projects")
    assert answer.faults() == {f"/proposals/{chosen['number']}": "open_projects"}
    world.budget.carry(chosen, "start-project")
    world.of("planner").post(where).expect(409, "open_projects")
    world.budget.carry(chosen, "cancel-project", cancel_project={"reason": both("ei onnistu")})
    assert world.of("planner").post(where).expect(200)["status"] == "closed"


def contact(world, cycle):
    """What is stored of how a cycle's authors are reached, and how long."""
    return world.rows("select a.name, a.email, a.phone, a.issuer, a.subject, a.retain_until from proposal_author a"
                      " join proposal p on p.id = a.proposal_id where p.budget_cycle_id = %s order by p.number, a.position", cycle["id"])


def half_a_year_on(world):
    return world.rows("select (%s::date + interval '6 months')::date", TODAY)[0][0]


def run_worker(world, day):
    server.run("worker", "--once", "--as-of", f"{day.isoformat()}T12:00:00Z", settings=world.service.settings)


AUTHORS = [{"kind": "resident", "name": "Aino Aloittaja", "email": "aino@example.fi", "phone": "+358401234567"},
           {"kind": "association", "name": "Kylän väki ry", "is_name_shown": True, "email": "kyla@example.fi"}]


def write_authors(world, proposal):
    for position, author in enumerate(AUTHORS, 1):
        world.rows("insert into proposal_author (municipality, proposal_id, position, kind, name, is_name_shown, email, phone, issuer, subject)"
                   " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'author')", HOME, proposal["id"], position, author["kind"], author["name"],
                   author.get("is_name_shown", False), author["email"], author.get("phone"), world_module.ISSUER)


def test_contact_data_is_kept_six_months_after_the_end_and_then_deleted(world):
    cycle, chosen = decide(world)
    write_authors(world, chosen)
    world.budget.carry(chosen, "cancel-project", cancel_project={"reason": both("ei onnistu")})
    world.budget.move(cycle, "implement")
    forget = world.path("budget-cycles", cycle["id"], "forget-authors")
    world.of("privacy").post(forget).expect(409, "wrong_state")
    world.budget.move(cycle, "close")
    last = half_a_year_on(world)
    before = contact(world, cycle)
    assert before == [("Aino Aloittaja", "aino@example.fi", "+358401234567", world_module.ISSUER, "author", last),
                      ("Kylän väki ry", "kyla@example.fi", None, world_module.ISSUER, "author", last)]
    assert last.isoformat() in world.of("privacy").post(forget).expect(409, "retention_running")["detail"]
    world.of("planner").post(forget).expect(403, "insufficient_scope")
    shown = world.of().get(path(world, chosen)).expect(200)["authors"]
    run_worker(world, last)
    assert contact(world, cycle) == before
    run_worker(world, last + datetime.timedelta(days=1))
    assert contact(world, cycle) == [(None, None, None, None, None, last), ("Kylän väki ry", None, None, None, None, last)]
    assert world.of().get(path(world, chosen)).expect(200)["authors"] == shown
    listed = world.of("planner").get_all(world.path("proposal-authors"), query={"proposal_id": chosen["id"]})
    assert [(row["name"], row["email"], row["phone"]) for row in listed] == [(None, None, None), ("Kylän väki ry", None, None)]
    world.of("privacy").post(forget).expect(409, "wrong_state")


def test_who_commented_is_forgotten_with_the_authors(world):
    cycle = world.budget.open()
    proposal = world.budget.carry(world.budget.send(cycle), "publish")
    comment = world.budget.comment(proposal, name="Naapuri")
    world.budget.carry(proposal, "take-up")
    world.move("moderator", "proposal-comments", comment, "publish")
    world.budget.move(cycle, "cancel", {"decision_id": world.decision(world.committee)["id"], "reason": both("peruttiin")})
    kept = lambda: world.rows("select issuer, subject, name from proposal_comment where id = %s", comment["id"])  # noqa: E731
    world.rows("update proposal_author set name = null, email = null, phone = null, issuer = null, subject = null where proposal_id = %s", proposal["id"])
    run_worker(world, half_a_year_on(world))
    assert kept() == [(world_module.ISSUER, "commenter", "Naapuri")]
    run_worker(world, half_a_year_on(world) + datetime.timedelta(days=1))
    assert kept() == [(None, None, "Naapuri")]
    assert world.of().get(world.path("proposal-comments", comment["id"])).expect(200)["text"] == comment["text"]


def test_contact_data_of_a_cancelled_cycle_is_deleted_too_and_of_others_is_not(world):
    running = world.budget.open()
    world.budget.send(running)
    cycle = world.budget.open()
    world.budget.send(cycle)
    decision = world.decision(world.committee)
    world.budget.move(cycle, "cancel", {"decision_id": decision["id"], "reason": both("peruttiin")})
    assert contact(world, cycle)[0][5] == half_a_year_on(world) and contact(world, running)[0][5] is None
    world.rows("update proposal_author a set retain_until = %s from proposal p where p.id = a.proposal_id and p.budget_cycle_id = %s",
               TODAY - datetime.timedelta(days=1), cycle["id"])
    assert contact(world, cycle)[0][1] == "aino@example.fi"
    world.of("privacy").post(world.path("budget-cycles", cycle["id"], "forget-authors")).expect(200)
    assert contact(world, cycle)[0][:5] == (None,) * 5
    run_worker(world, half_a_year_on(world) + datetime.timedelta(days=1))
    assert contact(world, running)[0][1] == "aino@example.fi"


# --- the ballots ---------------------------------------------------------------------------------------
def test_ballots_are_deleted_with_the_end_of_the_cycle_and_its_books_balance_still(world):
    """Of the whole city five ballots, of one area one: the file of the former is public and stays, the latter's goes."""
    vote = world.budget.vote(rules={"smallest_group": 2})
    ids = vote["ids"]
    for _ in range(4):
        world.budget.cast(world.voter(), vote, [ids["koko"][0]]).expect(201)
    world.budget.cast(world.voter(), vote, [ids["koko"][1], ids["itäinen"][0]]).expect(201)
    world.budget.pass_days(vote, 30)
    world.budget.count(vote).expect(200)
    world.budget.move(vote, "confirm", {"decision_id": world.decision(world.committee)["id"]})
    for proposal in world.of().get_all(world.path("proposals"), query={"budget_cycle_id": vote["id"], "status": "selected"}):
        world.budget.carry(proposal, "cancel-project", cancel_project={"reason": both("ei onnistu")})
    world.budget.move(vote, "implement")

    def ballots():
        return world.rows("select count(*) from ballot where budget_cycle_id = %s", vote["id"])[0][0]

    def files():
        return {area: file for area, file in world.rows("select area_id::text, file from budget_result where budget_cycle_id = %s", vote["id"])}

    def told():
        return [world.of().get(where).expect(200).json
                for where in (world.path("budget-cycles", vote["id"], "books"), world.path("budget-cycles", vote["id"], "turnout"))]

    before, kept, areas = told(), files(), world.budget.areas
    assert ballots() == 5 and before[0]["ballots"] == 5
    world.budget.move(vote, "close")
    assert ballots() == 0 and told() == before
    small = areas["itäinen"]["id"]
    assert "\n" in kept[small] and files() == {**kept, small: ""}
    result, = world.of().get_all(world.path("budget-results"), query={"budget_cycle_id": vote["id"], "area_id": areas["koko"]["id"]})
    file = world.of().get(world.path("budget-results", result["id"], "file")).expect(200)
    assert hashlib.sha256(file.text.encode()).hexdigest() == result["file_sha256"]
