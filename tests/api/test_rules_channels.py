"""Voting at a desk, by a register and by codes: one person, one ballot, whatever the channel. Domain brief 4.7."""
import concurrent.futures
import uuid

import pytest

import world as world_module

MEANS = ["strong", "assisted", "voter_code"]
REGISTER = [*MEANS, "paper", "voter_register"]


@pytest.fixture(scope="module")
def world(make_service):
    """Strong identification and desks name people alike."""
    return world_module.World(make_service("channels", workers=8, claim_identity="person"))


@pytest.fixture(scope="module")
def vote(world):
    return world.budget.vote(rules={"identification": MEANS})


@pytest.fixture(scope="module")
def listed(world):
    """A vote of those who are on its register."""
    return world.budget.vote(rules={"identification": REGISTER})


def online(world, identity, **claims):
    return world.voter(person=identity, **claims)


def named():
    return f"150690-{uuid.uuid4().hex[:12]}"


def person(identity=None, **more):
    return {"identity": identity or named(), "birth_date": "1990-06-15", "residence": "743", **more}


def marks(world, vote):
    return world.rows("select channel, age_band, sex, area_id::text from voter_mark where budget_cycle_id = %s", vote["id"])


def everything(world):
    """All that the vote's tables hold, as text."""
    tables = "voter_mark", "voter_register", "voting_code", "desk_request", "ballot_box", "evidence_leaf", "change", "idempotency"
    return "\n".join(row for table in tables for row, in world.rows(f"select t::text from {table} t"))


def test_example_40_a_voter_with_an_id_votes_once_and_the_clerk_sees_no_choice(world, vote):
    identity, choice = named(), vote["ids"]["koko"][0]
    session = world.budget.session(vote, identity).expect(200)
    assert set(session.json) == {"code", "expires_at"} and session.headers["Cache-Control"] == "private, no-store"
    cast = world.budget.cast_with_code(vote, session["code"], [choice]).expect(201)
    assert cast["receipt"]["line"].startswith("ballot ")
    world.budget.cast_with_code(vote, session["code"], [choice]).expect(409, "already_voted")
    answer = world.budget.session(vote, identity).expect(409, "already_voted")
    assert choice not in str(answer.json)
    assert ("assisted", "30-44", None, None) in marks(world, vote)


def test_example_82_a_person_with_non_disclosure_has_an_area_chosen_by_hand_and_not_shown(world):
    vote = world.budget.vote(rules={"identification": MEANS, "area_rule": "home_area"})
    home, ids = world.budget.areas["pohjoinen"]["id"], vote["ids"]
    session = world.budget.session(vote, named(), home_area_id=home).expect(200)
    assert home not in str(session.json)
    world.budget.cast_with_code(vote, session["code"], [ids["itäinen"][0]]).expect(422, "area_rule")
    world.budget.cast_with_code(vote, session["code"], [ids["itäinen"][0]], home_area_id=world.budget.areas["itäinen"]["id"]).expect(422, "area_rule")
    world.budget.cast_with_code(vote, session["code"], [ids["pohjoinen"][0]]).expect(201)
    answer = world.budget.session(vote, named(), home_area_id=world.budget.areas["koko"]["id"]).expect(422, "reference_not_found")
    assert answer.faults() == {"/home_area_id": "reference_not_found"}


def test_one_person_votes_once_over_all_channels(world, listed):
    vote, ids = listed, [listed["ids"]["koko"][0]]
    first, second, third, fourth = named(), named(), named(), named()
    world.budget.register(vote, [person(identity) for identity in (first, third, fourth)]).expect(200)
    open_session = world.budget.session(vote, first).expect(200)["code"]
    world.budget.cast(online(world, first), vote, ids).expect(201)
    world.budget.cast_with_code(vote, open_session, ids).expect(409, "already_voted")
    world.budget.session(vote, first.upper()).expect(409, "already_voted")
    code, = world.budget.register(vote, [person(second)], with_codes=True).expect(200)["codes"]
    world.budget.cast_with_code(vote, code, ids).expect(201)
    world.budget.cast(online(world, second.upper()), vote, ids).expect(409, "already_voted")
    world.budget.session(vote, second).expect(409, "already_voted")
    code = world.budget.session(vote, third).expect(200)["code"]
    world.budget.cast_with_code(vote, code, ids).expect(201)
    world.budget.cast(online(world, third), vote, ids).expect(409, "already_voted")
    world.budget.mark(vote, fourth).expect(200)
    world.budget.cast(online(world, fourth.upper()), vote, ids).expect(409, "already_voted")
    world.budget.session(vote, fourth).expect(409, "already_voted")
    world.budget.mark(vote, first).expect(409, "already_voted")


