"""Casting a ballot: who may, what it may hold, once and for all channels, and the receipt. Domain brief 4.7."""
import base64
import concurrent.futures
import datetime
import hashlib
import json
import time
import uuid

import pytest

import tokens
import world as world_module
from budget import SHARES


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("ballots", workers=8, statement_timeout_ms=20_000, database_wait_ms=20_000))


@pytest.fixture(scope="module")
def vote(world):
    """Knapsack, one area and the whole city, changeable until close."""
    return world.budget.vote()


def marks(world, cycle):
    return world.rows("select count(*) from voter_mark where budget_cycle_id = %s", cycle["id"])[0][0]


def boxed(world, cycle):
    return world.rows("select count(*) from ballot_box where budget_cycle_id = %s", cycle["id"])[0][0]


def codes(answer):
    return {(fault["code"], fault.get("pointer")) for fault in answer["errors"]}


def test_a_ballot_gets_a_receipt_whose_commitment_its_token_opens(world, vote):
    ids = vote["ids"]
    answer = world.budget.cast(world.voter(), vote, [ids["koko"][0], ids["itäinen"][1]]).expect(201)
    receipt, token = answer["receipt"], answer["token"]
    ballot = json.loads(answer["ballot"])
    assert ballot == {"area_id": world.budget.areas["itäinen"]["id"], "choices": sorted(ballot["choices"])} and len(ballot["choices"]) == 2
    salt = hashlib.sha256(f"salt {token}".encode()).hexdigest()
    assert receipt["commitment"] == hashlib.sha256(f"elinvoima ballot 1\n{salt}\n{answer['ballot']}\n".encode()).hexdigest()
    assert receipt["line"] == f"ballot {receipt['commitment']}"
    frozen, = world.rows("select frozen from budget_vote where budget_cycle_id = %s", vote["id"])[0]
    assert receipt["frozen_sha256"] == hashlib.sha256(frozen.encode()).hexdigest()
    stored, = world.rows("select line from evidence_leaf where budget_cycle_id = %s and position = %s", vote["id"], receipt["leaf_position"])[0]
    assert stored == receipt["line"]


def root_of(lines):
    """RFC 6962 section 2.1, as it is written there."""
    if len(lines) == 1:
        return hashlib.sha256(b"\0" + lines[0].encode()).digest()
    split = 1
    while split * 2 < len(lines):
        split *= 2
    return hashlib.sha256(b"\1" + root_of(lines[:split]) + root_of(lines[split:])).digest()


def test_the_signed_head_is_of_the_leaves_there_are(world, vote):
    for _ in range(5):
        answer = world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)
    note = answer["receipt"]["checkpoint"]
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")
    assert origin == f"api.test/v1/743/budget-cycles/{vote['id']}"
    lines = [line for line, in world.rows("select line from evidence_leaf where budget_cycle_id = %s order by position", vote["id"])]
    assert lines[0].startswith("freeze ") and int(size) == len(lines)
    assert base64.b64decode(root) == root_of(lines)
    name, key_id, key = answer["receipt"]["verifier_key"].split("+", 2)
    key = base64.b64decode(key)
    assert name == origin and key[0] == 1 and hashlib.sha256(f"{origin}\n".encode() + key).hexdigest()[:8] == key_id
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    signature = base64.b64decode(signatures.split(" ")[2])
    assert signature[:4].hex() == key_id
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], (text + "\n").encode())


def test_example_33_a_child_does_not_vote(world, vote):
    year = world_module.YEAR
    answer = world.budget.cast(world.voter(birthdate=f"{year - 9}-01-01"), vote, [vote["ids"]["koko"][0]])
    answer.expect(403, "under_age")


def test_example_34_the_age_is_reached_within_the_year_or_on_the_day(world, vote):
    year, today = world_module.YEAR, world_module.TODAY
    birthday = f"{year - 12}-12-31"
    world.budget.cast(world.voter(birthdate=birthday), vote, [vote["ids"]["koko"][0]]).expect(201)
    strict = world.budget.vote(rules={"age_basis": "on_day"})
    twelve = today.replace(year=year - 12, day=min(today.day, 28))
    younger = twelve + datetime.timedelta(days=33)
    world.budget.cast(world.voter(birthdate=younger.isoformat()), strict, [strict["ids"]["koko"][0]]).expect(403, "under_age")
    world.budget.cast(world.voter(birthdate=twelve.isoformat()), strict, [strict["ids"]["koko"][0]]).expect(201)


