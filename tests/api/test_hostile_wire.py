"""hardening.md part 1, transport and framing: rows 57–67, and what crashes or hangs the bare stack
(design.md section 4)."""
import resource
import select
import time
import uuid

import pytest

from raw import Raw, exchange, get, one, request
from world import HOME

BODIES = f"/v1/{HOME}/bodies".encode()
BODY = b'{"kind":"committee","name":{"fi":"x"}}'


@pytest.fixture
def post(service):
    """A POST of BODY by an administrator, with these framing headers."""
    token = b"Authorization: Bearer " + service.token("admin").encode()

    def make(*headers, body=BODY, line=b"POST " + BODIES + b" HTTP/1.1", **more):
        return request(line, token, b"Content-Type: application/json", *headers, body=body, **more)

    return make


@pytest.fixture
def unchanged(world):
    before = world.count("change")
    yield
    assert world.count("change") == before


def refused(service, data, *statuses):
    """One answer of these statuses, then the end: nothing after it is read as a request."""
    answer = one(service.port, data + get(b"/v1/limits") * 2)
    assert answer.status in statuses, answer
    return answer


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


ambiguous_lengths = pytest.mark.parametrize("headers, body", [
    ((b"Content-Length: 5", b"Transfer-Encoding: chunked"), CHUNKED),
    ((b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(CHUNKED)), CHUNKED),
    ((b"Content-Length: %d" % len(BODY), b"Content-Length: %d" % len(BODY)), BODY),
    ((b"Content-Length: 1", b"Content-Length: %d" % len(BODY)), BODY),
    ((b"Content-Length: +%d" % len(BODY),), BODY),
    ((b"Content-Length: -1",), BODY),
    ((b"Content-Length: %d, %d" % (len(BODY), len(BODY)),), BODY),
    ((b"Content-Length: 99999999999999999999999",), BODY),
    ((b"Content-Length: 0x10",), BODY),
    ((b"Content-Length: ",), BODY),
    ((b"Content-Length: 1e2",), BODY),
    ((b"Transfer-Encoding: gzip",), BODY),
    ((b"Transfer-Encoding: gzip, chunked",), CHUNKED),
    ((b"Transfer-Encoding: chunked, identity",), CHUNKED),
    ((b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), CHUNKED),
    ((b"Transfer-Encoding: xchunked",), CHUNKED),
    ((b"Transfer-Encoding: \x0bchunked",), CHUNKED),
], ids=lambda value: b" + ".join(value).decode("latin-1") if isinstance(value, tuple) else "")


@ambiguous_lengths
def test_row_57_to_60_ambiguous_lengths(service, world, unchanged, post, headers, body):
    refused(service, post(*headers, body=body), 400, 413, 501)


@pytest.mark.parametrize("chunks", [b"-1\r\nx\r\n0\r\n\r\n", b"zz\r\nx\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nx\r\n0\r\n\r\n",
                                    b"1;x=\"\r\n\r\nx\r\n0\r\n\r\n", b"5\r\nxx\r\n0\r\n\r\n"])
def test_row_57_bad_chunks(service, world, unchanged, post, chunks):
    with Raw(service.port) as connection:
        connection.send(post(b"Transfer-Encoding: chunked", b"Connection: close", body=chunks))
        connection.socket.shutdown(1)
        answers = connection.answers()
    assert len(answers) <= 1 and all(answer.status >= 400 for answer in answers), answers


def test_chunked_body_is_read(service, world, post):
    before = world.count("body")
    answer = one(service.port, post(b"Transfer-Encoding: chunked", b"Connection: close", body=CHUNKED))
    assert answer.status == 201 and world.count("body") == before + 1


@pytest.mark.parametrize("header", [
    b"X-Test : 1", b"X Test: 1", b"X-Test\x00: 1", b"X-Test: a\x00b", b"X-Test: a\rb", b"X-Test: a\r\n folded", b"X-Test: a\r\n\tfolded",
    b": 1", b" X-Test: 1", b"X-Test", b"X-T\xe4st: 1", b"X-Test: \x01", b"X-Test: a\x7f", b"(X): 1", b"X\"Y: 1"],
    ids=lambda header: header.decode("latin-1").encode("unicode_escape").decode())
def test_row_61_malformed_headers(service, header):
    refused(service, get(b"/v1/limits", header), 400)


@pytest.mark.parametrize("host", [None, b"Host: a\r\nHost: b", b"Host: a\r\nHost: a", b"Host: a b", b"Host: a/b", b"Host: a\"", b"Host: <x>",
                                  b"Host: a@b", b"Host: a\\b"])
def test_row_62_host(service, host):
    refused(service, request(b"GET /v1/limits HTTP/1.1", host=host), 400)


