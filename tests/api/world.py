"""One of everything in municipality 743, made through the API, and the people who may do it."""
import datetime
import itertools
import json
import uuid
import zoneinfo

import server
from budget import Budget
from feedback import Feedback

HOME, OTHER, THIRD = "743", "508", "091"
ISSUER = "https://elinvoima.test"
TODAY = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Helsinki")).date()  # the service's day
YEAR = TODAY.year
DUE = (TODAY + datetime.timedelta(days=30)).isoformat()
ROLES = {"coordinator": "programme_coordinator", "secretary": "body_secretary", "presenter": "presenter",
         "admin": "admin", "privacy": "privacy_officer", "influencer": "influence_member",
         "planner": "participation_coordinator", "officer": "vote_officer", "clerk": "polling_clerk", "moderator": "moderator",
         "evaluator": "evaluator"}
DESK = {"identification": ["assisted", "voter_code"]}
REGISTER = {"identification": ["assisted", "voter_register", "voter_code"]}
PAPER = {"identification": ["assisted", "voter_code", "paper"]}
# Who of the home municipality may do what an operation asks for, by the role it names.
SUBJECT_OF = {**{role: subject for subject, role in ROLES.items()}, "party_reporter": "reporter"}


def text(words, swedish=None):
    return {"fi": words, "sv": swedish or words + " (sv)"}


MUNICIPALITIES = [
    {"code": HOME, "name": {"fi": "Seinäjoki", "sv": "Seinäjoki"}, "designation": "city", "languages": ["fi"],
     "region": {"fi": "Etelä-Pohjanmaa"}, "register_number_pattern": r"^\d{1,6}/\d\d\.\d\d\.\d\d/\d{4}$",
     "population": {"value": 66000, "as_of": "2024-12-31"}},
    {"code": OTHER, "name": {"fi": "Mänttä-Vilppula"}, "languages": ["fi"]},
    {"code": THIRD, "name": {"fi": "Helsinki", "sv": "Helsingfors"}, "languages": ["fi", "sv"]},
]


def prepare(settings, folder):
    """Municipalities and first grants, as an operator makes them; done once, in the template database."""
    file = folder / "municipalities.json"
    file.write_text(json.dumps(MUNICIPALITIES))
    server.run("municipality", file, settings=settings)
    for subject, role in ROLES.items():
        server.run("grant", HOME, subject, role, settings=settings)
        server.run("grant", OTHER, f"other-{subject}", role, settings=settings)


def goal(number=1, kind="continuous", **window):
    return {"n": number, "text": text(f"tavoite {number}"), "window": {"kind": kind, **window}}


def lights():
    words = {"green": ("✓", "vihreä"), "yellow": ("!", "keltainen"), "red": ("✗", "punainen"), "grey": ("–", "harmaa")}
    order = {"grey": 1, "green": 2, "yellow": 3, "red": 4}
    return [{"light": light, "precedence": order[light], "symbol": symbol, "label": text(label), "meaning": text(label),
             "requires_justification": light in ("yellow", "red")} for light, (symbol, label) in words.items()]


