"""A move is made only from the states the domain names: 409 with the allowed next states, nothing changed."""
import datetime

import pytest
from stage import Stage
from world import DUE, TODAY, YEAR, goal, text

ROUND_MOVES = {
    # verb: (who, states it is allowed from)
    "open": ("coordinator", {"planned"}), "close": ("coordinator", {"open"}), "start-review": ("coordinator", {"closed"}),
    "assess": ("secretary", {"in_review"}), "present": ("presenter", {"assessed"}), "publish": ("coordinator", {"presented"}),
    "cancel": ("coordinator", {"planned", "open"})}
# domain brief 4.3
NEXT = {"planned": ["cancelled", "open"], "open": ["cancelled", "closed"], "closed": ["in_review"], "in_review": ["assessed"],
        "assessed": ["presented"], "presented": ["published"], "published": [], "cancelled": []}


@pytest.fixture(scope="module")
def rounds(world):
    """One round in every state."""
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = {}
    for years, state in enumerate(NEXT):
        one = stage.plan(YEAR + years)
        for verb in {"planned": [], "open": ["open"], "cancelled": ["cancel"]}.get(state, ["open", "close"]):
            stage.move("coordinator", one, verb, {"reason": text("syy")} if verb == "cancel" else None)
        if state in ("in_review", "assessed", "presented", "published"):
            stage.move("coordinator", one, "start-review")
            stage.assess(one, measure, "green", justification=text("syy"))
        if state in ("assessed", "presented", "published"):
            stage.move("secretary", one, "assess", {"decision_id": world.decision(stage.body)["id"]})
        if state in ("presented", "published"):
            stage.move("presenter", one, "present", {"decision_id": world.decision(world.board)["id"]})
        if state == "published":
            stage.move("coordinator", one, "publish")
        made[state] = one
    stage.rounds = made
    return stage


def body_of(stage, verb):
    if verb in ("assess", "present"):
        body = stage.body if verb == "assess" else stage.world.board
        return {"decision_id": stage.world.decision(body)["id"]}
    return {"reason": text("syy")} if verb == "cancel" else None


@pytest.mark.parametrize("verb", ROUND_MOVES)
def test_a_round_moves_only_as_the_domain_says(world, rounds, verb):
    who, allowed = ROUND_MOVES[verb]
    for state, made in rounds.rounds.items():
        if state in allowed or (verb, state) == ("publish", "assessed"):
            continue
        refused = world.of(who).post(world.path("reporting-rounds", made["id"], verb), body_of(rounds, verb))
        assert refused.expect(409, "wrong_state")["allowed"] == NEXT[state], f"{verb} from {state}"
        assert world.rows("select status from reporting_round where id = %s", made["id"]) == [(state,)]


@pytest.mark.parametrize("state", [state for state in NEXT if state != "planned"])
def test_only_a_planned_round_is_changed(world, rounds, state):
    path = world.path("reporting-rounds", rounds.rounds[state]["id"])
    etag = world.of("coordinator").get(path).expect(200).etag
    world.of("coordinator").patch(path, {"grace_days": 1}, etag=etag).expect(409, "round_wrong_state")
    assert world.rows("select grace_days from reporting_round where id = %s", rounds.rounds[state]["id"]) == [(14,)]


@pytest.mark.parametrize("state", [state for state in NEXT if state != "in_review"])
def test_lights_and_priorities_belong_to_the_review(world, rounds, state):
    made, measure = rounds.rounds[state], rounds.measures[0]
    world.of("secretary").post(world.path("assessments"), rounds.assess_body(
        made, measure, "green", justification=text("syy"))).expect(409, "round_wrong_state")
    world.of("secretary").post(world.path("priorities"), {
        "reporting_round_id": made["id"], "theme_id": rounds.theme["id"], "reason": text("syy")}).expect(409, "round_wrong_state")


