"""Cycles of participatory budgeting for tests: of Seinäjoki's shape, in the phase a test wants."""
import datetime
import json
import uuid

from pictures import picture

SHARES = {"pohjoinen": 20_000_00, "itäinen": 70_000_00, "läntinen": 70_000_00, "eteläinen": 20_000_00, "koko": 20_000_00}
OFFICERS = ["kaupunginsihteeri", "arkistonhoitaja"]
TIMES = ("ideas_start_at", "ideas_end_at", "voting_starts_at", "voting_ends_at")


def both(words):
    return {"fi": words, "sv": words + " (sv)"}


class Budget:
    """The areas of a world's municipality, and cycles over them."""

    def __init__(self, world):
        self.world = world
        self.areas = {name: world.area("pb_area", name=both(name)) for name in SHARES if name != "koko"}
        self.areas["koko"] = world.area("whole", name=both("koko kaupunki"))

    def shares(self, **changed):
        return [{"area_id": self.areas[name]["id"], "appropriation_cents": cents, "eligible": 10_000}
                for name, cents in {**SHARES, **changed}.items()]

    def body(self, **more):
        """What a coordinator plans: ideas open now, a vote after them."""
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        days = dict(zip(TIMES, (-1, 30, 60, 80)))
        return {
            "name": both("Asukasbudjetti"), "start_year": 2025, "end_year": 2026, "theme": both("Lapset ja nuoret"),
            "appropriation_cents": sum(SHARES.values()), "shares": self.shares(), "criteria": [both("Kuuluu kaupungin tehtäviin")],
            "confirming_body_id": self.world.committee["id"],
            **{name: (now + datetime.timedelta(days=day)).isoformat().replace("+00:00", "Z") for name, day in days.items()},
            **more}

    def plan(self, **more):
        return self.world.make("planner", "budget-cycles", self.body(**more))

    def decided(self, **more):
        """Planned, with the committee's decision for it alone."""
        return self.plan(decision_id=self.world.decision(self.world.committee)["id"], **more)

    def move(self, cycle, verb, body=None, subject="planner"):
        return self.world.move(subject, "budget-cycles", cycle, verb, body)

    def open(self, **more):
        return self.move(self.decided(**more), "open-ideas")

    def count(self, cycle):
        """What two vote officers do together."""
        return self.world.of("officer").post(self.world.path("budget-cycles", cycle["id"], "count"), {"officers": OFFICERS})

    def pass_days(self, cycle, days):
        """Time goes by: all that the cycle's calendar names is so much earlier."""
        self.world.rows(
            "update budget_cycle set " + ", ".join(f"{name} = {name} - make_interval(days => {days:d})" for name in TIMES)
            + " where id = %s", cycle["id"])

    def develop(self, **more):
        cycle = self.open(**more)
        self.pass_days(cycle, 40)
        return self.move(cycle, "develop")

    def proposal(self, cycle, area, cents, status="feasible", **more):
        """A proposal as the evaluators left it; its number is the next of the cycle."""
        return self.world.rows(
            "insert into proposal (municipality, budget_cycle_id, number, area_id, title, description, categories, status,"
            " cost_cents, exclusive_group, published_at) select c.municipality, c.id,"
            " (select count(*) + 1 from proposal p where p.budget_cycle_id = c.id), %s, %s, %s, %s, %s, %s, %s, now()"
            " from budget_cycle c where c.id = %s returning id::text, number",
            self.areas[area]["id"], json.dumps(both("ehdotus")), json.dumps(both("kuvaus")), json.dumps(more.get("categories", [])), status, cents,
            more.get("exclusive_group"), cycle["id"])[0]

    def idea(self, cycle, area="itäinen", **more):
        """What a resident sends."""
        return {"budget_cycle_id": cycle["id"], "area_id": self.areas[area]["id"], "title": both("Keinu"), "description": both("Puistoon keinu"),
                "authors": [{"kind": "resident", "name": "Aino Aloittaja", "email": "aino@example.fi"}], **more}

    def send(self, cycle, area="itäinen", subject="author", **more):
        return self.world.make(subject, "proposals", self.idea(cycle, area, **more))

    def carry(self, proposal, *verbs, **bodies):
        """The proposal after these moves of officials."""
        people = {"publish": "moderator", "hide": "moderator", "take-up": "evaluator", "return": "evaluator", "evaluate": "evaluator",
                  "estimate": "evaluator"}
        for verb in verbs:
            proposal = self.world.move(people.get(verb, "planner"), "proposals", proposal, verb, bodies.get(verb.replace("-", "_")))
        return proposal

    def comment(self, proposal, subject="commenter", **more):
        return self.world.make(subject, "proposal-comments", {
            "proposal_id": proposal["id"], "text": "Hyvä ajatus!", "language": "fi", **more})

    def image(self, proposal, data=None, subject="author"):
        """A picture added to the proposal."""
        path = self.world.path("proposals", proposal["id"], "images")
        return self.world.of(subject).post(path, data or picture()).expect(201).json

    def describe(self, image, subject="author", **languages):
        return self.world.of(subject).patch(self.world.path("proposal-images", image["id"]),
                                            {"alternative_text": languages or both("keinu puistossa")}, etag="*").expect(200).json

    def vote(self, projects=None, ends_in_days=20, **more):
        """A cycle whose vote is open: {area: [costs]}, by default two of each area, or (cost, exclusive group). `ids` are by area."""
        cycle = self.develop(**more)
        projects = projects or {name: [cents // 2, cents * 3 // 4] for name, cents in SHARES.items()}
        pair = lambda cost: cost if isinstance(cost, tuple) else (cost, None)
        self.ids = {area: [self.proposal(cycle, area, cents, exclusive_group=group)[0] for cents, group in map(pair, costs)]
                    for area, costs in projects.items()}
        decision = self.world.decision(self.world.committee)
        self.move(cycle, "confirm-ballot", {"decision_id": decision["id"]})
        self.pass_days(cycle, 80 - 40 - ends_in_days)
        opened = self.move(cycle, "open-voting", {"officers": OFFICERS}, "officer")
        return {**opened, "ids": self.ids}

    def cast(self, voter, cycle, choices, key=None, **more):
        """Sends a ballot: choices are ids of proposals, or (id, points)."""
        body = {"choices": [{"proposal_id": c} if isinstance(c, str) else {"proposal_id": c[0], "points": c[1]} for c in choices],
                **more}
        return voter.post(self.world.path("budget-cycles", cycle["id"], "ballots"), body,
                          headers={"Idempotency-Key": key or f"key-{uuid.uuid4()}"})

    def code(self, cycle, **more):
        """A code of the cycle that nobody has used."""
        answer = self.world.of("officer").post(
            self.world.path("budget-cycles", cycle["id"], "voting-codes"), {"count": 1, **more},
            headers={"Idempotency-Key": f"key-{uuid.uuid4()}"})
        return answer.expect(200)["codes"][0]

    def cast_with_code(self, cycle, code, choices, key=None, **more):
        """Sends a ballot without a token, as from a kiosk."""
        return self.world.of().post(
            self.world.path("budget-cycles", cycle["id"], "code-ballots"),
            {"code": code, "choices": [{"proposal_id": choice} for choice in choices], **more},
            headers={"Idempotency-Key": key or f"key-{uuid.uuid4()}"})

    def session(self, cycle, identity, subject="clerk", key=None, **more):
        """What a clerk does who has seen an ID."""
        return self.world.of(subject).post(
            self.world.path("budget-cycles", cycle["id"], "voting-sessions"),
            {"identity": identity, "birth_date": "1990-06-15", "residence": "743", **more},
            headers={"Idempotency-Key": key or f"key-{uuid.uuid4()}"})

    def register(self, cycle, voters, **more):
        return self.world.of("officer").post(
            self.world.path("budget-cycles", cycle["id"], "voter-register"), {"voters": voters, **more})

    def mark(self, cycle, identity, subject="clerk", key=None, **more):
        """What a clerk does before giving somebody a ballot paper."""
        return self.world.of(subject).post(
            self.world.path("budget-cycles", cycle["id"], "paper-marks"),
            {"identity": identity, "birth_date": "1990-06-15", "residence": "743", **more},
            headers={"Idempotency-Key": key or f"key-{uuid.uuid4()}"})

    def batch(self, cycle, declared, subject="officer", **more):
        return self.world.make(subject, "paper-batches", {
            "budget_cycle_id": cycle["id"], "reference": str(uuid.uuid4()), "declared_count": declared, **more})

    def enter(self, batch, *ballots, spoiled=0, subject="officer", key=None):
        """Enters ballots, each a list of ids of proposals, or of (id, points)."""
        choices = [[{"proposal_id": c} if isinstance(c, str) else {"proposal_id": c[0], "points": c[1]} for c in ballot] for ballot in ballots]
        return self.world.of(subject).post(
            self.world.path("paper-batches", batch["id"], "ballots"),
            {"ballots": [{"choices": one} for one in choices], "spoiled_count": spoiled},
            headers={"Idempotency-Key": key or f"key-{uuid.uuid4()}"})

    def confirm_batch(self, batch, subject="officer2"):
        return self.world.of(subject).post(self.world.path("paper-batches", batch["id"], "confirm"))

    def papers(self, cycle, *ballots, spoiled=0, **more):
        """A batch that one officer entered and another confirmed."""
        batch = self.batch(cycle, len(ballots) + spoiled, **more)
        self.enter(batch, *ballots, spoiled=spoiled).expect(200)
        return self.confirm_batch(batch).expect(200).json

    def void(self, cycle, commitment):
        """Asked for by one officer."""
        return self.world.make("officer", "ballot-voids", {
            "budget_cycle_id": cycle["id"], "commitment": commitment, "reason": both("painostettu")})

    def void_ballot(self, cycle):
        return self.void(cycle, self.committed(cycle))

    def committed(self, cycle):
        """Commitment of a ballot that was just cast with a code."""
        cast = self.cast_with_code(cycle, self.code(cycle), [cycle["ids"]["koko"][0]]).expect(201)
        return cast["receipt"]["commitment"]

    def ask(self, cycle, identity, about, subject):
        """What somebody asks of one voter."""
        return self.world.of(subject).post(
            self.world.path("budget-cycles", cycle["id"], "voter-inquiries"), {"identity": identity, "about": about})

    def decided_vote(self, cycle=None, ago=200):
        """Counted and confirmed by a decision that was published so many days ago."""
        cycle = cycle or self.vote()
        self.pass_days(cycle, 30)
        self.count(cycle).expect(200)
        decision = self.world.decision(self.world.committee)
        self.move(cycle, "confirm", {"decision_id": decision["id"]})
        self.world.rows("update transition set at = at - make_interval(days => %s) where resource_id = %s", ago, cycle["id"])
        self.world.rows("update decision set published_at = now() - make_interval(days => %s) where id = %s", ago, decision["id"])
        return {**cycle, "confirming_decision_id": decision["id"]}

    def cancelled(self):
        return self.move(self.plan(), "cancel", {"decision_id": self.world.start["id"], "reason": both("peruttiin")})
