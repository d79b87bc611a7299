"""Acceptance examples of the domain brief: the life of a programme version."""
import datetime
import zoneinfo

import pytest
import server
from stage import Stage
from world import TODAY, YEAR, goal, text

YESTERDAY = TODAY - datetime.timedelta(days=1)


@pytest.fixture
def stage(world):
    """1.0 in force with two measures; its managing body is the world's committee."""
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.measure([stage.party()])
    stage.enter()
    stage.council = world.body("council")
    return stage


def draft(stage, number, source=None):
    """A new version with the measures of the one in force."""
    made = stage.world.make("coordinator", "programme-versions", {"programme_id": stage.programme["id"], "number": number})
    return move(stage, made, "copy", {"from_version_id": (source or stage.version)["id"]})


def move(stage, version, verb, body=None, who="coordinator"):
    return stage.world.move(who, "programme-versions", version, verb, body)


def attempt(stage, version, verb, body=None, who="coordinator"):
    return stage.world.of(who).post(stage.world.path("programme-versions", version["id"], verb), body)


def parts(stage, version, resource):
    """Themes or measures of a version by number."""
    items = stage.world.of("coordinator").get_all(stage.world.path(resource), query={"programme_version_id": version["id"]})
    return {item["number"]: item for item in items}


def consult(stage, version):
    stage.world.ask_for_statements(version)
    return move(stage, version, "open-consultation", {"closes_on": TODAY.isoformat()})


def end_consultation(stage, version):
    """Its last day is moved into the past where the tables' owner may do so."""
    stage.world.rows("update programme_version set consultation_closes_on = %s where id = %s", YESTERDAY, version["id"])


def submit(stage, version):
    consult(stage, version)
    end_consultation(stage, version)
    return move(stage, version, "submit", {"summary": text("mitä sanottiin ja mikä muuttui")})


def approve_body(stage, body, **more):
    return {"decision_id": stage.world.decision(body)["id"], "valid_from": TODAY.isoformat(), **more}


def status_of(stage, version):
    return stage.world.rows("select status from programme_version where id = %s", version["id"])[0][0]


def edit(stage, resource, item, change):
    path = stage.world.path(resource, item["id"])
    client = stage.world.of("coordinator")
    return client.patch(path, change, etag=client.get(path).expect(200).etag)


def test_example_01_a_measure_without_a_lead_is_not_submitted(world, stage):
    version = draft(stage, "1.1")
    theme = parts(stage, version, "themes")["1"]
    world.make("coordinator", "measures", {"programme_version_id": version["id"], "theme_id": theme["id"], "number": "1.9",
                                           "title": text("vailla vetäjää"), "goals": [goal()]})
    consult(stage, version)
    end_consultation(stage, version)
    refused = attempt(stage, version, "submit", {"summary": text("yhteenveto")})
    assert refused.expect(422, "lead_missing").faults() == {"/measures/1.9": "lead_missing"}
    assert status_of(stage, version) == "consultation"


def worker(world, moment):
    return server.run("worker", "--once", "--as-of", moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                      settings=world.service.settings)


