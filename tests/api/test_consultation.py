"""A consultation in public: who reads the version, who says what of it, and when."""
import uuid

import pytest

from stage import Stage
from test_examples_version import attempt, consult, draft, edit, end_consultation, move, parts
from world import TODAY, goal, text


@pytest.fixture
def stage(world):
    stage = Stage(world)
    stage.measure([stage.party()])
    return stage


@pytest.fixture
def version(world, stage):
    """Version 1.1 under consultation, of a programme that has 1.0 in force."""
    stage.enter()
    return consult(stage, draft(stage, "1.1"))


def say(world, version, subject=None, **more):
    body = {"programme_version_id": version["id"], "kind": "resident", "text": "Lisää penkkejä", "language": "fi", **more}
    return world.of(subject).post(world.path("consultation-inputs"), body)


def seen(world, resource, item, subject=None):
    return world.of(subject).get(world.path(resource, item["id"])).status == 200


def parts_seen(stage, version, resource):
    items = stage.world.of().get_all(stage.world.path(resource), query={"programme_version_id": version["id"]})
    assert all(stage.world.of().get(stage.world.path(resource, item["id"])).expect(200)["published_at"] for item in items)
    return {item["number"] for item in items}


# --- reading ------------------------------------------------------------------------------------------------
def test_a_version_is_public_with_all_its_parts_from_the_opening_of_its_consultation(world, stage):
    """Also the first of a programme that nothing was known of."""
    version, line = stage.version, stage.measures[0]["measure_line_id"]
    dropped = world.make("coordinator", "dropped-measures", {
        "programme_version_id": version["id"], "measure_line_id": world.line["id"], "reason": text("syy")})
    whole = [("programmes", stage.programme), ("programme-versions", version), ("measure-lines", {"id": line}), ("dropped-measures", dropped)]
    assert not any(seen(world, resource, item) for resource, item in whole)
    assert parts_seen(stage, version, "themes") == parts_seen(stage, version, "measures") == set()
    consult(stage, version)
    assert all(seen(world, resource, item) for resource, item in whole)
    assert parts_seen(stage, version, "themes") == {"1"} and parts_seen(stage, version, "measures") == {"1.1"}
    statements = world.of().get_all(world.path("statement-requests"), query={"programme_version_id": version["id"]})
    assert {statement["status"] for statement in statements} == {"sent"}
    overview = world.of().get(world.path("programmes", stage.programme["id"], "overview")).expect(200)
    assert overview["version_number"] is None and overview["themes"] == []


def test_what_one_can_take_part_in_can_be_read(world, version):
    opportunity = next(o for o in world.of().get_all(world.path("participation-opportunities"), query={"kind": "consultation"})
                       if o["id"] == version["id"])
    assert world.of().get(opportunity["href"]).expect(200)["status"] == "consultation"


def test_the_version_in_force_stays_what_the_overview_shows_and_the_difference_is_public(world, stage, version):
    edit(stage, "measures", parts(stage, version, "measures")["1.1"], {"title": text("ehdotettu")}).expect(200)
    overview = world.of().get(world.path("programmes", stage.programme["id"], "overview")).expect(200)
    assert overview["version_number"] == "1.0"
    assert [m["title"] for t in overview["themes"] for m in t["measures"]] == [stage.measures[0]["title"]]
    diff = world.of().get(world.path("programme-versions", stage.version["id"], "diff", version["id"])).expect(200)
    assert [m["title_after"] for m in diff["measures"]] == [text("ehdotettu")]


def test_what_is_added_to_a_public_version_is_public_with_its_line(world, stage, version):
    theme = world.make("coordinator", "themes", {"programme_version_id": version["id"], "number": "2", "name": text("lisätty")})
    made = world.measure(version, theme, "2.1", world.parties[:1])
    line = world.make("coordinator", "measure-lines", {"programme_id": stage.programme["id"], "assignments": [{"responsible_party_id": world.parties[0]["id"], "role": "lead"}]})
    assert not seen(world, "measure-lines", line)
    on_line = world.make("coordinator", "measures", {
        "programme_version_id": version["id"], "theme_id": theme["id"], "number": "2.2", "title": text("linjalla"), "goals": [goal()],
        "measure_line_id": line["id"]})
    assert parts_seen(stage, version, "themes") == {"1", "2"} and parts_seen(stage, version, "measures") == {"1.1", "2.1", "2.2"}
    assert seen(world, "measure-lines", {"id": made["measure_line_id"]}) and seen(world, "measure-lines", line)
    assert on_line["published_at"] and theme["published_at"]


