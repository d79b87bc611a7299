"""hardening.md part 1, rows 57–70, behind the nginx of edge/: the same attacks as test_hostile_wire.py, and what
nginx answers by itself."""
import json
import re
import resource
import socket
import ssl
import subprocess
import threading
import time
import uuid

import pytest
import yaml

from calls import SAMPLE_ELECTION
from edge import EDGE, Edge, listen
from pictures import noise
from raw import Raw, exchange, get, one, request
from test_hostile_wire import BODIES, BODY, CHUNKED, ambiguous_lengths, post, unchanged  # noqa: F401 (fixtures)
from server import ROOT
from world import HOME

pytestmark = pytest.mark.xdist_group("edge")
LIMITS = b"/v1/limits"


@pytest.fixture(scope="module")
def make_edge():
    made = []

    def make(*arguments, **more):
        made.append(Edge(*arguments, **more))
        return made[-1]

    yield make
    for edge in made:
        edge.stop()


@pytest.fixture(scope="module")
def edge(make_edge, service):
    return make_edge(service.port)


def problem(answer, *statuses):
    """A problem as the service words it, whoever answered."""
    assert answer.status in statuses, answer
    assert answer.headers["content-type"] == "application/problem+json", answer
    body = json.loads(answer.body)
    assert body["status"] == answer.status and body["title"] and body["detail"] and body["code"], body
    assert body["type"] in ("/problems/" + body["code"], "about:blank"), body
    assert body["instance"] == answer.headers["x-request-id"], answer
    assert "server" not in answer.headers and b"nginx" not in answer.body, answer
    return body


def refused(edge, data, *statuses):
    """One problem, then the end: nothing after it is read as a request."""
    answer = one(edge.port, data + get(LIMITS) * 2)
    problem(answer, *statuses)
    return answer


def judged(edge, data, *statuses):
    """A problem. When it is the service's, whose requests nginx frames anew, the connection may go on."""
    with Raw(edge.port) as connection:
        return problem(connection.send(data).answer(), *statuses)


@ambiguous_lengths
def test_row_57_to_60_ambiguous_lengths_behind_the_edge(edge, unchanged, post, headers, body):
    refused(edge, post(*headers, body=body), 400, 413)


@pytest.mark.parametrize("chunks", [b"-1\r\nx\r\n0\r\n\r\n", b"zz\r\nx\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nx\r\n0\r\n\r\n",
                                    b"5\r\nxx\r\n0\r\n\r\n"])
def test_row_57_bad_chunks_behind_the_edge(edge, unchanged, post, chunks):
    with Raw(edge.port) as connection:
        connection.send(post(b"Transfer-Encoding: chunked", b"Connection: close", body=chunks))
        connection.socket.shutdown(socket.SHUT_WR)
        answers = connection.answers()
    assert len(answers) <= 1
    for answer in answers:
        problem(answer, 400)


def test_row_57_a_chunked_body_is_read_behind_the_edge(edge, world, post):
    before = world.count("body")
    answer = one(edge.port, post(b"Transfer-Encoding: chunked", b"Connection: close", body=CHUNKED))
    assert answer.status == 201 and world.count("body") == before + 1


@pytest.mark.parametrize("header", [
    b"X-Test : 1", b"X Test: 1", b"X-Test\x00: 1", b"X-Test: a\x00b", b"X-Test: a\rb", b"X-Test: a\r\n folded",
    b"X-Test: a\r\n\tfolded", b": 1", b" X-Test: 1", b"X-T\xe4st: 1", b"X-Test: \x01", b"X-Test: a\x7f", b"(X): 1"],
    ids=lambda header: header.decode("latin-1").encode("unicode_escape").decode())
def test_row_61_malformed_headers_behind_the_edge(edge, header):
    judged(edge, get(LIMITS, header), 400)


@pytest.mark.parametrize("host", [None, b"Host: a\r\nHost: b", b"Host: a\r\nHost: a", b"Host: a b", b"Host: a/b", b"Host: a\"",
                                  b"Host: <x>", b"Host: a@b", b"Host: a\\b"])
def test_row_62_host_behind_the_edge(edge, host):
    judged(edge, request(b"GET /v1/limits HTTP/1.1", host=host), 400)


