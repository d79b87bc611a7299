"""A valid call of every operation: who, where, with what. Tests break it in one place at a time."""
import re
import uuid

import contract
from budget import OFFICERS
from pictures import picture
from world import DUE, HOME, ISSUER, SUBJECT_OF, TODAY, YEAR, at, lights, goal, text

SAMPLE_ELECTION = contract.ROOT / "tests" / "pb" / "gen_a01_approval.pb"
ITEMS = {
    "areas": lambda w: w.district, "assessments": lambda w: w.assessments[0], "consultation-inputs": lambda w: w.input,
    "dropped-measures": lambda w: w.dropped, "errata": lambda w: w.erratum, "statement-requests": lambda w: w.statement,
    "bodies": lambda w: w.committee, "body-memberships": lambda w: w.seat, "budget-cycles": lambda w: w.cycle, "budget-results": lambda w: w.budget_result,
    "decisions": lambda w: w.start, "decision-corrections": lambda w: w.correction, "events": lambda w: w.planned_event,
    "feedback": lambda w: w.feedback.sent, "feedback-topics": lambda w: w.feedback.topic_below,
    "feedback-summaries": lambda w: w.feedback.summary,
    "feedback-images": lambda w: w.feedback.image, "feedback-outcomes": lambda w: w.feedback.outcome,
    "hearing-slots": lambda w: w.slot, "meetings": lambda w: w.meeting,
    "ballot-voids": lambda w: w.ballot_void, "paper-batches": lambda w: w.paper_batch,
    "grants": lambda w: w.grant, "holders": lambda w: w.holders[0], "light-scales": lambda w: w.scale,
    "language-rules": lambda w: w.language_rule,
    "measure-lines": lambda w: w.line, "measures": lambda w: w.draft_measure,
    "metric-values": lambda w: w.goals["metric-values"], "metrics": lambda w: w.goals["metrics"],
    "operational-goals": lambda w: w.goals["operational-goals"], "strategic-goals": lambda w: w.goals["strategic-goals"],
    "messages": lambda w: w.message, "open311-clients": lambda w: w.open311_client,
    "priorities": lambda w: w.priority, "programme-versions": lambda w: w.draft_version,
    "programmes": lambda w: w.programme, "proposals": lambda w: w.proposal,
    "proposal-comments": lambda w: w.comment, "proposal-images": lambda w: w.image, "report-requests": lambda w: w.requests[1],
    "reporting-rounds": lambda w: w.planned_round, "reports": lambda w: w.report_draft,
    "responsible-parties": lambda w: w.parties[2], "round-rules": lambda w: w.rule, "themes": lambda w: w.draft_theme,
}
# Moves that want an item in another state than the one above.
ITEMS_OF = {
    "decideDecision": lambda w: w.on_agenda, "publishDecision": lambda w: w.inspected,
    "putDecisionOnAgenda": lambda w: w.prepared, "startDecisionPreparation": lambda w: w.initiated,
    "acceptReportRequest": lambda w: w.requests[1], "getProgrammeOverview": lambda w: w.programme,
    "getReportingRoundBoardPack": lambda w: w.round, "listMeasureHistory": lambda w: w.measures[0],
    "listReportingRoundMeasures": lambda w: w.round,
    **{name: lambda w: w.voting_cycle for name in (
        "castBallot", "getBudgetCycleBooks", "getBudgetCycleVote", "getCheckpoint", "getConsistencyProof", "getInclusionProof",
        "getLogLeaves")},
    "forgetBudgetCycleVoters": lambda w: w.forgotten_cycle, "askAboutVoter": lambda w: w.voting_cycle, "listBudgetCycleTurnout": lambda w: w.voting_cycle,
    **{name: lambda w: w.desk_cycle for name in (
        "castBallotWithCode", "createVotingCodes", "openVotingSession")},
    "clearVoterRegister": lambda w: w.register_cycle, "uploadVoterRegister": lambda w: w.register_cycle,
    "meTooFeedback": lambda w: w.feedback.published,
    "createPaperMark": lambda w: w.paper_cycle, "getPaperBatchOpening": lambda w: w.confirmed_batch,
}
# Parameters an operation cannot do without.
QUERIES = {"getConsistencyProof": {"older": 1}, "getInclusionProof": {"position": 0},
           "getPopulationShares": {"appropriation_cents": 100}, "listFeedbackNearby": {"lat": "62.8", "lon": "22.8"}}


