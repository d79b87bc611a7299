"""What may not be seen does not exist: over every operation, for everybody who may not, in every form.

Real unpublished rows of 743; each is first shown to whoever owns it, then looked for by anonymous, by
people of 508 and by holders of every role that has no business with it.
"""
import csv
import io

import pytest

import contract
from calls import Call
from stage import Stage
from world import HOME, ISSUER, OTHER, text, unknown_id

PROGRAMME_ROLES = {"programme_coordinator", "participation_coordinator", "presenter", "body_secretary", "body_member", "admin"}
ROUND_ROLES = {"programme_coordinator", "presenter", "body_secretary", "body_member", "privacy_officer", "admin"}
GRANTABLE = contract.DOCUMENT["components"]["schemas"]["Grant"]["properties"]["role"]["enum"]

# resource: (the row, its owner, roles that see it without being the owner)
BUDGET_ROLES = {"participation_coordinator", "programme_coordinator", "vote_officer", "evaluator", "body_secretary", "admin"}
PROPOSAL_ROLES = {"participation_coordinator", "moderator", "evaluator", "privacy_officer", "admin"}
HIDDEN = {
    "assessments": (lambda w: w.hidden_assessment, "secretary", ROUND_ROLES),
    "budget-cycles": (lambda w: w.cycle, "planner", BUDGET_ROLES),
    "consultation-inputs": (lambda w: w.input, "coordinator", PROGRAMME_ROLES),
    "decision-corrections": (lambda w: w.correction, "secretary", (PROGRAMME_ROLES | {"registrar"})),
    "decisions": (lambda w: w.start, "secretary", (PROGRAMME_ROLES | {"registrar"})),
    "dropped-measures": (lambda w: w.dropped, "coordinator", PROGRAMME_ROLES),
    "events": (lambda w: w.planned_event, "coordinator", PROGRAMME_ROLES),
    "feedback": (lambda w: w.feedback.sent, "planner", {"participation_coordinator", "moderator", "privacy_officer", "admin", "handler"}),
    **{resource: (lambda w, name=name: getattr(w.feedback, name), "planner",
                  {"participation_coordinator", "moderator", "privacy_officer", "admin", "handler"})
       for resource, name in (("feedback-images", "image"), ("feedback-outcomes", "outcome"), ("feedback-summaries", "summary"))},
    "grants": (lambda w: w.grant, "admin", {"admin", "privacy_officer"}),
    "hearing-slots": (lambda w: w.slot, "secretary", ROUND_ROLES),
    "holders": (lambda w: w.holders[0], "reporter", {"programme_coordinator", "participation_coordinator", "admin", "privacy_officer"}),
    "measure-lines": (lambda w: w.line, "coordinator", PROGRAMME_ROLES),
    "measures": (lambda w: w.draft_measure, "coordinator", PROGRAMME_ROLES),
    **{resource: (lambda w, resource=resource: w.draft_goals[resource], "coordinator", PROGRAMME_ROLES)
       for resource in ("metric-values", "metrics", "operational-goals", "strategic-goals")},
    "messages": (lambda w: w.hidden_message, "coordinator", {"programme_coordinator", "admin"}),
    "priorities": (lambda w: w.priority, "secretary", ROUND_ROLES),
    "programme-versions": (lambda w: w.draft_version, "coordinator", PROGRAMME_ROLES),
    "programmes": (lambda w: w.draft_programme, "coordinator", PROGRAMME_ROLES),
    "open311-clients": (lambda w: w.open311_client, "admin", {"admin"}),
    "proposal-comments": (lambda w: w.comment, "planner", PROPOSAL_ROLES),
    "proposal-images": (lambda w: w.image, "planner", PROPOSAL_ROLES),
    "proposals": (lambda w: w.proposal, "planner", PROPOSAL_ROLES),
    "report-requests": (lambda w: w.requests[0], "reporter", ROUND_ROLES),
    "reporting-rounds": (lambda w: w.hidden_round, "coordinator", ROUND_ROLES),
    "reports": (lambda w: w.report_draft, "reporter", set()),
    "snapshots": (lambda w: w.hidden_snapshot, "coordinator", ROUND_ROLES),
    "statement-requests": (lambda w: w.statement, "coordinator", PROGRAMME_ROLES | {"influence_member"}),
    "themes": (lambda w: w.draft_theme, "coordinator", PROGRAMME_ROLES),
}
# Everything below that belongs to what is public from the start.
PUBLIC = {"areas", "bodies", "budget-results", "body-memberships", "errata", "feedback-statistics", "feedback-topics", "language-rules", "light-scales", "meetings",
          "participation-opportunities", "programme-kinds", "responsible-parties"}


