"""hardening rows 4 and 5: PostgreSQL goes away and comes back, and the service needs nobody's help."""
import signal
import time

import drill
import pytest

pytestmark = pytest.mark.xdist_group("faults_database")


@pytest.fixture(scope="module")
def cluster(run):
    made = drill.own_cluster(run)
    yield made
    made.stop()


@pytest.fixture
def instance(run, cluster):
    made = drill.own_service(run, cluster, "restarted")
    yield made
    made.stop()


def restart(how):
    def act(cluster, _):
        cluster.halt(how)
        cluster.start(cluster.settings)
    return act


def end_every_session(cluster, database):
    assert cluster.ask(database, f"select pg_terminate_backend(pid) {drill.SESSIONS}")


FAULTS = {"restarted fast": restart(signal.SIGINT), "restarted immediately": restart(signal.SIGQUIT),
          "one backend killed": drill.kill_one_backend, "all sessions ended": end_every_session}


@pytest.mark.parametrize("fault", FAULTS)
def test_row_04_the_database_is_restarted_under_load(cluster, instance, fault, request):
    for _ in range(drill.times(request, 1, 20)):
        with drill.Load(lambda: instance.client("admin")) as load:
            load.wait_for(40)
            FAULTS[fault](cluster, instance.database)
            load.wait_for(100, since=time.monotonic(), seconds=5)
        assert not load.lost, load.lost[:3]
        assert load.statuses() <= {200, 201, 409, 503}, load.statuses()
        # sent again while the first attempt had not ended yet
        assert all(answer.retry_after for answer in load.answers if answer.status == 409)
        assert load.slowest() < 8, "a call hung"
        drill.stored_once(instance, load.written)
        assert drill.nothing_open(instance)
        instance.disconnect()
    drill.until(lambda: drill.is_ready(instance), 5, "ready")


def test_row_04_connections_that_were_ended_at_rest_cost_nobody_an_answer(cluster, instance):
    with drill.Load(lambda: instance.client("admin")) as load:
        load.wait_for(40)
    connects = drill.metric(instance, "elinvoima_database_connects_total")
    end_every_session(cluster, instance.database)
    drill.until(lambda: not cluster.ask(instance.database, f"select 1 {drill.SESSIONS}"), 10, "no session is left")
    with drill.Load(lambda: instance.client("admin")) as load:
        load.wait_for(40)
    assert load.statuses() == {200, 201}, load.bad()
    assert drill.metric(instance, "elinvoima_database_connects_total") > connects


def test_row_05_the_database_is_away_at_the_start(run, cluster):
    database = cluster.create("away")
    cluster.halt()
    try:
        service = drill.Service(cluster, database, run.keys, run.folder / "reports")
        try:
            assert drill.admin_get(service, "/livez")[0] == 200
            assert drill.admin_get(service, "/readyz") == (503, '{"status":"no database"}\n')
            refused = service.client("admin").get(drill.BODIES, is_failure_expected=True).expect(503, "unavailable")
            assert int(refused.headers["Retry-After"]) >= 1
            service.client().get("/v1/limits").expect(200)  # what needs no database is answered
            cluster.start(cluster.settings)
            drill.until(lambda: drill.is_ready(service), 5, "ready")
            service.client("admin").get(drill.BODIES).expect(200)
            service.server.assert_alive()
        finally:
            service.stop()
    finally:
        if not cluster.process:
            cluster.start(cluster.settings)