def test_example_35_only_residents_vote(world, vote):
    for home in ("508", "74", "7430"):
        world.budget.cast(world.voter(municipality=home), vote, [vote["ids"]["koko"][0]]).expect(403, "not_resident")
    world.budget.cast(world.voter(municipality=None), vote, [vote["ids"]["koko"][0]]).expect(403, "claim_missing")
    world.budget.cast(world.voter(birthdate=None), vote, [vote["ids"]["koko"][0]]).expect(403, "claim_missing")
    world.budget.cast(world.voter(birthdate="15.6.1990"), vote, [vote["ids"]["koko"][0]]).expect(403, "claim_missing")
    world.budget.cast(world.of(), vote, [vote["ids"]["koko"][0]]).expect(401)
    open_to_all = world.budget.vote(rules={"residence_required": False})
    world.budget.cast(world.voter(municipality=None), open_to_all, [open_to_all["ids"]["koko"][0]]).expect(201)


def test_example_36_two_areas_beside_the_whole_city_are_refused(world, vote):
    ids = vote["ids"]
    answer = world.budget.cast(world.voter(), vote, [ids["koko"][0], ids["itäinen"][0], ids["läntinen"][0]]).expect(422, "area_rule")
    assert codes(answer) == {("area_rule", "/choices")}


@pytest.mark.parametrize("rule, fits, fails", [
    ("one_chosen_area", ["itäinen"], ["itäinen", "koko"]), ("all", ["itäinen", "läntinen", "koko"], None)])
def test_the_areas_of_a_ballot_follow_the_rule_of_the_cycle(world, rule, fits, fails):
    vote = world.budget.vote(rules={"area_rule": rule})
    world.budget.cast(world.voter(), vote, [vote["ids"][area][0] for area in fits]).expect(201)
    if fails:
        world.budget.cast(world.voter(), vote, [vote["ids"][area][0] for area in fails]).expect(422, "area_rule")


def test_at_home_means_the_area_that_the_voter_names(world):
    vote = world.budget.vote(rules={"area_rule": "home_area"})
    home, ids = world.budget.areas["pohjoinen"]["id"], vote["ids"]
    world.budget.cast(world.voter(), vote, [ids["pohjoinen"][0], ids["koko"][0]], home_area_id=home).expect(201)
    world.budget.cast(world.voter(), vote, [ids["itäinen"][0]], home_area_id=home).expect(422, "area_rule")
    world.budget.cast(world.voter(), vote, [ids["pohjoinen"][0]]).expect(422, "area_rule")