@pytest.fixture(scope="module")
def hidden(world):
    """The world, with a round nobody of the world's reporters reports in, and one subject for each role."""
    stage = Stage(world)
    world.hidden_party = stage.party()
    measure = stage.measure([world.hidden_party])
    stage.enter()
    world.hidden_round = stage.open()
    world.hidden_message = world.of("coordinator").get(
        world.path("messages"), query={"reporting_round_id": world.hidden_round["id"]}).expect(200)["items"][0]
    stage.review(world.hidden_round)
    world.hidden_assessment = stage.assess(world.hidden_round, measure, "red", justification=text("syy"))
    world.hidden_snapshot = world.of("coordinator").get(
        world.path("snapshots"), query={"reporting_round_id": world.hidden_round["id"]}).expect(200)["items"][0]
    world.hidden_stage = stage
    for role in GRANTABLE:
        world.make("admin", "grants", {"issuer": ISSUER, "subject": f"only-{role}", "role": role})
    return world


def outsiders(resource):
    allowed = HIDDEN[resource][2]
    others = [None, "nobody", "other-coordinator", "other-admin", "other-secretary", "reporter2"]
    return others + [f"only-{role}" for role in GRANTABLE if role not in allowed]


def operations(resource, *, method=None):
    """Operations on one item of the resource, or on all of them."""
    prefix = f"/v1/{{municipality}}/{resource}"
    return [o for o in contract.OPERATIONS
            if (o.path == prefix or o.path.startswith(prefix + "/")) and (not method or o.method == method)]


# What a thing has only once it is public: there is none of a hidden one to show.
ONLY_PUBLIC = {"getBudgetCycleBooks", "getBudgetCycleVote", "getCheckpoint", "getConsistencyProof", "getInclusionProof", "getLogLeaves",
               "listBudgetCycleTurnout"}


def item_path(world, operation, item):
    return operation.path.replace("{municipality}", HOME).replace("{id}", item["id"])


def each(resources):
    return pytest.mark.parametrize("resource", sorted(resources))


def test_every_resource_that_anybody_reads_is_either_all_public_or_tested_here():
    """What needs a role is tested below with the people of another municipality."""
    read = {o.path.split("/")[3] for o in contract.OPERATIONS if o.is_tenant and o.is_public and o.path.count("/") > 2}
    assert read <= set(HIDDEN) | PUBLIC


@each(HIDDEN)
def test_item_is_shown_to_its_owner_and_to_nobody_else(hidden, resource):
    item, owner, _ = HIDDEN[resource]
    item = item(hidden)
    for operation in [o for o in operations(resource, method="GET") if o.has_id and o.id not in ONLY_PUBLIC]:
        path = item_path(hidden, operation, item)
        shown = hidden.of(owner).get(path).expect(200)
        unknown = path.replace(item["id"], unknown_id())
        for subject in outsiders(resource):
            for headers in ({}, {"If-None-Match": shown.etag}, {"If-None-Match": "*"}, {"Accept": "application/json"}):
                answer = hidden.of(subject).get(path, headers=headers)
                reference = hidden.of(subject).get(unknown, headers=headers)
                assert answer.status == reference.status in ({404} if operation.is_public else {401, 403, 404}), (
                    f"{operation.id} by {subject}: {answer}")
                assert {**answer.json, "instance": 0} == {**reference.json, "instance": 0}, f"{operation.id} by {subject}"
            assert hidden.of(subject).head(path).status == hidden.of(subject).head(unknown).status


def filters_of(operation, item):
    """Every equality filter with the value that would find the item, alone and together."""
    single = {p["name"]: item[p["name"]] for p in operation.query()
              if p.get("x-use") == "equal" and item.get(p["name"]) is not None}
    single = {name: str(value).lower() if isinstance(value, bool) else value for name, value in single.items()}
    return [{}, *({name: value} for name, value in single.items()), single]


@each(HIDDEN)
def test_lists_counts_filters_and_csv_hide_it(hidden, resource):
    item, owner, _ = HIDDEN[resource]
    item = hidden.of(owner).get(hidden.path(resource, item(hidden)["id"])).expect(200).json  # as it is now
    operation = contract.find_operation("GET", hidden.path(resource))
    path = item_path(hidden, operation, item)
    for query in filters_of(operation, item):
        found = hidden.of(owner).get_all(path, query={**query, "limit": 200})
        assert item["id"] in {row["id"] for row in found}, f"the owner does not find it by {query}"
    for subject in outsiders(resource):
        client = hidden.of(subject)
        if client.get(path).status in (401, 403):
            continue
        for query in filters_of(operation, item):
            shown = {row["id"] for row in client.get_all(path, query={**query, "limit": 200})}
            assert item["id"] not in shown, f"{subject} finds it by {query}"
            counted = client.get(path, query={**query, "limit": 1}, headers={"Prefer": "count=exact"}).expect(200)
            assert counted["total"] == len(shown), f"{subject} counts it by {query}"
        if "text/csv" in operation.responses["200"]["content"]:
            flat = client.get(path, query={"limit": 200}, headers={"Accept": "text/csv"}).expect(200)
            assert item["id"] not in {row["id"] for row in csv.DictReader(io.StringIO(flat.text))}
        for sort in [p["schema"]["enum"] for p in operation.query() if p["name"] == "sort"][0]:
            ids = [row["id"] for row in client.get_all(path, query={"sort": sort, "limit": 200, "fields": "id"})]
            assert item["id"] not in ids


