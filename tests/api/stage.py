"""A programme of a test's own on the shared world: measures as the test wants them, and a round through them."""
import uuid

import world as world_module
from world import YEAR, text


class Stage:
    """Municipality 743, one programme, one version in force, and what a test adds before `enter`."""

    def __init__(self, world, assessing_body=None):
        self.world = world
        self.tag = uuid.uuid4().hex[:12]
        self.body = assessing_body or world.committee
        self.programme = world.make("coordinator", "programmes", {
            "kind": "vitality_programme", "name": text("ohjelma"), "managing_body_id": self.body["id"]})
        self.version = world.make("coordinator", "programme-versions", {
            "programme_id": self.programme["id"], "number": "1.0", "source": "archive", "external_id": self.tag})
        self.theme = world.make("coordinator", "themes", {
            "programme_version_id": self.version["id"], "number": "1", "name": text("teema")})
        self.measures = []
        self.subjects = {}
        self.start = world.decision(self.body)

    def party(self, **more):
        """A party with a holder of its own; `subject_of` names the holder."""
        made = self.world.party(**more)
        subject = f"{self.tag}-{len(self.subjects)}"
        self.world.holder(made, subject)
        self.subjects[made["id"]] = subject
        return made

    def subject_of(self, party_id):
        return self.subjects[party_id]

    def measure(self, parties, goals=None, **more):
        number = f"1.{len(self.measures) + 1}"
        made = self.world.measure(self.version, self.theme, number, parties, **{"goals": goals or [world_module.goal()], **more})
        self.measures.append(made)
        return made

    def enter(self):
        decision = self.world.decision(self.world.board)
        self.version = self.world.move("secretary", "programme-versions", self.version, "enter-into-force",
                                       {"decision_id": decision["id"], "valid_from": world_module.TODAY.isoformat()})

    def plan(self, year=YEAR, **more):
        return self.world.make("coordinator", "reporting-rounds", {
            "programme_id": self.programme["id"], "programme_version_id": self.version["id"], "year": year,
            "name": text(f"kierros {year}"), "due_on": world_module.DUE, "assessing_body_id": self.body["id"],
            "onward_report_body_id": self.world.board["id"], "start_decision_id": self.start["id"], **more})

    def move(self, subject, made, verb, body=None):
        return self.world.move(subject, "reporting-rounds", made, verb, body)

    def open(self, year=YEAR, **more):
        return self.move("coordinator", self.plan(year, **more), "open")

    def requests(self, made, **query):
        return self.world.of("coordinator").get_all(
            self.world.path("report-requests"), query={"reporting_round_id": made["id"], **query})

    def request_of(self, made, measure, party):
        """The one request of this party on this measure."""
        found = [q for q in self.requests(made)
                 if q["measure_id"] == measure["id"] and q["responsible_party_id"] == party["id"]]
        assert len(found) == 1, found
        return found[0]

    def submit(self, made, measure, party, status="in_progress"):
        request = self.request_of(made, measure, party)
        subject = self.subject_of(party["id"])
        draft = self.world.report(request, subject, reported_status=status)
        return self.world.move(subject, "reports", draft, "submit")

    def accept_all(self, made):
        for request in self.requests(made, status="submitted"):
            self.world.move("coordinator", "report-requests", request, "accept")

    def review(self, made):
        self.accept_all(made)
        self.move("coordinator", made, "close")
        return self.move("coordinator", made, "start-review")

    def assess_body(self, made, measure, light, **more):
        return {"reporting_round_id": made["id"], "measure_id": measure["id"], "light": light, **more}

    def assess(self, made, measure, light, **more):
        return self.world.make("secretary", "assessments", self.assess_body(made, measure, light, **more))

    def end(self, made):
        """From review with every light given to published."""
        world = self.world
        self.move("secretary", made, "assess", {"decision_id": world.decision(self.body)["id"]})
        self.move("presenter", made, "present", {"decision_id": world.decision(world.board)["id"]})
        return self.move("coordinator", made, "publish")

    def round_measures(self, made, subject="coordinator"):
        found = self.world.of(subject).get_all(self.world.path("reporting-rounds", made["id"], "measures"))
        return {item["measure_id"]: item for item in found}