def test_fifty_simultaneous_ballots_of_one_person_over_all_channels_leave_one(world):
    vote = world.budget.vote(rules={"identification": REGISTER, "ballot_change": "not_allowed"})
    identity, ids = named(), [vote["ids"]["koko"][0]]
    letter, = world.budget.register(vote, [person(identity)], with_codes=True).expect(200)["codes"]
    sessions = [world.budget.session(vote, identity).expect(200)["code"] for _ in range(5)]
    assert len(set(sessions)) == 5
    casts = [lambda voter=online(world, identity): world.budget.cast(voter, vote, ids) for _ in range(20)]
    path = world.path("budget-cycles", vote["id"], "code-ballots")
    for i in range(30):
        body = {"code": [letter, *sessions][i % 6], "choices": [{"proposal_id": ids[0]}]}
        casts.append(lambda body=body, client=world.service.client(): client.post(path, body, headers={"Idempotency-Key": f"key-{uuid.uuid4()}"}))
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda cast: cast(), casts))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    assert len(marks(world, vote)) == 1
    assert world.rows("select count(*) from ballot_box where budget_cycle_id = %s", vote["id"]) == [(1,)]


def test_a_repeated_request_gets_the_same_code_and_the_same_receipt(world, vote, listed):
    identity, key = named(), f"key-{uuid.uuid4()}"
    first = world.budget.session(vote, identity, key=key).expect(200)
    assert world.budget.session(vote, identity, key=key).expect(200)["code"] == first["code"]
    assert world.budget.session(vote, identity).expect(200)["code"] != first["code"]
    cast = lambda: world.budget.cast_with_code(vote, first["code"], [vote["ids"]["koko"][0]], key=key).expect(201)  # noqa: E731
    receipt, again = cast(), cast()
    assert again.headers["Idempotency-Replayed"] == "true" and again["token"] == receipt["token"]
    voters = [person(), person()]
    codes = world.budget.register(listed, voters, with_codes=True).expect(200)["codes"]
    assert world.budget.register(listed, voters[::-1], with_codes=True).expect(200)["codes"] == codes[::-1]


def test_codes_are_never_handed_out_twice_whatever_key_is_used(world, vote):
    """Two schools that both number their lists from 1."""
    path, key = world.path("budget-cycles", vote["id"], "voting-codes"), {"Idempotency-Key": "1"}
    made = [world.of(officer).post(path, {"count": 2}, headers=headers).expect(200)["codes"] for officer, headers in (
        ("officer", key), ("officer2", key), ("officer", {"Idempotency-Key": "2"}))]
    codes = [code for codes in made for code in codes]
    assert len(set(codes)) == len(codes) == 6
    assert world.of("officer").post(path, {"count": 2}, headers=key).expect(200)["codes"] == made[0]


def test_a_key_that_was_used_for_another_request_of_a_desk_is_refused(world, vote):
    """Codes, sessions and marks on paper alike; a refused request and a dry run use no key up."""
    key, other = f"key-{uuid.uuid4()}", world.budget.vote(rules={"identification": REGISTER})
    codes = world.path("budget-cycles", vote["id"], "voting-codes")
    ask = lambda body, **more: world.of("officer").post(codes, body, headers={"Idempotency-Key": key, **more})  # noqa: E731
    ask({"count": 4}, Prefer="tx=rollback").expect(200)
    ask({"count": 2, "home_area_id": str(uuid.uuid4())}).expect(422, "reference_not_found")
    first = ask({"count": 2}).expect(200)["codes"]
    ask({"count": 3}).expect(422, "idempotency_key_reused")
    ask({"count": 2, "home_area_id": world.budget.areas["itäinen"]["id"]}).expect(422, "idempotency_key_reused")
    assert ask({"count": 2}).expect(200)["codes"] == first
    one, two = named(), named()
    world.budget.register(other, [person(one), person(two)]).expect(200)
    for ask in (world.budget.session, world.budget.mark):
        ask(other, one, key=key).expect(200)
        ask(other, two, key=key).expect(422, "idempotency_key_reused")
        ask(other, one, key=key).expect(200)
    world.budget.mark(other, two).expect(200)
    assert len(marks(world, other)) == 2