def test_a_version_stays_public_whatever_becomes_of_it(world, stage, version):
    first = version["published_at"]
    withdrawn = draft(stage, "1.2")
    consult(stage, withdrawn)
    move(stage, withdrawn, "withdraw", {"reason": text("ei tarvita")})
    assert world.of().get(world.path("programme-versions", withdrawn["id"])).expect(200)["withdrawn_reason"] == text("ei tarvita")
    end_consultation(stage, version)
    move(stage, version, "submit", {"summary": text("mitä sanottiin")})
    move(stage, version, "return", {"decision_id": world.decision(stage.body, outcome="returned")["id"], "reason": text("kesken")}, "secretary")
    move(stage, version, "revise")
    assert world.of().get(world.path("programme-versions", version["id"])).expect(200)["status"] == "draft"
    again = move(stage, version, "open-consultation", {"closes_on": TODAY.isoformat()})
    assert again["published_at"] == first
    end_consultation(stage, version)
    move(stage, version, "submit", {"summary": text("mitä sanottiin")})
    approved = {"decision_id": world.decision(stage.body)["id"], "valid_from": TODAY.isoformat()}
    move(stage, version, "approve", approved, "secretary")
    assert move(stage, version, "begin")["published_at"] == first
    never_shown = draft(stage, "1.3")
    move(stage, never_shown, "withdraw", {"reason": text("ei tarvita")})
    assert not seen(world, "programme-versions", never_shown)


def test_an_erratum_belongs_to_approved_text_not_to_public_text(world, stage, version):
    measure = parts(stage, version, "measures")["1.1"]
    erratum = {"measure_id": measure["id"], "member": "title", "text": text("oikein")}
    assert measure["published_at"]
    world.of("coordinator").post(world.path("errata"), erratum).expect(409, "not_published")
    end_consultation(stage, version)
    move(stage, version, "submit", {"summary": text("mitä sanottiin")})
    world.of("coordinator").post(world.path("errata"), erratum).expect(409, "not_published")
    move(stage, version, "approve", {"decision_id": world.decision(stage.body)["id"], "valid_from": TODAY.isoformat()}, "secretary")
    world.of("coordinator").post(world.path("errata"), erratum).expect(201)


# --- speaking -----------------------------------------------------------------------------------------------
def test_anybody_may_speak_and_is_public_with_the_answer(world, version):
    for subject in (None, f"asukas-{uuid.uuid4().hex}"):
        for kind in ("resident", "company", "association"):
            said = say(world, version, subject, kind=kind).expect(201)
            assert (said["kind"], said["text"], said["answer"]) == (kind, "Lisää penkkejä", None)
            assert said.headers["Location"] == world.path("consultation-inputs", said["id"])
            assert not seen(world, "consultation-inputs", said, subject)
            world.move("planner", "consultation-inputs", said, "answer", {"answer": text("lisätään")})
            shown = world.of().get(said.headers["Location"]).expect(200)
            assert (shown["text"], shown["answer"]) == ("Lisää penkkejä", text("lisätään"))


def test_staff_and_other_sources_speak_through_those_who_work_on_the_version(world, version):
    for subject in (None, "reporter", "secretary", "other-coordinator"):
        say(world, version, subject, kind="staff").expect(403, "not_your_body")
        say(world, version, subject, source="paper", external_id=uuid.uuid4().hex).expect(403, "not_your_body")
    for subject in ("coordinator", "planner"):
        say(world, version, subject, kind="staff").expect(201)
        say(world, version, subject, source="paper", external_id=uuid.uuid4().hex).expect(201)


def test_a_draft_is_not_known_to_those_who_may_not_see_it(world, stage):
    hidden = draft(stage, "1.1", stage.version)
    for subject in (None, "reporter", "other-coordinator"):
        answer, unknown = say(world, hidden, subject), say(world, {"id": str(uuid.uuid4())}, subject)
        assert answer.expect(422).faults() == unknown.expect(422).faults() == {"/programme_version_id": "reference_not_found"}
    say(world, hidden, "coordinator").expect(409, "wrong_state")


def test_after_the_last_day_only_what_was_sent_in_time_is_entered(world, stage, version):
    end_consultation(stage, version)
    say(world, version).expect(409, "phase_closed")
    said = say(world, version, "coordinator").expect(201)
    world.move("coordinator", "consultation-inputs", said, "answer", {"answer": text("kiitos")})
    move(stage, version, "submit", {"summary": text("mitä sanottiin")})
    for subject in (None, "coordinator"):
        say(world, version, subject).expect(409, "wrong_state")


def test_personal_data_are_not_taken_from_the_public_and_not_shown_of_others(world, stage, version):
    words = "Soita 131052-308T tai matti@example.fi"
    before = world.count("consultation_input")
    assert say(world, version, text=words).expect(422, "personal_data").faults() == {"/text": "personal_data"}
    assert world.count("consultation_input") == before
    said = say(world, version, "coordinator", text=words).expect(201)
    world.move("coordinator", "consultation-inputs", said, "answer", {"answer": text("kiitos")})
    assert not seen(world, "consultation-inputs", said) and seen(world, "consultation-inputs", said, "coordinator")


def test_every_fault_of_what_is_said_is_told_at_once(world, stage, version):
    end_consultation(stage, version)
    answer = say(world, version, kind="staff", text="131052-308T")
    assert answer.status == 403 and answer.faults() == {"/text": "personal_data"}, answer
    attempt(stage, version, "submit", {"summary": text("yhteenveto")}).expect(200)