def test_example_03_a_version_enters_into_force_when_its_day_begins_in_helsinki(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    day = TODAY + datetime.timedelta(days=1)
    move(stage, version, "approve", {**approve_body(stage, stage.body), "valid_from": day.isoformat()}, "secretary")
    attempt(stage, version, "begin").expect(409, "not_yet_valid")
    midnight = datetime.datetime.combine(day, datetime.time(), zoneinfo.ZoneInfo("Europe/Helsinki"))
    worker(world, midnight - datetime.timedelta(seconds=1))
    assert (status_of(stage, stage.version), status_of(stage, version)) == ("in_force", "approved")
    assert world.of().get(world.path("programme-versions", version["id"])).expect(200)["status"] == "approved"
    assert f"beginProgrammeVersion {version['id']}" in worker(world, midnight)
    assert (status_of(stage, stage.version), status_of(stage, version)) == ("superseded", "in_force")
    for one in (stage.version, version):
        world.of().get(world.path("programme-versions", one["id"])).expect(200)
        assert len(world.of().get_all(world.path("measures"), query={"programme_version_id": one["id"]})) == 2
    assert version["id"] not in worker(world, midnight), "a version enters once"


def test_example_03_the_coordinator_may_begin_it_when_no_worker_runs(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    move(stage, version, "approve", approve_body(stage, stage.body), "secretary")
    assert move(stage, version, "begin")["status"] == "in_force"
    assert status_of(stage, stage.version) == "superseded"
    attempt(stage, version, "begin").expect(409, "wrong_state")


def test_example_06_an_open_round_stays_with_its_version_and_says_so(world, stage):
    made = stage.open()
    version = draft(stage, "1.1")
    world.make("coordinator", "measures", {
        "programme_version_id": version["id"], "theme_id": parts(stage, version, "themes")["1"]["id"], "number": "1.3",
        "title": text("uusi"), "goals": [goal()],
        "assignments": [{"responsible_party_id": world.parties[0]["id"], "role": "lead"}]})
    submit(stage, version)
    move(stage, version, "approve", approve_body(stage, stage.body), "secretary")
    before = world.of("coordinator").get(world.path("reporting-rounds", made["id"])).expect(200)
    assert (before["programme_version_number"], before["programme_version_status"]) == ("1.0", "in_force")
    move(stage, version, "begin")
    after = world.of("coordinator").get(world.path("reporting-rounds", made["id"])).expect(200)
    assert (after["programme_version_number"], after["programme_version_status"]) == ("1.0", "superseded")
    assert after.etag != before.etag
    assert set(stage.round_measures(made)) == {measure["id"] for measure in stage.measures}
    assert world.rows("select programme_version_id::text from reporting_round where id = %s", made["id"]) == [(stage.version["id"],)]


def test_example_04_a_minor_version_that_changes_a_theme_needs_the_council(world, stage):
    version = draft(stage, "1.1")
    edit(stage, "themes", parts(stage, version, "themes")["1"], {"name": text("uusi nimi")}).expect(200)
    submit(stage, version)
    refused = attempt(stage, version, "approve", approve_body(stage, stage.body), "secretary")
    assert refused.expect(422, "major_approval_required").faults() == {"/decision_id": "major_approval_required"}
    assert status_of(stage, version) == "submitted"
    approved = move(stage, version, "approve", approve_body(stage, stage.council), "secretary")
    assert (approved["status"], approved["valid_from"]) == ("approved", TODAY.isoformat())


def test_example_04_a_major_version_needs_the_council(world, stage):
    version = draft(stage, "2.0")
    submit(stage, version)
    attempt(stage, version, "approve", approve_body(stage, stage.body), "secretary").expect(422, "major_approval_required")
    move(stage, version, "approve", approve_body(stage, stage.council), "secretary")


def test_example_04_measures_alone_are_the_managing_bodys(world, stage):
    version = draft(stage, "1.1")
    edit(stage, "measures", parts(stage, version, "measures")["1.1"], {"title": text("uusi otsikko")}).expect(200)
    submit(stage, version)
    attempt(stage, version, "approve", approve_body(stage, world.board), "secretary").expect(422, "body_not_competent")
    assert move(stage, version, "approve", approve_body(stage, stage.body), "secretary")["status"] == "approved"


def test_example_05_a_measure_is_not_dropped_without_a_reason(world, stage):
    version = draft(stage, "1.1")
    gone = parts(stage, version, "measures")["1.2"]
    path = world.path("measures", gone["id"])
    world.of("coordinator").delete(path, etag=world.of("coordinator").get(path).etag).expect(204)
    consult(stage, version)
    end_consultation(stage, version)
    summary = {"summary": text("yhteenveto")}
    refused = attempt(stage, version, "submit", summary).expect(422, "drop_reason_missing")
    assert refused.faults() == {"/measures/1.2": "drop_reason_missing"}
    dropped = world.make("coordinator", "dropped-measures", {
        "programme_version_id": version["id"], "measure_line_id": gone["measure_line_id"]})
    attempt(stage, version, "submit", summary).expect(422, "drop_reason_missing")
    edit(stage, "dropped-measures", dropped, {"reason": text("valmistui")}).expect(200)
    move(stage, version, "submit", summary)
    diff = world.of("coordinator").get(world.path("programme-versions", stage.version["id"], "diff", version["id"])).expect(200)
    lineage = {m["number_before"]: (m["lineage"], m["reason"]) for m in diff["measures"]}
    assert lineage == {"1.1": ("continued", None), "1.2": ("dropped", text("valmistui"))}
    edit(stage, "dropped-measures", dropped, {"reason": text("toinen")}).expect(409, "version_frozen")


def test_example_07_approved_text_stays_and_an_erratum_stands_beside_it(world, stage):
    measure = parts(stage, stage.version, "measures")["1.1"]
    edit(stage, "measures", measure, {"title": text("korjattu")}).expect(409, "version_frozen")
    world.make("coordinator", "errata", {"measure_id": measure["id"], "member": "title", "text": text("korjattu"),
                                         "reason": text("lyöntivirhe")})
    shown = world.of().get(world.path("measures", measure["id"])).expect(200)
    assert shown["title"] == measure["title"] and shown.etag != f'"{measure["version"]}"'
    assert [(e["member"], e["text"], e["reason"]) for e in shown["errata"]] == [("title", text("korjattu"), text("lyöntivirhe"))]
    assert world.rows("select title from measure where id = %s", measure["id"]) == [(measure["title"],)]
    listed = world.of().get_all(world.path("errata"), query={"measure_id": measure["id"]})
    assert [e["text"] for e in listed] == [text("korjattu")]


def test_example_07_a_draft_is_edited_and_has_no_errata(world, stage):
    measure = parts(stage, draft(stage, "1.1"), "measures")["1.1"]
    body = {"measure_id": measure["id"], "member": "title", "text": text("korjattu")}
    world.of("coordinator").post(world.path("errata"), body).expect(409, "not_published")


def test_example_23_an_influence_body_does_not_approve(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    refused = world.of("secretary").post(world.path("decisions"), {
        "body_id": world.youth["id"], "meeting_on": f"{TODAY}", "section_number": 1, "register_number": f"1/00.01.02/{YEAR}",
        "title": text("versio"), "decision": text("hyväksyttiin"), "outcome": "approved"})
    assert refused.expect(422, "body_not_competent").faults() == {"/body_id": "body_not_competent"}
    # a body that lost its power to decide after it had decided
    former = world.body()
    body = approve_body(stage, former)
    world.rows("update body set makes_decisions = false where id = %s", former["id"])
    refused = attempt(stage, version, "approve", body, "secretary")
    assert refused.expect(422, "body_not_competent").faults() == {"/decision_id": "body_not_competent"}
    assert status_of(stage, version) == "submitted"


def test_a_version_goes_only_the_way_of_the_domain(world, stage):
    version = draft(stage, "1.1")
    bodies = {"copy": {"from_version_id": stage.version["id"]}, "open-consultation": {"closes_on": TODAY.isoformat()},
              "submit": {"summary": text("x")}, "approve": approve_body(stage, stage.council),
              "return": {"decision_id": stage.world.decision(stage.body, outcome="returned")["id"], "reason": text("x")}, "revise": None, "begin": None, "withdraw": {"reason": text("x")}}
    may = {"draft": {"open-consultation", "withdraw", "copy"}, "consultation": {"submit", "withdraw"},
           "submitted": {"approve", "return"}, "returned": {"revise", "withdraw"}, "approved": {"withdraw", "begin"}, "withdrawn": set()}

    def refuses(state):
        assert status_of(stage, version) == state
        for verb in sorted(set(bodies) - may[state]):
            who = "secretary" if verb in ("approve", "return") else "coordinator"
            attempt(stage, version, verb, bodies[verb], who).expect(409)
        assert status_of(stage, version) == state

    refuses("draft")
    attempt(stage, version, "copy", bodies["copy"]).expect(409, "version_not_empty")
    consult(stage, version)
    attempt(stage, version, "submit", bodies["submit"]).expect(409, "consultation_open")
    refuses("consultation")
    end_consultation(stage, version)
    move(stage, version, "submit", bodies["submit"])
    refuses("submitted")
    returned = move(stage, version, "return", bodies["return"], "secretary")
    assert returned["returned_reason"] == text("x")
    refuses("returned")
    move(stage, version, "revise")
    move(stage, version, "open-consultation", bodies["open-consultation"])
    end_consultation(stage, version)
    move(stage, version, "submit", bodies["submit"])
    move(stage, version, "approve", bodies["approve"], "secretary")
    refuses("approved")
    edit(stage, "themes", parts(stage, version, "themes")["1"], {"name": text("x")}).expect(409, "version_frozen")
    move(stage, version, "withdraw", bodies["withdraw"])
    refuses("withdrawn")


def test_a_consultation_asks_the_influence_bodies_and_answers_everybody(world, stage):
    version = draft(stage, "1.1")
    close = {"closes_on": TODAY.isoformat()}
    refused = attempt(stage, version, "open-consultation", close).expect(422, "statement_request_missing")
    assert refused.faults()[f"/bodies/{world.youth['id']}"] == "statement_request_missing"
    attempt(stage, version, "open-consultation", {"closes_on": YESTERDAY.isoformat()}).expect(422, "due_in_past")
    ask = {"programme_version_id": version["id"], "body_id": world.committee["id"], "due_on": TODAY.isoformat()}
    world.of("coordinator").post(world.path("statement-requests"), ask).expect(422, "not_an_influence_body")
    world.of("coordinator").post(world.path("consultation-inputs"), {
        "programme_version_id": version["id"], "kind": "staff", "text": "liian aikaisin", "language": "fi"}).expect(409, "wrong_state")
    requests = world.ask_for_statements(version)
    move(stage, version, "open-consultation", close)
    mine = next(request for request in requests if request["body_id"] == world.youth["id"])
    answered = world.move("influencer", "statement-requests", mine, "answer", {"statement": text("kannatamme")})
    assert (answered["status"], answered["statement"]) == ("answered", text("kannatamme"))
    world.of("influencer").post(world.path("statement-requests", mine["id"], "answer"), {"statement": None}).expect(409, "wrong_state")
    said = world.make("coordinator", "consultation-inputs", {
        "programme_version_id": version["id"], "kind": "company", "text": "Fler cykelvägar", "language": "sv"})
    end_consultation(stage, version)
    refused = attempt(stage, version, "submit", {"summary": text("yhteenveto")}).expect(409, "answer_missing")
    assert refused.faults() == {f"/consultation_inputs/{said['id']}": "answer_missing"}
    world.of().get(world.path("consultation-inputs", said["id"])).expect(404)
    world.move("coordinator", "consultation-inputs", said, "answer", {"answer": text("otetaan mukaan")})
    move(stage, version, "submit", {"summary": text("yhteenveto")})
    world.of("coordinator").post(world.path("consultation-inputs", said["id"], "answer"), {"answer": text("x")}).expect(409, "wrong_state")


def test_an_approval_is_a_decision_with_section_and_register_number(world, stage):
    version = draft(stage, "1.1")
    submit(stage, version)
    for change in ({"outcome": "rejected"}, {"section_number": None}, {"register_number": None}):
        body = {"decision_id": world.decision(stage.body, **change)["id"], "valid_from": TODAY.isoformat()}
        attempt(stage, version, "approve", body, "secretary").expect(409, "decision_missing")
    unknown = attempt(stage, version, "approve", {"decision_id": stage.theme["id"], "valid_from": TODAY.isoformat()}, "secretary")
    assert unknown.expect(422).faults() == {"/decision_id": "reference_not_found"}
    unknown = attempt(stage, version, "return", {"decision_id": stage.theme["id"], "reason": text("x")}, "secretary")
    assert unknown.expect(422).faults() == {"/decision_id": "reference_not_found"}
    assert status_of(stage, version) == "submitted"


def test_texts_are_there_in_every_language_before_anybody_is_asked(world, stage):
    version = draft(stage, "1.1")
    measure = parts(stage, version, "measures")["1.1"]
    edit(stage, "measures", measure, {"title": {"fi": None}}).expect(200)
    world.ask_for_statements(version)
    refused = attempt(stage, version, "open-consultation", {"closes_on": TODAY.isoformat()})
    assert refused.expect(422, "locale_missing").faults() == {"/measures/1.1/title": "locale_missing"}
    edit(stage, "measures", measure, {"title": text("palautettu")}).expect(200)
    move(stage, version, "open-consultation", {"closes_on": TODAY.isoformat()})
    edit(stage, "measures", measure, {"title": {"fi": None}}).expect(200)
    end_consultation(stage, version)
    attempt(stage, version, "submit", {"summary": text("x")}).expect(422, "locale_missing")


def test_the_difference_tells_what_became_of_each_measure(world, stage):
    version = draft(stage, "2.0")
    new = parts(stage, version, "measures")
    theme = parts(stage, version, "themes")["1"]
    edit(stage, "measures", new["1.1"], {"title": text("uusi"), "change_reason": text("tarkennus")}).expect(200)
    edit(stage, "themes", theme, {"name": text("teema 2")}).expect(200)
    path = world.path("measures", new["1.2"]["id"])
    world.of("coordinator").delete(path, etag=world.of("coordinator").get(path).etag).expect(204)
    line = world.make("coordinator", "measure-lines", {
        "programme_id": stage.programme["id"], "origins": [{"measure_line_id": new["1.2"]["measure_line_id"], "kind": "merged"}],
        "assignments": [{"responsible_party_id": world.parties[0]["id"], "role": "lead"}]})
    common = {"programme_version_id": version["id"], "theme_id": theme["id"], "goals": [goal()]}
    world.make("coordinator", "measures", {**common, "number": "1.3", "title": text("yhdistetty"), "measure_line_id": line["id"]})
    world.make("coordinator", "measures", {**common, "number": "1.4", "title": text("aivan uusi"),
                                           "assignments": [{"responsible_party_id": world.parties[0]["id"], "role": "lead"}]})
    diff = world.of("coordinator").get(world.path("programme-versions", stage.version["id"], "diff", version["id"])).expect(200)
    assert (diff["from_number"], diff["to_number"]) == ("1.0", "2.0")
    assert [(t["number"], t["change"]) for t in diff["themes"]] == [("1", "changed")]
    told = {m["number_after"] or m["number_before"]: (m["lineage"], m["changed_members"], m["reason"]) for m in diff["measures"]}
    assert told == {"1.1": ("changed", ["title"], text("tarkennus")), "1.2": ("merged", [], None), "1.3": ("merged", [], None),
                    "1.4": ("added", [], None)}
    merged = next(m for m in diff["measures"] if m["number_after"] == "1.3")
    assert merged["origin_line_ids"] == [new["1.2"]["measure_line_id"]]
    world.of().get(world.path("programme-versions", stage.version["id"], "diff", version["id"])).expect(404)
    same = world.of().get(world.path("programme-versions", stage.version["id"], "diff", stage.version["id"])).expect(200)
    assert {m["lineage"] for m in same["measures"]} == {"continued"}


def test_a_new_version_does_not_enter_without_consultation(world, stage):
    version = draft(stage, "1.1")
    attempt(stage, version, "enter-into-force", approve_body(stage, stage.council), "secretary").expect(409, "not_carried_over")
    assert status_of(stage, version) == "draft"


def test_only_an_empty_draft_is_filled_from_a_version_of_its_programme(world, stage):
    empty = world.make("coordinator", "programme-versions", {"programme_id": stage.programme["id"], "number": "3.0"})
    for source in (empty, world.version):
        refused = attempt(stage, empty, "copy", {"from_version_id": source["id"]})
        assert refused.expect(422).faults() == {"/from_version_id": "reference_not_found"}
    consult(stage, empty)
    attempt(stage, empty, "copy", {"from_version_id": stage.version["id"]}).expect(409, "wrong_state")
    assert parts(stage, empty, "measures") == {}


def test_what_is_written_beside_a_draft_needs_one_that_exists(world, stage):
    unknown = stage.programme["id"]
    for resource, body, member in (
            ("statement-requests", {"body_id": world.youth["id"], "due_on": f"{TODAY}"}, "programme_version_id"),
            ("consultation-inputs", {"kind": "staff", "text": "x", "language": "fi"}, "programme_version_id"),
            ("dropped-measures", {"measure_line_id": stage.measures[0]["measure_line_id"]}, "programme_version_id"),
            ("errata", {"member": "title", "text": text("x")}, "measure_id")):
        refused = world.of("coordinator").post(world.path(resource), {**body, member: unknown})
        assert refused.expect(422).faults() == {f"/{member}": "reference_not_found"}
    for resource, body in (("statement-requests", {"body_id": world.youth["id"], "due_on": f"{TODAY}"}),
                           ("dropped-measures", {"measure_line_id": stage.measures[0]["measure_line_id"]})):
        world.of("coordinator").post(world.path(resource), {**body, "programme_version_id": stage.version["id"]}).expect(
            409, "version_frozen")
