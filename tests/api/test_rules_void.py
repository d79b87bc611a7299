"""Ballots made void, and counts corrected: domain brief 4.7, integrity brief (5), (11)."""
import concurrent.futures
import hashlib
import json
import uuid

import pytest

from budget import both
from test_rules_paper import MEANS, books, close, confirm_void, correct, fresh, leaves, named, online, result_of, vote, votes_of, world
from test_writing import wait_until_blocked


# --- void ballots -------------------------------------------------------------------------------------------
def test_two_officers_make_a_ballot_void_and_its_voter_stays_marked(world):
    vote = fresh(world)
    ids, voter = vote["ids"]["koko"], online(world, named())
    cast = world.budget.cast(voter, vote, [ids[0]], key="voided").expect(201)
    world.budget.cast(online(world, named()), vote, [ids[1]]).expect(201)
    commitment = cast["receipt"]["commitment"]
    void = world.budget.void(vote, commitment)
    assert void["status"] == "asked" and books(world, vote)["ballots"] == 2
    confirm_void(world, void, "officer").expect(409, "second_person_needed")
    done = confirm_void(world, void).expect(200)
    assert done["status"] == "confirmed" and leaves(world, vote)[-1] == f"void {commitment}"
    assert not any(choice in json.dumps(done.json) for choice in ids)
    confirm_void(world, void).expect(409, "wrong_state")
    balance = books(world, vote)
    assert (balance["marks"], balance["ballots"], balance["voided"], balance["difference"]) == (2, 1, 1, 0)
    world.budget.cast(voter, vote, [ids[1]], replaces=cast["token"]).expect(409, "ballot_void")
    world.budget.cast(voter, vote, [ids[1]]).expect(409, "already_voted")
    assert world.budget.cast(voter, vote, [ids[0]], key="voided").expect(201)["receipt"]["commitment"] == commitment
    close(world, vote).expect(200)
    assert books(world, vote)["ballots"] == 1
    balance = books(world, vote)
    assert (balance["ballots"], balance["voided"], balance["difference"], balance["channels"][0]["voided"]) == (1, 1, 0, 1)
    assert "closing 1" in leaves(world, vote)


def test_only_a_live_ballot_of_the_open_box_is_made_void(world):
    vote = fresh(world)
    ask = lambda commitment, subject="officer": world.of(subject).post(world.path("ballot-voids"), {  # noqa: E731
        "budget_cycle_id": vote["id"], "commitment": commitment, "reason": both("syy")})
    assert ask("0" * 64).expect(422, "reference_not_found").faults() == {"/commitment": "reference_not_found"}
    world.budget.papers(vote, [vote["ids"]["koko"][0]])
    paper, = world.rows("select commitment from ballot_box where budget_cycle_id = %s", vote["id"])
    ask(paper[0]).expect(422, "reference_not_found")
    voter = online(world, named())
    first = world.budget.cast(voter, vote, [vote["ids"]["koko"][0]]).expect(201)
    asked = world.budget.void(vote, first["receipt"]["commitment"])
    second = world.budget.cast(voter, vote, [vote["ids"]["koko"][1]], replaces=first["token"]).expect(201)
    ask(first["receipt"]["commitment"]).expect(409, "ballot_replaced")
    confirm_void(world, asked).expect(409, "ballot_replaced")
    late = world.budget.void(vote, second["receipt"]["commitment"])
    ask(second["receipt"]["commitment"], "clerk").expect(403, "insufficient_scope")
    close(world, vote).expect(200)
    confirm_void(world, late).expect(409, "voting_closed")
    ask(second["receipt"]["commitment"]).expect(409, "voting_closed")
    world.of("officer").post(world.path("ballot-voids"), {
        "budget_cycle_id": world.ideas_cycle["id"], "commitment": "0" * 64, "reason": both("syy")}).expect(409, "voting_not_open")
    assert result_of(world, vote)["ballots"] == 2


def test_a_ballot_is_either_replaced_or_made_void(world):
    vote = fresh(world)
    for _ in range(6):
        voter = online(world, named())
        cast = world.budget.cast(voter, vote, [vote["ids"]["koko"][0]]).expect(201)
        void = world.budget.void(vote, cast["receipt"]["commitment"])
        acts = [lambda: world.budget.cast(voter, vote, [vote["ids"]["koko"][1]], replaces=cast["token"]),
                lambda client=world.service.client("officer2"): client.post(world.path("ballot-voids", void["id"], "confirm"))]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            replaced, voided = pool.map(lambda act: act(), acts)
        assert (replaced.status, voided.status) in ((201, 409), (409, 200))
    balance = books(world, vote)
    assert (balance["marks"], balance["ballots"] + balance["voided"], balance["difference"]) == (6, 6, 0)


@pytest.mark.parametrize("act, status", [
    ("mark", "counted"), ("declare", "cancelled"), ("void", "counted"), ("enter", "cancelled"), ("confirm", "cancelled")])
