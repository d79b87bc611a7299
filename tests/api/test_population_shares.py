"""An appropriation split by population. Areas of days long gone, so that nobody else's take part."""
import itertools

import pytest

import world as world_module
from world import text

SEINAJOKI = {"north": 6_580, "east": 23_100, "west": 23_070, "south": 6_610}
years = itertools.count(1900)


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own, whose whole municipality is of all times."""
    made = world_module.World(make_service("shares"))
    made.rows("update area set valid_from = '1900-01-01', deleted_at = null where kind = 'whole' and valid_to is null")
    return made


def place(world, people, kind="pb_area"):
    """Areas of one year by name, with so many people each; and the day."""
    year = next(years)
    population = lambda value: None if value is None else {"value": value, "as_of": "2022-12-31"}  # noqa: E731
    areas = {name: world.area(kind, code=f"{n:02d}", name=text(name), valid_from=f"{year}-01-01", valid_to=f"{year}-12-31",
                              population=population(value))["id"] for n, (name, value) in enumerate(people.items())}
    return areas, f"{year}-06-15"


def ask(world, day, cents, **query):
    return world.of().get(world.path("areas", "population-shares"), query={"appropriation_cents": cents, "on": day, **query})


def split(people, cents, step=1):
    """Largest remainders a second time: step by step to whoever is furthest from the own share."""
    units, everybody = cents // step, sum(people.values())
    given = {name: units * value // everybody for name, value in people.items()}
    order = sorted(people, key=lambda name: (-(units * people[name] - given[name] * everybody), list(people).index(name)))
    for name in order[:units - sum(given.values())]:
        given[name] += 1
    shares = {name: count * step for name, count in given.items()}
    shares[max(people, key=lambda name: (people[name], -list(people).index(name)))] += cents % step
    return shares


@pytest.mark.parametrize("people", [SEINAJOKI, {"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 0, "c": 999_999}, {"a": 3, "b": 3, "c": 2, "d": 2, "e": 1}])
def test_shares_are_those_of_largest_remainders_and_sum_exactly(world, people):
    areas, day = place(world, people)
    for cents, step in itertools.product((1, 100, 20_000_001, 1_000_000_000_000), (1, 100, 99_999)):
        answer = ask(world, day, cents, round_to=step).expect(200)
        given = {share["area_id"]: share["appropriation_cents"] for share in answer["shares"]}
        assert given == {areas[name]: share for name, share in split(people, cents, step).items()}, (cents, step)
        assert sum(given.values()) == cents == answer["appropriation_cents"] and answer["on"] == day


def test_seinajokis_cycle_is_by_population_in_steps_of_ten_thousand_euros(world):
    """180 000 EUR of 200 000 by the population of four areas, 20 000 for the whole city (2023-2024)."""
    areas, day = place(world, SEINAJOKI)
    answer = ask(world, day, 200_000_00, whole_cents=20_000_00, round_to=10_000_00).expect(200)
    assert [share["appropriation_cents"] for share in answer["shares"]] == [20_000_00, 20_000_00, 70_000_00, 70_000_00, 20_000_00]
    assert [share["area_id"] for share in answer["shares"]] == [world.budget.areas["koko"]["id"], *areas.values()]
    assert [(area["name"]["fi"], area["population"]) for area in answer["areas"]] == [
        (name, {"value": value, "as_of": "2022-12-31"}) for name, value in SEINAJOKI.items()]
    exact = ask(world, day, 200_000_00, whole_cents=20_000_00).expect(200)["shares"]
    assert {share["area_id"]: share["appropriation_cents"] for share in exact[1:]} == {
        areas[name]: share for name, share in split(SEINAJOKI, 180_000_00).items()}
    cycle = world.budget.open(shares=answer["shares"], appropriation_cents=200_000_00)
    assert sorted(share["appropriation_cents"] for share in cycle["shares"]) == [20_000_00] * 3 + [70_000_00] * 2


def test_an_area_of_unknown_population_leaves_no_shares_and_is_told(world):
    areas, day = place(world, {"a": 5, "b": None})
    answer = ask(world, day, 100).expect(200)
    assert answer["shares"] == [] and [area["population"] is None for area in answer["areas"]] == [False, True]
    _, empty = place(world, {"a": 0, "b": 0})
    assert ask(world, empty, 100).expect(200)["shares"] == []


def test_other_kinds_share_by_themselves_and_days_have_their_own_areas(world):
    villages, day = place(world, {"a": 1, "b": 3}, "village")
    ask(world, day, 100).expect(404)
    shares = ask(world, day, 100, kind="village").expect(200)["shares"]
    assert [(share["area_id"], share["appropriation_cents"]) for share in shares] == [(villages["a"], 25), (villages["b"], 75)]
    ask(world, day, 100, kind="whole").expect(400)


def test_the_whole_gets_no_more_than_there_is(world):
    _, day = place(world, {"a": 1})
    answer = ask(world, day, 100, whole_cents=101).expect(400, "invalid_parameter")
    assert answer.faults() == {"whole_cents": "too_large"}
    everything = ask(world, day, 100, whole_cents=100).expect(200)["shares"]
    assert [share["appropriation_cents"] for share in everything] == [100, 0]
    world.of().get(world.path("areas", "population-shares")).expect(400)