def test_example_37_choices_over_the_area_budget_are_refused_with_the_excess(world, vote):
    ids = vote["ids"]  # of each area half and three quarters of its share
    answer = world.budget.cast(world.voter(), vote, ids["itäinen"] + ids["koko"]).expect(422, "ballot_over_budget")
    excesses = [SHARES[area] // 2 + SHARES[area] * 3 // 4 - SHARES[area] for area in ("itäinen", "koko")]
    assert sorted(fault["code"] for fault in answer["errors"]) == ["ballot_over_budget"] * 2
    for excess in excesses:
        assert any(f" {excess} sent" in fault["detail"] for fault in answer["errors"])


def test_the_district_of_a_token_is_where_its_voter_votes(world):
    """The claim tells an area's code; what the ballot says then changes nothing."""
    vote = world.budget.vote(rules={"area_rule": "home_area"})
    ids, east, north = vote["ids"], world.budget.areas["itäinen"], world.budget.areas["pohjoinen"]
    here = world.voter(district=east["code"])
    answer = world.budget.cast(here, vote, [ids["pohjoinen"][0]], home_area_id=north["id"]).expect(422, "area_rule")
    assert answer.faults() == {"/choices": "area_rule"}
    world.budget.cast(here, vote, [ids["itäinen"][0]], home_area_id=north["id"]).expect(201)
    assert world.rows("select area_id::text from voter_mark where budget_cycle_id = %s", vote["id"]) == [(east["id"],)]
    for district in ("unknown", world.budget.areas["koko"]["code"], 7):
        voter = world.voter(district=district)
        world.budget.cast(voter, vote, [ids["pohjoinen"][0]]).expect(422, "area_rule")
        world.budget.cast(voter, vote, [ids["pohjoinen"][0]], home_area_id=north["id"]).expect(201)


def test_all_faults_of_a_ballot_come_at_once_and_nothing_is_stored(world, vote):
    ids, before = vote["ids"], (marks(world, vote), boxed(world, vote))
    unknown = str(uuid.uuid4())
    answer = world.budget.cast(world.voter(), vote, [
        unknown, ids["itäinen"][0], ids["itäinen"][0], (ids["itäinen"][1], 3), ids["läntinen"][0], ids["läntinen"][1]],
        replaces="0" * 64).expect(422)
    assert codes(answer) == {
        ("token_unknown", "/replaces"), ("choice_unknown", "/choices/0/proposal_id"), ("choice_repeated", "/choices/2/proposal_id"),
        ("points_unasked", "/choices/3/points"), ("area_rule", "/choices"), ("ballot_over_budget", "/choices")}
    assert (marks(world, vote), boxed(world, vote)) == before


def test_example_38_a_new_ballot_replaces_the_old_and_counts_once(world, vote):
    voter, ids = world.voter(), vote["ids"]
    first = world.budget.cast(voter, vote, [ids["itäinen"][0]]).expect(201)
    before = marks(world, vote)
    world.budget.cast(voter, vote, [ids["koko"][0]]).expect(409, "already_voted")
    second = world.budget.cast(voter, vote, [ids["läntinen"][0]], replaces=first["token"]).expect(201)
    assert second["receipt"]["line"] == f"replacement {first['receipt']['commitment']} {second['receipt']['commitment']}"
    assert marks(world, vote) == before
    world.budget.cast(voter, vote, [ids["koko"][0]], replaces=first["token"]).expect(409, "ballot_replaced")
    world.budget.cast(world.voter(), vote, [ids["koko"][0]], replaces=second["token"]).expect(422, "token_unknown")
    area, = world.rows("select area_id::text from ballot_box b where budget_cycle_id = %s and commitment = %s", vote["id"], second["receipt"]["commitment"])[0]
    assert area == world.budget.areas["läntinen"]["id"]


def test_example_38_after_closing_time_no_ballot_is_taken(world):
    vote = world.budget.vote()
    voter = world.voter()
    first = world.budget.cast(voter, vote, [vote["ids"]["koko"][0]]).expect(201)
    world.budget.pass_days(vote, 30)
    world.budget.cast(voter, vote, [vote["ids"]["koko"][1]], replaces=first["token"]).expect(409, "voting_closed")
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][1]]).expect(409, "voting_closed")


def wait_for_waiters(world, kind, count):
    end = time.monotonic() + 30
    while world.rows("select count(*) from pg_locks where locktype = %s and not granted", kind) != [(count,)]:
        assert time.monotonic() < end, f"{count} wait for a lock of the kind {kind}"


def take_free(pool, kiosks):
    """One whose thread of the service is not waiting: a thread serves several connections."""
    asked = {pool.submit(kiosk.get, "/v1/limits"): kiosk for kiosk in kiosks}
    answered, _ = concurrent.futures.wait(asked, timeout=30, return_when=concurrent.futures.FIRST_COMPLETED)
    return asked[answered.pop()]