def _area(w):
    return {"kind": "district", "code": uuid.uuid4().hex, "name": text("kaupunginosa")}


def _body(w):
    return {"kind": "committee", "name": text("toimielin"), "makes_decisions": True}


def _seat(w):
    return {"body_id": w.committee["id"], "member_name": "Maija Malli"}


def _meeting(w):
    return {"body_id": w.committee["id"], "starts_at": next(w.minutes), "place": text("valtuustosali")}


def _slot(w):
    return {"meeting_id": w.meeting["id"], "reporting_round_id": w.open_round["id"],
            "responsible_party_id": w.parties[0]["id"], "starts_at": next(w.minutes), "ends_at": next(w.minutes)}


def _event(w):
    return {"kind": "workshop", "name": text("työpaja"), "starts_at": at(days=50), "ends_at": at(days=51)}


def _topic(w):
    return w.feedback.topic_body()


def _note(w):
    return {"dialogue_note": text("keskusteltiin")}


def _decision(w):
    return {"body_id": w.committee["id"], "meeting_on": TODAY.isoformat(), "title": text("asia"),
            "decision": text("päätettiin"), "outcome": "approved"}


def _language_rule(w):
    return {"resource": "decision", "body_id": next(w.spare_bodies), "languages": ["fi"]}


def _line(w):
    return {"programme_id": w.programme["id"],
            "assignments": [{"responsible_party_id": w.parties[0]["id"], "role": "lead"}]}


def _measure(w):
    return {"programme_version_id": w.draft_version["id"], "theme_id": w.draft_theme["id"],
            "number": f"9.{uuid.uuid4().int % 10**9}", "title": text("toimenpide"), "goals": [goal()],
            "assignments": [{"responsible_party_id": w.parties[0]["id"], "role": "lead"}]}


def _metric(w):
    return {"operational_goal_id": w.goals["operational-goals"]["id"], "name": text("mittari")}


def _metric_value(w):
    return {"metric_id": next(w.spare_metrics), "year": YEAR, "value": "1.50"}


def _operational_goal(w):
    return {"strategic_goal_id": w.goals["strategic-goals"]["id"], "year": YEAR, "title": text("tavoite")}


def _strategic_goal(w):
    return {"council_term_year": 2025, "title": text("tavoite")}


def _version(w):
    return {"programme_id": w.draft_programme["id"], "number": f"{uuid.uuid4().int % 9999}.{uuid.uuid4().int % 9999}"}


def _round(w):
    return w.round_body(2000)


def _report(w):
    return {"report_request_id": w.requests[1]["id"], "reported_status": "in_progress", "summary": text("tehtiin")}


def _rule(w):
    return {"programme_id": next(w.spare_programmes), "name": text("kierros {year}")}


def _theme(w):
    return {"programme_version_id": w.draft_version["id"], "number": f"T{uuid.uuid4().int % 10**9}", "name": text("teema")}


def _reason(w):
    return {"reason": text("syy")}


def _identified(w):
    return {"identity": uuid.uuid4().hex, "birth_date": "1990-06-15", "residence": HOME}


def _cycle(w):
    return w.budget.body()


def _idea(w):
    return w.budget.idea(w.ideas_cycle)


def _idea_of_source(w):
    return {name: value for name, value in _idea(w).items() if name != "authors"}


# Who does what no role is asked for.
PERSON_OF = {name: "author" for name in (
    "createProposal", "createProposalComment", "createProposalImage", "deleteProposalImage", "listProposalMessages", "splitProposal", "submitProposal", "supportProposal",
    "updateProposal", "updateProposalImage", "withdrawProposal", "withdrawProposalSupport")}
