"""Participatory budgeting as four cities have practised and published it. Nothing of them is code: each is a cycle's
configuration, and each votes and counts here. Domain brief 4.5."""
import pytest

import world as world_module
from budget import both
from world import YEAR


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own, with as many areas as the city with the most has."""
    made = world_module.World(make_service("cities", workers=8))
    made.budget.areas.update({f"alue {n}": made.area("pb_area", name=both(f"alue {n}")) for n in range(1, 8)})
    return made


def hold(world, shares, projects, **rules):
    """A vote that is open, over these areas and no others; costs are euros."""
    return world.budget.vote(
        {area: [euros * 100 for euros in costs] for area, costs in projects.items()}, appropriation_cents=sum(shares.values()) * 100,
        shares=[{"area_id": world.budget.areas[area]["id"], "appropriation_cents": euros * 100} for area, euros in shares.items()],
        rules={"smallest_group": 2, **rules})


def cast(world, vote, *choices, voter=None, times=1):
    """The last answer to so many ballots with these choices, each (area, project)."""
    for _ in range(times):
        answer = world.budget.cast(voter or world.voter(), vote, [vote["ids"][area][project] for area, project in choices])
    return answer


def chosen(world, vote):
    """What is chosen in each area where somebody voted, in order."""
    world.budget.pass_days(vote, 30)
    world.budget.count(vote).expect(200)
    numbers = {ids[0]: number for number, *ids in world.rows("select number, id::text from proposal where budget_cycle_id = %s", vote["id"])}
    names = {area["id"]: name for name, area in world.budget.areas.items()}
    found = {}
    for result in world.of().get_all(world.path("budget-results"), query={"budget_cycle_id": vote["id"]}):
        area = names[result["area_id"]]
        by_number = {str(numbers[one]): place for place, one in enumerate(vote["ids"][area])}
        found[area] = [by_number[number] for number in result["result"]["order"]]
    return {area: order for area, order in found.items() if order}


def test_seinajoki_2021_one_idea_for_forty_thousand(world):
    vote = hold(world, {"koko": 40_000}, {"koko": [25_000, 20_000, 15_000]}, vote_method="choose_one", area_rule="all", ballot_change="not_allowed")
    voter = world.voter()
    cast(world, vote, ("koko", 0), voter=voter).expect(201)
    cast(world, vote, ("koko", 1), voter=voter).expect(409, "already_voted")
    cast(world, vote, ("koko", 0), ("koko", 1)).expect(422, "choices_too_many")
    for project, voters in ((0, 3), (1, 3), (2, 2)):
        cast(world, vote, ("koko", project), times=voters).expect(201)
    assert chosen(world, vote) == {"koko": [0, 2]}


def test_seinajoki_2022_three_ideas_of_twenty_that_fit_fifty_thousand(world):
    """20 on the ballot worth 395 000 €, of which a voter spends 50 000 at most."""
    costs = [25_000] * 5 + [20_000] * 10 + [14_000] * 5
    vote = hold(world, {"koko": 50_000}, {"koko": costs}, vote_method="knapsack", area_rule="all", min_cost_cents=5_000_00, max_cost_cents=50_000_00)
    assert (len(costs), sum(costs)) == (20, 395_000)
    answer = cast(world, vote, ("koko", 0), ("koko", 1), ("koko", 15)).expect(422, "ballot_over_budget")
    assert " 1400000 sent" in answer["errors"][0]["detail"]
    cast(world, vote, ("koko", 0), ("koko", 1), times=2).expect(201)
    cast(world, vote, ("koko", 0), ("koko", 15)).expect(201)
    cast(world, vote, ("koko", 15), ("koko", 16), ("koko", 5), times=3).expect(201)
    assert chosen(world, vote)["koko"] == [15, 16, 5]


def test_seinajoki_2023_an_area_and_the_whole_city(world):
    shares = {"pohjoinen": 20_000, "itäinen": 70_000, "läntinen": 70_000, "eteläinen": 20_000, "koko": 20_000}
    vote = hold(world, shares, {area: [euros, euros // 2] for area, euros in shares.items()}, min_cost_cents=5_000_00,
                target_group_must_be_involved=True, target_group=both("lapset ja nuoret"), area_rule="one_area_plus_whole")
    cast(world, vote, ("itäinen", 1), ("läntinen", 1)).expect(422, "area_rule")
    cast(world, vote, ("itäinen", 0), ("itäinen", 1)).expect(422, "ballot_over_budget")
    cast(world, vote, ("itäinen", 0), ("koko", 1), times=3).expect(201)
    cast(world, vote, ("itäinen", 1), ("koko", 1), times=2).expect(201)
    assert chosen(world, vote) == {"itäinen": [0], "koko": [1]}


@pytest.mark.parametrize("year, euros, age, area_rule", [
    (2019, 4_400_000, 12, "one_area_plus_whole"), (2021, 8_800_000, 12, "one_area_plus_whole"), (2024, 8_800_000, 13, "one_chosen_area")])
def test_helsinki_five_votes_in_a_district_and_until_2021_a_fifth_for_the_whole_city(world, year, euros, age, area_rule):
    """A project is voted on with a price class, of which the upper limit is reserved: that is its estimate."""
    has_whole = area_rule == "one_area_plus_whole"
    whole = euros // 5 if has_whole else 0
    district, rest = divmod(euros - whole, 7)
    shares = {f"alue {n}": district + (rest if n == 7 else 0) for n in range(1, 8)} | ({"koko": whole} if has_whole else {})
    assert sum(shares.values()) == euros and (not has_whole or shares["koko"] * 5 == euros)
    lower, upper = district * 3 // 10, district * 4 // 10  # three fit by the lower limits, two by the upper ones
    projects = {area: [upper] * 3 + [1_000, 900, 800] for area in shares}
    assert 3 * lower <= district < 3 * upper
    vote = hold(world, shares, projects, vote_method="n_votes", votes_most=5, area_rule=area_rule, voting_age=age, ballot_change="not_allowed")
    five, voter = [("alue 3", project) for project in range(5)], world.voter(birthdate=f"{YEAR - age}-12-31")
    cast(world, vote, *five, voter=voter).expect(201)
    cast(world, vote, ("alue 3", 5), voter=voter).expect(409, "already_voted")
    cast(world, vote, *five, ("alue 3", 5)).expect(422, "choices_too_many")
    cast(world, vote, ("alue 3", 0), ("alue 4", 0)).expect(422, "area_rule")
    cast(world, vote, ("alue 3", 0), voter=world.voter(birthdate=f"{YEAR - age + 1}-01-01")).expect(403, "under_age")
    for project in (1, 2):
        cast(world, vote, *five[project:3]).expect(201)
    expected = {"alue 3": [2, 1, 4, 3]}
    if has_whole:
        cast(world, vote, *five, *[("koko", project) for project in (1, 3)], times=2).expect(201)
        expected["koko"] = [3, 1]
    assert chosen(world, vote) == expected


def test_tampere_five_areas_and_the_whole_city_from_the_year_one_turns_twelve(world):
    shares = {**{f"alue {n}": 70_000 for n in range(1, 6)}, "koko": 100_000}
    vote = hold(world, shares, {area: [euros, euros // 2, euros // 2] for area, euros in shares.items()},
                ideas_from="anyone", voting_age=12, age_basis="turning_in_year")
    assert vote["appropriation_cents"] == 450_000_00
    cast(world, vote, ("alue 1", 0), voter=world.voter(birthdate=f"{YEAR - 11}-01-01")).expect(403, "under_age")
    cast(world, vote, ("alue 1", 1), ("alue 2", 1)).expect(422, "area_rule")
    cast(world, vote, ("alue 1", 1), ("koko", 0), voter=world.voter(birthdate=f"{YEAR - 12}-12-31")).expect(201)
    cast(world, vote, ("alue 1", 1), ("alue 1", 2), ("koko", 0), times=2).expect(201)
    assert chosen(world, vote) == {"alue 1": [1, 2], "koko": [0]}


def test_oulu_the_most_voted_that_fit_seventy_thousand(world):
    vote = hold(world, {"koko": 70_000}, {"koko": [40_000, 35_000, 25_000, 5_000]}, vote_method="approval", area_rule="all", voting_age=13,
                age_basis="turning_in_year", tally_rule="greedy_votes", on_overflow="skip")
    cast(world, vote, ("koko", 0), voter=world.voter(birthdate=f"{YEAR - 12}-01-01")).expect(403, "under_age")
    cast(world, vote, ("koko", 0), ("koko", 0)).expect(422, "choice_repeated")
    for supported in range(4, 0, -1):
        cast(world, vote, *[("koko", project) for project in range(supported)], voter=world.voter(birthdate=f"{YEAR - 13}-12-31")).expect(201)
    assert chosen(world, vote) == {"koko": [0, 2, 3]}
