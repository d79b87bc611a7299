"""hardening rows 9 and 10: the database answers slowly, or refuses for the sake of another transaction."""
import functools
import time

import drill
import pytest
import world as world_module

pytestmark = pytest.mark.xdist_group("faults_contention")
CLIENTS, WAIT_MS, LONGEST_MS = 200, 500, 2000
SLOW = """
alter table body rename to body_in_fact;
create view body as select b.* from (select pg_sleep(60)) as slow, body_in_fact b;
grant select on body to elinvoima_service"""
QUICK = "drop view body; alter table body_in_fact rename to body"


@pytest.fixture(scope="module", params=[(4, 4), (8, 2)], ids=lambda pair: f"{pair[0]} threads, {pair[1]} connections")
def narrow(run, request):
    threads, connections = request.param
    made = drill.own_service(run, run.cluster, f"narrow_{threads}", workers=threads, database_connections=connections,
                             database_wait_ms=WAIT_MS, statement_timeout_ms=LONGEST_MS)
    drill.make_body(made)
    yield made
    made.stop()


@pytest.mark.parametrize("how", ["locked", "slow"])
def test_row_09_the_pool_is_exhausted(narrow, how):
    with drill.Held(narrow, "lock table body in access exclusive mode" if how == "locked" else "select 1") as held:
        if how == "slow":
            narrow.cluster.ask(narrow.database, SLOW)
        threads, connections = narrow.settings["workers"], narrow.settings["database_connections"]
        calls = [drill.Call(lambda: narrow.client().get(drill.BODIES, is_failure_expected=True)) for _ in range(CLIENTS)]
        if threads > connections:
            drill.until(lambda: drill.metric(narrow, "elinvoima_database_requests_waiting") > 0, 5, "a request waits")
        else:
            drill.until(lambda: drill.metric(narrow, "elinvoima_database_connections_busy") == connections, 5, "all are busy")
        started = time.monotonic()
        assert drill.admin_get(narrow, "/livez")[0] == 200 and drill.is_ready(narrow), "busy is not gone"
        assert time.monotonic() - started < 1
        for call in calls:
            assert int(call.answer().expect(503, "unavailable").headers["Retry-After"]) >= 1
        # a lock is waited for no longer than a connection; a statement runs as long as it may, and nobody waits for two
        longest = (WAIT_MS if how == "locked" else LONGEST_MS) / 1000
        assert max(call.seconds for call in calls) < longest + 4
        assert drill.nothing_open(narrow)
    if how == "slow":
        narrow.cluster.ask(narrow.database, QUICK)
    narrow.client().get(drill.BODIES).expect(200)
    drill.make_body(narrow)


def test_row_09_who_came_first_is_served_first(run):
    service = drill.own_service(run, run.cluster, "queue", workers=64, database_connections=1, database_wait_ms=20000,
                                statement_timeout_ms=20000)
    try:
        made = drill.make_body(service)
        with drill.Held(service, "select from body where id = %s for update", made["id"]):
            first = drill.Call(lambda: change(service, made, made.etag))
            drill.until(lambda: drill.are_waiting(service), 10, "the patch waits")
            later = []
            for number in range(1, 6):
                later.append(drill.Call(functools.partial(drill.make_body, service, f"jonossa {number}")))
                drill.until(lambda: drill.metric(service, "elinvoima_database_requests_waiting") == number, 5, f"{number} wait")
        first.answer().expect(200)
        for call in later:
            call.answer()
        # ids are made by the database's clock, and here one transaction comes after the other
        served = service.rows("select name ->> 'fi' from body where name ->> 'fi' like 'jonossa%%' order by id")
        assert served == [(f"jonossa {number}",) for number in range(1, 6)]
    finally:
        service.stop()


@pytest.fixture(scope="module")
def service(run):
    """Time enough between waiting for a lock and looking for a deadlock to make one."""
    database = run.cluster.create("contention")
    run.cluster.ask(database, "alter database contention set deadlock_timeout = '3s'")
    made = drill.Service(run.cluster, database, run.keys, run.folder / "reports", database_wait_ms=30000,
                         statement_timeout_ms=60000)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def world(service):
    return world_module.World(service)


def change(service, made, etag):
    return service.client("admin").patch(f"{drill.BODIES}/{made['id']}", {"makes_decisions": False}, etag=etag,
                                         is_failure_expected=True)


def test_row_10_a_lock_that_does_not_come_is_503_and_leaves_nothing_behind(narrow):
    made = drill.make_body(narrow)
    with drill.Held(narrow, "select from body where id = %s for update", made["id"]):
        for _ in range(3):
            change(narrow, made, made.etag).expect(503, "unavailable")
        assert drill.nothing_open(narrow)
    change(narrow, made, made.etag).expect(200)


def test_row_10_a_deadlock_is_tried_again(world):
    """A new title of a party locks the party, then its lines; here somebody holds a line and asks for the party."""
    service, party, line = world.service, world.parties[0], world.draft_measure["measure_line_id"]
    path = world.path("responsible-parties", party["id"])
    etag, mark = world.of("coordinator").get(path).etag, service.server.mark
    with drill.Held(service, "set deadlock_timeout = '1h'; select from measure_line where id = %s for update", line) as held:
        patch = drill.Call(lambda: service.client("coordinator").patch(path, {"title": world_module.text("uusi nimike")}, etag=etag))
        drill.until(lambda: drill.are_waiting(service), 10, "the patch waits")
        held.run("select from responsible_party where id = %s for update", party["id"])  # comes when the service has given up
    assert patch.answer().expect(200)["title"]["fi"] == "uusi nimike"
    assert b"40P01" in b"".join(service.server.lines(mark)), "there was no deadlock"
    assert drill.nothing_open(service)


def test_row_10_a_serialization_failure_is_tried_again(run):
    database = run.cluster.create("serial")
    run.cluster.ask(database, "alter database serial set default_transaction_isolation = 'repeatable read'")
    service = drill.Service(run.cluster, database, run.keys, run.folder / "reports", database_wait_ms=10000)
    try:
        made = drill.make_body(service)
        for etag, status in ((made.etag, 412), ("*", 200)):
            with drill.Held(service, "update body set makes_decisions = true where id = %s", made["id"]) as held:
                patch = drill.Call(lambda: change(service, made, etag))
                drill.until(lambda: drill.are_waiting(service), 10, "the patch waits")
                held.connection.commit()
            patch.answer().expect(status)
        assert b"40001" in b"".join(service.server.lines()), "there was no serialization failure"
        assert drill.nothing_open(service)
    finally:
        service.stop()
