"""Parts of the public numbers do not give one another's withheld cells back, although everybody knows the unit and the class of a topic."""
import random

import pytest

import world as world_module
from test_rules_feedback_differencing import Town, attack, given_away
from test_rules_feedback_numbers import statistics


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: each town takes a year that has ended, and there are not so many."""
    return world_module.World(make_service("parts"))


def town(world, *topics, accessible=()):
    """Of topics that lie with one unit each: (unit, how much came in each area)."""
    return Town(world, {(unit, t, area, 0): size for t, (unit, sizes) in enumerate(topics) for area, size in enumerate(sizes)}, accessible)


def received(world, town, part):
    rows = statistics(world, town.year, part)
    known = {topic["code"]: n for n, topic in enumerate(town.topics)} | {party["id"]: n for n, party in enumerate(town.units + town.areas)}
    return {known.get(code, code): row["received"] for code, row in rows.items()}


def test_the_attacker_knows_whose_a_topic_is_and_its_class(world):
    made = town(world, (0, [3]), (0, [20]), (1, [6]), (1, [30]), accessible=[0, 1])
    topics = [(made.atoms(topics=[1]), 20), (made.atoms(topics=[3]), 30)]
    by_unit = list(given_away(made, [*topics, (made.atoms(units=[0]), 23)]))
    by_class = list(given_away(made, [*topics, (made.atoms(topics=[0, 1]), 23)]))
    assert by_unit == by_class == [((0,), (0,), (0,), (0, 0), 3)]
    assert list(given_away(made, topics)) == []


def test_a_topic_hides_among_those_of_its_unit(world):
    made = town(world, (0, [3]), (0, [20]), (1, [6]), (1, [30]))
    assert received(world, made, "unit") == {0: 23, 1: 36}
    assert received(world, made, "topic") == {0: None, 1: None, 2: 6, 3: 30}
    assert attack(made, []) == []


def test_a_topic_hides_among_those_of_its_class(world):
    made = town(world, (0, [3]), (0, [20]), (0, [6]), (0, [30]), accessible=[0, 1])
    assert received(world, made, "accessibility") == {"accessibility": 23, "other": 36}
    assert received(world, made, "topic") == {0: None, 1: None, 2: 6, 3: 30}
    assert attack(made, []) == []


def test_classes_are_not_told_where_a_unit_has_few_of_one(world):
    made = town(world, (0, [3]), (0, [20]), (0, [40]), (1, [30]), (1, [7]), accessible=[0, 3])
    assert received(world, made, "accessibility") == {"accessibility": None, "other": None}
    assert received(world, made, "topic") == {0: None, 1: None, 2: 40, 3: 30, 4: 7}
    assert attack(made, []) == []


def test_topics_of_a_unit_that_is_withheld_hide_among_those_of_the_one_that_hides_it(world):
    made = town(world, (0, [3]), (1, [8]), (1, [9]), (2, [7]), (2, [20]))
    assert received(world, made, "unit") == {0: None, 1: None, 2: 27}
    assert received(world, made, "topic") == {0: None, 1: None, 2: 9, 3: 7, 4: 20}
    assert attack(made, []) == []


def test_areas_are_told_and_the_small_ones_are_not(world):
    made = town(world, (0, [3, 20, 8, 2]), (1, [1, 20, 9, 30]))
    assert received(world, made, "area") == {2 + 0: None, 2 + 1: 40, 2 + 2: None, 2 + 3: 32}
    assert {row["name"] is None for row in statistics(world, made.year, "area").values()} == {False}
    row, = world.of().get_all(world.path("feedback-statistics"), query={"year": made.year, "area_id": made.areas[1]["id"]})
    assert (row["part"], row["area_id"], row["received"]) == ("area", made.areas[1]["id"], 40)
    assert attack(made, []) == []


def test_what_lies_nowhere_is_told_apart(world):
    made = town(world, (0, [8, 9]))
    world.rows("update feedback set area_id = null where area_id = %s", made.areas[1]["id"])
    assert received(world, made, "area") == {1: 8, "none": 9}


def test_sector_that_tells_its_topics_does_not_tell_those_of_a_unit_that_told_its_whole(world):
    made = town(world, (0, [3]), (0, [20]), (1, [6]), (1, [30]))
    told = [(made.tell(0), [0], range(4)), (made.tell(), None, range(4))]
    by_topic = {row["topic_id"]: row["received"] for row in told[1][0]["topics"]}
    assert [by_topic[topic["id"]] for topic in made.topics] == [None, None, 6, 30]
    assert attack(made, told) == []


def test_what_summaries_told_in_full_hides_nothing(world):
    """The year of the first topic is its quarters and 2; the second was told each quarter, so the third must hide it."""
    sizes = {0: (6, 6, 6, 2), 1: (5, 5, 5, 20), 2: (30, 30, 30, 9)}
    made = Town(world, {(0, topic, 0, q): size for topic, by_quarter in sizes.items() for q, size in enumerate(by_quarter)})
    told = [(made.tell(0, [q]), [0], [q]) for q in range(4)]
    assert received(world, made, "topic") == {0: None, 1: 35, 2: None}
    assert attack(made, told) == []


@pytest.mark.parametrize("seed", range(14))
def test_attacker_with_all_parts_finds_no_small_group(world, seed):
    chance = random.Random(seed)
    n_units, n_topics, n_areas = chance.randint(1, 3), chance.randint(2, 5), chance.randint(1, 3)
    unit_of = [chance.randrange(n_units) for _ in range(n_topics)]
    quarters = range(4) if seed % 2 else range(1)
    sizes = {(unit, topic, area, q): chance.choice((0, 0, 1, 2, 3, 5, 8, 15)) for topic, unit in enumerate(unit_of)
             for area in range(n_areas) for q in quarters}
    made = Town(world, sizes, [topic for topic in range(n_topics) if chance.random() < 0.4])
    wanted = [(unit, [q]) for unit in [*set(unit_of), None] for q in quarters if chance.random() < 0.6]
    told = [(made.tell(unit, some), None if unit is None else [unit], some) for unit, some in wanted]
    assert attack(made, told) == [], (sizes, made.accessible, wanted)