def test_a_session_asked_for_again_ends_when_it_did(world, vote):
    identity = named()
    first = world.budget.session(vote, identity, key="desk-1").expect(200)
    world.rows("update voting_code set expires_at = expires_at - interval '20 minutes' where channel = 'assisted'")
    again = world.budget.session(vote, identity, key="desk-1").expect(200)
    assert again["code"] == first["code"] and again["expires_at"] < first["expires_at"]


def test_a_ballot_cast_with_a_code_may_be_changed_where_the_cycle_allows(world, vote):
    code, ids = world.budget.code(vote), vote["ids"]["koko"]
    first = world.budget.cast_with_code(vote, code, [ids[0]]).expect(201)
    second = world.budget.cast_with_code(vote, code, [ids[1]], replaces=first["token"]).expect(201)
    assert second["receipt"]["line"].startswith("replacement ")
    world.budget.cast_with_code(vote, world.budget.code(vote), [ids[0]], replaces=second["token"]).expect(422, "token_unknown")


def test_a_session_ends_after_half_an_hour(world, vote):
    code = world.budget.session(vote, named()).expect(200)["code"]
    minutes, = world.rows(
        "select extract(epoch from max(expires_at) - now()) / 60 from voting_code where budget_cycle_id = %s", vote["id"])[0]
    assert 29 < minutes <= 30
    world.rows("update voting_code set expires_at = now() - interval '1 second' where budget_cycle_id = %s and expires_at is not null", vote["id"])
    world.budget.cast_with_code(vote, code, [vote["ids"]["koko"][0]]).expect(403, "code_unknown")


def test_codes_are_of_one_vote_and_nobody_else_makes_them(world, vote):
    other = world.budget.vote(rules={"identification": MEANS})
    world.budget.cast_with_code(other, world.budget.code(vote), [other["ids"]["koko"][0]]).expect(403, "code_unknown")
    world.budget.cast_with_code(vote, "A" * 16, [vote["ids"]["koko"][0]]).expect(403, "code_unknown")
    world.budget.session(vote, named(), subject="officer").expect(403, "insufficient_scope")


@pytest.mark.parametrize("more, code", [
    ({"birth_date": f"{world_module.YEAR - 11}-01-01"}, "under_age"), ({"residence": "508"}, "not_resident"),
    ({"residence": None}, "claim_missing")])
def test_the_rules_are_those_of_strong_identification(world, vote, listed, more, code):
    more = {name: value for name, value in more.items()}
    body = {name: value for name, value in person(**more).items() if value is not None}
    answer = world.of("clerk").post(
        world.path("budget-cycles", vote["id"], "voting-sessions"), body, headers={"Idempotency-Key": "k"})
    answer.expect(403, code)
    before = world.rows("select count(*) from voter_register where budget_cycle_id = %s", listed["id"])
    answer = world.budget.register(listed, [person(), body, person(), body]).expect(403, code)
    assert answer.faults() == {"/voters/1": code, "/voters/3": code}
    assert world.rows("select count(*) from voter_register where budget_cycle_id = %s", listed["id"]) == before


def test_of_a_registered_person_a_hash_a_band_sex_and_an_area_are_kept(world):
    vote = world.budget.vote(ends_in_days=40, rules={"identification": REGISTER, "area_rule": "home_area"})
    east, north = world.budget.areas["itäinen"]["id"], world.budget.areas["pohjoinen"]["id"]
    identity = named()
    answer = world.budget.register(vote, [person(identity, sex="F", home_area_id=east)]).expect(200)
    assert answer.json == {"registered": 1, "total": 1, "codes": []}
    register = lambda: world.rows("select age_band, sex, home_area_id::text from voter_register where budget_cycle_id = %s", vote["id"])  # noqa: E731
    assert register() == [("30-44", "F", east)]
    code, = world.budget.register(vote, [person(identity, sex="F", home_area_id=north)], with_codes=True).expect(200)["codes"]
    assert register() == [("30-44", "F", north)]
    world.budget.pass_days(vote, 30)
    world.budget.cast_with_code(vote, code, [vote["ids"]["pohjoinen"][0]]).expect(201)
    assert marks(world, vote) == [("register", "30-44", "F", north)]
    kept = everything(world)
    assert identity not in kept and "1990-06-15" not in kept and code not in kept
    said = b"".join(world.service.server.lines()).decode()
    assert identity not in said and code not in said


