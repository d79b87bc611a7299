"""The files of ballots are strict: whatever a cycle's rules are, a strict reader takes them."""
import pathlib

import pb_strict
import pytest

import world as world_module
from test_rules_count import approval, cancel, close, results, whole


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("files", workers=8))


def file_of(world, result):
    return world.of().get(world.path("budget-results", result["id"], "file")).expect(200).text


METHODS = {
    "approval": ({"vote_method": "approval"}, [[0], [0, 2], [2, 1, 0]]),
    "n_votes": ({"vote_method": "n_votes", "votes_most": 2}, [[1], [2, 0], [0, 1]]),
    "choose_one": ({"vote_method": "choose_one"}, [[0], [1], [1]]),
    "knapsack": ({"vote_method": "knapsack"}, [[0], [1, 2], [0, 2]]),
    "ordinal": ({"vote_method": "ordinal"}, [[2, 0, 1], [1], [1, 0]]),
    "cumulative": ({"vote_method": "cumulative", "points_total": 10}, [
        [(0, 2), (1, 7), (2, 1)], [(2, 10)], [(1, 5), (0, 5)], [(0, 1), (1, 1), (2, 8)]])}


@pytest.mark.parametrize("withdraws", [False, True], ids=["all", "withdrawn"])
@pytest.mark.parametrize("method", METHODS)
def test_a_strict_reader_takes_the_file(world, method, withdraws):
    rules, ballots = METHODS[method]
    vote = world.budget.vote({"koko": [10_000_00, 20_000_50, 15_000_00]}, **whole(world, 40_000_50, rules=approval(**rules)))
    ids = vote["ids"]["koko"]
    for ballot in ballots:
        choices = [ids[one] if isinstance(one, int) else (ids[one[0]], one[1]) for one in ballot]
        world.budget.cast(world.voter(), vote, choices).expect(201)
    if withdraws:
        cancel(world, ids[2], 200)
    close(world, vote).expect(200)
    result, = results(world, vote)
    _, votes = pb_strict.check(file_of(world, result))["VOTES"]
    assert len(votes) == result["ballots"] >= len(ballots) - 1
    if method == "cumulative" and not withdraws:
        assert sorted((row["vote"], row["points"]) for row in votes) == [
            ("1,2", "5,5"), ("2,1,3", "7,2,1"), ("3", "10"), ("3,1,2", "8,1,1")]
    if method == "ordinal" and not withdraws:
        assert sorted(row["vote"] for row in votes) == ["2", "2,1", "3,1,2"]


@pytest.mark.parametrize("broken, reason", [
    (("2,1,3;7,2,1", "1,2,3;2,7,1"), "not in falling points"), (("\nVOTES", "\n\nVOTES"), "an empty line"), (("num_votes;4", "num_votes;5"), ""),
    (("3;10", "3,3;5,5"), ""), (("3;10", "9;10"), ""), (("3;10", "3;11"), ""), (("\n1;10000;", "\n1;0;"), "")])
def test_the_strict_reader_refuses_what_is_not(broken, reason):
    text = pathlib.Path(__file__).with_name("strict.pb").read_text(encoding="utf-8")
    pb_strict.check(text)
    assert broken[0] in text
    with pytest.raises(AssertionError, match=reason):
        pb_strict.check(text.replace(*broken))
