"""Numbers of feedback, told over and over in times, units and divisions that hold each other, give back none that was withheld.
The attacker has all that was published and the public statistics, and subtracts."""
import fractions
import itertools
import random
import uuid

import pytest

import world as world_module
from test_rules_feedback_numbers import publish, statistics
from world import HOME

QUARTERS = [("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31")]
MEASURES = ("received", "cases", "answered", "published", "transferred")


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: each division takes a year that has ended, and there are not so many."""
    return world_module.World(make_service("divisions"))


class Town:
    """Units of one sector, their topics and areas in a year of their own. `sizes` says how much came of each (unit, topic, area,
    quarter) that may come: that is what the attacker knows without being told, for a topic says whose it is. `accessible` are
    the topics of accessibility."""

    def __init__(self, world, sizes, accessible=()):
        self.world, self.year, self.sector = world, next(world.feedback.years), f"ala {uuid.uuid4().hex[:8]}"
        self.sizes, self.accessible = sizes, set(accessible)
        n_units, n_topics, n_areas, _ = (max(place) + 1 for place in zip(*sizes))
        self.units = [world.party("unit", sector=self.sector) for _ in range(n_units)]
        self.topics = [world.feedback.topic() for _ in range(n_topics)]
        self.areas = [world.area() for _ in range(n_areas)]
        for (unit, topic, area, quarter), size in sizes.items():
            world.rows(
                "insert into feedback (municipality, kind, text, language, status, due_on, created_at, topic_id, responsible_party_id, area_id, is_accessibility)"
                " select %s, 'thanks', 'x', 'fi', 'assigned', %s, %s, %s, %s, %s, %s from generate_series(1, %s)",
                HOME, f"{self.year}-06-10", f"{self.year}-{QUARTERS[quarter][0]}T12:00:00Z", self.topics[topic]["id"], self.units[unit]["id"],
                self.areas[area]["id"], topic in self.accessible, size)

    def tell(self, unit=None, quarters=(0, 1, 2, 3)):
        """The numbers of a unit, or of the sector, in some quarters on end."""
        whose = {"sector": self.sector, "responsible_party_id": None} if unit is None else {"responsible_party_id": self.units[unit]["id"]}
        return publish(self.world, self.world.feedback.summarise(
            is_complete=True, starts_on=f"{self.year}-{QUARTERS[quarters[0]][0]}", ends_on=f"{self.year}-{QUARTERS[quarters[-1]][1]}", **whose)).json["counts"]

    def atoms(self, units=None, topics=None, quarters=range(4), areas=None):
        """What may have come of some of them; of all where nothing is said."""
        wanted = (units, topics, areas, quarters)
        return frozenset(atom for atom in self.sizes if all(some is None or one in some for one, some in zip(atom, wanted)))

    def size(self, atoms):
        return sum(self.sizes[atom] for atom in atoms)

    def equations(self, counts, units, quarters):
        """What a table of numbers says of `received`: (what is counted, how many)."""
        if counts["received"] is not None:
            yield self.atoms(units, None, quarters), counts["received"]
        for n, topic in enumerate(self.topics):
            row = next((row for row in counts["topics"] if row["topic_id"] == topic["id"]), None)
            if row and row["received"] is not None:
                yield self.atoms(units, [n], quarters), row["received"]

    def public(self):
        """What the public statistics say of the year, in all their parts."""
        def places(made, row, name):
            return [n for n, one in enumerate(made) if one["id"] == row[name]] or None
        for row in self.world.of().get_all(self.world.path("feedback-statistics"), query={"year": self.year, "limit": 200}):
            if row["received"] is None:
                continue
            topics = places(self.topics, row, "topic_id")
            if row["part"] == "accessibility":
                topics = [n for n in range(len(self.topics)) if (n in self.accessible) == (row["code"] == "accessibility")]
            quarters = [n for n, (begin, _) in enumerate(QUARTERS) if row["part"] != "month" or row["code"] == f"{self.year}-{begin[:2]}"]
            yield self.atoms(places(self.units, row, "responsible_party_id"), topics, quarters, places(self.areas, row, "area_id")), row["received"]


def division(world, sizes):
    """Where any unit has items of any topic: `sizes[unit][topic]` is how much came in each quarter."""
    return Town(world, {(u, t, 0, q): size for u, topics in enumerate(sizes) for t, quarters in enumerate(topics) for q, size in enumerate(quarters)})


def solve(equations):
    """Rows of the equations in reduced form, in fractions."""
    rows = []
    for atoms, _ in equations:
        row = reduced(rows, {atom: fractions.Fraction(1) for atom in atoms})
        if row:
            lead = min(row)
            row = {atom: value / row[lead] for atom, value in row.items()}
            rows.append((lead, row))
    return rows


def reduced(rows, row):
    row = dict(row)
    for lead, other in rows:
        factor = row.get(lead)
        if factor:
            for atom, value in other.items():
                row[atom] = row.get(atom, 0) - factor * value
                if not row[atom]:
                    del row[atom]
    return row


def subsets(n):
    """All of n things, and each lesser choice of at least one."""
    return itertools.chain.from_iterable(itertools.combinations(range(n), k) for k in range(1, n + 1))


def given_away(town, equations):
    """Small groups that follow from the equations: of some units, some topics, some areas, and quarters on end."""
    rows, seen = solve(equations), set()
    for units, topics, areas in itertools.product(subsets(len(town.units)), subsets(len(town.topics)), subsets(len(town.areas))):
        for first, last in itertools.combinations_with_replacement(range(4), 2):
            atoms = town.atoms(units, topics, range(first, last + 1), areas)
            if 1 <= town.size(atoms) <= 4 and atoms not in seen:
                seen.add(atoms)
                if not reduced(rows, {atom: fractions.Fraction(1) for atom in atoms}):
                    yield units, topics, areas, (first, last), town.size(atoms)


def attack(town, told):
    equations = list(town.public()) + [equation for counts, units, quarters in told for equation in town.equations(counts, units, quarters)]
    for atoms, number in equations:
        assert town.size(atoms) == number, "what is told is true"
    return list(given_away(town, equations))


def test_the_attacker_finds_what_a_careless_table_gives_away(world):
    town = division(world, [[[6, 6, 6, 2], [20, 20, 20, 20]]])
    careless = [(town.atoms(None, [0]), 20), *((town.atoms(None, [0], [q]), 6) for q in range(3))]
    assert ((0,), (0,), (0,), (3, 3), 2) in list(given_away(town, careless))


def test_year_less_its_published_quarters_gives_no_small_quarter_back(world):
    town = division(world, [[[6, 6, 6, 2], [20, 20, 20, 20], [9, 9, 9, 9]]])
    told = [(town.tell(0, [q]), [0], [q]) for q in range(4)]
    last = {row["topic_id"]: row["received"] for row in told[3][0]["topics"]}
    assert last[town.topics[0]["id"]] is None and None in (last[town.topics[1]["id"]], last[town.topics[2]["id"]])
    told.append((town.tell(0), [0], range(4)))
    assert attack(town, told) == []
    assert told[-1][0]["received"] == 136, "the year as a whole is told"
    shown = [row["received"] for row in told[-1][0]["topics"]]
    assert shown.count(None) == 2 and 80 in shown


def test_public_statistics_of_the_year_less_the_quarters_give_none_back(world):
    town = division(world, [[[6, 6, 6, 2], [20, 20, 20, 20], [9, 9, 9, 9]]])
    before = statistics(world, town.year)
    assert [before[topic["code"]]["received"] for topic in town.topics] == [20, 80, 36]
    told = [(town.tell(0, [q]), [0], [q]) for q in range(4)]
    after = statistics(world, town.year)
    assert [after[topic["code"]]["received"] for topic in town.topics] == [None, 80, None]
    assert attack(town, told) == []


def test_small_quarter_of_a_unit_is_not_its_year_in_the_statistics_less_the_others(world):
    town = division(world, [[[8, 8, 8, 3]], [[9, 9, 9, 9]], [[7, 7, 7, 7]]])
    told = [(town.tell(0, [q]), [0], [q]) for q in range(4)]
    assert told[3][0]["received"] is None
    rows = statistics(world, town.year, "unit")
    assert rows[town.units[0]["id"]]["received"] is None and sum(row["received"] is None for row in rows.values()) == 2
    assert attack(town, told) == []


def test_sector_less_its_units_gives_no_small_unit_back(world):
    town = division(world, [[[10, 0, 0, 0], [9, 0, 0, 0]], [[3, 0, 0, 0], [8, 0, 0, 0]], [[12, 0, 0, 0], [7, 0, 0, 0]]])
    told = [(town.tell(unit, [0]), [unit], [0]) for unit in (0, 2)]
    told.append((town.tell(None, [0]), None, [0]))
    by_topic = {row["topic_id"]: row["received"] for row in told[-1][0]["topics"]}
    assert by_topic[town.topics[0]["id"]] is None and told[-1][0]["received"] == 49
    assert attack(town, told) == []


@pytest.mark.parametrize("first, then", [((None, (0, 1, 2, 3)), (None, (3,))), ((0, (0, 1, 2)), (0, (2, 3))), ((None, (0,)), (0, (0,)))])
def test_what_would_divide_numbers_that_were_told_is_withheld_and_its_words_are_published(world, first, then):
    town = division(world, [[[20, 20, 20, 20]], [[20, 20, 20, 20]]])
    assert town.tell(*first)["received"]
    withheld = town.tell(*then)
    assert (withheld["received"], withheld["answered"], withheld["topics"], withheld["is_suppressed"]) == (None, None, [], True)
    assert town.tell(*first)["received"] is not None, "the same time told again says the same"


def test_what_nothing_was_told_of_before_is_told_as_ever(world):
    town = division(world, [[[8, 9, 10, 11], [20, 21, 22, 23]]])
    told = [town.tell(0, [q]) for q in range(4)]
    year = town.tell(0)
    assert year["received"] == sum(counts["received"] for counts in told) == 124 and not year["is_suppressed"]
    assert {row["received"] for row in year["topics"]} == {38, 86}


@pytest.mark.parametrize("seed", range(12))
def test_attacker_with_everything_finds_no_small_cell(world, seed):
    chance = random.Random(seed)
    n_units, n_topics = chance.randint(1, 3), chance.randint(1, 4)
    town = division(world, [[[chance.choice((0, 1, 2, 3, 4, 5, 6, 9, 15, 40)) for _ in QUARTERS] for _ in range(n_topics)] for _ in range(n_units)])
    wanted = [(unit, [q]) for unit in range(n_units) for q in range(4)] + [(unit, [0, 1]) for unit in range(n_units)]
    wanted += [(unit, range(4)) for unit in range(n_units)] + [(None, [q]) for q in range(4)] + [(None, range(4))]
    orderly = chance.random() < 0.5
    wanted = [one for one in wanted if chance.random() < 0.7]
    if not orderly:
        chance.shuffle(wanted)
    told = [(town.tell(unit, list(quarters)), None if unit is None else [unit], quarters) for unit, quarters in wanted]
    assert attack(town, told) == [], (town.sizes, wanted)
