"""A grant that is limited to one body or programme says nothing about others: 403 `not_your_body`, nothing stored."""
import pytest
from stage import Stage
from world import TODAY, YEAR, goal, text


@pytest.fixture(scope="module")
def limited(world):
    """Subjects with the right roles for another body and another programme than the stage's."""
    other = world.make("coordinator", "programmes", {"kind": "events", "name": text("toinen ohjelma")})
    body = world.body()
    for subject, role, limit in (("limited-coordinator", "programme_coordinator", {"programme_id": other["id"]}),
                                 ("limited-secretary", "body_secretary", {"body_id": body["id"]}),
                                 ("limited-presenter", "presenter", {"body_id": body["id"]}),
                                 ("limited-influencer", "influence_member", {"body_id": body["id"]})):
        world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": subject, "role": role, **limit})
    return {"body": body, "programme": other}


@pytest.fixture(scope="module")
def draft(world):
    stage = Stage(world)
    stage.measure(world.parties[:1])
    return stage


@pytest.fixture(scope="module")
def running(world):
    """A stage with a round in review; its party has reported."""
    stage = Stage(world)
    stage.owner = stage.party()
    measure = stage.measure([stage.owner])
    stage.enter()
    stage.made = stage.open()
    stage.submit(stage.made, measure, stage.owner)
    stage.request = stage.request_of(stage.made, measure, stage.owner)
    stage.move("coordinator", stage.made, "close")
    stage.move("coordinator", stage.made, "start-review")
    stage.priority = world.make("secretary", "priorities", {
        "reporting_round_id": stage.made["id"], "theme_id": stage.theme["id"], "reason": text("tärkeä")})
    return stage


def of_coordinator(draft, running):
    measure, reason = draft.measures[0], {"reason": text("syy")}
    version = draft.version["id"]
    return {
        "createProgramme": ("POST", "programmes", {"kind": "events", "name": text("uusi")}),
        "updateProgramme": ("PATCH", f"programmes/{draft.programme['id']}", {"name": text("uusi")}),
        "createProgrammeVersion": ("POST", "programme-versions", {"programme_id": draft.programme["id"], "number": "9.0"}),
        "updateProgrammeVersion": ("PATCH", f"programme-versions/{version}", {"prepared_in": 2020}),
        "createTheme": ("POST", "themes", {"programme_version_id": version, "number": "9", "name": text("uusi")}),
        "updateTheme": ("PATCH", f"themes/{draft.theme['id']}", {"name": text("uusi")}),
        "deleteTheme": ("DELETE", f"themes/{draft.theme['id']}", None),
        "createMeasure": ("POST", "measures", {"programme_version_id": version, "theme_id": draft.theme["id"], "number": "9",
                                               "title": text("uusi"), "goals": [goal()]}),
        "updateMeasure": ("PATCH", f"measures/{measure['id']}", {"title": text("uusi")}),
        "deleteMeasure": ("DELETE", f"measures/{measure['id']}", None),
        "createMeasureLine": ("POST", "measure-lines", {
            "programme_id": draft.programme["id"],
            "assignments": [{"responsible_party_id": running.owner["id"], "role": "lead"}]}),
        "changeMeasureLineStatus": ("POST", f"measure-lines/{measure['measure_line_id']}/change-status", {"status": "in_progress"}),
        "assignMeasureLine": ("POST", f"measure-lines/{measure['measure_line_id']}/assign",
                              {"responsible_party_id": running.owner["id"], "role": "party"}),
        "replaceMeasureLineParty": ("POST", f"measure-lines/{measure['measure_line_id']}/replace", {
            "from_party_id": measure["id"], "to_party_id": running.owner["id"], **reason}),
        "createReportingRound": ("POST", "reporting-rounds", {
            "programme_id": running.programme["id"], "programme_version_id": running.version["id"], "year": YEAR + 9,
            "name": text("uusi"), "assessing_body_id": running.body["id"]}),
        "publishReportingRound": ("POST", f"reporting-rounds/{running.made['id']}/publish", None),
        "excuseReportRequest": ("POST", f"report-requests/{running.request['id']}/excuse", reason),
        "acceptReportRequest": ("POST", f"report-requests/{running.request['id']}/accept", None),
        "copyProgrammeVersion": ("POST", f"programme-versions/{version}/copy", {"from_version_id": running.version["id"]}),
        "openProgrammeVersionConsultation": ("POST", f"programme-versions/{version}/open-consultation", {"closes_on": f"{TODAY}"}),
        "submitProgrammeVersion": ("POST", f"programme-versions/{version}/submit", {"summary": text("x")}),
        "reviseProgrammeVersion": ("POST", f"programme-versions/{version}/revise", None),
        "withdrawProgrammeVersion": ("POST", f"programme-versions/{version}/withdraw", reason),
        "beginProgrammeVersion": ("POST", f"programme-versions/{version}/begin", None),
        **of_consultation(draft),
    }


