"""hardening row 12: the service runs out of file handles, says so, and goes on when there are some again."""
import contextlib
import os
import resource
import select
import socket

import drill
import pytest

pytestmark = pytest.mark.xdist_group("faults_descriptors")


def sockets(service, count):
    held = contextlib.ExitStack()
    for _ in range(count):
        held.enter_context(socket.create_connection(("127.0.0.1", service.port)))
    return held


def test_row_12_accepting_pauses_without_handles_and_goes_on(run):
    instance = drill.own_service(run, run.cluster, "handles")
    try:
        drill.make_body(instance)
        pid, mark = instance.server.process.pid, instance.server.mark
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        room = len(os.listdir(f"/proc/{pid}/fd")) + 8
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (room, before[1]))
        with sockets(instance, 40) as held:
            line = instance.server.wait_for_line(lambda entry: "accepting pauses" in entry.get("message", ""), since=mark)
            assert line["level"] == "error" and "Too many open files" in line["message"]
            with socket.create_connection(("127.0.0.1", instance.server.admin_port)) as probe:
                probe.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                spent = drill.processor_seconds(pid)
                assert not select.select([probe], [], [], 1)[0], "there was a handle left"
                assert drill.processor_seconds(pid) - spent < 0.5, "it asks again and again"
                held.close()
                assert probe.recv(100).startswith(b"HTTP/1.1 200")
        drill.make_body(instance)
        instance.client().get(drill.BODIES).expect(200)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    finally:
        instance.stop()


def test_row_12_a_low_limit_leaves_handles_for_the_database_and_the_probes(run):
    instance = drill.own_service(run, run.cluster, "few_handles", wrap=("prlimit", "--nofile=100:100"))
    try:
        assert any(b"client connections at most" in line for line in instance.server.lines()), instance.server.text()
        with sockets(instance, 150):
            assert drill.admin_get(instance, "/livez")[0] == 200 and drill.is_ready(instance)
            drill.make_body(instance)
            drill.make_body(instance)
    finally:
        instance.stop()