@each(HIDDEN)
def test_writes_learn_nothing_of_it(hidden, resource):
    """A right and a stale If-Match, a right and an unknown id: the same answer, and nothing is stored."""
    item, owner, _ = HIDDEN[resource]
    item = item(hidden)
    before = hidden.rows("select max(position) from change")
    for operation in [o for o in operations(resource) if o.has_id and o.method != "GET"]:
        body = Call(operation, hidden).body
        for subject in outsiders(resource):
            if subject and subject.startswith("only-") and contract_role(operation, subject):
                continue
            for tag in ('"1"', '"999"', "*"):
                headers = {"If-Match": tag} if 428 in operation.statuses else {"Idempotency-Key": tag.strip('"')}
                send = lambda item_id: hidden.of(subject).request(  # noqa: E731
                    operation.method, operation.path.replace("{municipality}", HOME).replace("{id}", item_id), body, headers=headers)
                answer, reference = send(item["id"]), send(unknown_id())
                assert answer.status == reference.status in (401, 403, 404), f"{operation.id} by {subject}: {answer}"
                assert {**answer.json, "instance": 0} == {**reference.json, "instance": 0}, f"{operation.id} by {subject}"
    assert hidden.rows("select max(position) from change") == before, "something was stored"


def contract_role(operation, subject):
    """An `only-role` subject that holds one of the operation's roles is no outsider to it."""
    return subject.removeprefix("only-") in operation.roles


# an idea may be sent from anywhere, where the cycle's rules say so, and commented on, and a consultation answered:
# test_rules_proposal.py, test_consultation.py; feedback by anybody, and followed by whoever has its secret:
# test_rules_feedback.py
FROM_ANYWHERE = {"addToFeedback", "createConsultationInput", "createFeedback", "createProposal", "createProposalComment", "eraseFeedback", "meTooFeedback",
                 "rateFeedback", "reopenFeedback", "withdrawFeedback"}


@pytest.mark.parametrize(
    "operation", [o for o in contract.OPERATIONS if o.is_tenant and o.id not in FROM_ANYWHERE], ids=lambda o: o.id)
def test_people_of_another_municipality_can_do_nothing_here(hidden, operation):
    """508's people with every role there: public reading at most, and nothing changes."""
    call = Call(operation, hidden)
    before = hidden.rows("select max(position) from change")
    for subject in ("other-coordinator", "other-admin", "other-secretary", "other-presenter"):
        answer = call.send(client=hidden.of(subject))
        allowed = {200, 404} if operation.is_public else {403} if operation.roles else {200, 403, 404}
        if operation.id == "castBallotWithCode":  # whoever holds the code is its voter
            allowed = {201, 409}
        assert answer.status in allowed, f"{operation.id} by {subject}: {answer}"
    assert hidden.rows("select max(position) from change") == before, "something was stored"


@pytest.mark.parametrize("operation", [o for o in contract.OPERATIONS if o.is_tenant and o.has_id], ids=lambda o: o.id)
def test_an_id_of_743_is_unknown_in_508(hidden, operation):
    """The owner of 743's row, with the same roles in 508, asks for it there."""
    call = Call(operation, hidden)
    subject = f"other-{call.subject}" if call.subject and not call.subject.startswith("reporter") else "other-coordinator"
    answer = call.send(path=call.path(municipality=OTHER), client=hidden.of(subject))
    reference = call.send(path=call.path(municipality=OTHER, item_id=unknown_id()), client=hidden.of(subject))
    assert answer.status == reference.status in (403, 404), f"{operation.id}: {answer}"
    assert {**answer.json, "instance": 0} == {**reference.json, "instance": 0}