def test_what_comes_while_a_vote_is_being_ended_comes_too_late(world, act, status):
    vote = fresh(world)
    void = world.budget.void_ballot(vote)
    batches = [world.budget.batch(vote, 1) for _ in range(2)]
    world.budget.enter(batches[0], [vote["ids"]["koko"][0]]).expect(200)
    acts = {
        "mark": lambda: world.budget.mark(vote, named()),
        "declare": lambda: world.of("officer").post(world.path("paper-batches"), {
            "budget_cycle_id": vote["id"], "reference": "uurna", "declared_count": 1}),
        "void": lambda: confirm_void(world, void),
        "enter": lambda: world.budget.enter(batches[1], [vote["ids"]["koko"][0]]),
        "confirm": lambda: world.budget.confirm_batch(batches[0])}
    counting = world.service.cluster.connect(world.service.database)
    with counting.cursor() as cursor, concurrent.futures.ThreadPoolExecutor(1) as pool:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('743' || chr(10) || %s, 3))", (vote["id"],))
        cursor.execute("update budget_cycle set status = %s where id = %s", (status, vote["id"]))
        answer = pool.submit(acts[act])
        wait_until_blocked(world)
        counting.commit()
        answer.result().expect(409, "voting_closed")
    counting.close()


# --- correction ---------------------------------------------------------------------------------------------
def test_a_count_is_corrected_with_a_reason_and_the_old_one_stays_readable(world):
    vote = fresh(world)
    for _ in range(3):
        world.budget.cast(online(world, named()), vote, [vote["ids"]["koko"][0]]).expect(201)
    correct(world, vote).expect(409, "wrong_state")
    close(world, vote).expect(200)
    east, before = world.budget.areas["itäinen"]["id"], result_of(world, vote)
    correct(world, vote, reason={"sv": "fel"}).expect(422, "locale_missing")
    correct(world, vote, reason=both("soita 131052-308T")).expect(422, "personal_data")
    unknown = correct(world, vote, area_ids=[east, str(uuid.uuid4())]).expect(422, "reference_not_found")
    assert unknown.faults() == {"/area_ids/1": "reference_not_found"}
    correct(world, vote, "planner").expect(403, "insufficient_scope")
    lines = leaves(world, vote)
    correct(world, vote, area_ids=[world.budget.areas["koko"]["id"].upper()]).expect(200)
    old, new = result_of(world, vote), result_of(world, vote, revision=2)
    assert {**old, "standing": "provisional"} == before and old["standing"] == "superseded"
    assert (new["standing"], new["reason"], new["ballots"]) == ("provisional", both("laskettiin väärin"), 3)
    assert new["result"]["order"] == old["result"]["order"] and votes_of(world, new) == votes_of(world, old)
    reason = json.dumps(new["reason"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert leaves(world, vote)[len(lines):] == [
        f"file {new['file_sha256']}", f"tally {new['result_sha256']}",
        f"correction {new['result_sha256']} {hashlib.sha256(reason.encode()).hexdigest()}"]
    correct(world, vote).expect(200)
    assert result_of(world, vote, revision=3)["standing"] == "provisional"
    assert result_of(world, vote, "itäinen", revision=2)["standing"] == "provisional"
    world.budget.move(vote, "confirm", {"decision_id": world.decision(world.committee)["id"]})
    assert [result_of(world, vote, revision=n)["standing"] for n in (1, 2, 3)] == ["superseded", "superseded", "confirmed"]
    correct(world, vote).expect(409, "wrong_state")


def test_the_body_confirms_the_newest_count(world):
    """What the first count would have had win is made another by hand, as if it had been counted wrongly."""
    vote = world.budget.vote({"koko": [10_000_00, 10_000_00]}, appropriation_cents=10_000_00, rules={"identification": MEANS, "smallest_group": 2},
                             shares=[{"area_id": world.budget.areas["koko"]["id"], "appropriation_cents": 10_000_00}])
    ids = vote["ids"]["koko"]
    for choice in (ids[0], ids[1], ids[1]):
        world.budget.cast(online(world, named()), vote, [choice]).expect(201)
    close(world, vote).expect(200)
    world.rows("update budget_result set result = jsonb_set(result::jsonb, '{winners}', '[\"1\"]')::json where budget_cycle_id = %s", vote["id"])
    correct(world, vote).expect(200)
    world.budget.move(vote, "confirm", {"decision_id": world.decision(world.committee)["id"]})
    assert dict(world.rows("select id::text, status from proposal where budget_cycle_id = %s", vote["id"])) == {
        ids[0]: "not_selected", ids[1]: "selected"}


def test_batches_and_voids_are_listed_to_vote_officers_alone(world, vote):
    batch = world.budget.batch(vote, 1)
    void = world.budget.void(vote, world.budget.committed(vote))
    for resource, item in (("paper-batches", batch), ("ballot-voids", void)):
        listed = world.of("officer2").get_all(world.path(resource), query={"budget_cycle_id": vote["id"], "status": item["status"]})
        assert item["id"] in {row["id"] for row in listed}
        assert item == world.of("officer2").get(world.path(resource, item["id"])).expect(200).json
        for subject in ("clerk", "planner", "admin"):
            world.of(subject).get(world.path(resource, item["id"])).expect(403, "insufficient_scope")
