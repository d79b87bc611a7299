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


class Division:
    """Units of one sector in a year of their own; `sizes[unit][topic]` is how much came in each quarter."""

    def __init__(self, world, sizes):
        self.world, self.year, self.sector = world, next(world.feedback.years), f"ala {uuid.uuid4().hex[:8]}"
        self.units = [world.party("unit", sector=self.sector) for _ in sizes]
        self.topics = [world.feedback.topic() for _ in sizes[0]]
        self.sizes = sizes
        for unit, by_topic in zip(self.units, sizes):
            for topic, by_quarter in zip(self.topics, by_topic):
                for (begin, _), size in zip(QUARTERS, by_quarter):
                    world.rows(
                        "insert into feedback (municipality, kind, text, language, status, due_on, created_at, topic_id, responsible_party_id)"
                        " select %s, 'thanks', 'x', 'fi', 'assigned', %s, %s, %s, %s from generate_series(1, %s)",
                        HOME, f"{self.year}-06-10", f"{self.year}-{begin}T12:00:00Z", topic["id"], unit["id"], size)

    def tell(self, unit=None, quarters=(0, 1, 2, 3)):
        """The numbers of a unit, or of the sector, in some quarters on end."""
        whose = {"sector": self.sector, "responsible_party_id": None} if unit is None else {"responsible_party_id": self.units[unit]["id"]}
        return publish(self.world, self.world.feedback.summarise(
            is_complete=True, starts_on=f"{self.year}-{QUARTERS[quarters[0]][0]}", ends_on=f"{self.year}-{QUARTERS[quarters[-1]][1]}", **whose)).json["counts"]

    def atoms(self, units=None, topics=None, quarters=range(4)):
        return frozenset(itertools.product(units if units is not None else range(len(self.units)),
                                           topics if topics is not None else range(len(self.topics)), quarters))

    def size(self, atoms):
        return sum(self.sizes[u][t][q] for u, t, q in atoms)

    def equations(self, counts, units, quarters):
        """What a table of numbers says of `received`: (what is counted, how many)."""
        if counts["received"] is not None:
            yield self.atoms(units, None, quarters), counts["received"]
        for n, topic in enumerate(self.topics):
            row = next((row for row in counts["topics"] if row["topic_id"] == topic["id"]), None)
            if row and row["received"] is not None:
                yield self.atoms(units, [n], quarters), row["received"]

    def public(self):
        """What the public statistics say of the year."""
        rows = self.world.of().get_all(self.world.path("feedback-statistics"), query={"year": self.year, "limit": 200})
        for row in rows:
            if row["received"] is None:
                continue
            topics = [n for n, topic in enumerate(self.topics) if topic["id"] == row["topic_id"]]
            units = [n for n, unit in enumerate(self.units) if unit["id"] == row["responsible_party_id"]]
            if row["part"] in ("whole", "topic", "unit"):
                yield self.atoms(units or None, topics or None), row["received"]


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


def given_away(division, equations):
    """Small cells that follow from the equations: of every unit or all, topic or all, and quarters on end."""
    rows = solve(equations)
    n_units, n_topics = len(division.units), len(division.topics)
    for units in [None, *([u] for u in range(n_units))]:
        for topics in [None, *([t] for t in range(n_topics))]:
            for first, last in itertools.combinations_with_replacement(range(4), 2):
                atoms = division.atoms(units, topics, range(first, last + 1))
                if 1 <= division.size(atoms) <= 4 and not reduced(rows, {atom: fractions.Fraction(1) for atom in atoms}):
                    yield units, topics, (first, last), division.size(atoms)


def attack(division, told):
    equations = [equation for counts, units, quarters in told for equation in division.equations(counts, units, quarters)]
    for atoms, number in equations:
        assert division.size(atoms) == number, "what is told is true"
    return list(given_away(division, equations + list(division.public())))


def test_the_attacker_finds_what_a_careless_table_gives_away(world):
    division = Division(world, [[[6, 6, 6, 2], [20, 20, 20, 20]]])
    careless = [(division.atoms(None, [0]), 20), *((division.atoms(None, [0], [q]), 6) for q in range(3))]
    assert ([0], [0], (3, 3), 2) in list(given_away(division, careless))