def test_of_ballots_written_together_each_is_judged_by_when_it_came(world):
    """One is being written; meanwhile another comes, the vote ends, and a third comes: the last two are one batch."""
    vote = world.budget.vote(rules={"identification": ["strong", "voter_code"]})
    ids, path = [vote["ids"]["koko"][0]], world.path("budget-cycles", vote["id"], "code-ballots")
    codes = [world.budget.code(vote) for _ in range(2)]
    cast = lambda kiosk, code: kiosk.post(path, {"code": code, "choices": [{"proposal_id": ids[0]}]}, headers={"Idempotency-Key": "k"})  # noqa: E731
    log, secrets = (world.service.cluster.connect(world.service.database) for _ in range(2))
    with log.cursor() as writing, secrets.cursor() as reading, concurrent.futures.ThreadPoolExecutor(20) as pool:
        writing.execute("select pg_advisory_xact_lock(hashtextextended('743' || chr(10) || %s, 3))", (vote["id"],))
        reading.execute("lock table voting_code in access exclusive mode")
        first = pool.submit(world.budget.cast, world.voter(), vote, ids)
        wait_for_waiters(world, "advisory", 1)
        timely = pool.submit(cast, take_free(pool, [world.service.client() for _ in range(8)]), codes[0])
        wait_for_waiters(world, "relation", 1)
        world.rows("update budget_cycle set voting_ends_at = clock_timestamp() where id = %s", vote["id"])
        late = pool.submit(cast, take_free(pool, [world.service.client() for _ in range(8)]), codes[1])
        wait_for_waiters(world, "relation", 2)
        secrets.commit()
        wait_for_waiters(world, "relation", 0)
        log.commit()
        first.result().expect(201)
        timely.result().expect(201)
        late.result().expect(409, "voting_closed")
    log.close()
    secrets.close()
    assert marks(world, vote) == boxed(world, vote) == 2


def test_before_its_time_and_before_it_is_opened_no_ballot_is_taken(world):
    early = world.budget.vote(ends_in_days=40)
    world.budget.cast(world.voter(), early, [early["ids"]["koko"][0]]).expect(409, "voting_not_open")
    unopened = world.budget.develop()
    world.budget.cast(world.voter(), unopened, [str(uuid.uuid4())]).expect(409, "voting_not_open")
    world.budget.cast(world.voter(), world.budget.plan(), [str(uuid.uuid4())]).expect(404)


def test_example_39_a_second_ballot_is_refused_where_change_is_not_allowed(world):
    vote = world.budget.vote(rules={"ballot_change": "not_allowed"})
    voter, ids = world.voter(), vote["ids"]
    first = world.budget.cast(voter, vote, [ids["koko"][0]]).expect(201)
    world.budget.cast(voter, vote, [ids["koko"][1]]).expect(409, "already_voted")
    world.budget.cast(voter, vote, [ids["koko"][1]], replaces=first["token"]).expect(409, "already_voted")
    assert marks(world, vote) == boxed(world, vote) == 1


def test_example_41_simultaneous_casts_of_one_person_leave_one_ballot(world):
    """Fifty at once, with keys and connections of their own."""
    vote = world.budget.vote(rules={"ballot_change": "not_allowed"})
    subject = f"voter-{uuid.uuid4()}"
    voters = [world.voter(subject) for _ in range(50)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda voter: world.budget.cast(voter, vote, [vote["ids"]["koko"][0]]), voters))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    assert marks(world, vote) == boxed(world, vote) == 1


def test_the_whole_is_nobodys_home(world):
    vote = world.budget.vote(rules={"area_rule": "home_area"})
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]], home_area_id=world.budget.areas["koko"]["id"]).expect(422, "area_rule")


def test_an_issuer_of_schools_is_no_strong_identification(make_service, tmp_path):
    service = make_service("schools")
    told = tmp_path / "issuers.json"
    told.write_text(json.dumps([{**row, "identification": "school_account"} if row["issuer"] == tokens.RS_ISSUER else row
                                for row in json.loads(service.keys.issuers_file.read_text())]))
    service.stop()
    world = world_module.World(make_service("schools", issuers_file=told))
    claims = {"birthdate": "1990-06-15", "municipality": "743"}
    pupil = world.service.client_with(world.service.keys.mint_rs(f"pupil-{uuid.uuid4()}", **claims))
    strong, school = (world.budget.vote(rules={"identification": [means]}) for means in ("strong", "school_account"))
    world.budget.cast(pupil, strong, [strong["ids"]["koko"][0]]).expect(403, "identification_not_accepted")
    world.budget.cast(pupil, school, [school["ids"]["koko"][0]]).expect(201)
    world.budget.cast(world.voter(), school, [school["ids"]["koko"][0]]).expect(403, "identification_not_accepted")


def test_one_person_is_one_at_every_issuer_that_names_them_alike(make_service):
    other = world_module.World(make_service("identity", claim_identity="person"))
    vote = other.budget.vote()
    cast = lambda subject, person: other.budget.cast(other.voter(subject, person=person), vote, [vote["ids"]["koko"][0]])
    cast("bank-1", "150690-123A").expect(201)
    cast("certificate-7", "150690-123A").expect(409, "already_voted")
    cast("bank-1", "160690-456B").expect(201)
    stored = other.rows("select v::text from voter_mark v union all select b::text from ballot_box b")
    assert not any("150690" in row or "bank-1" in row for row, in stored)