def test_a_priority_stays_when_the_review_is_over(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    priority = world.make("secretary", "priorities", {
        "reporting_round_id": made["id"], "theme_id": stage.theme["id"], "reason": text("syy")})
    stage.assess(made, measure, "green", justification=text("syy"))
    stage.end(made)
    path = world.path("priorities", priority["id"])
    etag = world.of("secretary").get(path).expect(200).etag
    world.of("secretary").delete(path, etag=etag).expect(409, "round_wrong_state")
    assert world.rows("select deleted_at from priority where id = %s", priority["id"]) == [(None,)]


def test_what_is_not_in_the_scope_is_not_assessed(world, rounds):
    stage = Stage(world)
    foreign = stage.measure([stage.party()])
    made = rounds.rounds["in_review"]
    world.of("secretary").post(world.path("assessments"), rounds.assess_body(
        made, foreign, "green", justification=text("syy"))).expect(422, "not_in_scope")
    for target in ({"measure_line_id": foreign["measure_line_id"]}, {"theme_id": stage.theme["id"]}):
        world.of("secretary").post(world.path("priorities"), {
            "reporting_round_id": made["id"], "reason": text("syy"), **target}).expect(422, "not_in_scope")
    for resource, body in (("assessments", {"measure_id": foreign["id"], "light": "green"}), ("priorities", {"reason": text("syy")})):
        refused = world.of("secretary").post(world.path(resource), {**body, "reporting_round_id": foreign["id"]})
        assert refused.expect(422)["errors"][0] == {**refused["errors"][0], "pointer": "/reporting_round_id", "code": "reference_not_found"}
    both = {"measure_line_id": rounds.measures[0]["measure_line_id"], "theme_id": rounds.theme["id"]}
    for target in ({}, both):
        world.of("secretary").post(world.path("priorities"), {
            "reporting_round_id": made["id"], "reason": text("syy"), **target}).expect(422, "rule_broken")


def test_a_round_is_assessed_by_its_body_when_every_measure_has_a_light(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    path = world.path("reporting-rounds", made["id"], "assess")
    right, wrong = world.decision(stage.body), world.decision(world.board)
    refused = world.of("secretary").post(path, {"decision_id": right["id"]})
    assert refused.expect(409, "assessment_missing").faults() == {"/measures/1.1": "assessment_missing"}
    stage.assess(made, measure, "green", justification=text("syy"))
    world.of("secretary").post(path, {"decision_id": wrong["id"]}).expect(422, "body_not_competent")
    unknown = world.of("secretary").post(path, {"decision_id": measure["id"]})
    assert unknown.expect(422, "reference_not_found").faults() == {"/decision_id": "reference_not_found"}
    stage.move("secretary", made, "assess", {"decision_id": right["id"]})
    present = world.path("reporting-rounds", made["id"], "present")
    world.of("presenter").post(present, {"decision_id": right["id"]}).expect(422, "body_not_competent")
    unknown = world.of("presenter").post(present, {"decision_id": measure["id"]})
    assert unknown.expect(422, "reference_not_found").faults() == {"/decision_id": "reference_not_found"}
    stage.move("presenter", made, "present", {"decision_id": wrong["id"]})
    stored = world.rows("select assessment_decision_id::text, onward_decision_id::text from reporting_round where id = %s", made["id"])
    assert stored == [(right["id"], wrong["id"])]


@pytest.mark.parametrize("change, code, status", [
    ({"start_decision_id": None}, "decision_missing", 409),
    ({"due_on": (TODAY - datetime.timedelta(days=2)).isoformat()}, "due_in_past", 422),
    ({"added_measure_ids": ["00000000-0000-7000-8000-000000000000"]}, "not_in_scope", 422)])
def test_a_round_opens_only_when_it_is_ready(world, change, code, status):
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    made = stage.plan(**change)
    world.of("coordinator").post(world.path("reporting-rounds", made["id"], "open")).expect(status, code)
    assert world.rows("select count(*) from report_request where reporting_round_id = %s", made["id"]) == [(0,)]
    assert world.rows("select status from reporting_round where id = %s", made["id"]) == [("planned",)]


def test_a_round_opens_for_a_version_in_force_and_measures_with_a_lead(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    early = stage.plan()
    path = world.path("reporting-rounds", early["id"], "open")
    world.of("coordinator").post(path).expect(409, "version_not_in_force")
    stage.enter()
    world.rows("update assignment set ends_on = starts_on where measure_line_id = %s", measure["measure_line_id"])
    refused = world.of("coordinator").post(path).expect(422, "lead_missing")
    assert refused.faults() == {"/measures/1.1": "lead_missing"}
    assert world.rows("select status from reporting_round where id = %s", early["id"]) == [("planned",)]
    other = Stage(world)
    refused = world.of("coordinator").post(world.path("reporting-rounds"), {
        "programme_id": stage.programme["id"], "programme_version_id": other.version["id"], "year": YEAR + 1,
        "name": text("kierros"), "assessing_body_id": stage.body["id"]})
    assert refused.expect(422).faults() == {"/programme_version_id": "reference_not_found"}
    again = {"programme_id": stage.programme["id"], "programme_version_id": stage.version["id"], "year": YEAR,
             "name": text("kierros"), "assessing_body_id": stage.body["id"]}
    world.of("coordinator").post(world.path("reporting-rounds"), again).expect(409, "round_exists")


def test_an_assessed_round_has_every_language(world):
    """743 asks for Finnish only, so the missing language is Finnish."""
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    stage.assess(made, measure, "green", justification={"sv": "orsak"})
    refused = world.of("secretary").post(world.path("reporting-rounds", made["id"], "assess"),
                                         {"decision_id": world.decision(stage.body)["id"]})
    assert refused.expect(422, "locale_missing").faults() == {"/assessments/1.1/justification": "locale_missing"}
    assert world.rows("select status from reporting_round where id = %s", made["id"]) == [("in_review",)]


# --- requests and reports --------------------------------------------------------------------------------
@pytest.fixture
def reporting(world):
    stage = Stage(world)
    stage.owner = stage.party()
    stage.one = stage.measure([stage.owner])
    stage.enter()
    stage.made = stage.open()
    stage.request = stage.request_of(stage.made, stage.one, stage.owner)
    stage.reporter = world.of(stage.subject_of(stage.owner["id"]))
    return stage


def status_of(world, request):
    return world.rows("select status from report_request where id = %s", request["id"])[0][0]


def test_a_request_moves_only_as_the_domain_says(world, reporting):
    path = world.path("report-requests", reporting.request["id"])
    coordinator, reporter = world.of("coordinator"), reporting.reporter
    back = {"question": text("mitä?"), "due_on": DUE}
    for verb, body in (("accept", None), ("return", back)):
        refused = coordinator.post(f"{path}/{verb}", body).expect(409, "wrong_state")
        assert refused["allowed"] == ["acknowledged", "draft", "excused"]
    reporter.post(f"{path}/acknowledge").expect(200)
    assert reporter.post(f"{path}/acknowledge").expect(409, "wrong_state")["allowed"] == ["draft", "excused"]
    draft = world.report(reporting.request, reporting.subject_of(reporting.owner["id"]))
    assert status_of(world, reporting.request) == "draft"
    body = {"report_request_id": reporting.request["id"], "reported_status": "completed"}
    reporter.post(world.path("reports"), body).expect(409, "draft_exists")
    reporter.post(world.path("reports", draft["id"], "submit")).expect(200)
    reporter.post(world.path("reports", draft["id"], "submit")).expect(409, "report_frozen")
    assert reporter.post(world.path("reports"), body).expect(409, "wrong_state")["allowed"] == ["accepted", "returned"]
    coordinator.post(f"{path}/excuse", {"reason": text("syy")}).expect(409, "wrong_state")
    past = {**back, "due_on": (TODAY - datetime.timedelta(days=2)).isoformat()}
    assert coordinator.post(f"{path}/return", past).expect(422, "due_in_past").faults() == {"/due_on": "due_in_past"}
    coordinator.post(f"{path}/accept").expect(200)
    assert status_of(world, reporting.request) == "accepted"
    assert world.rows("select status from measure_line where id = %s", reporting.one["measure_line_id"]) == [("in_progress",)]
    moved = world.rows("select from_status, to_status from transition where resource_id = %s order by id", reporting.request["id"])
    assert moved == [(None, "invited"), ("invited", "acknowledged"), ("acknowledged", "draft"), ("draft", "submitted"),
                     ("submitted", "accepted")]
    acted = world.rows("select acting_role, acting_office from transition where resource_id = %s and to_status = 'submitted'",
                       reporting.request["id"])
    assert acted == [("party_reporter", text("virka"))]


def test_a_report_says_what_was_done(world, reporting):
    body = {"report_request_id": reporting.request["id"], "reported_status": "completed"}
    draft = reporting.reporter.post(world.path("reports"), body).expect(201)
    refused = reporting.reporter.post(world.path("reports", draft["id"], "submit"))
    assert refused.expect(422, "status_missing").faults() == {"/summary": "status_missing"}
    assert status_of(world, reporting.request) == "draft"
    unknown = reporting.reporter.post(world.path("reports"), {**body, "report_request_id": reporting.one["id"]})
    assert unknown.expect(422).faults() == {"/report_request_id": "reference_not_found"}


def test_a_missing_report_may_come_until_the_body_has_assessed(world, reporting):
    stage = reporting
    drafted = world.report(stage.request, stage.subject_of(stage.owner["id"]))
    stage.move("coordinator", stage.made, "close")
    assert status_of(world, stage.request) == "missing"
    stage.move("coordinator", stage.made, "start-review")
    stage.reporter.post(world.path("reports", drafted["id"], "submit")).expect(200)
    assert status_of(world, stage.request) == "submitted"
    second = world.path("report-requests", stage.request["id"])
    world.of("coordinator").post(f"{second}/return", {"question": text("?"), "due_on": DUE}).expect(200)
    redraft = world.rows("select id::text from report where report_request_id = %s and submitted_at is null", stage.request["id"])[0][0]
    stage.assess(stage.made, stage.one, "green", justification=text("syy"))
    stage.move("secretary", stage.made, "assess", {"decision_id": world.decision(stage.body)["id"]})
    assert stage.reporter.post(world.path("reports", redraft, "submit")).expect(200)["reporting_round_id"] is None
    world.of("coordinator").post(f"{second}/excuse", {"reason": text("syy")}).expect(409, "round_wrong_state")
    assert status_of(world, stage.request) == "returned"


def test_a_cancelled_round_takes_no_report(world, reporting):
    stage = reporting
    drafted = world.report(stage.request, stage.subject_of(stage.owner["id"]))
    stage.move("coordinator", stage.made, "cancel", {"reason": text("syy")})
    stage.reporter.post(world.path("reports", drafted["id"], "submit")).expect(409, "round_wrong_state")
    body = {"report_request_id": stage.request["id"], "reported_status": "completed"}
    stage.reporter.post(world.path("reports"), body).expect(409, "round_wrong_state")
    assert world.rows("select submitted_at from report where report_request_id = %s", stage.request["id"]) == [(None,)]


# --- measures, versions, decisions -----------------------------------------------------------------------
def test_a_line_changes_status_only_as_the_domain_says(world):
    stage = Stage(world)
    line = {"id": stage.measure(world.parties[:1])["measure_line_id"]}
    path = world.path("measure-lines", line["id"], "change-status")
    coordinator = world.of("coordinator")
    refused = coordinator.post(path, {"status": "completed", "reason": "hyppy"}).expect(409, "wrong_state")
    assert refused["allowed"] == ["in_progress", "stopped"]
    coordinator.post(path, {"status": "in_progress"}).expect(200)
    coordinator.post(path, {"status": "completed"}).expect(200)
    assert coordinator.post(path, {"status": "in_progress"}).expect(422, "reason_required").faults() == {"/reason": "reason_required"}
    coordinator.post(path, {"status": "in_progress", "reason": "avattiin uudelleen"}).expect(200)
    coordinator.post(path, {"status": "stopped"}).expect(422, "reason_required")
    coordinator.post(path, {"status": "stopped", "reason": "määräraha loppui"}).expect(200)
    assert coordinator.post(path, {"status": "in_progress", "reason": "x"}).expect(409, "wrong_state")["allowed"] == []
    reasons = world.rows("select to_status, reason from transition where resource_id = %s order by id", line["id"])
    assert reasons[-2:] == [("in_progress", "avattiin uudelleen"), ("stopped", "määräraha loppui")]


def test_only_who_is_assigned_is_replaced(world):
    stage = Stage(world)
    former, stranger, successor = stage.party(), stage.party(), stage.party()
    measure = stage.measure([former])
    body = {"from_party_id": stranger["id"], "to_party_id": successor["id"], "reason": text("syy")}
    refused = world.of("coordinator").post(world.path("measure-lines", measure["measure_line_id"], "replace"), body)
    assert refused.expect(422, "not_assigned").faults() == {"/from_party_id": "not_assigned"}
    assert world.rows("select count(*) from assignment where measure_line_id = %s", measure["measure_line_id"]) == [(1,)]
    ended = {"responsible_party_id": stranger["id"], "role": "party", "starts_on": "2024-05-01", "ends_on": "2024-04-01"}
    world.of("coordinator").post(world.path("measure-lines", measure["measure_line_id"], "assign"), ended).expect(422, "rule_broken")


def test_approved_text_does_not_change(world):
    stage = Stage(world)
    measure = stage.measure(world.parties[:1])
    stage.enter()
    coordinator = world.of("coordinator")
    for resource, item, change in (("themes", stage.theme, {"name": text("x")}), ("measures", measure, {"title": text("x")}),
                                   ("programme-versions", stage.version, {"prepared_in": 2000})):
        path = world.path(resource, item["id"])
        etag = coordinator.get(path).expect(200).etag
        coordinator.patch(path, change, etag=etag).expect(409, "version_frozen")
        if resource != "programme-versions":
            coordinator.delete(path, etag=etag).expect(409, "version_frozen")
    coordinator.post(world.path("themes"), {"programme_version_id": stage.version["id"], "number": "2", "name": text("x")}).expect(
        409, "version_frozen")
    coordinator.post(world.path("measures"), {"programme_version_id": stage.version["id"], "theme_id": stage.theme["id"],
                                              "number": "2", "title": text("x"), "goals": [goal()]}).expect(409, "version_frozen")
    stored = world.rows("select count(*) from measure where programme_version_id = %s", stage.version["id"])
    assert stored == [(1,)]


def test_a_version_enters_into_force_once_and_by_a_decision_that_exists(world):
    stage = Stage(world)
    stage.measure(world.parties[:1])
    path = world.path("programme-versions", stage.version["id"], "enter-into-force")
    secretary = world.of("secretary")
    unknown = secretary.post(path, {"decision_id": stage.theme["id"], "valid_from": f"{TODAY}"})
    assert unknown.expect(422).faults() == {"/decision_id": "reference_not_found"}
    # a body that lost its power to decide after the decision was recorded
    body = world.body()
    decision = world.decision(body)
    world.rows("update body set makes_decisions = false where id = %s", body["id"])
    refused = secretary.post(path, {"decision_id": decision["id"], "valid_from": f"{TODAY}"})
    assert refused.expect(422, "body_not_competent").faults() == {"/decision_id": "body_not_competent"}
    # what was carried over may lack its decision, but then says when it was approved
    secretary.post(path, {"valid_from": "2020-01"}).expect(409, "decision_missing")
    stage.enter()
    again = secretary.post(path, {"decision_id": world.decision(world.board)["id"], "valid_from": f"{TODAY}"})
    assert again.expect(409, "wrong_state")["allowed"] == ["expired", "superseded", "withdrawn"]


def test_a_version_carried_over_may_lack_its_decision(world):
    programme = world.make("coordinator", "programmes", {"kind": "participation_model", "name": text("malli")})
    made = world.make("coordinator", "programme-versions", {
        "programme_id": programme["id"], "number": "1.0", "source": "archive", "external_id": programme["id"]})
    entered = world.move("secretary", "programme-versions", made, "enter-into-force",
                         {"valid_from": "2020-01", "approved_on": "2020-01", "valid_to": "2023"})
    assert (entered["status"], entered["valid_from"], entered["valid_to"], entered["decision_id"]) == (
        "superseded", "2020-01", "2023", None)


def test_a_version_carried_over_has_been_valid_from_a_day_that_has_come(world):
    programme = world.make("coordinator", "programmes", {"kind": "participation_model", "name": text("malli")})
    made = world.make("coordinator", "programme-versions", {
        "programme_id": programme["id"], "number": "1.0", "source": "archive", "external_id": programme["id"]})
    enter = world.path("programme-versions", made["id"], "enter-into-force")
    for body, member, code in (({"valid_from": f"{YEAR + 2}"}, "/valid_from", "not_yet_valid"),
                               ({"valid_from": "2021", "valid_to": "2020-12"}, "/valid_to", "rule_broken")):
        refused = world.of("secretary").post(enter, {"approved_on": "2020-01", **body})
        assert refused.faults() == {member: code}
    assert world.rows("select status from programme_version where id = %s", made["id"]) == [("draft",)]


def test_a_published_decision_does_not_change(world):
    body = {"body_id": world.committee["id"], "meeting_on": "2024-05-06", "title": text("asia"), "decision": text("päätettiin"),
            "outcome": "noted"}
    path = world.path("decisions/by-source/test/published")
    secretary = world.of("secretary")
    made = secretary.put(path, body).expect(201)
    secretary.put(path, {**body, "outcome": "approved"}).expect(200)
    influence = world.body("elderly_council", makes_decisions=False)
    refused = secretary.put(path, {**body, "body_id": influence["id"], "register_number": "väärä"})
    assert refused.expect(422).faults() == {"/body_id": "body_not_competent", "/register_number": "register_number_form"}
    secretary.post(world.path("decisions", made["id"], "publish")).expect(200)
    assert secretary.post(world.path("decisions", made["id"], "publish")).expect(409, "wrong_state")["allowed"] == ["appeal_closed"]
    secretary.put(path, {**body, "outcome": "rejected"}).expect(409, "wrong_state")
    assert world.rows("select outcome from decision where id = %s", made["id"]) == [("approved",)]
