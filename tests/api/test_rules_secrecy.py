"""What protects voters: nobody opens a named person's ballot, and the service forgets who voted. Domain brief 3, 6."""
import datetime
import uuid

import pytest

import server
import world as world_module


@pytest.fixture(scope="module")
def service(make_service):
    return make_service("secrecy", claim_identity="person")


@pytest.fixture(scope="module")
def world(service):
    return world_module.World(service)


def entries(world, cycle):
    return world.of("privacy").get(world.path("audit-entries"), query={"resource_id": cycle["id"], "sort": "id"}).expect(200)["items"]


def test_example_42_nobody_sees_the_ballot_of_a_named_person_and_asking_leaves_an_entry(world):
    vote, identity = world.budget.vote(), "150690-123A"
    world.budget.cast(world.voter(person=identity), vote, [vote["ids"]["koko"][0]]).expect(201)
    askers = ["admin", "officer", "privacy", "planner", "clerk"]
    for subject in askers:
        world.budget.ask(vote, identity, "ballot", subject).expect(403, "ballot_secret")
    kept = entries(world, vote)
    assert [entry["subject"] for entry in kept] == askers
    assert {(entry["action"], entry["outcome"], entry["resource"]) for entry in kept} == {("ballot_of_person", "refused", "budget_cycle")}
    assert kept[0]["acting_role"] == "admin" and kept[1]["acting_role"] == "vote_officer"
    assert identity not in str(world.rows("select a::text from audit_entry a"))


def test_only_a_vote_officer_is_told_whether_somebody_voted_and_that_is_written_down(world):
    vote, voter, other = world.budget.vote(), "150690-123a", "160690-456B"
    world.budget.cast(world.voter(person=voter), vote, [vote["ids"]["koko"][0]]).expect(201)
    assert world.budget.ask(vote, voter.upper(), "participation", "officer").expect(200).json == {"has_voted": True}
    assert world.budget.ask(vote, other, "participation", "officer").expect(200).json == {"has_voted": False}
    world.budget.ask(vote, voter, "participation", "admin").expect(403, "insufficient_scope")
    assert [(entry["subject"], entry["outcome"]) for entry in entries(world, vote)] == [
        ("officer", "answered"), ("officer", "answered"), ("admin", "refused")]


def test_audit_entries_are_for_the_privacy_officer_and_never_change(world):
    for subject in ("admin", "officer", "planner"):
        world.of(subject).get(world.path("audit-entries")).expect(403, "insufficient_scope")
    rights = {right for right, in world.rows(
        "select privilege_type from information_schema.role_table_grants where grantee = 'elinvoima_service' and table_name = 'audit_entry'")}
    assert rights == {"INSERT", "SELECT"}


def restart(world, service):
    service.server.stop()
    service.server.start()
    service.disconnect()
    world.clients.clear()


def run_worker(service, day):
    return server.run("worker", "--once", "--as-of", f"{day.isoformat()}T12:00:00Z", settings=service.settings)


def traces(world, cycle):
    return [world.rows(f"select count(*) from {table} where budget_cycle_id = %s", cycle["id"])[0][0]
            for table in ("budget_secret", "voter_register", "voter_mark")]


@pytest.fixture
def decided(world):
    vote = world.budget.vote(rules={"identification": ["strong", "voter_register"]})
    person = {"identity": uuid.uuid4().hex, "birth_date": "1990-06-15", "residence": "743"}
    world.budget.register(vote, [person]).expect(200)
    world.budget.cast(world.voter(person=person["identity"]), vote, [vote["ids"]["koko"][0]]).expect(201)
    return {**world.budget.decided_vote(vote, ago=0), "person": person}


def test_thirty_days_after_legal_force_the_worker_forgets_who_voted(world, service, decided):
    ends = world_module.TODAY + datetime.timedelta(days=400)
    world.rows("update decision set appeal_ends_on = %s where id = %s", ends, decided["confirming_decision_id"])
    run_worker(service, ends + datetime.timedelta(days=29))
    assert traces(world, decided) == [1, 1, 1]
    answer = world.of("privacy").post(world.path("budget-cycles", decided["id"], "forget-voters")).expect(409, "retention_running")
    assert (ends + datetime.timedelta(days=30)).isoformat() in answer["detail"]
    run_worker(service, ends + datetime.timedelta(days=30))
    assert traces(world, decided) == [0, 0, 1]
    cycle = world.of().get(world.path("budget-cycles", decided["id"])).expect(200)
    assert cycle["voters_forgotten_at"].startswith((ends + datetime.timedelta(days=30)).isoformat())
    world.budget.ask(decided, decided["person"]["identity"], "participation", "officer").expect(409, "voters_forgotten")
    world.of("privacy").post(world.path("budget-cycles", decided["id"], "forget-voters")).expect(409, "wrong_state")
    world.of().get(world.path("budget-cycles", decided["id"], "transparency", "checkpoint")).expect(200)
    restart(world, service)
    world.budget.ask(decided, decided["person"]["identity"], "participation", "officer").expect(409, "voters_forgotten")
    world.budget.cast(world.voter(person="x"), decided, [decided["ids"]["koko"][0]]).expect(409, "voting_closed")


def test_a_process_lets_go_of_the_secret_that_another_has_deleted(world, service, decided):
    restart(world, service)  # its calendar was changed behind the service's back: the vote is seen first when it is over
    identity = decided["person"]["identity"]
    world.budget.ask(decided, identity, "participation", "officer").expect(200)
    run_worker(service, world_module.TODAY + datetime.timedelta(days=100))
    assert traces(world, decided)[0] == 0
    world.budget.ask(decided, identity, "ballot", "officer").expect(409, "voters_forgotten")
    world.budget.cast(world.voter(person="x", birthdate="2025-01-01"), decided, [decided["ids"]["koko"][0]]).expect(409, "voting_closed")


@pytest.mark.parametrize("is_published", [True, False])
def test_without_a_known_appeal_time_it_is_taken_to_be_37_days(world, service, decided, is_published):
    """From publication, or from the confirmation where the decision was never published here."""
    world.rows("update decision set appeal_ends_on = null, published_at = case when %s then published_at end where id = %s",
               is_published, decided["confirming_decision_id"])
    last = world_module.TODAY + datetime.timedelta(days=37 + 30 - 1)
    world.of("privacy").post(world.path("budget-cycles", decided["id"], "forget-voters")).expect(409, "retention_running")
    run_worker(service, last - datetime.timedelta(days=1))
    assert traces(world, decided)[0] == 1
    run_worker(service, last + datetime.timedelta(days=2))
    assert traces(world, decided)[0] == 0


def test_a_vote_that_runs_keeps_its_secret(world):
    vote = world.budget.vote()
    world.of("privacy").post(world.path("budget-cycles", vote["id"], "forget-voters")).expect(409, "wrong_state")


def test_a_cancelled_vote_forgets_its_voters_too(world, service):
    vote = world.budget.vote()
    decision = world.decision(world.committee)
    world.budget.move(vote, "cancel", {"decision_id": decision["id"], "reason": {"fi": "peruttiin"}})
    run_worker(service, world_module.TODAY + datetime.timedelta(days=28))
    assert traces(world, vote)[0] == 1
    run_worker(service, world_module.TODAY + datetime.timedelta(days=31))
    assert traces(world, vote)[0] == 0
