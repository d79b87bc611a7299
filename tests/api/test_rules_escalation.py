"""Who is told when a party does not answer: the nearest party above that somebody holds, else the coordinator."""
import datetime

import pytest
import world as world_module
from stage import Stage
from test_calendar import DAY, PRINTED, is_free
from test_examples_calendar import logged, messages, noon, opened, plain_due, told, work
from world import TODAY, text


@pytest.fixture(scope="module")
def clockwork(make_service):
    return make_service("escalation")


@pytest.fixture(scope="module")
def world(clockwork):
    return world_module.World(clockwork)


def below(stage, superior, **more):
    """A party of the stage with a holder, below another."""
    return stage.party(superior_party_id=superior["id"], **more)


def quick_rule(stage):
    """Told of three days after a last reminder one day after the due date."""
    return stage.world.make("coordinator", "round-rules", {
        "programme_id": stage.programme["id"], "name": text("kierros {year}"),
        "calendar": {"reminders_before_days": [], "reminders_after_days": [1], "escalate_after_days": 3}})


def due_before(*offsets):
    """A due date some weeks ahead with working days at these distances from it."""
    return plain_due(offsets)


def test_the_superior_is_told_and_the_coordinator_is_not(world, clockwork):
    stage = Stage(world)
    superior, other = stage.party(), stage.party()
    late, done, alone = below(stage, superior, title=text("myöhässä")), below(stage, superior), below(stage, other)
    measures = [stage.measure([late, done]), stage.measure([late]), stage.measure([alone])]
    quick_rule(stage)
    due = due_before(0, 1, 3, 4)
    made = opened(stage, due)
    stage.submit(made, measures[0], done)
    work(clockwork, noon(due + 3 * DAY))
    assert messages(world, made, "escalation") == []
    work(clockwork, noon(due + 4 * DAY))
    found = {m["responsible_party_id"]: m for m in messages(world, made, "escalation")}
    assert set(found) == {superior["id"], other["id"]}, "one message to each, none to the coordinator"
    assert told(found[superior["id"]]) == {stage.request_of(made, measure, late)["id"] for measure in measures[:2]}
    assert found[superior["id"]]["text"]["fi"] == "Raportti puuttuu yhä: myöhässä."
    assert told(found[other["id"]]) == {stage.request_of(made, measures[2], alone)["id"]}
    reader = world.of(stage.subject_of(superior["id"]))
    assert [m["id"] for m in reader.get_all(world.path("messages"), query={"kind": "escalation"})] == [found[superior["id"]]["id"]]
    escalated = [row for row in logged(world, made) if row[0] == "escalation"]
    assert [row[1] for row in escalated] == [due + 4 * DAY] * 3
    work(clockwork, noon(due + 5 * DAY))
    assert [row for row in logged(world, made) if row[0] == "escalation"] == escalated, "once"


def test_a_superior_that_nobody_holds_is_passed_over(world, clockwork):
    stage = Stage(world)
    top = stage.party()
    vacant = world.party(superior_party_id=top["id"])
    world.holder(vacant, f"{stage.tag}-former", ends_on=(TODAY - DAY).isoformat())
    lost = world.party()
    stage.measure([below(stage, vacant)])
    stage.measure([below(stage, lost)])
    quick_rule(stage)
    due = due_before(0, 1, 4)
    made = opened(stage, due)
    work(clockwork, noon(due + 4 * DAY))
    assert {m["responsible_party_id"] for m in messages(world, made, "escalation")} == {top["id"], None}


def test_a_superior_is_told_on_no_sunday_and_no_holiday(world, clockwork):
    stage = Stage(world)
    superior = stage.party()
    stage.measure([below(stage, superior)])
    quick_rule(stage)
    sunday = TODAY + 40 * DAY
    while sunday.weekday() != 6 or is_free(sunday + DAY) or PRINTED.get(sunday - DAY, ("", "eve"))[1] == "holiday":
        sunday += DAY
    made = opened(stage, sunday - 4 * DAY)
    for day in (sunday - DAY, sunday):
        work(clockwork, noon(day))
        assert messages(world, made, "escalation") == []
    work(clockwork, noon(sunday + DAY))
    assert [row[:2] for row in logged(world, made) if row[0] == "escalation"] == [("escalation", sunday + DAY)]

    christmas = datetime.date(TODAY.year + 1, 12, 25)
    day = christmas + DAY
    while is_free(day):
        day += DAY
    later = stage.open(TODAY.year + 1, due_on=(christmas - 4 * DAY).isoformat())
    work(clockwork, noon(christmas))
    assert messages(world, later, "escalation") == []
    work(clockwork, noon(day))
    assert [row[:2] for row in logged(world, later) if row[0] == "escalation"] == [("escalation", day)]


# --- the tree -------------------------------------------------------------------------------------------
def test_parties_are_a_tree(world):
    first = world.party()
    second = world.party(superior_party_id=first["id"])
    third = world.party(superior_party_id=second["id"])
    patch = lambda party, superior: world.of("coordinator").patch(  # noqa: E731
        world.path("responsible-parties", party["id"]), {"superior_party_id": superior and superior["id"]}, etag="*")
    for party, superior in ((first, first), (first, second), (first, third)):
        assert patch(party, superior).expect(422).faults() == {"/superior_party_id": "rule_broken"}
    patch(third, first).expect(200)
    assert patch(second, third).expect(200)["superior_party_id"] == third["id"]
    patch(first, second).expect(422)
    patch(second, None).expect(200)
    patch(first, second).expect(200)


def test_a_party_that_others_stand_below_is_not_deleted(world):
    superior = world.party()
    lower = world.party(superior_party_id=superior["id"])
    client, path = world.of("coordinator"), world.path("responsible-parties")
    client.delete(f"{path}/{superior['id']}", etag="*").expect(409, "in_use")
    assert [p["id"] for p in client.get_all(path, query={"superior_party_id": superior["id"]})] == [lower["id"]]
    client.delete(f"{path}/{lower['id']}", etag="*").expect(204)
    client.delete(f"{path}/{superior['id']}", etag="*").expect(204)
    client.post(path, {"kind": "unit", "title": text("x"), "superior_party_id": superior["id"]}).expect(422)