@pytest.mark.parametrize("path", [
    b"/v1/743/bodies%00", b"/v1/743/bodies/%zz", b"/v1/743/bodies/%ff", b"/v1/743/bodies/%c0%af", b"/v1/743/../743/bodies",
    b"/v1/743/bodies/..", b"/v1/743/./bodies", b"/v1/743/%2e%2e/743/bodies", b"/../v1/743/bodies", b"/v1/743/bodies%2f01a2",
    b"/v1//743/bodies", b"//v1/743/bodies", b"/v1/743/bodies/", b"/V1/743/bodies", b"/v1/743/bodies%0a", b"/v1\\743\\bodies",
    b"/v1/743/bodies#x", b"v1/743/bodies", b"/v1/743/bodies\xe4", b"/.edge/problem"])
def test_row_63_other_spellings_of_a_path_behind_the_edge(edge, path):
    with Raw(edge.port) as connection:
        problem(connection.send(get(path)).answer(), 400, 404)


def test_row_63_escapes_that_mean_the_same_behind_the_edge(edge):
    for path in (b"/v1/%37%34%33/bodies", b"/%76%31/743/bodies", b"http://localhost/v1/743/bodies"):
        with Raw(edge.port) as connection:
            assert connection.send(get(path)).answer().status == 200, path


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"get", b"Get", b"BREW", b"PROPFIND", b"POST,GET", b"G\xc4T", b"M" * 5000])
def test_row_64_methods_behind_the_edge(edge, method):
    with Raw(edge.port) as connection:
        answer = connection.send(request(method + b" /v1/limits HTTP/1.1")).answer()
    problem(answer, 400, 405, 501)
    assert answer.status != 405 or "GET" in answer.headers["allow"]


@pytest.mark.parametrize("size", [8200, 15_000, 17_000, 300_000])
def test_row_65_a_long_target_behind_the_edge(edge, size):
    for path in (b"/" + b"x" * size, b"/v1/limits?" + b"x" * size):
        for answer in exchange(edge.port, get(path, b"Connection: close")):
            assert problem(answer, 414)["code"] == "target_too_long"


@pytest.mark.parametrize("headers", [
    (b"X-Test: " + b"x" * 15_000, b"X-Test: " + b"x" * 2000), (b"X-Test: " + b"x" * 17_000,), (b"X" * 17_000 + b": 1",),
    (b"X-Test: " + b"x" * 300_000,), tuple(b"X-%d: 1" % i for i in range(101)), tuple(b"X-%d: 1" % i for i in range(3000)),
    (b"Authorization: Bearer " + b"x" * 30_000,)], ids=lambda value: f"{len(value)} of {len(value[0])} bytes")
def test_row_65_long_headers_behind_the_edge(edge, headers):
    for answer in exchange(edge.port, get(LIMITS, b"Connection: close", *headers)):
        assert problem(answer, 431)["code"] == "headers_too_large"


def test_row_65_a_large_body_behind_the_edge(edge, unchanged, post):
    for size in (300_000, 2_000_000):  # the service's limit, then the edge's
        data = post(b"Content-Length: %d" % size, b"Connection: close", body=BODY[:-2] + b"x" * (size - len(BODY)) + b'"}')
        for answer in exchange(edge.port, data):
            assert problem(answer, 413)["code"] == "body_too_large"


def test_a_whole_election_file_passes_the_edge(edge):
    text = SAMPLE_ELECTION.read_text().replace("experimental;1", "comment;" + "x" * 4_000_000)
    body = json.dumps({"file": text, "rule": "phragmen"}).encode()
    data = request(b"POST /v1/tallies HTTP/1.1", b"Content-Type: application/json", b"Content-Length: %d" % len(body), b"Connection: close",
                   body=body)
    assert one(edge.port, data).status == 200


@pytest.mark.parametrize("resource, status", [("proposals", 401), ("feedback", 404)])
def test_a_whole_picture_passes_the_edge(edge, resource, status):
    body = b"\xff\xd8\xff" + bytes(4_900_000)
    target = f"POST /v1/{HOME}/{resource}/{uuid.uuid4()}/images HTTP/1.1".encode()
    data = request(target, b"Content-Type: image/jpeg", b"Content-Length: %d" % len(body), b"Connection: close", body=body)
    assert one(edge.port, data).status == status  # and not 413