def test_a_dry_run_makes_no_code(world, vote):
    path = world.path("budget-cycles", vote["id"], "voting-codes")
    answer = world.of("officer").post(path, {"count": 3}, headers={"Idempotency-Key": "dry", "Prefer": "tx=rollback"}).expect(200)
    assert answer.headers["Preference-Applied"] == "tx=rollback" and len(set(answer["codes"])) == 3
    world.budget.cast_with_code(vote, answer["codes"][0], [vote["ids"]["koko"][0]]).expect(403, "code_unknown")


def test_the_cycle_says_which_means_there_are(world):
    vote = world.budget.vote(rules={"identification": ["strong"]})
    world.budget.session(vote, named()).expect(403, "identification_not_accepted")
    world.budget.register(vote, [person()]).expect(403, "identification_not_accepted")
    world.of("officer").post(world.path("budget-cycles", vote["id"], "voting-codes"), {"count": 1},
                             headers={"Idempotency-Key": "k"}).expect(403, "identification_not_accepted")
    desk = world.budget.vote(rules={"identification": ["assisted"]})
    world.budget.cast(online(world, named()), desk, [desk["ids"]["koko"][0]]).expect(403, "identification_not_accepted")


def test_without_a_common_name_nobody_is_named_at_a_desk_beside_an_online_vote(make_service):
    world = world_module.World(make_service("unnamed"))
    vote = world.budget.vote(rules={"identification": REGISTER})
    world.budget.session(vote, named()).expect(409, "identity_unnamed")
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(403, "not_registered")
    world.budget.register(vote, [person()]).expect(409, "identity_unnamed")
    world.budget.cast_with_code(vote, world.budget.code(vote), [vote["ids"]["koko"][0]]).expect(201)


def test_a_token_without_the_common_name_does_not_vote(world, vote):
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(403, "claim_missing")


def test_sessions_are_for_now_and_codes_for_later(world):
    early = world.budget.vote(ends_in_days=40, rules={"identification": MEANS})
    world.budget.session(early, named()).expect(409, "voting_not_open")
    code = world.budget.code(early)
    world.budget.cast_with_code(early, code, [early["ids"]["koko"][0]]).expect(409, "voting_not_open")
    world.budget.pass_days(early, 30)
    world.budget.cast_with_code(early, code, [early["ids"]["koko"][0]]).expect(201)
    world.budget.pass_days(early, 30)
    world.budget.session(early, named()).expect(409, "voting_closed")
    world.budget.cast_with_code(early, world_code(world, early), [early["ids"]["koko"][0]]).expect(409, "voting_closed")
    world.budget.count(early).expect(200)
    for table in ("voting_code", "desk_request"):
        assert world.rows(f"select count(*) from {table} where budget_cycle_id = %s", early["id"]) == [(0,)]


def world_code(world, vote):
    """A code that was made while that was possible."""
    world.budget.pass_days(vote, -30)
    code = world.budget.code(vote)
    world.budget.pass_days(vote, 30)
    return code


def test_where_a_register_is_used_it_says_who_votes_and_claims_and_ids_do_not(world, listed):
    """The register judged age and residence when it was uploaded; a token need not tell them."""
    ids, on, off = [listed["ids"]["koko"][0]], named(), named()
    world.budget.register(listed, [person(on, sex="F")]).expect(200)
    world.budget.cast(online(world, off), listed, ids).expect(403, "not_registered")
    world.budget.session(listed, off).expect(403, "not_registered")
    world.budget.mark(listed, off).expect(403, "not_registered")
    world.budget.cast(online(world, on.upper(), birthdate=None, municipality=None), listed, ids).expect(201)
    assert ("online", "30-44", "F", None) in marks(world, listed)
    only = world.budget.vote(rules={"identification": ["voter_register"]})
    world.budget.cast(online(world, on), only, [only["ids"]["koko"][0]]).expect(403, "not_registered")
    world.budget.register(only, [person(on)]).expect(200)
    world.budget.cast(online(world, on), only, [only["ids"]["koko"][0]]).expect(201)


