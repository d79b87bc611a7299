"""What every write shares: creating, replaying, dry runs, changing, deleting, and the conflicts that
openapi.yaml documents. Whether the domain's rules are right is the domain tests' matter."""
import uuid

import pytest

import contract
from calls import Call, having
from world import DUE, HOME, TODAY, YEAR, text

ALL = contract.OPERATIONS
# a ballot is no row that is read again: test_rules_ballot.py
CREATES = having(201, lambda operation: operation.method == "POST" and operation.id not in ("castBallot", "castBallotWithCode"))
PUTS = having(201, lambda operation: operation.method == "PUT")
PATCHES = having(200, lambda operation: operation.method == "PATCH")
DELETES = having(204, lambda operation: operation.method == "DELETE")


def each(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


def stored(world):
    return world.count("change")


@each(CREATES)
def test_create_is_dry_run_then_made_once_then_replayed(world, operation):
    call = Call(operation, world).fresh()
    key = {"Idempotency-Key": f"key-{uuid.uuid4()}"}
    before = stored(world)
    dry = call.send(headers={"Prefer": "tx=rollback", **key}).expect(201)
    assert "tx=rollback" in dry.headers["Preference-Applied"]
    assert stored(world) == before
    made = call.send(headers=key).expect(201)
    assert "Idempotency-Replayed" not in made.headers
    after = stored(world)
    assert after > before
    again = call.send(headers=key).expect(201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.body, again.headers["Location"], again.etag) == (made.body, made.headers["Location"], made.etag)
    if operation.is_raw:
        other = call.body + b"\0"
    else:
        other = {**Call(operation, world).body, **call.body}
        other = {name: other[name] for name in reversed(other)}
    call.send(body=other, headers=key).expect(422, "idempotency_key_reused")
    assert stored(world) == after
    item = call.client().get(made.headers["Location"]).expect(200)
    told = {name: value for name, value in made.json.items() if name not in ("tracking_token", "key")}  # once, to its sender
    assert item.json == told and item.etag == made.etag


@each([operation for operation in CREATES if operation.id not in ("createReport", "createPriority")])
def test_create_with_minimal_return_has_no_body_unless_it_tells_a_secret(world, operation):
    made = Call(operation, world).fresh().send(headers={"Prefer": "return=minimal"}).expect(201)
    secret = {"createFeedback": "tracking_token", "createOpen311Client": "key"}.get(operation.id)
    if secret:
        assert made[secret] and "Preference-Applied" not in made.headers
    else:
        assert made.body == b"" and made.headers["Preference-Applied"] == "return=minimal"


@each(PUTS)
def test_put_by_source_makes_then_replaces(world, operation):
    call = Call(operation, world).fresh()
    path = call.path()
    before = stored(world)
    call.send(path=path, headers={"Prefer": "tx=rollback"}).expect(201)
    assert stored(world) == before
    made = call.send(path=path).expect(201)
    same = call.send(path=path).expect(200)
    assert same["id"] == made["id"] and same["source"] == "test"
    assert call.client().get(made.headers["Location"]).expect(200)["id"] == made["id"]


@each(PATCHES)
def test_patch_raises_the_version_and_only_of_what_was_read(world, operation):
    call = Call(operation, world)
    old = call.client().get(call.path()).expect(200)
    before = stored(world)
    call.send(headers={"If-Match": old.etag, "Prefer": "tx=rollback"}).expect(200)
    assert stored(world) == before
    new = call.send(headers={"If-Match": old.etag}).expect(200)
    assert new["version"] == old["version"] + 1 and new.etag == f'"{new["version"]}"'
    assert {name: new[name] for name in call.body if not isinstance(call.body[name], dict)} == \
           {name: value for name, value in call.body.items() if not isinstance(value, dict)}
    assert call.client().get(call.path()).expect(200).json == new.json
    call.send(headers={"If-Match": old.etag}).expect(412, "precondition_failed")


@each(DELETES)
def test_deleted_item_is_410_and_out_of_the_list(world, operation):
    make = contract.BY_ID[operation.id.replace("delete", "create")]
    call = Call(make, world)
    if make.id == "createPriority":
        call.body["reporting_round_id"] = world.fresh_review()["id"]
    made = call.send().expect(201)
    path, client = made.headers["Location"], call.client()
    client.delete(path, etag=made.etag, headers={"Prefer": "tx=rollback"}).expect(204)
    client.get(path).expect(200)
    client.delete(path, etag=made.etag).expect(204)
    client.get(path).expect(410, "gone")
    client.delete(path, etag="*").expect(410, "gone")
    patch = contract.find_operation("PATCH", path)
    if patch:
        client.patch(path, Call(patch, world).body, etag="*").expect(410, "gone")
    listed = {item["id"] for item in client.get_all(path.rpartition("/")[0])}
    assert made["id"] not in listed


# --- conflicts ------------------------------------------------------------------------------------------
def item(find, **body):
    """The operation's sample sent to another item, perhaps with other members."""
    return lambda w, call: call.send(path=call.path(item_id=find(w)["id"]), body={**call.body, **body} if call.body else None)


def members(**find):
    """The operation's sample with members taken from what is there."""
    return lambda w, call: call.send(body={**call.body, **{name: get(w) for name, get in find.items()}})


def twice(w, call):
    """A second record of the same source and external id."""
    names = {"source": "twice", "external_id": str(uuid.uuid4())}
    call.send(body={**call.body, **names}).expect(201)
    return call.send(body={**Call(call.operation, w).body, **names})


def holder_changed(w, call):
    party = w.party()
    w.holder(party, "somebody", ends_on="2020-12-31")
    later = w.holder(party, "somebody", starts_on="2021-01-01")
    return call.send(path=call.path(item_id=later["id"]), body={"starts_on": "2020-06-01"})


def onto_a_published_summary(w, call):
    made = w.feedback.published_summary(source="test", external_id=str(uuid.uuid4()))
    return call.send(path=w.path("feedback-summaries/by-source/test", made["external_id"]))


def published_decision(w, call):
    path = call.path()
    made = call.send(path=path).expect(201)
    w.publish(made)
    return call.send(path=path)


def opened_cycle(w, call):
    """What was put and opened since is put with another year."""
    path = call.path()
    decision = w.decision(w.committee)["id"]
    made = call.send(path=path, body={**call.body, "decision_id": decision}).expect(201)
    w.budget.move(made, "open-ideas")
    return call.send(path=path, body={**call.body, "decision_id": decision, "end_year": 2099})


def voted_twice(w, call):
    voter = w.voter()
    call.send(client=voter).expect(201)
    return call.send(client=voter, headers={"Idempotency-Key": "another"})


def marked_twice(w, call):
    call.send().expect(200)
    return call.send(headers={"Idempotency-Key": "another"})


def voted_twice_with_code(w, call):
    call.send().expect(201)
    return call.send(headers={"Idempotency-Key": "another"})


def begun_area(w, call):
    """What was put long ago is put with another code."""
    path = call.path()
    made = call.send(path=path).expect(201)
    w.rows("update area set created_at = '2020-01-01' where id = %s", made["id"])
    return call.send(path=path, body={**call.body, "code": "another"})


def with_a_part(w):
    whole = w.area()
    w.area(parent_area_id=whole["id"])
    return whole


def same_code(w, call):
    """A successor that would have another area's code."""
    return call.send(body={**call.body, "successors": [{"code": w.area()["code"]}]})


def same_time(w, call):
    """Another record of another id, at the same time."""
    call.send(path=call.path()).expect(201)
    return call.send(path=call.path())


def second_chair(w, call):
    seat = w.make("secretary", "body-memberships", {"body_id": w.committee["id"], "member_name": "Toinen Malli"})
    return call.send(path=call.path(item_id=seat["id"]), body={"role": "chair"})


def cancelled_cycle(w, call):
    return call.send(path=call.path(item_id=w.budget.cancelled()["id"]))


def cancelled_event(w, call):
    path = call.path()
    w.move("planner", "events", call.send(path=path).expect(201).json, "cancel", {"reason": text("peruttiin")})
    return call.send(path=path)


def answered_twice(w, call):
    call.send().expect(200)
    return call.send()


def rule_retargeted(w, call):
    other = w.make("coordinator", "round-rules", Call(contract.BY_ID["createRoundRule"], w).body)
    return call.send(path=call.path(item_id=other["id"]), body={"programme_id": None, "programme_kind": w.rule["programme_kind"]})


def year_taken(w, call):
    later = w.make("coordinator", "metric-values", {"metric_id": w.goals["metrics"]["id"], "year": YEAR + 1, "value": "1"})
    return call.send(path=call.path(item_id=later["id"]), body={"year": YEAR})


def as_it_is(w, call):
    return call.send()


def hidden_proposal(w, call):
    """What was put and hidden since is put again."""
    path = call.path()
    w.budget.carry(call.send(path=path).expect(201).json, "hide", hide={"reason": text("asiaton")})
    return call.send(path=path)


def sent_statement(w):
    return w.make("coordinator", "statement-requests", {"programme_version_id": next(w.spare_versions), "body_id": w.youth["id"], "due_on": DUE})


CONFLICTS = {
    **{name: (item(lambda w: w.feedback.withdrawn), "wrong_state") for name in (
        "answerFeedback", "assignFeedback", "closeFeedback", "informFeedbackSender", "mergeFeedback", "refuseFeedback", "rejectFeedback",
        "releaseFeedback", "reopenFeedbackInUnit", "returnFeedback", "startFeedback", "transferFeedback")},
    "noteFeedback": (item(lambda w: w.feedback.forgotten()), "wrong_state"),
    "deleteFeedbackSummary": (item(lambda w: w.feedback.published_summary()), "wrong_state"),
    "putFeedbackSummary": (onto_a_published_summary, "wrong_state"),
    "publishFeedbackSummary": (item(lambda w: w.feedback.published_summary()), "wrong_state"),
    "updateFeedbackSummary": (item(lambda w: w.feedback.published_summary()), "wrong_state"),
    **{name: (item(lambda w: w.feedback.published), "wrong_state") for name in ("proposeFeedback", "publishFeedback", "redactFeedback")},
    "meTooFeedback": (item(lambda w: w.feedback.ended), "wrong_state"),
    "unpublishFeedback": (item(lambda w: w.feedback.sent), "wrong_state"),
    **{name: (members(token=lambda w: w.feedback.withdrawn["tracking_token"]), "wrong_state") for name in (
        "addToFeedback", "rateFeedback", "reopenFeedback", "withdrawFeedback")},
    "cancelProject": (as_it_is, "wrong_state"),
    "closeBudgetCycle": (as_it_is, "wrong_state"),
    "completeProject": (as_it_is, "wrong_state"),
    "assignProposal": (item(lambda w: w.withdrawn_proposal), "wrong_state"),
    "estimateProposal": (as_it_is, "wrong_state"),
    "evaluateProposal": (as_it_is, "wrong_state"),
    "hideProposal": (item(lambda w: w.withdrawn_proposal), "wrong_state"),
    "implementBudgetCycle": (as_it_is, "wrong_state"),
    "hideProposalComment": (item(lambda w: w.hidden_comment), "wrong_state"),
    "mergeProposal": (as_it_is, "wrong_state"),
    "publishProposalComment": (item(lambda w: w.published_comment), "wrong_state"),
    "splitProposal": (item(lambda w: w.withdrawn_proposal), "wrong_state"),
    "supportProposal": (item(lambda w: w.published_proposal), "supports_not_gathered"),
    "withdrawProposalSupport": (item(lambda w: w.published_proposal), "supports_not_gathered"),
    "planProject": (as_it_is, "wrong_state"),
    "createProposalImage": (lambda w, call: call.send(path=call.path(item_id=w.published_proposal["id"])), "wrong_state"),
    "deleteProposalImage": (item(lambda w: w.published_image), "wrong_state"),
    "updateProposalImage": (item(lambda w: w.published_image), "wrong_state"),
    "publishProposal": (item(lambda w: w.published_proposal), "wrong_state"),
    "putProposal": (hidden_proposal, "wrong_state"),
    "returnProposal": (as_it_is, "wrong_state"),
    "startProject": (as_it_is, "wrong_state"),
    "submitProposal": (as_it_is, "wrong_state"),
    "takeUpProposal": (as_it_is, "wrong_state"),
    "updateProposal": (item(lambda w: w.published_proposal), "wrong_state"),
    "withdrawProposal": (item(lambda w: w.withdrawn_proposal), "wrong_state"),
    "answerConsultationInput": (item(lambda w: w.published_input), "wrong_state"),
    "answerStatementRequest": (answered_twice, "wrong_state"),
    "approveProgrammeVersion": (as_it_is, "wrong_state"),
    "beginProgrammeVersion": (as_it_is, "wrong_state"),
    "copyProgrammeVersion": (as_it_is, "version_not_empty"),
    "deleteDroppedMeasure": (item(lambda w: w.published_dropped), "version_frozen"),
    "expireProgrammeVersion": (as_it_is, "wrong_state"),
    "openProgrammeVersionConsultation": (item(lambda w: w.consulted), "wrong_state"),
    "returnProgrammeVersion": (as_it_is, "wrong_state"),
    "reviseProgrammeVersion": (as_it_is, "wrong_state"),
    "submitProgrammeVersion": (as_it_is, "wrong_state"),
    "updateDroppedMeasure": (item(lambda w: w.published_dropped), "version_frozen"),
    "withdrawProgrammeVersion": (item(lambda w: w.version), "decision_missing"),
    "lapseStatementRequest": (item(sent_statement), "phase_open"),
    "acceptReportRequest": (item(lambda w: w.requests[2]), "wrong_state"),
    "acknowledgeReportRequest": (item(lambda w: w.published_requests[0]), "wrong_state"),
    "assessReportingRound": (item(lambda w: w.round), "wrong_state"),
    "assignMeasureLine": (members(responsible_party_id=lambda w: w.parties[0]["id"], ends_on=lambda w: None), "already_exists"),
    "castBallot": (voted_twice, "already_voted"),
    "askAboutVoter": (item(lambda w: w.forgotten_cycle), "voters_forgotten"),
    "forgetProposalAuthors": (item(lambda w: w.forgotten_cycle), "wrong_state"),
    "forgetBudgetCycleVoters": (item(lambda w: w.forgotten_cycle), "wrong_state"),
    "castBallotWithCode": (voted_twice_with_code, "already_voted"),
    "createVotingCodes": (item(lambda w: w.counted_cycle), "voting_closed"),
    "createPaperMark": (marked_twice, "already_voted"),
    "createPaperBatch": (members(reference=lambda w: w.paper_batch["reference"]), "already_exists"),
    "enterPaperBallots": (item(lambda w: w.confirmed_batch), "wrong_state"),
    "confirmPaperBatch": (as_it_is, "second_person_needed"),
    "discardPaperBatch": (item(lambda w: w.confirmed_batch), "wrong_state"),
    "createBallotVoid": (members(commitment=lambda w: w.ballot_void["commitment"]), "already_exists"),
    "confirmBallotVoid": (as_it_is, "second_person_needed"),
    "correctBudgetCycleResult": (as_it_is, "wrong_state"),
    "openVotingSession": (item(lambda w: w.counted_cycle), "voting_closed"),
    "uploadVoterRegister": (item(lambda w: w.counted_cycle), "voting_closed"),
    "clearVoterRegister": (item(lambda w: w.counted_cycle), "wrong_state"),
    "confirmBudgetCycleBallot": (as_it_is, "wrong_state"),
    "confirmBudgetCycleResult": (as_it_is, "wrong_state"),
    "countBudgetCycle": (as_it_is, "wrong_state"),
    "openBudgetCycleVoting": (as_it_is, "wrong_state"),
    "putBudgetCycle": (opened_cycle, "rules_frozen"),
    "cancelBudgetCycle": (cancelled_cycle, "wrong_state"),
    "developBudgetCycle": (as_it_is, "wrong_state"),
    "openBudgetCycleIdeas": (item(lambda w: w.ideas_cycle), "wrong_state"),
    "updateBudgetCycle": (item(lambda w: w.ideas_cycle), "rules_frozen"),
    "bookHearingSlot": (item(lambda w: w.published_slot), "wrong_state"),
    "cancelEvent": (item(lambda w: w.cancelled_event), "wrong_state"),
    "cancelHearingSlot": (item(lambda w: w.published_slot), "wrong_state"),
    "cancelMeeting": (item(lambda w: w.cancelled_meeting), "wrong_state"),
    "cancelReportingRound": (item(lambda w: w.round), "wrong_state"),
    "changeMeasureLineStatus": (members(status=lambda w: "completed"), "wrong_state"),
    "closeReportingRound": (item(lambda w: w.round), "wrong_state"),
    "createAssessment": (members(reporting_round_id=lambda w: w.round["id"]), "round_wrong_state"),
    "createHolder": (members(responsible_party_id=lambda w: w.parties[0]["id"], subject=lambda w: "reporter"), "already_exists"),
    "createPriority": (members(reporting_round_id=lambda w: w.round["id"]), "round_wrong_state"),
    "createReport": (members(report_request_id=lambda w: w.requests[0]["id"]), "draft_exists"),
    "createReportingRound": (members(year=lambda w: YEAR), "round_exists"),
    "closeDecisionAppeal": (as_it_is, "wrong_state"),
    "createDecisionCorrection": (members(decision_id=lambda w: w.start["id"]), "not_inspected"),
    "decideDecision": (item(lambda w: w.start), "wrong_state"),
    "inspectDecision": (item(lambda w: w.approval), "wrong_state"),
    "putDecisionOnAgenda": (item(lambda w: w.start), "wrong_state"),
    "startDecisionPreparation": (item(lambda w: w.start), "wrong_state"),
    "updateDecision": (item(lambda w: w.approval), "wrong_state"),
    "createDecision": (members(section_number=lambda w: w.start["section_number"]), "decision_exists"),
    "createProgrammeVersion": (members(programme_id=lambda w: w.programme["id"], number=lambda w: "1.0"), "already_exists"),
    "createTheme": (members(number=lambda w: "1"), "already_exists"),
    "createMeasure": (members(number=lambda w: "1.1"), "already_exists"),
    "deleteArea": (item(with_a_part), "in_use"),
    "createFeedbackImage": (lambda w, call: call.send(path=call.path(item_id=w.feedback.withdrawn["id"])), "wrong_state"),
    "createFeedbackOutcome": (members(feedback_id=lambda w: w.feedback.published["id"], measure_line_id=lambda w: None,
                                      decision_id=lambda w: w.approval["id"]), "already_exists"),
    "deleteFeedbackTopic": (item(lambda w: {"id": w.feedback.topic_below["parent_topic_id"]}), "in_use"),
    "putFeedbackTopic": (members(code=lambda w: w.feedback.topic_below["code"]), "already_exists"),
    "updateFeedbackTopic": (lambda w, call: call.send(path=call.path(item_id=w.feedback.topic()["id"]), body={"code": w.feedback.topic_below["code"]}),
                            "already_exists"),
    "deleteBody": (item(lambda w: w.committee), "in_use"),
    "deleteMeasure": (item(lambda w: w.measures[0]), "version_frozen"),
    "deleteMetric": (item(lambda w: w.goals["metrics"]), "in_use"),
    "deleteOperationalGoal": (item(lambda w: w.goals["operational-goals"]), "in_use"),
    "deleteStrategicGoal": (item(lambda w: w.goals["strategic-goals"]), "in_use"),
    "deletePriority": (item(lambda w: w.published_priority), "round_wrong_state"),
    "deleteResponsibleParty": (item(lambda w: w.parties[0]), "in_use"),
    "deleteTheme": (item(lambda w: w.draft_theme), "in_use"),
    "enterProgrammeVersionIntoForce": (item(lambda w: w.version), "wrong_state"),
    "excuseReportRequest": (item(lambda w: w.published_requests[0]), None),
    "holdEvent": (as_it_is, "wrong_state"),
    "holdHearingSlot": (item(lambda w: w.published_slot), "wrong_state"),
    "holdMeeting": (item(lambda w: w.cancelled_meeting), "wrong_state"),
    "openReportingRound": (item(lambda w: w.round), "wrong_state"),
    "presentReportingRound": (item(lambda w: w.round), "wrong_state"),
    "publishEvent": (item(lambda w: w.published_event), "wrong_state"),
    "publishDecision": (item(lambda w: w.approval), "wrong_state"),
    "publishReportingRound": (item(lambda w: w.round), "wrong_state"),
    "putArea": (begun_area, "area_begun"),
    "putBodyMembership": (members(role=lambda w: "chair"), "already_exists"),
    "putDecision": (published_decision, "wrong_state"),
    "putEvent": (cancelled_event, "wrong_state"),
    "putHearingSlot": (same_time, "already_exists"),
    "putLanguageRule": (members(body_id=lambda w: w.language_rule["body_id"]), "already_exists"),
    "putMeasure": (members(number=lambda w: "1.1"), "already_exists"),
    "putMeeting": (same_time, "already_exists"),
    "putMetricValue": (members(metric_id=lambda w: w.goals["metrics"]["id"]), "already_exists"),
    "putProgrammeVersion": (members(programme_id=lambda w: w.programme["id"], number=lambda w: "1.0"), "already_exists"),
    "putReport": (members(report_request_id=lambda w: w.requests[0]["id"]), "draft_exists"),
    "putReportingRound": (members(year=lambda w: YEAR), "round_exists"),
    "putRoundRule": (members(programme_id=lambda w: None, programme_kind=lambda w: w.rule["programme_kind"]), "already_exists"),
    "putTheme": (members(number=lambda w: "1"), "already_exists"),
    "replaceArea": (same_code, "already_exists"),
    "replaceMeasureLineParty": (lambda w, call: call.send(
        path=call.path(item_id=w.measures[0]["measure_line_id"]), body={**call.body, "to_party_id": w.parties[1]["id"]}),
        "already_exists"),
    "remindReportingRound": (item(lambda w: w.round), "round_wrong_state"),
    "returnReportRequest": (item(lambda w: w.requests[2]), "wrong_state"),
    "startReportingRoundReview": (item(lambda w: w.round), "wrong_state"),
    "submitReport": (item(lambda w: w.report_published), None),
    "updateArea": (members(code=lambda w: "another"), "area_begun"),
    "summariseEvent": (as_it_is, "wrong_state"),
    "updateEvent": (item(lambda w: w.cancelled_event), "wrong_state"),
    "updateBodyMembership": (second_chair, "already_exists"),
    "updateHearingSlot": (item(lambda w: w.published_slot), "wrong_state"),
    "updateHolder": (holder_changed, "already_exists"),
    "updateMeasure": (item(lambda w: w.measures[0]), "version_frozen"),
    "updateMeeting": (item(lambda w: w.cancelled_meeting), "wrong_state"),
    "updateMetricValue": (year_taken, "already_exists"),
    "updateProgrammeVersion": (item(lambda w: w.version), "version_frozen"),
    "updateReport": (item(lambda w: w.report_published), "report_frozen"),
    "updateReportingRound": (item(lambda w: w.round), "round_wrong_state"),
    "updateRoundRule": (rule_retargeted, "already_exists"),
    "updateTheme": (item(lambda w: w.theme), "version_frozen"),
}


@each(having(409))
def test_documented_conflict_is_409_and_stores_nothing(world, operation):
    conflict, code = CONFLICTS.get(operation.id, (twice, "already_exists"))
    call = Call(operation, world)
    tables = "report", "report_request", "reporting_round", "decision", "measure", "measure_line", "theme"
    before = {table: world.rows(f"select sum(hashtext(t::text)::bigint) from {table} t where updated_at < now()") for table in tables}
    answer = conflict(world, call)
    answer.expect(409, code)
    if code == "wrong_state":
        assert "allowed" in answer.json, answer
    after = {table: world.rows(f"select sum(hashtext(t::text)::bigint) from {table} t where updated_at < now()") for table in tables}
    if conflict not in (twice, cancelled_cycle, holder_changed, opened_cycle, published_decision):
        assert after == before


@each([operation for operation in CREATES if operation.body and "external_id" in operation.body["properties"]
       and operation.id not in ("createReport", "createPriority", "createReportingRound")])
def test_second_record_of_one_source_is_409(world, operation):
    twice(world, Call(operation, world)).expect(409, "already_exists")


# --- moves that answer 422 without a body of their own, and moves nobody else makes -----------------------
def test_open_with_a_due_date_in_the_past_is_422(world):
    late = world.make("coordinator", "reporting-rounds", {**world.round_body(2031), "due_on": "2020-01-01"})
    answer = world.of("coordinator").post(world.path("reporting-rounds", late["id"], "open")).expect(422)
    assert answer.faults()["/due_on"] == "due_in_past"


def test_publish_decision_without_the_municipalitys_language_is_422(world):
    made = world.decision(world.committee, title={"sv": "ärende"})
    world.move("secretary", "decisions", made, "inspect", {"inspected_on": TODAY.isoformat()})
    answer = world.of("secretary").post(world.path("decisions", made["id"], "publish")).expect(422)
    assert answer.faults() == {"/title": "locale_missing"}


def test_submit_without_a_summary_is_422(world):
    draft = world.make("reporter", "reports", {"report_request_id": world.fresh_request()["id"], "reported_status": "in_progress"})
    answer = world.of("reporter").post(world.path("reports", draft["id"], "submit")).expect(422)
    assert answer.faults() == {"/summary": "status_missing"}


def test_round_can_be_cancelled(world):
    made = world.make("coordinator", "reporting-rounds", world.round_body(2033))
    assert world.move("coordinator", "reporting-rounds", made, "cancel", {"reason": text("siirtyi")})["status"] == "cancelled"


def test_line_is_assigned_replaced_and_changes_status(world):
    line = world.make("coordinator", "measure-lines", {
        "programme_id": world.programme["id"],
        "assignments": [{"responsible_party_id": world.parties[0]["id"], "role": "lead", "starts_on": "2020-01-01"}]})
    world.move("coordinator", "measure-lines", line, "assign",
               {"responsible_party_id": world.parties[1]["id"], "role": "party", "starts_on": "2020-01-01"})
    replaced = world.move("coordinator", "measure-lines", line, "replace", {
        "from_party_id": world.parties[0]["id"], "to_party_id": world.parties[2]["id"], "reason": text("vaihtui")})
    leads = [entry for entry in replaced["assignments"] if entry["role"] == "lead"]
    assert [entry["responsible_party_id"] for entry in leads] == [world.parties[0]["id"], world.parties[2]["id"]]
    started = world.move("coordinator", "measure-lines", line, "change-status", {"status": "in_progress"})
    assert started["status"] == "in_progress"


def test_report_can_be_returned(world):
    request = world.fresh_request()
    world.move("reporter", "reports", world.report(request), "submit")
    returned = world.move("coordinator", "report-requests", request, "return", {
        "question": text("mitä?"), "due_on": world.open_round["due_on"]})
    assert returned["status"] == "returned"


def test_change_rows_name_members_and_actor_but_no_values(world):
    before = world.rows("select coalesce(max(position), 0) from change")[0][0]
    answer = world.of("admin").patch(world.path("bodies", world.team["id"]), {"task": text("salainen tehtävä")}, etag="*").expect(200)
    rows = world.rows(
        "select c.municipality, c.resource, c.what, c.members, p.subject, c.request_id from change c "
        "join person p on p.id = c.actor_id where c.position > %s", before)
    assert rows == [(HOME, "body", "updated", ["task"], "admin", answer.headers["X-Request-Id"])]