def test_row_65_a_chunked_body_without_end_behind_the_edge(edge, unchanged, post):
    data = post(b"Transfer-Encoding: chunked", body=b"10000\r\n" + b" " * 65536 + b"\r\n")
    with Raw(edge.port) as connection:
        connection.send(data)
        try:
            for _ in range(16):
                connection.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except ConnectionError:
            pass
        for answer in connection.answers():
            problem(answer, 413)


def test_row_66_http_1_0_and_pipelining_behind_the_edge(edge):
    assert one(edge.port, b"GET /v1/limits HTTP/1.0\r\n\r\n").status == 200
    paths = [LIMITS, BODIES, b"/nothing", b"/v1/municipalities", b"/problems/not_found"]
    with Raw(edge.port) as connection:
        connection.send(b"".join(get(path) for path in paths))
        answers = [connection.answer() for _ in paths]
    assert [answer.status for answer in answers] == [200, 200, 404, 200, 200]
    assert not any("server" in answer.headers for answer in answers)


@pytest.mark.parametrize("line", [b"GET /v1/limits", b"GET /v1/limits HTTP/2.0", b"GET /v1/limits HTTP/1.1 x",
                                  b"GET /v1/limits FTP/1.1", b"GET", b"GET /v1/limits HTTP/1.x", b"\x16\x03\x01\x02\x00"])
def test_row_66_request_lines_that_are_none_behind_the_edge(edge, line):
    for answer in exchange(edge.port, request(line)):
        problem(answer, 400)


def test_row_66_unknown_expectation_behind_the_edge(edge, unchanged, post):
    answer = one(edge.port, post(b"Content-Length: %d" % len(BODY), b"Connection: close", b"Expect: 200-ok", body=BODY))
    assert problem(answer, 417)["code"] == "expectation_failed"


def test_row_67_slow_headers_and_slow_bodies_behind_the_edge(make_edge, service, unchanged, post):
    edge = make_edge(service.port, changes=[("client_header_timeout 10s", "client_header_timeout 1s"),
                                            ("client_body_timeout 10s", "client_body_timeout 1s"),
                                            ("keepalive_timeout 30s", "keepalive_timeout 1s")])
    slow = [Raw(edge.port).send(data) for data in (
        b"", b"GET /v1/lim", b"GET /v1/limits HTTP/1.1\r\nHost: a\r\nX", post(b"Content-Length: 50", body=b"{"), get(LIMITS))]
    for connection in slow:
        with connection:
            connection.answers()  # returns when the edge has ended it


def test_row_67_1500_idle_connections_leave_room_behind_the_edge(edge):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    crowd = [Raw(edge.port) for _ in range(1500)]
    times = []
    try:
        for _ in range(20):
            began = time.monotonic()
            with Raw(edge.port) as connection:
                assert connection.send(get(LIMITS)).answer().status == 200
            times.append(time.monotonic() - began)
    finally:
        for connection in crowd:
            connection.socket.close()
    assert sorted(times)[17] < 1.5, times