REFERENCES = {
    "events": ("other-coordinator", {"kind": "workshop", "name": text("x"), "starts_at": "2030-01-01T12:00:00Z", "ends_at": "2030-01-01T13:00:00Z"},
               "area_id", lambda w: w.district),
    "body-memberships": ("other-admin", {"member_name": "x"}, "body_id", lambda w: w.committee),
    "meetings": ("other-secretary", {"starts_at": "2030-01-01T12:00:00Z"}, "body_id", lambda w: w.committee),
    "areas": ("other-admin", {"kind": "village", "code": "x", "name": text("x")}, "parent_area_id", lambda w: w.district),
    "bodies": ("other-admin", {"kind": "committee", "name": text("x")}, "parent_body_id", lambda w: w.committee),
    "decisions": ("other-secretary", {"meeting_on": "2024-01-15", "title": text("x"), "decision": text("x"), "outcome": "noted"},
                  "body_id", lambda w: w.committee),
    "feedback": ("other-planner", {"kind": "thanks", "text": "x", "language": "fi"}, "topic_id", lambda w: w.feedback.lighting),
    "feedback-summaries": ("other-planner", {"starts_on": "2025-07-01", "ends_on": "2025-09-30", "title": text("x")}, "responsible_party_id",
                           lambda w: w.feedback.unit),
    "feedback-topics": ("other-planner", {"code": "x", "name": text("x")}, "parent_topic_id", lambda w: w.feedback.topic_below),
    "grants": ("other-admin", {"issuer": ISSUER, "subject": "x", "role": "presenter"}, "body_id", lambda w: w.committee),
    "holders": ("other-admin", {"issuer": ISSUER, "subject": "x", "starts_on": "2024-01-01"}, "responsible_party_id", lambda w: w.parties[0]),
    "language-rules": ("other-admin", {"resource": "decision", "languages": ["fi"]}, "body_id", lambda w: w.committee),
    "metric-values": ("other-coordinator", {"year": 2025, "value": "1"}, "metric_id", lambda w: w.goals["metrics"]),
    "metrics": ("other-coordinator", {"name": text("x")}, "operational_goal_id", lambda w: w.goals["operational-goals"]),
    "operational-goals": ("other-coordinator", {"year": 2025, "title": text("x")}, "strategic_goal_id",
                          lambda w: w.goals["strategic-goals"]),
    "ballot-voids": ("other-officer", {"commitment": "0" * 64, "reason": text("x")}, "budget_cycle_id", lambda w: w.paper_cycle),
    "paper-batches": ("other-officer", {"reference": "x", "declared_count": 1}, "budget_cycle_id", lambda w: w.paper_cycle),
    "programme-versions": ("other-coordinator", {"number": "1.0"}, "programme_id", lambda w: w.programme),
    "programmes": ("other-coordinator", {"kind": "events", "name": text("x")}, "managing_body_id", lambda w: w.committee),
    "proposals": ("other-planner", {"title": text("x"), "description": text("x"), "authors": [{"kind": "resident"}],
                                    "area_id": "00000000-0000-0000-0000-000000000000"}, "budget_cycle_id", lambda w: w.ideas_cycle),
    "responsible-parties": ("other-coordinator", {"kind": "unit", "title": text("x")}, "superior_party_id", lambda w: w.parties[0]),
    "strategic-goals": ("other-coordinator", {"council_term_year": 2025, "title": text("x")}, "programme_id", lambda w: w.programme),
    "round-rules": ("other-coordinator", {"name": text("x")}, "programme_id", lambda w: w.programme),
    "themes": ("other-coordinator", {"number": "1", "name": text("x")}, "programme_version_id", lambda w: w.draft_version),
}


@each(REFERENCES)
def test_a_row_of_508_cannot_point_into_743(hidden, resource):
    subject, body, member, target = REFERENCES[resource]
    before = hidden.rows("select max(position) from change")
    answers = [hidden.of(subject).post(hidden.path(resource, municipality=OTHER), {**body, member: value}).expect(422)
               for value in (target(hidden)["id"], unknown_id())]
    assert answers[0].faults() == answers[1].faults()
    assert answers[0].faults()[f"/{member}"] == "reference_not_found"
    assert hidden.rows("select max(position) from change") == before


def test_duties_are_the_own_partys(hidden):
    owner = hidden.hidden_stage.subject_of(hidden.hidden_party["id"])
    assert hidden.of(owner).get(hidden.path("me/duties")).expect(200)["items"]
    mine = hidden.of("reporter2").get_all(hidden.path("me/duties"))
    assert {duty["responsible_party_id"] for duty in mine} <= {hidden.parties[1]["id"]}
    hidden.of(owner).get(hidden.path("duties")).expect(403)
    assert hidden.of("coordinator").get_all(hidden.path("duties"))
    assert hidden.of("other-coordinator").get(hidden.path("duties", municipality=OTHER)).expect(200)["items"] == []


def test_a_cursor_of_one_municipality_is_none_in_another(hidden):
    page = hidden.of("coordinator").get(hidden.path("bodies"), query={"limit": 1}).expect(200)
    hidden.of("coordinator").get(page["next"].replace(HOME, OTHER)).expect(400, "cursor_mismatch")