def of_consultation(draft):
    world, version = draft.world, draft.version["id"]
    said = {"programme_version_id": world.consulted["id"], "kind": "staff", "text": "x", "language": "fi"}
    return {
        "createStatementRequest": ("POST", "statement-requests", {
            "programme_version_id": version, "body_id": world.youth["id"], "due_on": f"{TODAY}"}),
        "createConsultationInput": ("POST", "consultation-inputs", said),
        "answerConsultationInput": ("POST", f"consultation-inputs/{world.input['id']}/answer", {"answer": text("x")}),
        "createDroppedMeasure": ("POST", "dropped-measures", {
            "programme_version_id": version, "measure_line_id": draft.measures[0]["measure_line_id"]}),
        "updateDroppedMeasure": ("PATCH", f"dropped-measures/{world.dropped['id']}", {"reason": text("x")}),
        "deleteDroppedMeasure": ("DELETE", f"dropped-measures/{world.dropped['id']}", None),
        "createErratum": ("POST", "errata", {"measure_id": world.measures[0]["id"], "member": "title", "text": text("x")}),
    }


def of_secretary(draft, running):
    decision = {"decision_id": draft.start["id"]}
    return {
        "createDecision": ("POST", "decisions", {"body_id": draft.body["id"], "meeting_on": f"{TODAY}", "title": text("asia"),
                                                 "decision": text("päätettiin"), "outcome": "noted"}),
        "putDecision": ("PUT", "decisions/by-source/test/limited", {
            "body_id": draft.body["id"], "meeting_on": f"{TODAY}", "title": text("asia"), "decision": text("päätettiin"),
            "outcome": "noted"}),
        "updateDecision": ("PATCH", f"decisions/{draft.start['id']}", {"title": text("uusi")}),
        "inspectDecision": ("POST", f"decisions/{draft.start['id']}/inspect", {"inspected_on": f"{TODAY}"}),
        "publishDecision": ("POST", f"decisions/{draft.start['id']}/publish", None),
        "closeDecisionAppeal": ("POST", f"decisions/{draft.start['id']}/close-appeal", None),
        "enterProgrammeVersionIntoForce": ("POST", f"programme-versions/{draft.version['id']}/enter-into-force",
                                           {**decision, "valid_from": f"{TODAY}"}),
        "createAssessment": ("POST", "assessments", running.assess_body(running.made, running.measures[0], "green")),
        "createPriority": ("POST", "priorities", {"reporting_round_id": running.made["id"], "reason": text("syy"),
                                                  "measure_line_id": running.measures[0]["measure_line_id"]}),
        "deletePriority": ("DELETE", f"priorities/{running.priority['id']}", None),
        "assessReportingRound": ("POST", f"reporting-rounds/{running.made['id']}/assess", decision),
        "approveProgrammeVersion": ("POST", f"programme-versions/{draft.version['id']}/approve", {**decision, "valid_from": f"{TODAY}"}),
        "returnProgrammeVersion": ("POST", f"programme-versions/{draft.version['id']}/return", {**decision, "reason": text("x")}),
    }


def of_presenter(draft, running):
    return {"presentReportingRound": ("POST", f"reporting-rounds/{running.made['id']}/present", {"decision_id": draft.start["id"]})}


def of_influencer(draft, running):
    return {"answerStatementRequest": ("POST", f"statement-requests/{draft.world.statement['id']}/answer", {"statement": None})}


def try_it(world, subject, call):
    method, path, body = call
    path, headers = world.path(path), {}
    if method in ("PATCH", "DELETE"):
        reader = world.of("secretary" if "priorities" in path else "coordinator")
        headers = {"If-Match": reader.get(path).expect(200).etag}
    return world.of(subject).request(method, path, body, headers=headers)


@pytest.mark.parametrize("subject, calls", [("limited-coordinator", of_coordinator), ("limited-secretary", of_secretary),
                                            ("limited-presenter", of_presenter), ("limited-influencer", of_influencer)])
