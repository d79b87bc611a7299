"""hardening rows 2 and 3: the service ends when told, and whoever is being served does not notice."""
import signal
import socket
import time
import uuid

import drill
import pytest
import world as world_module
from edge import Edge
from raw import Raw, request
from service import Service

pytestmark = pytest.mark.xdist_group("faults_stopping")


@pytest.fixture
def instance(run):
    made = drill.own_service(run, run.cluster, "stopping", drain_s=2, statement_timeout_ms=60000,
                             database_wait_ms=60000)
    yield made
    made.stop()


@pytest.fixture
def instances(run):
    """Two of one database, each on an address that it comes back to."""
    database = run.cluster.create("two_stopping")
    made = [Service(run.cluster, database, run.keys, run.folder / "reports") for _ in range(2)]
    for one in made:
        one.server.settings["listen"] = f"127.0.0.1:{one.port}"
    yield made
    for one in made:
        one.stop()


def test_row_02_instances_are_replaced_in_turn_and_no_request_fails(instances, request):
    edge = Edge(*(one.port for one in instances))
    try:
        with drill.Load(lambda: drill.client_at(instances[0], edge.port)) as load:
            for number in range(drill.times(request, 4, 20)):
                load.wait_for(60, since=time.monotonic())
                leaving = instances[number % 2].server
                told = time.monotonic()
                leaving.stop()
                assert time.monotonic() - told < 30
                load.wait_for(60, since=time.monotonic())
                leaving.start()
        assert not load.lost, load.lost[:3]
        assert load.statuses() == {200, 201}, load.bad()
        drill.stored_once(instances[0], load.written)
    finally:
        edge.stop()


def held_patch(instance):
    """A body, and the block in which its row is held."""
    made = drill.make_body(instance)
    return made, drill.Held(instance, "select from body where id = %s for update", made["id"])


def patch(instance, made):
    return drill.Call(lambda: instance.client("admin").patch(f"{drill.BODIES}/{made['id']}", {"makes_decisions": False},
                                                             etag=made.etag))


def leave(server, seconds):
    """Its status; it must go by itself in that time."""
    status = server.process.wait(seconds)
    server.reader.join()
    server.is_stopped = True
    return status


def test_row_02_a_running_request_is_finished_and_readiness_ends_first(instance):
    made, held = held_patch(instance)
    with held:
        running = patch(instance, made)
        drill.until(lambda: drill.are_waiting(instance), 10, "the patch waits")
        instance.server.process.send_signal(signal.SIGTERM)
        instance.server.wait_for_line(lambda line: line.get("message") == "draining")
        assert drill.admin_get(instance, "/readyz") == (503, '{"status":"draining"}\n')
        assert drill.admin_get(instance, "/livez")[0] == 200
    answer = running.answer().expect(200)
    assert answer.headers["Connection"] == "close" and answer["makes_decisions"] is False
    assert leave(instance.server, 30) == 0
    assert instance.rows("select makes_decisions from body where id = %s", made["id"]) == [(False,)]


def begin_body(instance, length=5_000_000):
    """A request whose head is read and whose body is awaited."""
    sender = Raw(instance.port)
    sender.send(request(f"POST /v1/{world_module.HOME}/feedback/{uuid.uuid4()}/images HTTP/1.1".encode(), b"Content-Type: image/jpeg",
                        b"Content-Length: %d" % length, b"Expect: 100-continue"))
    assert sender.answer().status == 100
    return sender


@pytest.mark.parametrize("sent", [4, 2_900_000])
def test_row_02_who_breaks_off_midway_is_not_waited_for(instance, sent):
    senders = [begin_body(instance) for _ in range(12)]
    assert drill.metric(instance, "elinvoima_requests_running") == len(senders)
    for number, sender in enumerate(senders):
        sender.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)  # so that data and end come as one
        sender.send(bytes(sent))
        sender.reset() if number % 4 == 0 else sender.socket.close()
    drill.until(lambda: drill.metric(instance, "elinvoima_requests_running") == 0, 8, "nobody is waited for")
    instance.server.process.send_signal(signal.SIGTERM)
    assert leave(instance.server, 30) == 0


@pytest.mark.parametrize("drain_s, is_cut_off", [(25, False), (1, True)])
def test_row_02_who_sends_nothing_more_is_not_waited_for(run, drain_s, is_cut_off):
    instance = drill.own_service(run, run.cluster, f"silence_{drain_s}", drain_s=drain_s)
    try:
        with begin_body(instance) as silent:
            told = time.monotonic()
            instance.server.process.send_signal(signal.SIGTERM)
            assert leave(instance.server, 30) == 0
            assert time.monotonic() - told < 15 and silent.answers() == []
        assert ("still send or read after 1 s" in instance.server.text()) == is_cut_off
    finally:
        instance.stop()


@pytest.mark.parametrize("is_told_twice, words", [(True, "second signal"), (False, "still run after 2 s")])
def test_row_03_a_hung_request_does_not_keep_it(instance, is_told_twice, words):
    made, held = held_patch(instance)
    with held:
        hung = patch(instance, made)
        drill.until(lambda: drill.are_waiting(instance), 10, "the patch waits")
        instance.server.process.send_signal(signal.SIGTERM)
        instance.server.wait_for_line(lambda line: line.get("message") == "draining")
        if is_told_twice:
            instance.server.process.send_signal(signal.SIGTERM)
        instance.server.wait_for_line(lambda line: line["level"] == "error" and words in line["message"])
        assert leave(instance.server, 5) == 1
        with pytest.raises(drill.LOST):
            hung.answer()
    assert instance.rows("select makes_decisions from body where id = %s", made["id"]) == [(True,)], "nobody was told it was done"