def test_year_less_its_published_quarters_gives_no_small_quarter_back(world):
    division = Division(world, [[[6, 6, 6, 2], [20, 20, 20, 20], [9, 9, 9, 9]]])
    told = [(division.tell(0, [q]), [0], [q]) for q in range(4)]
    last = {row["topic_id"]: row["received"] for row in told[3][0]["topics"]}
    assert last[division.topics[0]["id"]] is None and None in (last[division.topics[1]["id"]], last[division.topics[2]["id"]])
    told.append((division.tell(0), [0], range(4)))
    assert attack(division, told) == []
    assert told[-1][0]["received"] == 136, "the year as a whole is told"
    shown = [row["received"] for row in told[-1][0]["topics"]]
    assert shown.count(None) == 2 and 80 in shown


def test_public_statistics_of_the_year_less_the_quarters_give_none_back(world):
    division = Division(world, [[[6, 6, 6, 2], [20, 20, 20, 20], [9, 9, 9, 9]]])
    before = statistics(world, division.year)
    assert [before[topic["code"]]["received"] for topic in division.topics] == [20, 80, 36]
    told = [(division.tell(0, [q]), [0], [q]) for q in range(4)]
    after = statistics(world, division.year)
    assert [after[topic["code"]]["received"] for topic in division.topics] == [None, 80, None]
    assert attack(division, told) == []


def test_small_quarter_of_a_unit_is_not_its_year_in_the_statistics_less_the_others(world):
    division = Division(world, [[[8, 8, 8, 3]], [[9, 9, 9, 9]], [[7, 7, 7, 7]]])
    told = [(division.tell(0, [q]), [0], [q]) for q in range(4)]
    assert told[3][0]["received"] is None
    rows = statistics(world, division.year, "unit")
    assert rows[division.units[0]["id"]]["received"] is None and sum(row["received"] is None for row in rows.values()) == 2
    assert attack(division, told) == []


def test_sector_less_its_units_gives_no_small_unit_back(world):
    division = Division(world, [[[10, 0, 0, 0], [9, 0, 0, 0]], [[3, 0, 0, 0], [8, 0, 0, 0]], [[12, 0, 0, 0], [7, 0, 0, 0]]])
    told = [(division.tell(unit, [0]), [unit], [0]) for unit in (0, 2)]
    told.append((division.tell(None, [0]), None, [0]))
    by_topic = {row["topic_id"]: row["received"] for row in told[-1][0]["topics"]}
    assert by_topic[division.topics[0]["id"]] is None and told[-1][0]["received"] == 49
    assert attack(division, told) == []


@pytest.mark.parametrize("first, then", [((None, (0, 1, 2, 3)), (None, (3,))), ((0, (0, 1, 2)), (0, (2, 3))), ((None, (0,)), (0, (0,)))])
def test_what_would_divide_numbers_that_were_told_is_withheld_and_its_words_are_published(world, first, then):
    division = Division(world, [[[20, 20, 20, 20]], [[20, 20, 20, 20]]])
    assert division.tell(*first)["received"]
    withheld = division.tell(*then)
    assert (withheld["received"], withheld["answered"], withheld["topics"], withheld["is_suppressed"]) == (None, None, [], True)
    assert division.tell(*first)["received"] is not None, "the same time told again says the same"


def test_what_nothing_was_told_of_before_is_told_as_ever(world):
    division = Division(world, [[[8, 9, 10, 11], [20, 21, 22, 23]]])
    told = [division.tell(0, [q]) for q in range(4)]
    year = division.tell(0)
    assert year["received"] == sum(counts["received"] for counts in told) == 124 and not year["is_suppressed"]
    assert {row["received"] for row in year["topics"]} == {38, 86}


@pytest.mark.parametrize("seed", range(12))
def test_attacker_with_everything_finds_no_small_cell(world, seed):
    chance = random.Random(seed)
    n_units, n_topics = chance.randint(1, 3), chance.randint(1, 4)
    division = Division(world, [[[chance.choice((0, 1, 2, 3, 4, 5, 6, 9, 15, 40)) for _ in QUARTERS] for _ in range(n_topics)] for _ in range(n_units)])
    wanted = [(unit, [q]) for unit in range(n_units) for q in range(4)] + [(unit, [0, 1]) for unit in range(n_units)]
    wanted += [(unit, range(4)) for unit in range(n_units)] + [(None, [q]) for q in range(4)] + [(None, range(4))]
    orderly = chance.random() < 0.5
    wanted = [one for one in wanted if chance.random() < 0.7]
    if not orderly:
        chance.shuffle(wanted)
    told = [(division.tell(unit, list(quarters)), None if unit is None else [unit], quarters) for unit, quarters in wanted]
    assert attack(division, told) == [], (division.sizes, wanted)