def test_a_limited_grant_does_not_reach_further(world, limited, draft, running, subject, calls):
    before = world.rows("select max(position) from change")
    answers = {name: try_it(world, subject, call) for name, call in calls(draft, running).items()}
    codes = {name: answer.code if answer.status >= 400 else answer.status for name, answer in answers.items()}
    # who may not see the row at all learns nothing of it
    hidden = {name for name, (_, path, _) in calls(draft, running).items() if "/" in path and "by-source" not in path}
    assert codes == {name: "not_found" if name in hidden else "not_your_body" for name in codes}
    assert world.rows("select max(position) from change") == before, "something was stored"


@pytest.mark.parametrize("subject, role, calls", [
    ("seeing-coordinator", "programme_coordinator", of_coordinator), ("seeing-secretary", "body_secretary", of_secretary),
    ("seeing-presenter", "presenter", of_presenter), ("seeing-influencer", "influence_member", of_influencer)])
def test_who_may_see_but_not_act_is_told_so(world, limited, draft, running, subject, role, calls):
    """The same with a second role that lets the rows be seen, so that the rule itself must answer."""
    limit = {"programme_id": limited["programme"]["id"]} if role == "programme_coordinator" else {"body_id": limited["body"]["id"]}
    for given, limits in ((role, limit), ("admin", {}), ("body_member", {})):
        world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": subject, "role": given, **limits})
    before = world.rows("select max(position) from change")
    answers = {name: try_it(world, subject, call) for name, call in calls(draft, running).items()}
    assert {name: answer.code for name, answer in answers.items()} == dict.fromkeys(answers, "not_your_body")
    assert all(answer.status == 403 for answer in answers.values())
    assert world.rows("select max(position) from change") == before, "something was stored"


def test_a_grant_ends_with_its_last_day(world):
    made = world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "former", "role": "admin",
                                          "starts_on": "2020-01-01"})
    former = world.of("former")
    former.get(world.path("grants")).expect(200)
    read = world.of("admin").get(world.path("grants", made["id"])).expect(200)
    world.of("admin").patch(world.path("grants", made["id"]), {"ends_on": "2020-12-31"}, etag=read.etag).expect(200)
    former.get(world.path("grants")).expect(403, "insufficient_scope")


def test_a_party_is_reported_for_by_its_holder_only(world, running):
    stage = Stage(world)
    owner, neighbour = stage.party(), stage.party()
    measure = stage.measure([owner, neighbour])
    stage.enter()
    made = stage.open()
    request = stage.request_of(made, measure, owner)
    stranger = world.of(stage.subject_of(neighbour["id"]))
    refused = stranger.post(world.path("reports"), {"report_request_id": request["id"], "reported_status": "completed"})
    refused.expect(403, "not_your_duty")
    stranger.post(world.path("report-requests", request["id"], "acknowledge")).expect(404)
    # somebody who sees the request but does not hold the party
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": stage.subject_of(neighbour["id"]),
                                   "role": "body_member"})
    stranger.post(world.path("report-requests", request["id"], "acknowledge")).expect(403, "not_your_duty")
    draft = world.report(request, stage.subject_of(owner["id"]))
    stranger.get(world.path("reports", draft["id"])).expect(404)
    submitted = world.move(stage.subject_of(owner["id"]), "reports", draft, "submit")
    read = stranger.get(world.path("reports", submitted["id"])).expect(200)
    stranger.patch(world.path("reports", draft["id"]), {"spent_cents": 1}, etag=read.etag).expect(403, "not_your_duty")
    assert world.rows("select spent_cents from report where id = %s", draft["id"]) == [(None,)]


def test_a_decision_is_not_taken_over_from_another_body(world, limited):
    """Neither into the own body nor out of it."""
    path = world.path("decisions/by-source/test/taken-over")
    own, other = ({"body_id": body["id"], "meeting_on": f"{TODAY}", "title": text("asia"), "decision": text("päätettiin"),
                   "outcome": "noted"} for body in (limited["body"], world.committee))
    made = world.of("secretary").put(path, other).expect(201)
    for role, limit in (("body_secretary", {"body_id": limited["body"]["id"]}), ("registrar", {})):
        world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "thief", "role": role, **limit})
    for body in (own, other):
        world.of("thief").put(path, body).expect(403, "not_your_body")
    assert world.rows("select body_id::text, version from decision where id = %s", made["id"]) == [(world.committee["id"], 1)]