@pytest.mark.parametrize("path", [
    b"/v1/743/bodies%00", b"/v1/743%00/bodies", b"/v1/743/bodies/%", b"/v1/743/bodies/%4", b"/v1/743/bodies/%zz", b"/v1/743/bodies/%ff",
    b"/v1/743/bodies/%c0%af", b"/v1/743/../743/bodies", b"/v1/743/bodies/..", b"/v1/743/./bodies", b"/v1/743/%2e%2e/743/bodies",
    b"/v1/743/bodies%2f01a2", b"/v1//743/bodies", b"//v1/743/bodies", b"/v1/743/bodies//", b"/v1/743/bodies/", b"/v1/743/bodies;x=1",
    b"/V1/743/bodies", b"/v1/743/Bodies", b"/v1/743/bodies%20", b"/v1/743/bodies%0a", b"/v1\\743\\bodies", b"/v1/743/bodies#x",
    b"http:///v1/743/bodies", b"v1/743/bodies", b"/v1/743/bodies\xe4", b"/v1/%37%34%33%00/bodies"])
def test_row_63_other_spellings_of_a_path(service, path):
    with Raw(service.port) as connection:
        answer = connection.send(get(path)).answer()
    assert answer.status in (400, 404), answer


def test_row_63_escapes_that_mean_the_same(service):
    for path in (b"/v1/%37%34%33/bodies", b"/%76%31/743/bodies", b"http://localhost/v1/743/bodies"):
        with Raw(service.port) as connection:
            assert connection.send(get(path)).answer().status == 200, path


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"get", b"Get", b"BREW", b"PROPFIND", b"GETT", b"POST,GET", b"G\xc4T", b"M" * 5000])
def test_row_64_methods(service, method):
    with Raw(service.port) as connection:
        answer = connection.send(request(method + b" /v1/limits HTTP/1.1")).answer()
    assert answer.status in (400, 405, 431, 501), answer
    if answer.status == 405:
        assert "GET" in answer.headers["allow"]


def test_row_65_long_target_and_headers(service):
    for path in (b"/" + b"x" * 8200, b"/v1/limits?" + b"x" * 9000, b"/" + b"x" * 60000):
        assert refused(service, get(path), 414).status == 414
    for headers in ((b"X-Test: " + b"x" * 17000,), tuple(b"X-%d: 1" % i for i in range(101)), (b"X" * 17000 + b": 1",)):
        assert refused(service, get(b"/v1/limits", *headers), 431).status == 431


def test_row_65_far_too_long(service):
    for data in (get(b"/" + b"x" * 300000), get(b"/v1/limits", b"X-Test: " + b"x" * 300000), b"G" * 300000):
        answers = exchange(service.port, data)
        assert len(answers) <= 1 and all(answer.status in (400, 414, 431, 501) for answer in answers), answers


def test_row_66_http_1_0_and_pipelining(service):
    answer = one(service.port, b"GET /v1/limits HTTP/1.0\r\n\r\n")
    assert answer.status == 200
    paths = [b"/v1/limits", BODIES, b"/nothing", b"/v1/municipalities", b"/problems/not_found"]
    with Raw(service.port) as connection:
        connection.send(b"".join(get(path) for path in paths))
        assert [connection.answer().status for _ in paths] == [200, 200, 404, 200, 200]


@pytest.mark.parametrize("line", [b"GET /v1/limits", b"GET /v1/limits HTTP/2.0", b"GET /v1/limits HTTP/1.1 x", b"GET  /v1/limits HTTP/1.1",
                                  b"GET /v1/limits FTP/1.1", b"GET", b"GET /v1/limits HTTP/1.x", b"\x16\x03\x01\x02\x00"])
def test_row_66_request_lines_that_are_none(service, line):
    with Raw(service.port) as connection:
        connection.send(request(line))
        connection.socket.shutdown(1)
        answers = connection.answers()
    assert all(answer.status >= 400 for answer in answers[:1]), answers


def test_row_66_unknown_expectation(service, world, unchanged, post):
    refused(service, post(b"Content-Length: %d" % len(BODY), b"Expect: 200-ok"), 417)


def test_row_67_slow_headers_slow_body_and_who_never_reads(make_service):
    service = make_service("slow", idle_timeout_s=1)
    token = b"Authorization: Bearer " + service.token("admin").encode()
    began = time.monotonic()
    slow = [Raw(service.port).send(b""), Raw(service.port).send(b"GET /v1/lim"), Raw(service.port).send(b"GET /v1/limits HTTP/1.1\r\nHost: a\r\nX"),
            Raw(service.port).send(b"POST " + BODIES + b" HTTP/1.1\r\nHost: a\r\n" + token + b"\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"),
            Raw(service.port).send(get(b"/v1/limits"))]
    deaf = Raw(service.port)
    deaf.socket.settimeout(0.2)
    try:
        while True:  # until neither side takes any more
            deaf.send(get(b"/openapi.json") * 10)
    except (TimeoutError, ConnectionError):
        pass
    fast = service.client()
    fast.get("/v1/limits").expect(200)
    for connection in slow:
        with connection:
            connection.answers()  # returns when the server has ended it
    # ended with our requests unread, which is a reset: seen without reading an answer
    poll = select.poll()
    poll.register(deaf.socket, 0)
    with deaf:
        assert poll.poll(20_000), "who never reads is kept for ever"
    assert time.monotonic() - began < 15
    fast.get("/v1/limits").expect(200)
    assert service.rows("select count(*) from body") == [(0,)]