def test_a_retry_gets_the_same_receipt_and_another_ballot_under_its_key_does_not(world, vote):
    voter, ids, key = world.voter(), vote["ids"], f"key-{uuid.uuid4()}"
    first = world.budget.cast(voter, vote, [ids["koko"][0]], key=key).expect(201)
    before = marks(world, vote), boxed(world, vote)
    again = world.budget.cast(voter, vote, [ids["koko"][0]], key=key).expect(201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again["token"] == first["token"]
    assert {**again["receipt"], "checkpoint": 0} == {**first["receipt"], "checkpoint": 0}
    world.budget.cast(voter, vote, [ids["koko"][1]], key=key).expect(422, "idempotency_key_reused")
    changed = world.budget.cast(voter, vote, [ids["koko"][1]], replaces=first["token"], key="change").expect(201)
    again = world.budget.cast(voter, vote, [ids["koko"][1]], replaces=first["token"], key="change").expect(201)
    assert again["receipt"]["line"] == changed["receipt"]["line"] and again["token"] == changed["token"]
    assert (marks(world, vote), boxed(world, vote)) == (before[0], before[1] + 1)


def test_a_ballot_without_idempotency_key_is_refused(world, vote):
    path = world.path("budget-cycles", vote["id"], "ballots")
    world.voter().post(path, {"choices": [{"proposal_id": vote["ids"]["koko"][0]}]}).expect(400)


def test_a_dry_run_leaves_no_mark(world, vote):
    voter, before = world.voter(), (marks(world, vote), boxed(world, vote))
    path = world.path("budget-cycles", vote["id"], "ballots")
    body = {"choices": [{"proposal_id": vote["ids"]["koko"][0]}]}
    headers = {"Idempotency-Key": "dry", "Prefer": "tx=rollback"}
    dry = voter.post(path, body, headers=headers).expect(201)
    assert "tx=rollback" in dry.headers["Preference-Applied"]
    assert set(dry.json) == {"token", "ballot"}, "a head was signed that the log never had"
    assert (marks(world, vote), boxed(world, vote)) == before
    world.budget.cast(voter, vote, [vote["ids"]["koko"][0]]).expect(201)


@pytest.mark.parametrize("rules", [{"vote_method": "approval", "area_rule": "all"},
                                   {"vote_method": "cumulative", "points_total": 100, "area_rule": "all"}])
def test_answers_are_as_long_for_every_ballot(world, rules):
    """The bytes of an answer stand in logs, and tell an observer of the line how much was said."""
    shares = [{"area_id": world.budget.areas["koko"]["id"], "appropriation_cents": 20_000_00}]
    vote = world.budget.vote({"koko": [1_000_00] * 12}, rules=rules, shares=shares, appropriation_cents=20_000_00)
    ids = vote["ids"]["koko"]
    choices = lambda count: [(each, 100 // count) if "points_total" in rules else each for each in ids[-count:]]
    lengths = {len(world.budget.cast(world.voter(), vote, choices(count)).expect(201).body) for count in (1, 2, 9, 12)}
    assert len(lengths) == 1, lengths


CENTS = {"koko": [5_000_00, 5_000_00, 5_000_00]}


@pytest.mark.parametrize("rules, good, bad, code", [
    ({"vote_method": "n_votes", "votes_most": 2}, [0, 1], [0, 1, 2], "choices_too_many"),
    ({"vote_method": "choose_one"}, [1], [0, 1], "choices_too_many"),
    ({"vote_method": "approval", "votes_least": 2}, [0, 1, 2], [0], "choices_too_few"),
    ({"vote_method": "ordinal"}, [2, 0, 1], [0, 0], "choice_repeated"),
    ({"vote_method": "cumulative", "points_total": 10}, [(0, 7), (2, 3)], [(0, 8), (1, 3)], "points_too_many"),
    ({"vote_method": "cumulative", "points_total": 10, "points_each_most": 5}, [(0, 5)], [(0, 6)], "points_too_many"),
    ({"vote_method": "cumulative", "points_total": 10}, [(0, 1)], [0], "required"),
    ({"vote_method": "approval", "category_limits": [{"category": "x", "votes_most": 0 + 1}]}, [0], None, None)])
def test_each_method_of_voting_has_its_limits(world, rules, good, bad, code):
    shares = [{"area_id": world.budget.areas["koko"]["id"], "appropriation_cents": 20_000_00}]
    vote = world.budget.vote(CENTS, rules=rules, shares=shares, appropriation_cents=20_000_00)
    ids = vote["ids"]["koko"]
    named = lambda choices: [(ids[c[0]], c[1]) if isinstance(c, tuple) else ids[c] for c in choices]
    answer = world.budget.cast(world.voter(), vote, named(good)).expect(201)
    numbers = [c[0] if isinstance(c, list) else c for c in json.loads(answer["ballot"])["choices"]]
    expected = [(c[0] if isinstance(c, tuple) else c) + 1 for c in good]
    assert numbers == (expected if rules["vote_method"] == "ordinal" else sorted(expected))
    if bad:
        world.budget.cast(world.voter(), vote, named(bad)).expect(422, code)


def test_categories_have_their_limits(world):
    shares = [{"area_id": world.budget.areas["koko"]["id"], "appropriation_cents": 20_000_00}]
    cycle = world.budget.develop(shares=shares, appropriation_cents=20_000_00, rules={"vote_method": "approval", "category_limits": [
        {"category": "sport", "votes_most": 1}, {"category": "art", "cost_most_cents": 6_000_00}]})
    sport = [world.budget.proposal(cycle, "koko", 1_000_00, categories=["sport"])[0] for _ in range(2)]
    art = [world.budget.proposal(cycle, "koko", 4_000_00, categories=["art", "sport"])[0], world.budget.proposal(cycle, "koko", 3_000_00, categories=["art"])[0]]
    world.budget.move(cycle, "confirm-ballot", {"decision_id": world.start["id"]})
    world.budget.pass_days(cycle, 20)
    world.budget.move(cycle, "open-voting", {"officers": ["a", "b"]}, "officer")
    world.budget.cast(world.voter(), cycle, [sport[0], art[1]]).expect(201)
    answer = world.budget.cast(world.voter(), cycle, sport + art).expect(422, "category_over")
    assert [fault["code"] for fault in answer["errors"]] == ["category_over"] * 2


def test_hostile_ballots_are_refused_and_leave_nothing(world, vote):
    before = marks(world, vote), boxed(world, vote)
    ids = vote["ids"]["koko"]
    cast = lambda *choices, **more: world.budget.cast(world.voter(), vote, list(choices), **more)
    cast(*[str(uuid.uuid4()) for _ in range(1001)]).expect(422)
    cast((ids[0], -3)).expect(422)
    cast((ids[0], 10**18)).expect(422)
    cast((ids[0], 10**30)).expect(400, "invalid_json")
    cast("not-an-id").expect(422)
    cast().expect(422)
    cast(ids[0], replaces="x").expect(422)
    other = world.budget.vote()
    cast(other["ids"]["koko"][0]).expect(422, "choice_unknown")
    path = world.path("budget-cycles", vote["id"], "ballots", municipality="508")
    world.voter().post(path, {"choices": [{"proposal_id": ids[0]}]}, headers={"Idempotency-Key": "k"}).expect(404)
    assert (marks(world, vote), boxed(world, vote)) == before


def test_the_service_cannot_change_or_delete_what_was_cast(world, vote):
    """Its role has INSERT and SELECT only on log and box, and cannot fill the closed box at all."""
    for table in ("ballot_box", "ballot", "evidence_leaf", "evidence_node", "evidence_head", "budget_vote"):
        rights = {right for right, in world.rows(
            "select privilege_type from information_schema.role_table_grants where grantee = 'elinvoima_service' and table_name = %s", table)}
        assert rights == ({"SELECT"} if table == "ballot" else {"INSERT", "SELECT"}), table
    columns = {column for column, in world.rows(
        "select column_name from information_schema.column_privileges where grantee = 'elinvoima_service'"
        " and table_name = 'voter_mark' and privilege_type = 'UPDATE'")}
    assert columns == {"area_id"}