PERSON_OF["createConsultationInput"] = "coordinator"
PERSON_OF.update({name: "planner" for name in ("createFeedback", "createFeedbackImage", "deleteFeedbackImage", "updateFeedbackImage")})
BODIES = {
    "addToFeedback": lambda w: {"token": w.feedback.sent["tracking_token"], "text": "lisäys"},
    "answerConsultationInput": lambda w: {"answer": text("kiitos")},
    "answerFeedback": lambda w: {"reply": "Kiitos, korjattiin."},
    "assignFeedback": lambda w: {"responsible_party_id": w.feedback.unit["id"]},
    "informFeedbackSender": lambda w: {"text": "vielä kesken", "due_on": w.feedback.working_day(90)},
    "mergeFeedback": lambda w: {"into_id": w.feedback.case["id"]},
    "noteFeedback": lambda w: {"text": "soitettu urakoitsijalle"},
    "rateFeedback": lambda w: {"token": next(w.feedback.closed_tokens), "score": 4, "text": "nopeasti"},
    "reopenFeedbackInUnit": lambda w: {"reason": "vika palasi"},
    "returnFeedback": lambda w: {"reason": "ei meidän"},
    "redactFeedback": lambda w: {"published_text": "Polku on pimeä."},
    "refuseFeedback": lambda w: {"text": "asiaton"},
    "rejectFeedback": lambda w: {"text": "ei ymmärretty"},
    "transferFeedback": lambda w: {"topic_id": w.feedback.health["id"], "text": "siirrettiin"},
    "answerStatementRequest": lambda w: {"statement": text("kannatamme")},
    "approveProgrammeVersion": lambda w: {"decision_id": w.approval["id"], "valid_from": TODAY.isoformat()},
    "askAboutVoter": lambda w: {"identity": "150690-123A", "about": "participation"},
    "assessReportingRound": lambda w: {"decision_id": w.assessing["id"]},
    "assignProposal": lambda w: {"evaluator": {"issuer": ISSUER, "subject": "evaluator"}, "sector": "tekniikka"},
    "assignMeasureLine": lambda w: {"responsible_party_id": w.parties[2]["id"], "role": "party",
                                    "starts_on": "2020-01-01", "ends_on": "2020-12-31"},
    "castBallot": lambda w: {"choices": [{"proposal_id": w.voting_cycle["ids"]["koko"][0]}]},
    "castBallotWithCode": lambda w: {"code": w.budget.code(w.desk_cycle), "choices": [{"proposal_id": w.desk_cycle["ids"]["koko"][0]}]},
    "confirmBudgetCycleBallot": lambda w: {"decision_id": w.start["id"]},
    "createVotingCodes": lambda w: {"count": 2},
    "openBudgetCycleVoting": lambda w: {"officers": OFFICERS},
    "confirmBudgetCycleResult": lambda w: {"decision_id": w.start["id"]},
    "openVotingSession": _identified,
    "createPaperMark": _identified,
    "createPaperBatch": lambda w: {"budget_cycle_id": w.paper_cycle["id"], "reference": str(uuid.uuid4()), "declared_count": 3},
    "enterPaperBallots": lambda w: {"ballots": [{"choices": [{"proposal_id": w.paper_cycle["ids"]["koko"][0]}]}]},
    "discardPaperBatch": _reason,
    "createBallotVoid": lambda w: {
        "budget_cycle_id": w.paper_cycle["id"], "commitment": w.budget.committed(w.paper_cycle), "reason": text("syy")},
    "correctBudgetCycleResult": lambda w: {**_reason(w), "officers": OFFICERS},
    "countBudgetCycle": lambda w: {"officers": OFFICERS},
    "uploadVoterRegister": lambda w: {"voters": [_identified(w)]},
    "cancelBudgetCycle": lambda w: {"decision_id": w.start["id"], "reason": text("peruttiin")},
    "cancelEvent": _reason,
    "cancelHearingSlot": _reason,
    "cancelMeeting": _reason,
    "cancelReportingRound": _reason,
    "changeMeasureLineStatus": lambda w: {"status": "in_progress"},
    "createAssessment": lambda w: {"reporting_round_id": w.review_round["id"], "measure_id": w.measures[0]["id"],
                                   "light": "red", "justification": text("perustelu")},
    "copyProgrammeVersion": lambda w: {"from_version_id": w.version["id"]},
    "createArea": _area,
    "createBody": _body,
    "createBodyMembership": _seat,
    "createBudgetCycle": _cycle,
    "createConsultationInput": lambda w: {"programme_version_id": w.consulted["id"], "kind": "resident", "text": "hyvä", "language": "fi"},
    "createDecision": _decision,
    "createDecisionCorrection": lambda w: {"decision_id": w.approval["id"], "text": text("oikein"), "reason": text("virhe")},
    "createDroppedMeasure": lambda w: {"programme_version_id": next(w.spare_versions), "measure_line_id": w.line["id"]},
    "createErratum": lambda w: {"measure_id": w.measures[0]["id"], "member": "title", "text": text("oikea")},
    "createEvent": _event,
    "createFeedback": lambda w: w.feedback.body(),
    "createFeedbackSummary": lambda w: w.feedback.summary_body(),
    "createFeedbackImage": lambda w: picture(),
    "createFeedbackOutcome": lambda w: {"feedback_id": next(w.feedback.linkable_ids), "measure_line_id": w.line["id"], "note": text("korjattiin")},
    "createFeedbackTopic": _topic,
    "createGrant": lambda w: {"issuer": ISSUER, "subject": "grantee", "role": "moderator"},
    "createHearingSlot": _slot,
    "createHolder": lambda w: {"responsible_party_id": w.parties[2]["id"], "issuer": ISSUER,
                               "subject": f"deputy-{uuid.uuid4()}", "starts_on": "2021-01-01"},
    "createLanguageRule": _language_rule,
    "createLightScale": lambda w: {"valid_from": TODAY.isoformat(), "lights": lights()},
    "createMeasure": _measure,
    "createMeasureLine": _line,
    "createMeeting": _meeting,
    "createMetric": _metric,
    "createMetricValue": _metric_value,
    "createOpen311Client": lambda w: {"name": "FixMyStreet", "may_post": True},
    "createOperationalGoal": _operational_goal,
    "createPriority": lambda w: {"reporting_round_id": w.review_round["id"],
                                 "measure_line_id": w.measures[1]["measure_line_id"], "reason": text("tärkeä")},
    "cancelProject": _reason,
    "completeProject": lambda w: {"spent_cents": 1},
    "createProposal": _idea,
    "createProposalImage": lambda w: picture(),
    "createProposalComment": lambda w: {"proposal_id": w.published_proposal["id"], "text": "Hyvä ajatus!", "language": "fi"},
    "hideProposalComment": _reason,
    "mergeProposal": lambda w: {"into_id": w.published_proposal["id"], "consent": text("tekijät suostuivat")},
    "splitProposal": lambda w: {"parts": [{"title": text("osa"), "description": text("osa")}] * 2},
    "estimateProposal": lambda w: {"cost_cents": 1, "reason": text("hinta nousi")},
    "evaluateProposal": lambda w: {"result": "not_feasible", "refusal_code": "unlawful", "reason": text("ei käy")},
    "hideProposal": _reason,
    "planProject": lambda w: {"responsible_party_id": w.parties[0]["id"], "starts_on": TODAY.isoformat(), "ends_on": DUE},
    "putProposal": _idea_of_source,
    "returnProposal": lambda w: {"question": text("kenelle?")},
    "updateProposal": lambda w: {"guessed_cost_cents": 5},
    "updateProposalImage": lambda w: {"alternative_text": text("näkymä torilta")},
    "createProgramme": lambda w: {"kind": "events", "name": text("ohjelma")},
    "createProgrammeVersion": _version,
    "createReport": _report,
    "createReportingRound": _round,
    "createResponsibleParty": lambda w: {"kind": "unit", "title": text("yksikkö")},
    "createRoundRule": _rule,
    "createStatementRequest": lambda w: {"programme_version_id": next(w.spare_versions), "body_id": w.youth["id"], "due_on": DUE},
    "createStrategicGoal": _strategic_goal,
    "createTheme": _theme,
    "decideDecision": lambda w: {"decision": text("päätettiin"), "outcome": "approved"},
    "enterProgrammeVersionIntoForce": lambda w: {"decision_id": w.approval["id"], "valid_from": str(YEAR)},
    "eraseFeedback": lambda w: {"token": next(w.feedback.erasable_tokens)},
    "eraseFeedbackSender": lambda w: {"email": f"{uuid.uuid4()}@example.fi"},
    "excuseReportRequest": _reason,
    "exportFeedback": lambda w: {"token": w.feedback.sent["tracking_token"]},
    "exportFeedbackSender": lambda w: {"phone": "040 555 0000"},
    "followFeedback": lambda w: {"token": w.feedback.followed["tracking_token"]},
    "holdHearingSlot": _note,
    "holdMeeting": _note,
    "inspectDecision": lambda w: {"inspected_on": TODAY.isoformat()},
    "openProgrammeVersionConsultation": lambda w: {"closes_on": DUE},
    "presentReportingRound": lambda w: {"decision_id": w.onward["id"]},
    "publishFeedback": _reason,
    "publishFeedbackSummary": _reason,
    "putArea": _area,
    "putBody": _body,
    "putBodyMembership": _seat,
    "putBudgetCycle": _cycle,
    "putDecision": _decision,
    "putEvent": _event,
    "putFeedbackSummary": lambda w: w.feedback.summary_body(),
    "putFeedbackTopic": _topic,
    "putHearingSlot": _slot,
    "putDecisionOnAgenda": lambda w: {"meeting_on": TODAY.isoformat()},
    "putLanguageRule": _language_rule,
    "putMeasure": _measure,
    "putMeeting": _meeting,
    "putMetric": _metric,
    "putMetricValue": _metric_value,
    "putOperationalGoal": _operational_goal,
    "putProgramme": lambda w: {"kind": "events", "name": text("ohjelma")},
    "putProgrammeVersion": _version,
    "putReport": _report,
    "putReportingRound": _round,
    "putResponsibleParty": lambda w: {"kind": "unit", "title": text("yksikkö")},
    "putRoundRule": _rule,
    "putStrategicGoal": _strategic_goal,
    "putTheme": _theme,
    "renewOpen311ClientKey": lambda w: {},
    "reopenFeedback": lambda w: {"token": next(w.feedback.answered_tokens), "text": "ei korjattu"},
    "replaceArea": lambda w: {"valid_from": TODAY.isoformat(), "successors": [{"name": text("uusi nimi")}]},
    "recountElection": lambda w: {"file": SAMPLE_ELECTION.read_text(), "rule": "greedy_votes"},
    "replaceMeasureLineParty": lambda w: {"from_party_id": w.parties[0]["id"], "to_party_id": w.parties[2]["id"],
                                          "reason": text("vaihtui")},
    "returnProgrammeVersion": lambda w: {"decision_id": w.approval["id"], "reason": text("kesken")},
    "returnReportRequest": lambda w: {"question": text("mitä?"), "due_on": DUE},
    "summariseEvent": lambda w: {"summary": text("sovittiin")},
    "submitProgrammeVersion": lambda w: {"summary": text("yhteenveto")},
    "trackFeedback": lambda w: {"token": w.feedback.sent["tracking_token"]},
    "unpublishFeedback": _reason,
    "updateArea": lambda w: {"valid_to": "2099-12-31"},
    "updateBudgetCycle": lambda w: {"end_year": 2100},
    "updateBody": lambda w: {"meetings_per_year": 12},
    "updateBodyMembership": lambda w: {"ends_on": "2099-12-31"},
    "updateDecision": lambda w: {"title": text("uusi")},
    "updateDroppedMeasure": lambda w: {"reason": text("syy")},
    "updateFeedbackSummary": lambda w: {"text_for_staff": text("henkilöstölle")},
    "updateFeedbackImage": lambda w: {"alternative_text": text("lyhtypylväs")},
    "updateFeedbackTopic": lambda w: {"position": 7},
    "updateEvent": lambda w: {"ends_at": at(days=52)},
    "updateGrant": lambda w: {"ends_on": "2099-12-31"},
    "updateHearingSlot": lambda w: {"ends_at": w.slot_end},
    "updateHolder": lambda w: {"ends_on": "2099-12-31"},
    "updateLanguageRule": lambda w: {"languages": ["fi", "se"]},
    "updateMeasure": lambda w: {"title": text("uusi")},
    "updateMeeting": lambda w: {"agenda_note": text("raportointikierros")},
    "updateMetric": lambda w: {"target": "4.25"},
    "updateMetricValue": lambda w: {"value": "2"},
    "updateMunicipality": lambda w: {"designation": "city"},
    "updateOpen311Client": lambda w: {"may_post": False},
    "updateOperationalGoal": lambda w: {"year": YEAR + 1},
    "updateProgramme": lambda w: {"name": text("uusi")},
    "updateProgrammeKind": lambda w: {"review_every_months": 12},
    "updateProgrammeVersion": lambda w: {"prepared_in": 2020},
    "updateReport": lambda w: {"summary": text("lisää")},
    "updateReportingRound": lambda w: {"grace_days": 7},
    "updateResponsibleParty": lambda w: {"position": 7},
    "updateRoundRule": lambda w: {"is_active": False},
    "updateStrategicGoal": lambda w: {"position": 3},
    "updateTheme": lambda w: {"name": text("uusi")},
    "withdrawFeedback": lambda w: {"token": next(w.feedback.open_tokens)},
    "withdrawProgrammeVersion": _reason,
}


