"""Cycles of participatory budgeting for tests: of Seinäjoki's shape, in the phase a test wants."""
import datetime
import uuid

SHARES = {"pohjoinen": 20_000_00, "itäinen": 70_000_00, "läntinen": 70_000_00, "eteläinen": 20_000_00, "koko": 20_000_00}
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

    def pass_days(self, cycle, days):
        """Time goes by: all that the cycle's calendar names is so much earlier."""
        self.world.rows(
            "update budget_cycle set " + ", ".join(f"{name} = {name} - make_interval(days => {days:d})" for name in TIMES)
            + " where id = %s", cycle["id"])

    def develop(self, **more):
        cycle = self.open(**more)
        self.pass_days(cycle, 40)
        return self.move(cycle, "develop")

    def cancelled(self):
        return self.move(self.plan(), "cancel", {"decision_id": self.world.start["id"], "reason": both("peruttiin")})
