"""Which version comes before which: what competence and reasons are asked against, and who begins first."""
import datetime

import pytest

import world as world_module
from stage import Stage
from test_examples_calendar import midnight_after, work
from test_examples_version import (approve_body, attempt, consult, draft, edit, end_consultation, move, parts, stage, status_of,  # noqa: F401
                                   submit)
from world import TODAY, goal, text

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: the worker takes all that is due."""
    return world_module.World(make_service("version-order"))


def begin_of(day):
    return midnight_after(day - DAY)


def test_a_first_version_is_approved_as_a_major_one_whatever_its_number(world):
    made = Stage(world)
    made.council = world.body("council")
    version = world.make("coordinator", "programme-versions", {"programme_id": made.programme["id"], "number": "0.1"})
    theme = world.make("coordinator", "themes", {"programme_version_id": version["id"], "number": "1", "name": text("teema")})
    world.measure(version, theme, "1.1", [made.party()])
    submit(made, version)
    attempt(made, version, "approve", approve_body(made, made.body), "secretary").expect(422, "major_approval_required")
    move(made, version, "approve", approve_body(made, made.council), "secretary")


def test_a_version_after_an_expired_one_is_compared_with_it(world, stage):
    version = draft(stage, "1.1")
    world.rows("update programme_version set status = 'expired' where id = %s", stage.version["id"])
    edit(stage, "themes", parts(stage, version, "themes")["1"], {"name": text("toinen nimi")})
    measure = parts(stage, version, "measures")["1.2"]
    path = world.path("measures", measure["id"])
    world.of("coordinator").delete(path, etag="*").expect(204)
    consult(stage, version)
    end_consultation(stage, version)
    summary = {"summary": text("yhteenveto")}
    refused = attempt(stage, version, "submit", summary).expect(422, "drop_reason_missing")
    assert refused.faults() == {"/measures/1.2": "drop_reason_missing"}
    world.make("coordinator", "dropped-measures", {"programme_version_id": version["id"],
                                                   "measure_line_id": measure["measure_line_id"], "reason": text("valmistui")})
    move(stage, version, "submit", summary)
    attempt(stage, version, "approve", approve_body(stage, stage.body), "secretary").expect(422, "major_approval_required")


def test_an_older_version_does_not_replace_a_newer_one(world, stage):
    minor, major = draft(stage, "1.1"), draft(stage, "2.0")
    submit(stage, minor)
    submit(stage, major)
    late, soon = TODAY + 10 * DAY, TODAY + 3 * DAY
    move(stage, minor, "approve", approve_body(stage, stage.body, valid_from=late.isoformat()), "secretary")
    move(stage, major, "approve", approve_body(stage, stage.council, valid_from=soon.isoformat()), "secretary")
    assert ("beginProgrammeVersion", major["id"]) in work(world.service, begin_of(soon))
    assert ("beginProgrammeVersion", minor["id"]) not in work(world.service, begin_of(late))
    assert (status_of(stage, major), status_of(stage, minor)) == ("in_force", "approved")
    world.rows("update programme_version set valid_from_day = %s where id = %s", TODAY, minor["id"])
    attempt(stage, minor, "begin").expect(409, "version_overtaken")
    assert move(stage, minor, "withdraw", {"reason": text("uudempi on voimassa")})["status"] == "withdrawn"


def test_a_worker_that_was_away_begins_the_earlier_day_first(world, stage):
    first, second = draft(stage, "1.1"), draft(stage, "1.2")
    for version, days in ((second, 10), (first, 3)):  # the later one is approved before
        submit(stage, version)
        day = TODAY + days * DAY
        move(stage, version, "approve", approve_body(stage, stage.body, valid_from=day.isoformat()), "secretary")
    done = [act for act in work(world.service, begin_of(TODAY + 10 * DAY)) if act[1] in (first["id"], second["id"])]
    assert done == [("beginProgrammeVersion", first["id"]), ("beginProgrammeVersion", second["id"])]
    assert (status_of(stage, first), status_of(stage, second)) == ("superseded", "in_force")


def test_what_is_in_force_is_withdrawn_by_decision_only(world, stage):
    reason = {"reason": text("toteutus siirtyi muualle")}
    attempt(stage, stage.version, "withdraw", reason).expect(409, "decision_missing")
    committee = {**reason, "decision_id": world.decision(stage.body)["id"]}
    attempt(stage, stage.version, "withdraw", committee).expect(409, "decision_missing")
    tabled = {**reason, "decision_id": world.decision(stage.council, outcome="tabled")["id"]}
    attempt(stage, stage.version, "withdraw", tabled).expect(409, "decision_missing")
    done = move(stage, stage.version, "withdraw", {**reason, "decision_id": world.decision(stage.council)["id"]})
    assert (done["status"], done["valid_to"], done["withdrawn_reason"]) == ("withdrawn", TODAY.isoformat(), reason["reason"])


def test_a_version_is_not_in_force_before_it_was_decided(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    body = approve_body(stage, stage.body, valid_from=(TODAY - DAY).isoformat())
    refused = attempt(stage, version, "approve", body, "secretary").expect(422, "rule_broken")
    assert refused.faults() == {"/valid_from": "rule_broken"}


def test_an_approval_does_not_return_a_version(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    body = {"decision_id": world.decision(stage.body)["id"], "reason": text("kesken")}
    attempt(stage, version, "return", body, "secretary").expect(409, "decision_missing")
    body["decision_id"] = world.decision(stage.body, outcome="returned")["id"]
    assert move(stage, version, "return", body, "secretary")["status"] == "returned"


def test_a_decision_is_not_recorded_before_its_meeting(world):
    path, day = world.path("decisions"), (TODAY + DAY).isoformat()
    body = {"body_id": world.committee["id"], "meeting_on": day, "title": text("asia"), "decision": text("päätettiin"), "outcome": "approved"}
    assert world.of("secretary").post(path, body).expect(422, "rule_broken").faults() == {"/meeting_on": "rule_broken"}


def test_a_decision_that_took_effect_keeps_its_outcome(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    body = approve_body(stage, stage.body)
    client, path = world.of("secretary"), world.path("decisions", body["decision_id"])
    client.patch(path, {"outcome": "approved_amended"}, etag="*").expect(200)
    move(stage, version, "approve", body, "secretary")
    assert client.patch(path, {"outcome": "rejected"}, etag="*").expect(409, "in_use").faults() == {"/outcome": "in_use"}
    client.patch(path, {"title": text("selvempi otsikko")}, etag="*").expect(200)


def test_the_summary_of_a_consultation_is_in_every_language(world, stage):
    version = draft(stage, "1.1")
    consult(stage, version)
    end_consultation(stage, version)
    refused = attempt(stage, version, "submit", {"summary": {"sv": "sammandrag"}}).expect(422, "locale_missing")
    assert refused.faults() == {"/summary": "locale_missing"}


def test_example_69_an_overdue_statement_holds_nothing_up_and_the_record_says_so(world, stage):
    version = draft(stage, "1.1")
    consult(stage, version)
    path = world.path("statement-requests")
    asked = world.of("coordinator").get_all(path, query={"programme_version_id": version["id"]})
    due = max(datetime.date.fromisoformat(item["due_on"]) for item in asked)
    acts = [("lapseStatementRequest", item["id"]) for item in asked]
    assert not set(acts) & set(work(world.service, midnight_after(due) - datetime.timedelta(seconds=1)))
    assert set(acts) <= set(work(world.service, midnight_after(due)))
    shown = world.of().get_all(path, query={"programme_version_id": version["id"]})
    assert {(item["status"], item["statement"]) for item in shown} == {("overdue", None)}
    end_consultation(stage, version)
    assert move(stage, version, "submit", {"summary": text("yhteenveto")})["status"] == "submitted"


def test_the_coordinator_may_record_it_when_no_worker_runs(world, stage):
    version = draft(stage, "1.1")
    consult(stage, version)
    asked = world.of("coordinator").get_all(world.path("statement-requests"), query={"programme_version_id": version["id"]})[0]
    world.rows("update statement_request set due_on = %s where id = %s", TODAY - DAY, asked["id"])
    assert world.move("coordinator", "statement-requests", asked, "lapse")["status"] == "overdue"