def test_the_register_says_in_which_area_somebody_votes_and_else_they_do(world):
    vote = world.budget.vote(rules={"identification": REGISTER, "area_rule": "home_area"})
    east, north, ids = world.budget.areas["itäinen"]["id"], world.budget.areas["pohjoinen"]["id"], vote["ids"]
    here, hidden, clerks = named(), named(), named()
    world.budget.register(vote, [person(here, home_area_id=east), person(hidden), person(clerks, home_area_id=east)]).expect(200)
    world.budget.cast(online(world, here), vote, [ids["pohjoinen"][0]], home_area_id=north).expect(422, "area_rule")
    world.budget.cast(online(world, here, district=world.budget.areas["pohjoinen"]["code"]), vote, [ids["pohjoinen"][0]]).expect(422, "area_rule")
    world.budget.cast(online(world, here), vote, [ids["itäinen"][0]], home_area_id=north).expect(201)
    world.budget.cast(online(world, hidden), vote, [ids["pohjoinen"][0]]).expect(422, "area_rule")
    world.budget.cast(online(world, hidden), vote, [ids["pohjoinen"][0]], home_area_id=north).expect(201)
    code = world.budget.session(vote, clerks, home_area_id=north).expect(200)["code"]
    world.budget.cast_with_code(vote, code, [ids["pohjoinen"][0]]).expect(422, "area_rule")
    world.budget.mark(vote, clerks, home_area_id=north).expect(200)
    assert sorted((channel, area) for channel, _, _, area in marks(world, vote)) == sorted([("online", east), ("online", north), ("paper", east)])


def test_the_register_is_replaced_until_the_vote_begins_and_then_only_added_to(world):
    vote = world.budget.vote(ends_in_days=40, rules={"identification": REGISTER})
    east, north = world.budget.areas["itäinen"]["id"], world.budget.areas["pohjoinen"]["id"]
    kept, taken, forgotten, ids = named(), named(), named(), [vote["ids"]["koko"][0]]
    codes = world.budget.register(vote, [person(kept, home_area_id=east), person(taken)], with_codes=True).expect(200)
    assert codes["total"] == 2
    clear = world.path("budget-cycles", vote["id"], "clear-voter-register")
    world.of("officer").post(clear).expect(200)
    again = world.budget.register(vote, [person(kept, home_area_id=north)], with_codes=True).expect(200)
    assert again["total"] == 1 and again["codes"] == codes["codes"][:1]
    world.budget.pass_days(vote, 30)
    world.of("officer").post(clear).expect(409, "register_frozen")
    answer = world.budget.register(vote, [person(forgotten), person(kept, home_area_id=east)]).expect(409, "register_frozen")
    assert answer.faults() == {"/voters/1": "register_frozen"}
    again = world.budget.register(vote, [person(forgotten), person(kept, home_area_id=north)]).expect(200)
    assert (again["registered"], again["total"]) == (2, 2)
    world.budget.cast_with_code(vote, codes["codes"][1], ids).expect(403, "code_unknown")
    world.budget.cast(online(world, taken), vote, ids).expect(403, "not_registered")
    world.budget.cast_with_code(vote, codes["codes"][0], ids).expect(201)
    world.budget.cast(online(world, forgotten), vote, ids).expect(201)


def test_the_register_knows_nobody_of_another_vote_and_no_keys_of_it(world, listed):
    """The key is of the cycle's own secret: equal people are unequal rows."""
    other, identity = world.budget.vote(rules={"identification": REGISTER}), named()
    keys = set()
    for vote in (listed, other):
        world.budget.register(vote, [person(identity)]).expect(200)
        newest = world.rows("select encode(voter_key, 'hex') from voter_register where budget_cycle_id = %s", vote["id"])
        keys |= {key for key, in newest}
    assert len(keys) == sum(world.rows("select count(*) from voter_register where budget_cycle_id = %s", vote["id"])[0][0] for vote in (listed, other))
    assert identity not in everything(world)