def at(day=TODAY, **later):
    """A time from noon (UTC) of a day on, as the service writes it."""
    noon = datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc)
    return (noon + datetime.timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


# where the district is
SQUARE = {"type": "Polygon", "coordinates": [[[22.8, 62.75], [22.9, 62.75], [22.9, 62.8], [22.8, 62.8], [22.8, 62.75]]]}


class World:
    """Ids of what there is. `of(subject)` is a client that speaks for somebody."""

    def __init__(self, service):
        self.service = service
        self.clients = {}
        self.sections, self.years = iter(range(1, 10000)), iter([*range(2001, YEAR), *range(2040, 2101)])
        self.minutes = (at(days=40, minutes=n) for n in itertools.count())
        self._organisation()
        self._decisions()
        self._programme()
        self._draft()
        self._goals()
        self.round = self._round(YEAR)
        self._to_published(self.round)
        self.open_round = self._round(YEAR + 1)
        self.requests = self._open(self.open_round)
        self.report_draft = self.report(self.requests[0])
        self._hearing()
        self.review_round = self._round(YEAR + 2)
        self._to_review(self.review_round)
        self.priority = self.make("secretary", "priorities", {
            "reporting_round_id": self.review_round["id"], "measure_line_id": self.measures[0]["measure_line_id"],
            "reason": text("tärkeä")})
        self.planned_round = self._round(YEAR + 3)
        self.feedback = Feedback(self)
        self.open311_client = self.make("admin", "open311-clients", {"name": "FixMyStreet"})
        self.budget = Budget(self)
        self.cycle, self.ideas_cycle = self.budget.plan(), self.budget.open()
        self.voting_cycle, self.desk_cycle, self.counted_cycle = self.budget.vote(), self.budget.vote(rules=DESK), self.budget.vote(rules=REGISTER)
        self.register_cycle = self.budget.vote(ends_in_days=40, rules=REGISTER)
        self.budget.pass_days(self.counted_cycle, 30)
        self.budget.count(self.counted_cycle).expect(200)
        self.make("admin", "grants", {"issuer": ISSUER, "subject": "officer2", "role": "vote_officer"})
        self.paper_cycle = self.budget.vote(rules=PAPER)
        self.paper_batch = self.budget.batch(self.paper_cycle, 3)
        self.confirmed_batch = self.budget.papers(self.paper_cycle, *[[self.paper_cycle["ids"]["koko"][0]]] * 5)
        self.ballot_void = self.budget.void_ballot(self.paper_cycle)
        self.forgotten_cycle = self.budget.decided_vote()
        self.move("privacy", "budget-cycles", self.forgotten_cycle, "forget-voters")
        self.budget.ask(self.voting_cycle, "150690-123A", "ballot", "admin")
        self.budget_result = self.of().get(self.path("budget-results"), query={"limit": 1}).expect(200)["items"][0]
        self.proposal, self.published_proposal, self.withdrawn_proposal = (self.budget.send(self.ideas_cycle) for _ in range(3))
        self.image, self.published_image = (self.budget.image(proposal) for proposal in (self.proposal, self.published_proposal))
        self.published_image = self.budget.describe(self.published_image)
        self.budget.carry(self.published_proposal, "publish")
        self.move("author", "proposals", self.withdrawn_proposal, "withdraw")
        self.comment, self.published_comment, self.hidden_comment = (
            self.budget.comment(self.published_proposal) for _ in range(3))
        self.move("moderator", "proposal-comments", self.published_comment, "publish")
        self.move("moderator", "proposal-comments", self.hidden_comment, "hide", {"reason": text("asiaton")})

    # --- speaking ------------------------------------------------------------------------------------
    def of(self, subject=None):
        if subject not in self.clients:
            self.clients[subject] = self.service.client(subject)
        return self.clients[subject]

    def voter(self, subject=None, **claims):
        """A client of somebody strongly identified: born in 1990, at home here, unless told otherwise."""
        subject = subject or f"voter-{uuid.uuid4()}"
        made = self.service.client_with(self.service.token(
            subject, **{"birthdate": "1990-06-15", "municipality": HOME, **claims}))
        made.is_kept = False  # there are hundreds of them
        return made

    def path(self, *parts, municipality=HOME):
        return "/".join(["/v1", municipality, *map(str, parts)])

    def make(self, subject, resource, body, **more):
        return self.of(subject).post(self.path(resource), body, **more).expect(201).json

    def move(self, subject, resource, item, verb, body=None):
        return self.of(subject).post(self.path(resource, item["id"], verb), body).expect(200).json

    # --- making --------------------------------------------------------------------------------------
    def body(self, kind="committee", makes_decisions=True, **more):
        return self.make("admin", "bodies", {"kind": kind, "name": text("toimielin"), "makes_decisions": makes_decisions, **more})

    def area(self, kind="district", is_old=True, **more):
        """An area; recorded long ago, when it is old."""
        made = self.make("admin", "areas", {"kind": kind, "code": uuid.uuid4().hex, "name": text("alue"),
                                            "valid_from": "2020-01-01", **more})
        if is_old:
            self.rows("update area set created_at = '2020-01-01' where id = %s", made["id"])
        return self.of().get(self.path("areas", made["id"])).expect(200).json

    def party(self, kind="office", **more):
        return self.make("coordinator", "responsible-parties", {"kind": kind, "title": text("virka"), **more})

    def meeting_of(self, body, starts_at, **more):
        return self.make("secretary", "meetings", {"body_id": body["id"], "starts_at": starts_at, **more})

    def offer(self, meeting, made_round, party, starts_at, ends_at, **more):
        return self.make("secretary", "hearing-slots", {
            "meeting_id": meeting["id"], "reporting_round_id": made_round["id"], "responsible_party_id": party["id"],
            "starts_at": starts_at, "ends_at": ends_at, **more})

    def event(self, status="planned", starts_at=None, ends_at=None, **more):
        """An event in this state."""
        made = self.make("planner", "events", {"kind": "workshop", "name": text("työpaja"), "starts_at": starts_at or at(days=50),
                                               "ends_at": ends_at or at(days=51), **more})
        steps = {"planned": [], "published": ["publish"], "held": ["publish", "hold"]}
        for verb in steps[status]:
            made = self.move("planner", "events", made, verb)
        return made

    def holder(self, party, subject, **more):
        return self.make("coordinator", "holders", {
            "responsible_party_id": party["id"], "issuer": ISSUER, "subject": subject, "name": "Testi Henkilö",
            "email": "testi@example.fi", "starts_on": "2020-01-01", **more})

    def decision(self, body, is_published=False, **more):
        made = self.make("secretary", "decisions", {
            "body_id": body["id"], "meeting_on": TODAY.isoformat(), "section_number": next(self.sections),
            "register_number": f"123/00.01.02/{YEAR}", "title": text("asia"), "decision": text("päätettiin"),
            "outcome": "approved", **more})
        return self.publish(made) if is_published else made

    def publish(self, decision):
        self.move("secretary", "decisions", decision, "inspect", {"inspected_on": TODAY.isoformat()})
        return self.move("secretary", "decisions", decision, "publish")

    def matter(self, body, until=None, **more):
        """A matter that begins, or has come to `until`."""
        made = self.make("secretary", "decisions", {
            "body_id": body["id"], "meeting_on": TODAY.isoformat(), "title": text("asia"), "preparer_title": text("virasto"),
            "plain_summary": text("lyhyesti"), "how_to_influence": text("kirjoita kirjaamo@example.fi"),
            "proposed_decision": text("esitys"), **more})
        for status, verb, sent in (("in_preparation", "start-preparation", None),
                                   ("on_agenda", "put-on-agenda", {"meeting_on": TODAY.isoformat()})):
            if until and made["status"] != until:
                made = self.move("secretary", "decisions", made, verb, sent)
        return made

    def measure(self, version, theme, number, parties, **more):
        roles = ["lead"] + ["party"] * (len(parties) - 1)
        return self.make("coordinator", "measures", {
            "programme_version_id": version["id"], "theme_id": theme["id"], "number": number,
            "title": text(f"toimenpide {number}"), "goals": [goal()],
            "assignments": [{"responsible_party_id": party["id"], "role": role, "starts_on": "2020-01-01"}
                            for party, role in zip(parties, roles)], **more})

    def report(self, request, subject="reporter", **more):
        return self.make(subject, "reports", {"report_request_id": request["id"], "reported_status": "in_progress",
                                              "summary": text("tehtiin"), **more})

    # --- the parts of the world ----------------------------------------------------------------------
    def _organisation(self):
        self.committee, self.board = self.body(), self.body("executive")
        self.seat = self.make("secretary", "body-memberships", {
            "body_id": self.committee["id"], "member_name": "Matti Malli", "role": "chair"})
        self.team = self.body("management_team", makes_decisions=False)
        self.district = self.area(geometry=SQUARE)
        self.parties = [self.party(), self.party(), self.party()]
        self.holders = [self.holder(self.parties[0], "reporter"), self.holder(self.parties[1], "reporter2")]
        self.grant = self.make("admin", "grants", {"issuer": ISSUER, "subject": "grantee", "role": "handler"})
        self.language_rule = self.make("admin", "language-rules", {
            "resource": "decision", "body_id": self.body()["id"], "languages": ["fi"]})
        self.scale = self.make("coordinator", "light-scales", {"valid_from": TODAY.isoformat(), "lights": lights()})

    def _hearing(self):
        """A meeting that goes on as long as samples want slots in it, and one that is not held."""
        self.meeting, self.cancelled_meeting = (self.meeting_of(self.committee, next(self.minutes)) for _ in range(2))
        self.slot, self.published_slot = (self.offer(
            self.meeting, self.open_round, self.parties[0], next(self.minutes), next(self.minutes)) for _ in range(2))
        self.slot_end = at(days=40, minutes=4, seconds=30)
        self.move("secretary", "hearing-slots", self.published_slot, "cancel", {"reason": text("ei tarvita")})
        self.move("secretary", "meetings", self.cancelled_meeting, "cancel", {"reason": text("siirtyi")})
        self.planned_event, self.published_event, self.cancelled_event = self.event(), self.event("published"), self.event()
        self.move("planner", "events", self.cancelled_event, "cancel", {"reason": text("peruttiin")})
        # as it is when its round has been published
        self.rows("update hearing_slot set reporting_round_id = %s where id = %s", self.round["id"], self.published_slot["id"])

    def _decisions(self):
        self.start, self.assessing = self.decision(self.committee), self.decision(self.committee)
        self.onward, self.approval = self.decision(self.board), self.decision(self.board, is_published=True)
        self.initiated = self.matter(self.committee)
        self.prepared, self.on_agenda = (self.matter(self.committee, until) for until in ("in_preparation", "on_agenda"))
        self.inspected = self.move("secretary", "decisions", self.decision(self.committee), "inspect",
                                   {"inspected_on": TODAY.isoformat()})
        self.correction, self.published_correction = (self.make("secretary", "decision-corrections", {
            "decision_id": decision["id"], "text": text("oikein"), "reason": text("virhe")})
            for decision in (self.inspected, self.approval))

    def _programme(self):
        self.programme = self.make("coordinator", "programmes", {
            "kind": "vitality_programme", "name": text("elinvoimaohjelma"), "managing_body_id": self.committee["id"]})
        self.version = self.make("coordinator", "programme-versions", {
            "programme_id": self.programme["id"], "number": "1.0", "source": "archive", "external_id": str(uuid.uuid4())})
        self.theme = self.make("coordinator", "themes", {
            "programme_version_id": self.version["id"], "number": "1", "name": text("kokonaisuus")})
        self.measures = [self.measure(self.version, self.theme, "1.1", self.parties[:2]),
                         self.measure(self.version, self.theme, "1.2", self.parties[:1])]
        self.line = self.make("coordinator", "measure-lines", {
            "programme_id": self.programme["id"],
            "assignments": [{"responsible_party_id": self.parties[0]["id"], "role": "lead", "starts_on": "2020-01-01"}]})
        self.youth = self.body("youth_council", makes_decisions=False)
        self.published_dropped = self.make("coordinator", "dropped-measures", {
            "programme_version_id": self.version["id"], "measure_line_id": self.line["id"], "reason": text("valmistui")})
        self.published_statement = self.make("coordinator", "statement-requests", {
            "programme_version_id": self.version["id"], "body_id": self.youth["id"], "due_on": DUE})
        self.version = self.move("secretary", "programme-versions", self.version, "enter-into-force",
                                 {"decision_id": self.approval["id"], "valid_from": TODAY.isoformat()})

    def _draft(self):
        """What nobody but the programme's people may see."""
        self.draft_version = self.make("coordinator", "programme-versions", {
            "programme_id": self.programme["id"], "number": "1.1", "source": "archive", "external_id": str(uuid.uuid4())})
        self.draft_theme = self.make("coordinator", "themes", {
            "programme_version_id": self.draft_version["id"], "number": "1", "name": text("luonnos")})
        self.draft_measure = self.measure(self.draft_version, self.draft_theme, "1.1", self.parties[:1])
        self.dropped = self.make("coordinator", "dropped-measures", {
            "programme_version_id": self.draft_version["id"], "measure_line_id": self.measures[1]["measure_line_id"]})
        self.erratum = self.make("coordinator", "errata", {
            "measure_id": self.measures[0]["id"], "member": "title", "text": text("oikea otsikko")})
        self.consulted = self.make("coordinator", "programme-versions", {"programme_id": self.programme["id"], "number": "2.0"})
        self.move("coordinator", "programme-versions", self.consulted, "copy", {"from_version_id": self.version["id"]})
        self.statement = self.ask_for_statements(self.draft_version)[0]
        self.ask_for_statements(self.consulted)
        self.move("coordinator", "programme-versions", self.consulted, "open-consultation", {"closes_on": TODAY.isoformat()})
        self.input, self.published_input = (self.make("coordinator", "consultation-inputs", {
            "programme_version_id": self.consulted["id"], "kind": "resident", "text": "hyvä", "language": "fi"}) for _ in range(2))
        self.move("coordinator", "consultation-inputs", self.published_input, "answer", {"answer": text("kiitos")})
        # as it is when its version is in force, which only time can do
        self.rows("update consultation_input set programme_version_id = %s where id = %s", self.version["id"], self.published_input["id"])
        self.draft_programme = self.make("coordinator", "programmes", {"kind": "events", "name": text("tapahtumat")})
        # drafts for samples that want one of their own, made at once
        self.spare_versions = iter([row[0] for row in self.rows(
            "insert into programme_version (municipality, programme_id, number, level)"
            " select municipality, id, '90.' || n, 'minor' from programme, generate_series(1, 200) as n where id = %s"
            " returning id::text", self.draft_programme["id"])])
        self.spare_bodies = iter([row[0] for row in self.rows(
            "insert into body (municipality, kind, name) select %s, 'working_group', '{\"fi\": \"ryhmä\"}'"
            " from generate_series(1, 200) returning id::text", HOME)])

        self.spare_programmes = iter([row[0] for row in self.rows(
            "insert into programme (municipality, kind, name) select municipality, kind, name"
            " from programme, generate_series(1, 200) where id = %s returning id::text", self.draft_programme["id"])])
        # of a kind there is no programme of: the worker makes nothing of it
        self.rule = self.make("coordinator", "round-rules", {"programme_kind": "communications", "name": text("kierros {year}")})

    def _goals(self):
        self.goals, self.draft_goals = self.goal_chain(), self.goal_chain(programme_id=self.draft_programme["id"])
        spare = self.goal_chain(programme_id=next(self.spare_programmes))
        self.spare_metrics = iter([row[0] for row in self.rows(
            "insert into metric (municipality, operational_goal_id, name) select municipality, operational_goal_id, name"
            " from metric, generate_series(1, 200) where id = %s returning id::text", spare["metrics"]["id"])])

    def goal_chain(self, **more):
        """One of each by resource, from the strategic goal down to a number."""
        goal = self.make("coordinator", "strategic-goals", {"council_term_year": 2025, "title": text("tavoite"), **more})
        below = self.make("coordinator", "operational-goals", {"strategic_goal_id": goal["id"], "year": YEAR, "title": text("tavoite")})
        metric = self.make("coordinator", "metrics", {"operational_goal_id": below["id"], "name": text("mittari")})
        value = self.make("coordinator", "metric-values", {"metric_id": metric["id"], "year": YEAR, "value": "1"})
        return {"strategic-goals": goal, "operational-goals": below, "metrics": metric, "metric-values": value}

    def ask_for_statements(self, version):
        """Of every influence body there is, as opening a consultation wants it."""
        bodies = self.of("coordinator").get_all(self.path("bodies"), query={"kind": "youth_council,elderly_council,disability_council"})
        return [self.make("coordinator", "statement-requests", {
            "programme_version_id": version["id"], "body_id": body["id"], "due_on": DUE}) for body in bodies]

    def round_body(self, year):
        return {"programme_id": self.programme["id"], "programme_version_id": self.version["id"], "year": year,
                "name": text(f"kierros {year}"), "due_on": DUE, "assessing_body_id": self.committee["id"],
                "onward_report_body_id": self.board["id"], "start_decision_id": self.start["id"]}

    def _round(self, year):
        return self.make("coordinator", "reporting-rounds", self.round_body(year))

    def _open(self, made):
        """Opens it; the requests of the first reporter's party, then the others'."""
        self.move("coordinator", "reporting-rounds", made, "open")
        requests = self.of("coordinator").get_all(self.path("report-requests"), query={"reporting_round_id": made["id"]})
        return sorted(requests, key=lambda request: (request["responsible_party_id"] != self.parties[0]["id"],
                                                     request["measure_number"]))

    def _to_review(self, made):
        requests = self._open(made)
        self.move("reporter", "report-requests", requests[0], "acknowledge")
        self.submitted = self.move("reporter", "reports", self.report(requests[0]), "submit")
        self.move("coordinator", "report-requests", requests[2], "excuse", {"reason": text("vaihtunut")})
        self.move("coordinator", "reporting-rounds", made, "close")
        self.move("coordinator", "reporting-rounds", made, "start-review")
        self.move("coordinator", "report-requests", requests[0], "accept")
        return requests

    def assess(self, made):
        return [self.make("secretary", "assessments", {
            "reporting_round_id": made["id"], "measure_id": measure["id"], "light": "yellow",
            "justification": text("kesken")}) for measure in self.measures]

    def _to_published(self, made):
        self.published_requests = self._to_review(made)
        self.report_published = self.submitted
        self.assessments = self.assess(made)
        self.published_priority = self.make("secretary", "priorities", {
            "reporting_round_id": made["id"], "theme_id": self.theme["id"], "reason": text("tärkeä")})
        self.move("secretary", "reporting-rounds", made, "assess", {"decision_id": self.assessing["id"]})
        self.move("presenter", "reporting-rounds", made, "present", {"decision_id": self.onward["id"]})
        self.round = self.move("coordinator", "reporting-rounds", made, "publish")
        self.message = self.of("coordinator").get(self.path("messages"), query={"limit": 1}).expect(200)["items"][0]

    def fresh_request(self):
        """A request of the first reporter's party in a round nobody else uses."""
        return self._open(self._round(next(self.years)))[0]

    def fresh_review(self):
        """A round in review that nobody else uses."""
        made = self._round(next(self.years))
        self._to_review(made)
        return made

    # --- asking the database -------------------------------------------------------------------------
    def rows(self, statement, *values):
        return self.service.rows(statement, *values)

    def count(self, table):
        return self.rows(f"select count(*) from {table}")[0][0]


def unknown_id():
    return str(uuid.uuid4())