class Recorder:
    """An upstream that keeps the heads it was sent."""

    def __init__(self):
        self.socket, self.heads = listen(), []
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            with connection:
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(65536)):
                    head += data
                self.heads.append(head.lower())
                connection.sendall(b"HTTP/1.1 200 OK\r\nServer: secret/1.2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_row_68_what_a_client_says_of_its_way_here_stays_behind_the_edge(make_edge):
    recorder = Recorder()
    edge = make_edge(recorder.port)
    names = (b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Forwarded-Proto", b"X-Forwarded-Port", b"X-Forwarded-Prefix",
             b"X-Real-IP", b"Forwarded", b"Via", b"X-Original-URL", b"X-Rewrite-URL", b"Cookie", b"Proxy")
    answer = one(edge.port, get(b"/a%2fb?q=%20", b"Connection: close", b"Accept-Language: sv", *(name + b": forged.example" for name in names)))
    recorder.socket.close()
    head, = recorder.heads
    first, *lines = head.rstrip().split(b"\r\n")
    assert first == b"get /a%2fb?q=%20 http/1.1" and b"forged" not in head
    assert {b"host: localhost", b"x-forwarded-for: 127.0.0.1", b"x-forwarded-host: localhost", b"x-forwarded-proto: http",
            b"accept-language: sv"} == set(lines), lines
    assert answer.status == 200 and "server" not in answer.headers


def me_too(port, path, source="127.0.0.1", forwarded=b"192.0.2.1"):
    with Raw(port, source=source) as connection:
        data = request(f"POST {path} HTTP/1.1".encode(), b"X-Forwarded-For: " + forwarded, b"Content-Length: 0")
        return connection.send(data).answer().status


def test_row_68_residents_are_told_apart_by_a_trusted_proxy_alone(make_service, make_edge, world):
    """Eight acts of one address pass at most, since the minute may turn once between them. Two may share a counter."""
    service = make_service("trusting", anonymous_acts_per_minute="4", trusted_proxies="127.0.0.1")
    edge, path = make_edge(service.port), f"/v1/743/feedback/{world.feedback.published['id']}/me-too"

    def refused(port, source, addresses):
        return [me_too(port, path, source, b"192.0.2.%d" % address) for address in addresses].count(429)

    assert refused(service.port, "127.0.0.1", [1] * 9)
    assert refused(service.port, "127.0.0.1", range(2, 11)) <= 1, "others share nothing with them"
    assert refused(service.port, "127.0.0.9", range(11, 20)), "who is no proxy is not believed"
    assert refused(edge.port, "127.0.0.7", range(20, 29)), "nor is a client of the edge"
    assert min(refused(edge.port, source, [20] * 4) for source in ("127.0.0.8", "127.0.0.10")) == 0, "whom it tells from others"
    assert b"192.0.2." not in b"".join(service.server.lines())


def test_row_69_tls_and_no_redirect_from_http_at_the_edge(make_edge, service, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", tmp_path / "certificate_key", "-out", tmp_path / "certificate"], check=True, capture_output=True)
    edge = make_edge(service.port, server="tls.conf", secrets=tmp_path)
    answer = one(edge.port, get(LIMITS, b"Connection: close"))
    assert problem(answer, 403)["code"] == "https_required" and "location" not in answer.headers
    assert problem(one(edge.tls_port, get(LIMITS, b"Connection: close")), 403)["code"] == "https_required"

    context = ssl.create_default_context(cafile=tmp_path / "certificate")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version = context.maximum_version = version
        with Raw(edge.tls_port) as connection:
            connection.socket = context.wrap_socket(connection.socket, server_hostname="localhost")
            answer = connection.send(get(LIMITS)).answer()
        assert answer.status == 200 and answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_row_70_a_service_that_is_gone_behind_the_edge(make_edge):
    with socket.socket() as nobody:  # bound and not listening: a connection is refused
        nobody.bind(("127.0.0.1", 0))
        edge = make_edge(nobody.getsockname()[1])
        for data in (get(LIMITS), request(b"POST " + BODIES + b" HTTP/1.1", b"Content-Length: %d" % len(BODY), body=BODY)):
            with Raw(edge.port) as connection:
                answer = connection.send(data).answer()
            assert problem(answer, 502)["code"] == "unavailable" and answer.headers["retry-after"] == "5"


def test_row_70_a_service_that_never_answers_behind_the_edge(make_edge):
    deaf = listen()
    edge = make_edge(deaf.getsockname()[1], changes=[("proxy_read_timeout 30s", "proxy_read_timeout 100ms")])
    with Raw(edge.port) as connection, deaf:
        answer = connection.send(get(LIMITS)).answer()
    assert problem(answer, 504)["code"] == "unavailable" and answer.headers["retry-after"] == "5"


def test_too_many_requests_of_one_address_at_once_at_the_edge(make_edge):
    deaf = listen()
    edge = make_edge(deaf.getsockname()[1], changes=[("limit_conn addresses 200", "limit_conn addresses 1")])
    waiting = Raw(edge.port).send(get(LIMITS))
    with deaf.accept()[0], waiting, deaf, Raw(edge.port) as connection:
        answer = connection.send(get(LIMITS)).answer()
    assert problem(answer, 503)["code"] == "unavailable" and answer.headers["retry-after"] == "5"


def send_feedback(edge, world, *headers, path="feedback"):
    body = json.dumps(world.feedback.body()).encode()
    with Raw(edge.port) as connection:
        return connection.send(request(b"POST %s HTTP/1.1" % world.path(path).encode(), b"Content-Type: application/json", *headers,
                                       b"Content-Length: %d" % len(body), body=body)).answer()


def test_anonymous_intake_of_one_address_is_bounded_and_its_address_is_not_logged(make_edge, service, world):
    edge = make_edge(service.port, changes=[("burst=30", "burst=1"), ("rate=30r/m", "rate=1r/m")])
    assert [send_feedback(edge, world).status for _ in range(2)] == [201, 201]
    before = world.count("feedback")
    for path in ("feedback", "proposals", "proposal-comments", "consultation-inputs", "feedback/by-token/add",
                 f"feedback/{world.feedback.sent['id']}/images"):
        answer = send_feedback(edge, world, path=path)
        assert problem(answer, 429)["code"] == "too_many_requests" and answer.headers["retry-after"] == "10", path
    assert world.count("feedback") == before
    assert send_feedback(edge, world, b"Authorization: Bearer " + service.token("planner").encode()).status == 201
    assert send_feedback(edge, world, b"Authorization: Bearer x").status == 401
    with Raw(edge.port) as connection:
        assert connection.send(get(world.path("feedback").encode())).answer().status == 200
    assert send_feedback(edge, world, path="feedback/by-token").status == 422, "reading is not sending"
    assert send_feedback(edge, world, path="feedback-images").status == 405
    log = edge.text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["peer"] for line in lines if line["status"] in (201, 429)} == {"", "127.0.0.1"}
    assert all(line["peer"] == "" for line in lines if line["status"] == 429) and "limiting" not in log


def test_identity_code_in_an_address_is_not_logged_at_the_edge(make_edge, service, world):
    edge = make_edge(service.port)
    kept = world.path("feedback", world.feedback.sent["id"])
    with Raw(edge.port) as connection:
        for code in ("131052-308T", "131052%2D308t", "010190A902S", "131052%E2%80%93308T"):
            for path in (f"feedback/{code}", f"x/{code}.xml?q={code}"):
                assert connection.send(get(world.path(path).encode())).answer().status == 404
        connection.send(get(kept.encode())).answer()
        connection.send(get(LIMITS)).answer()  # what came before it on its connection stands in the log now
    paths = [json.loads(line)["path"] for line in edge.text().splitlines() if line.startswith("{")]
    assert paths.count("(identity code)") == 8 and kept in paths and not any(digits in path for digits in ("131052", "010190") for path in paths)


@pytest.mark.parametrize("form, start", [("xml", b'<?xml version="1.0" encoding="utf-8"?>\n<errors><error><code>413</code><description>'),
                                         ("json", b'[{"code":413,"description":"')])
def test_open311_is_refused_in_its_own_shape_and_its_forms_pass(edge, form, start):
    """A body too large for the edge itself; one it lets through."""
    send = lambda length, body: one(edge.port, request(  # noqa: E731
        f"POST /open311/v2/{HOME}/requests.{form} HTTP/1.1".encode(), b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: %d" % length, b"Connection: close", body=body))
    answer = send(13_000_000, b"")
    assert answer.status == 413 and answer.body.startswith(start), answer
    assert answer.headers["content-type"] == {"xml": "text/xml", "json": "application/json"}[form] + "; charset=utf-8"
    assert send(5_500_000, b"a=" + b"x" * 5_499_998).status == 400  # and not 413


class Sender:
    """Somebody at an address of their own, who sends pictures to an item."""

    def __init__(self, edge, address, item, *headers):
        self.edge, self.address = edge, address
        self.line = f"POST /v1/{HOME}/feedback/{item}/images HTTP/1.1".encode()
        self.headers = (b"Content-Type: image/jpeg", *headers)

    def send(self, body, *headers):
        headers = headers or (b"Content-Length: %d" % len(body),)
        with Raw(self.edge.port, source=self.address) as connection:
            return connection.send(request(self.line, *self.headers, *headers, b"Connection: close", body=body)).answer()

    def begin(self, *headers):
        """A body that is awaited and never ends."""
        connection = Raw(self.edge.port, source=self.address)
        connection.send(request(self.line, *self.headers, *headers, b"Expect: 100-continue"))
        assert connection.answer().status == 100
        return connection


LARGE = bytes(1_000_000)


def passes(answer):
    """The service answered, not the edge."""
    return "server-timing" in answer.headers


def lose_room(edge):
    """No body can be put into a file any more."""
    assert one(edge.port, get(LIMITS, b"Connection: close")).status == 200, "it has begun"
    (edge.folder / "body").rmdir()


def test_the_address_of_who_sends_a_picture_is_in_no_line_of_the_edge(make_edge, service, world):
    sent = world.feedback.send()
    edge = make_edge(service.port)
    sender = Sender(edge, "127.0.0.7", sent["id"], b"Tracking-Token: " + sent["tracking_token"].encode())
    picture = noise()
    assert len(picture) > 330_000, "it must not fit the buffer"
    made = sender.send(picture)
    assert made.status == 201
    problem(sender.send(LARGE * 6), 413)
    with Raw(edge.port, source="127.0.0.7") as connection:
        connection.send(get(made.headers["location"].encode(), b"Tracking-Token: " + sent["tracking_token"].encode()))
        assert connection.answer().status == 200
    with Raw(edge.port, source="127.0.0.7") as connection:
        connection.send(request(f"POST /open311/v2/{HOME}/requests.json HTTP/1.1".encode(), b"Content-Length: %d" % len(LARGE),
                                b"Content-Type: application/x-www-form-urlencoded", body=LARGE)).answer()
    lose_room(edge)
    problem(sender.send(LARGE), 503)
    assert one(edge.port, get(LIMITS, b"Connection: close")).status == 200
    log = edge.text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines if line["peer"] == ""] == [201, 413, 200, 400, 503]
    assert "127.0.0.7" not in log, log


def test_a_gone_service_is_told_to_who_sends_a_picture_and_their_address_to_nobody(make_edge):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        edge = make_edge(nobody.getsockname()[1])
        answer = Sender(edge, "127.0.0.7", uuid.uuid4()).send(LARGE)
    assert problem(answer, 502)["code"] == "unavailable" and answer.headers["retry-after"] == "5"
    assert "127.0.0.7" not in edge.text()


LENGTH = b"Content-Length: 1000000"


@pytest.mark.parametrize("length", [LENGTH, b"Content-Length: 320000", b"Transfer-Encoding: chunked"])
def test_one_address_does_not_fill_the_edge_with_bodies_that_never_end(make_edge, service, world, length):
    edge = make_edge(service.port, changes=[("large_bodies_of_address 8", "large_bodies_of_address 2"),
                                            ("large_bodies 32", "large_bodies 3")])
    item = world.feedback.sent["id"]
    one_address, other, third = (Sender(edge, f"127.0.0.{number}", item) for number in (7, 8, 9))
    held = [one_address.begin(length) for _ in range(2)]
    answer = one_address.send(LARGE)
    assert problem(answer, 503)["code"] == "unavailable" and answer.headers["retry-after"] == "5"
    assert passes(one_address.send(bytes(300_000))), "what fits the buffer is not counted"
    assert passes(other.send(LARGE))
    held.append(other.begin(length))
    problem(third.send(LARGE), 503)
    for connection in held:
        connection.socket.close()


def bytes_of(text):
    number, unit = re.fullmatch(r"([0-9]+)([km])", text).groups()
    return int(number) << {"k": 10, "m": 20}[unit]


def test_the_edge_has_room_for_all_bodies_it_lets_in():
    texts = "".join(path.read_text() for path in EDGE.glob("*.conf"))
    most = max(map(bytes_of, re.findall(r"client_max_body_size ([0-9]+[km]);", texts)))
    count = int(re.search(r"limit_conn large_bodies ([0-9]+);", texts)[1])
    mounts = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["edge"]["tmpfs"]
    room = next(bytes_of(mount.rpartition("size=")[2]) for mount in mounts if mount.startswith("/tmp/body:"))
    assert "client_body_temp_path body;" in texts and count * most <= room


@pytest.mark.parametrize("form", ["xml", "json"])
def test_open311_is_told_in_its_own_shape_that_there_is_no_room(make_edge, service, form):
    edge = make_edge(service.port)
    lose_room(edge)
    answer = one(edge.port, request(f"POST /open311/v2/{HOME}/requests.{form} HTTP/1.1".encode(), b"Connection: close",
                                    b"Content-Length: %d" % len(LARGE), body=LARGE))
    assert answer.status == 503 and answer.headers["content-type"].startswith({"xml": "text/xml", "json": "application/json"}[form])
    assert b"503" in answer.body and b"Try again in 5 seconds." in answer.body
