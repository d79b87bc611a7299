"""While a vote is open nothing tells how it goes, neither the public nor officials. One test over every reading operation,
in every form, order and count it offers. Domain brief 4.5."""
import pytest

import contract
import world as world_module
from calls import Call
from test_contract import PUBLISHED

# What may differ as ballots come: the size of the log, the number of ballots of the whole vote, turnout by day.
GROWING = {"getBudgetCycleBooks", "getCheckpoint", "getConsistencyProof", "getInclusionProof", "getLogLeaves", "listBudgetCycleTurnout"}
READS = [o for o in contract.OPERATIONS if o.method == "GET" and o.id not in GROWING]
# Whoever has a hand in the vote, and those who see most.
OFFICIALS = ["officer", "planner", "admin"]


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("interim"))


def forms(operation, subject):
    """The queries and headers that change what an answer says; officials are told the same in every form."""
    parameters = {parameter["name"]: parameter["schema"] for parameter in operation.query()}
    yield {}, {}
    for media in operation.responses["200"]["content"] if not subject else []:
        yield {}, {"Accept": media}
    for order in parameters.get("sort", {}).get("enum", []):
        yield {"sort": order}, {"Prefer": "count=exact"}


def told(world, operation, subject=None):
    call = Call(operation, world)
    resource = operation.path.split("/")[3] if operation.has_id else None
    if resource in PUBLISHED:
        call.item = PUBLISHED[resource](world)
    for query, headers in forms(operation, subject):
        answer = call.send(client=world.of(subject) if subject else world.of(), query=query, headers=headers)
        yield query, headers, answer.status, answer.etag, answer.body if answer.status == 200 else None


def everything(world):
    """{(operation, who): all of its answers}, of what anybody may read and what officials may."""
    return {(operation.id, subject): list(told(world, operation, subject))
            for operation in READS for subject in [None, *OFFICIALS] if subject or operation.is_public}


def test_answers_before_and_after_ballots_are_the_same(world):
    ids = world.voting_cycle["ids"]
    code = world.budget.code(world.desk_cycle)
    before = everything(world)
    for area in ("koko", "itäinen", "läntinen"):
        for _ in range(3):
            world.budget.cast(world.voter(), world.voting_cycle, [ids[area][0]]).expect(201)
    world.budget.cast_with_code(world.desk_cycle, code, [world.desk_cycle["ids"]["koko"][0]]).expect(201)
    after = everything(world)
    assert {key for key in before if before[key] != after[key]} == set()
    read = {(operation, subject) for (operation, subject), answers in before.items() if answers[0][2] == 200}
    assert {subject for _, subject in read} == {None, *OFFICIALS} and len(read) > 300


def test_the_calls_that_grow_do_so_by_the_whole_vote_alone(world):
    """Books and log: how many, never what or where."""
    books = world.of().get(world.path("budget-cycles", world.voting_cycle["id"], "books")).expect(200)
    assert all(isinstance(books[name], int) for name in set(books.json) - {"channels", "areas"})
    assert books["channels"] == books["areas"] == []
    leaves = world.of().get(world.path("budget-cycles", world.voting_cycle["id"], "transparency", "leaves")).expect(200)
    shown = str(leaves.json)
    for ids in world.voting_cycle["ids"].values():
        assert not any(proposal in shown for proposal in ids)
    assert {line.split(" ")[0] for line in leaves["lines"]} <= {"freeze", "ballot", "replacement"}


def turnout(world, cycle, **query):
    answer = world.of().get(world.path("budget-cycles", cycle["id"], "turnout"), query={"limit": 200, **query}).expect(200)
    return {(row["part"], row["name"]): row for row in answer["items"]}


def test_turnout_is_by_day_alone_while_the_vote_is_open(world):
    vote = world.budget.vote()
    assert turnout(world, vote) == {}
    world.budget.cast(world.voter(), vote, [vote["ids"]["itäinen"][0]]).expect(201)
    (part, day), row = turnout(world, vote).popitem()
    assert (part, day, row["voters"], row["area_id"]) == ("day", world_module.TODAY.isoformat(), 1, None)
    assert turnout(world, vote, part="area,age_band,sex,channel,whole") == {}


@pytest.fixture(scope="module")
def counted(world):
    """Voters of the east, the west and none: 9, 6, 2; of four age bands: 10, 5, 1, 1."""
    vote = world.budget.vote(rules={"smallest_group": 5})
    born = iter(["1990-06-15"] * 10 + ["1970-06-15"] * 5 + ["2005-01-01", "1950-01-01"])
    for area, count in (("itäinen", 9), ("läntinen", 6), ("koko", 2)):
        for _ in range(count):
            world.budget.cast(world.voter(birthdate=next(born)), vote, [vote["ids"][area][0]]).expect(201)
    world.budget.pass_days(vote, 30)
    return world.budget.count(vote).expect(200).json


def voters(rows, part):
    return {name: row["voters"] for (of, name), row in rows.items() if of == part}


def test_small_groups_are_hidden_and_the_total_does_not_give_them_back(world, counted):
    rows = turnout(world, counted)
    assert voters(rows, "whole") == {"whole": 17} and rows["whole", "whole"]["eligible"] == 10_000
    assert voters(rows, "age_band") == {"30-44": 10, "45-64": None, "18-29": None, "65-": None}
    codes = {name: world.budget.areas[name]["code"] for name in world.budget.areas}
    assert voters(rows, "area") == {codes["itäinen"]: 9, **dict.fromkeys(
        [codes["pohjoinen"], codes["eteläinen"]], 0), codes["läntinen"]: None, "none": None}  # 2 alone would be told by 17 - 9 - 6
    assert voters(rows, "channel") == {"online": 17} and voters(rows, "sex") == {"unknown": 17}
    for part in ("area", "age_band"):
        shown = voters(rows, part)
        hidden = [name for name, count in shown.items() if count is None]
        assert len(hidden) != 1 and 17 - sum(count or 0 for count in shown.values()) >= 5
        assert all(rows[part, name]["is_suppressed"] for name in hidden)


def test_turnout_comes_as_csv_and_of_one_part(world, counted):
    answer = world.of().get(world.path("budget-cycles", counted["id"], "turnout"), query={"part": "age_band"}, headers={"Accept": "text/csv"})
    assert answer.expect(200).text.count("age_band") == 4
    world.of().get(world.path("budget-cycles", world.cycle["id"], "turnout")).expect(404, "not_found")
