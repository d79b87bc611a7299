"""Groups of few in what is public of a vote: turnout, results, files and books. Whoever solves for what is hidden from all
that is told finds more than one answer. Domain brief 6."""
import collections
import itertools
import uuid

import pytest

import world as world_module
from test_rules_count import approval, close, results, whole
from test_rules_evidence import ask
from test_rules_interim import turnout, voters

FEW = 5


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("suppression", workers=8, claim_identity="person"))


# --- the rule ------------------------------------------------------------------------------------------
def told(counts, up_to):
    """What everybody sees: the total, and of the parts those that are not hidden."""
    return sum(counts), *(None if up_to is None or 1 <= count <= up_to else count for count in counts)


@pytest.mark.parametrize("parts, most", [(2, 24), (3, 15), (4, 10)])
def test_whoever_knows_the_rule_and_the_total_cannot_find_a_hidden_number(world, parts, most):
    """All there is to know of every division: those that look alike are at least two, with a small number and without."""
    divisions = [list(counts) for counts in itertools.product(range(most + 1), repeat=parts)]
    found = world.rows("select hidden_up_to(array(select jsonb_array_elements_text(d.counts)::bigint), %s)"
                       " from jsonb_array_elements(%s::jsonb) with ordinality as d (counts, place) order by d.place", FEW, str(divisions))
    alike = collections.defaultdict(list)
    for counts, (up_to,) in zip(divisions, found):
        alike[told(counts, up_to)].append(counts)
        assert any(1 <= count < FEW for count in counts) == (up_to != 0)
        assert up_to is None or not any(up_to < count < FEW for count in counts)
    hidden = 0
    for (total, *shown), same in alike.items():
        if total > most or total == 0:  # of a larger total not every division was made
            continue
        for place in (place for place, count in enumerate(shown) if count is None):
            values = {counts[place] for counts in same}
            hidden += 1
            assert len(values) > 1, (shown, same)
            if None in shown and any(count is not None and count > 0 for count in shown):
                assert max(values) >= FEW > min(values), (shown, same)
    assert hidden > 20


@pytest.mark.parametrize("counts, up_to", [
    ([9, 6, 7, 3], 6), ([5, 5, 4], 5), ([9, 6, 2, 0, 0], 6), ([10, 5, 1, 1], 5), ([8], 0), ([], 0), ([3], None), ([1, 1], None),
    ([9, 4, 3], 4)])
def test_no_more_is_hidden_than_needed(world, counts, up_to):
    assert world.rows("select hidden_up_to(%s::bigint[], %s)", counts, FEW) == [(up_to,)]


# --- everything that is public ----------------------------------------------------------------------------
def vote_of(world, **counts):
    """Closed, with so many ballots of each area."""
    vote = world.budget.vote(rules={"smallest_group": FEW, **counts.pop("rules", {})})
    for area, count in counts.items():
        for _ in range(count):
            choice = vote["ids"][area][0]
            world.budget.cast(world.voter(person=uuid.uuid4().hex), vote, [choice]).expect(201)
    close(world, vote).expect(200)
    return vote


def public(world, vote):
    """{area: every number of its voters that somebody without a token is told}, and that of the whole."""
    names = {area["id"]: name for name, area in world.budget.areas.items()}
    found = collections.defaultdict(set)
    rows = turnout(world, vote)
    for (part, _), row in rows.items():
        if part == "area" and row["voters"] is not None:
            found[names.get(row["area_id"], "none")].add(row["voters"])
    for result in results(world, vote):
        found[names[result["area_id"]]] |= {result["ballots"], result["result"].get("ballots")} - {None}
        file = world.of().get(world.path("budget-results", result["id"], "file"), is_failure_expected=True)
        if file.status == 200:
            found[names[result["area_id"]]].add(len(file.text.partition("VOTES\n")[2].splitlines()) - 1)
    for area in ask(world, vote, "books").expect(200)["areas"]:
        found[names[area["area_id"]]] |= {area["ballots"], area["file_rows"]} - {None}
    return found, rows["whole", "whole"]["voters"]


@pytest.mark.parametrize("counts, hidden", [
    ({"itäinen": 9, "läntinen": 6, "eteläinen": 7, "pohjoinen": 3}, {"läntinen", "pohjoinen"}),
    ({"itäinen": 5, "läntinen": 5, "eteläinen": 4}, {"itäinen", "läntinen", "eteläinen"}),
    ({"itäinen": 6, "läntinen": 7}, set())])
def test_what_is_hidden_of_an_area_is_hidden_everywhere(world, counts, hidden):
    found, total = public(world, vote_of(world, **counts))
    assert total == sum(counts.values())
    assert {name for name in counts if not found[name]} == hidden
    assert all(found[name] == {count} for name, count in counts.items() if name not in hidden)
    assert total - sum(counts[name] for name in set(counts) - hidden) >= (FEW if hidden else 0)


def test_who_voted_in_no_area_is_the_whole_citys_ballots_where_a_ballot_is_of_one(world):
    vote = vote_of(world, itäinen=9, läntinen=3, koko=6, rules={"area_rule": "one_chosen_area"})
    found, total = public(world, vote)
    assert total == 18 and found["itäinen"] == {9}
    assert not found["läntinen"] and not found["koko"] and not found["none"]


def test_of_a_hidden_area_only_the_outcome_is_told(world):
    vote = vote_of(world, itäinen=9, läntinen=6, pohjoinen=3)
    by_area = {result["area_id"]: result for result in results(world, vote)}
    for name, is_hidden in (("itäinen", False), ("läntinen", True), ("pohjoinen", True)):
        result = by_area[world.budget.areas[name]["id"]]
        assert (set(result["result"]) == {"order", "winners", "spent", "left"}) == is_hidden
        world.of().get(world.path("budget-results", result["id"], "file"), is_failure_expected=True).expect(404 if is_hidden else 200)


def test_age_bands_of_five_five_and_four_are_all_hidden(world):
    vote = world.budget.vote(rules={"smallest_group": FEW})
    for born in ["1990-06-15"] * 5 + ["1970-06-15"] * 5 + ["1950-01-01"] * 4:
        world.budget.cast(world.voter(person=uuid.uuid4().hex, birthdate=born), vote, [vote["ids"]["koko"][0]]).expect(201)
    close(world, vote).expect(200)
    assert voters(turnout(world, vote), "age_band") == {"30-44": None, "45-64": None, "65-": None}


@pytest.mark.parametrize("online, is_told", [(3, False), (6, True)])
def test_few_electronic_ballots_beside_paper_are_in_no_list_by_channel(world, online, is_told):
    vote = world.budget.vote({"koko": [10_000_00]}, **whole(world, 30_000_00, rules=approval(
        smallest_group=FEW, identification=["strong", "paper"])))
    project, = vote["ids"]["koko"]
    for _ in range(online):
        world.budget.cast(world.voter(person=uuid.uuid4().hex), vote, [project]).expect(201)
    for _ in range(8):
        world.budget.mark(vote, uuid.uuid4().hex).expect(200)
    world.budget.papers(vote, *[[project]] * 8)
    close(world, vote).expect(200)
    rows, books = turnout(world, vote), ask(world, vote, "books").expect(200)
    assert voters(rows, "whole") == {"whole": online + 8}
    assert voters(rows, "channel") == ({"online": online, "paper": 8} if is_told else {})
    numbers = {"electronic": online, "paper": 8} if is_told else {"electronic": None, "paper": None}
    for column in ("marks", "ballots"):
        assert {row["channel"]: row[column] for row in books["channels"]} == numbers
    assert books["difference"] == 0 and {row["difference"] for row in books["channels"]} == {0}