class Call:
    def __init__(self, operation, world):
        self.operation, self.world = operation, world
        self.subject = SUBJECT_OF[operation.roles[0]] if operation.roles else PERSON_OF.get(operation.id)
        resource = operation.path.split("/")[3] if operation.path.count("/") > 2 else None
        self.item = None
        if operation.has_id:
            self.item = (ITEMS_OF.get(operation.id) or ITEMS.get(resource) or self.first_of(resource))(world)
        self.body = BODIES[operation.id](world) if operation.body or operation.is_raw else None
        self.headers = {"If-Match": "*"} if 428 in operation.statuses else {}
        self.query = QUERIES.get(operation.id, {})
        if any(p["name"] == "Idempotency-Key" and p.get("required") for p in operation.parameters):
            self.headers = {"Idempotency-Key": f"key-{uuid.uuid4()}"}

    def first_of(self, resource):
        """For a resource that needs no particular item: the first of its list."""
        return lambda world: self.client().get(world.path(resource), query={"limit": 1}).expect(200)["items"][0]

    def path(self, municipality=HOME, item_id=None, source="test", external_id=None):
        pair = self.world.round if "/reporting-rounds/" in self.operation.path else self.world.version
        values = {"a": pair["id"], "b": pair["id"], "municipality": municipality, "id": item_id or (self.item and self.item["id"]), "source": source,
                  "external_id": external_id or str(uuid.uuid4()), "code": "not_found"}
        return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], self.operation.path)

    def fresh(self):
        """Itself, with a body that can be stored now: a year and a request that nobody has used."""
        if self.operation.id.endswith("ReportingRound"):
            self.body["year"] = next(self.world.years)
        if self.operation.id.endswith("Report"):
            self.body["report_request_id"] = self.world.fresh_request()["id"]
        return self

    def client(self):
        if self.operation.id == "castBallot":
            return self.world.voter()
        return self.world.of("officer" if self.operation.id == "askAboutVoter" else self.subject)

    def send(self, path=None, client=None, body=Ellipsis, headers=None, **more):
        more["query"] = {**self.query, **(more.get("query") or {})}
        return (client or self.client()).request(
            self.operation.method, path or self.path(), self.body if body is Ellipsis else body,
            headers={**self.headers, **(headers or {})}, **more)


def having(status, *more):
    """Operations that document this status and meet the conditions, for parametrize."""
    return [operation for operation in contract.OPERATIONS
            if status in operation.statuses and all(condition(operation) for condition in more)]


def takes_body(operation):
    return operation.body is not None


def takes_id(operation):
    return operation.has_id