def test_row_67_1500_idle_connections_leave_room(make_service):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    service = make_service("crowd", connections_most=600, connections_most_per_address=600)
    crowd = [Raw(service.port) for _ in range(1500)]
    times = []
    try:
        for _ in range(20):
            began = time.monotonic()
            with Raw(service.port) as connection:
                assert connection.send(get(b"/v1/limits")).answer().status == 200
            times.append(time.monotonic() - began)
    finally:
        for connection in crowd:
            connection.socket.close()
    assert sorted(times)[17] < 1.5, times


def test_large_bodies_share_a_room_and_small_ones_need_none(make_service):
    """Six bodies, all but for their last byte, where there is room for three."""
    service = make_service("room", bodies_most_bytes=1024 * 1024)
    size, mark, dropped = 600_000, service.server.mark, []
    head = b"POST /v1/%s/feedback/%s/images HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
    held = [Raw(service.port).send(head % (HOME.encode(), str(uuid.uuid4()).encode(), size) + b"x" * (size - 1)) for _ in range(6)]
    service.server.wait_for_line(lambda entry: "no room" in entry["message"] and dropped.append(entry) is None and len(dropped) == 3, since=mark)
    with Raw(service.port) as connection:
        small = connection.send(head % (HOME.encode(), str(uuid.uuid4()).encode(), 200_000) + b"x" * 200_000).answer()
    assert small.status == 404, small
    answers = [connection.send(b"x").answer() for connection in held]
    assert sorted(answer.status for answer in answers) == [404] * 3 + [503] * 3
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status == 503)
    for connection in held:
        assert connection.send(get(b"/v1/limits")).answer().status == 200, "what came before is done with"
    for connection in held[:3] * 2:
        connection.send(head % (HOME.encode(), str(uuid.uuid4()).encode(), size) + b"x" * size)
        assert connection.answer().status == 404, "room is given back"
    for connection in held:
        connection.socket.close()


# --- design.md section 4: what kills or hangs the bare stack ------------------------------------------
@pytest.mark.parametrize("path", [b"/%25s%25s%25s%25s%25n", b"/%s%s%s%s%n", b"/v1/743/bodies/%25s%25n?q=%25s%25n"])
def test_percent_s_in_a_path_with_a_reset_connection(service, path):
    for data in (get(path), b"GET " + path + b" HTTP/1.1\r\nHost: %s%n\r\n%s%n: %s%n\r\n", b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n%s"):
        for _ in range(5):
            connection = Raw(service.port)
            connection.send(data)
            connection.reset()
    with Raw(service.port) as connection:
        assert connection.send(get(b"/v1/limits")).answer().status == 200
    service.server.assert_alive()


@pytest.mark.parametrize("media", [b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x"])
@pytest.mark.parametrize("size", [250_000, 300_000])
def test_a_form_body_is_answered_at_once(service, world, unchanged, media, size):
    body = (b"a=1&" * (size // 4))[:size]
    began = time.monotonic()
    answer = one(service.port, request(
        b"POST " + BODIES + b" HTTP/1.1", b"Authorization: Bearer " + service.token("admin").encode(), b"Connection: close",
        b"Content-Type: " + media, b"Content-Length: %d" % size, body=body))
    assert answer.status in (413, 415) and time.monotonic() - began < 3, answer


@pytest.mark.parametrize("count", [101, 500, 600, 1500])
def test_a_query_of_many_keys_is_answered(service, count):
    began = time.monotonic()
    with Raw(service.port) as connection:
        answer = connection.send(get(BODIES + b"?" + b"&".join(b"k%d" % i for i in range(count)))).answer()
    assert answer.status in (400, 414) and time.monotonic() - began < 3, answer


def test_a_cookie_of_many_parts_is_answered(service):
    with Raw(service.port) as connection:
        answer = connection.send(get(BODIES, b"Cookie: " + b"; ".join(b"k%d=1" % i for i in range(1500)))).answer()
    assert answer.status in (200, 400, 431), answer


def test_two_megabytes_are_not_cut_and_stored(service, world, unchanged, post):
    body = BODY[:-2] + b"x" * 2_000_000 + b'"}}'
    answer = one(service.port, post(b"Content-Length: %d" % len(body), b"Connection: close", body=body))
    assert answer.status == 413, answer


def test_connections_are_reset_in_every_phase(service):
    data = request(b"POST " + BODIES + b" HTTP/1.1", b"Authorization: Bearer " + service.token("admin").encode(),
                   b"Content-Type: application/json", b"Content-Length: 20", body=b'{"kind":"committee"}')
    for end in range(0, len(data) + 1, 7):
        connection = Raw(service.port)
        connection.send(data[:end])
        connection.reset()
    with Raw(service.port) as connection:
        assert connection.send(get(b"/v1/limits")).answer().status == 200
