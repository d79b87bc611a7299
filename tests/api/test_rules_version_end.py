"""The end of a version that was made for a period: expired when its last day is over in Helsinki."""
import datetime

import pytest
import world as world_module
from stage import Stage
from test_calendar import DAY
from test_examples_calendar import midnight_after, noon, work
from test_examples_version import approve_body, attempt, draft, move, status_of, submit
from world import TODAY, YEAR

SECOND = datetime.timedelta(seconds=1)
END = TODAY + 20 * DAY


@pytest.fixture(scope="module")
def clockwork(make_service):
    return make_service("version-end")


@pytest.fixture(scope="module")
def world(clockwork):
    return world_module.World(clockwork)


def carried_over(world, valid_to, **more):
    """A stage whose version 1.0 was made for a period."""
    stage = Stage(world)
    stage.council = world.body("council")
    stage.measure([stage.party()])
    stage.version = move(stage, stage.version, "enter-into-force", {
        "decision_id": world.decision(world.board)["id"], "valid_from": TODAY.isoformat(), "valid_to": valid_to, **more}, "secretary")
    return stage


def ended(stage):
    return ("expireProgrammeVersion", stage.version["id"])


@pytest.mark.parametrize("valid_to, last", [
    (END.isoformat(), END),
    (f"{YEAR + 1}-02", datetime.date(YEAR + 1, 3, 1) - DAY),
    (str(YEAR + 1), datetime.date(YEAR + 1, 12, 31)),
])
def test_a_version_expires_when_its_last_day_is_over(world, clockwork, valid_to, last):
    stage = carried_over(world, valid_to)
    assert (stage.version["status"], stage.version["valid_to"]) == ("in_force", valid_to)
    made = stage.open()
    before = world.of("coordinator").get(world.path("reporting-rounds", made["id"]))
    assert ended(stage) not in work(clockwork, midnight_after(last) - SECOND)
    assert ended(stage) in work(clockwork, midnight_after(last))
    assert ended(stage) not in work(clockwork, midnight_after(last)), "twice is once"
    assert status_of(stage, stage.version) == "expired"
    shown = world.of().get(world.path("programme-versions", stage.version["id"])).expect(200)
    assert (shown["status"], shown["valid_to"]) == ("expired", valid_to)
    assert world.rows("select from_status, reason, actor_id from transition where resource_id = %s and to_status = 'expired'",
                      stage.version["id"]) == [("in_force", "viimeinen voimassaolopäivä on päättynyt", None)]
    after = world.of("coordinator").get(world.path("reporting-rounds", made["id"]))
    assert (after["programme_version_status"], after["programme_version_id"]) == ("expired", stage.version["id"])
    assert after.etag != before.etag


def test_a_successor_of_that_day_supersedes_it(world, clockwork):
    stage = carried_over(world, END.isoformat())
    version = draft(stage, "1.1")
    submit(stage, version)
    move(stage, version, "approve", {**approve_body(stage, stage.body), "valid_from": (END + DAY).isoformat()}, "secretary")
    done = work(clockwork, midnight_after(END))
    assert ("beginProgrammeVersion", version["id"]) in done and ended(stage) not in done
    assert (status_of(stage, stage.version), status_of(stage, version)) == ("superseded", "in_force")


def test_an_approved_version_may_be_for_a_period(world, clockwork):
    stage = carried_over(world, (TODAY + 400 * DAY).isoformat())
    version = draft(stage, "1.1")
    submit(stage, version)
    body = approve_body(stage, stage.body)
    early = (TODAY - DAY).isoformat()
    assert attempt(stage, version, "approve", {**body, "valid_to": early}, "secretary").expect(422).faults() == {"/valid_to": "rule_broken"}
    approved = move(stage, version, "approve", {**body, "valid_to": END.isoformat()}, "secretary")
    assert approved["valid_to"] == END.isoformat()
    move(stage, version, "begin")
    assert ("expireProgrammeVersion", version["id"]) in work(clockwork, noon(END + DAY))


def test_a_coordinator_ends_what_is_over_and_nothing_else(world):
    stage = carried_over(world, TODAY.isoformat())
    attempt(stage, stage.version, "expire").expect(409, "still_valid")
    attempt(stage, stage.version, "expire", who="secretary").expect(403)
    # as it is tomorrow: where the tables' owner may do so
    world.rows("update programme_version set valid_to_day = %s where id = %s", TODAY - DAY, stage.version["id"])
    version = draft(stage, "1.1")
    submit(stage, version)
    move(stage, version, "approve", approve_body(stage, stage.body), "secretary")
    assert attempt(stage, stage.version, "expire").expect(409, "successor_approved")["detail"].startswith("Versio 1.1")
    move(stage, version, "withdraw", {"reason": {"fi": "syy"}})
    assert move(stage, stage.version, "expire")["status"] == "expired"
    attempt(stage, stage.version, "expire").expect(409, "wrong_state")


def test_an_endless_version_does_not_expire(world):
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    attempt(stage, stage.version, "expire").expect(409, "still_valid")


def test_what_ended_before_today_was_superseded(world):
    stage = carried_over(world, (TODAY - DAY).isoformat(), valid_from=str(YEAR - 2))
    assert stage.version["status"] == "superseded"
