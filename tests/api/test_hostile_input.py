"""hardening.md part 1, injection and input: rows 36–45 and 48–51."""
import json
import re
import time
import unicodedata
import urllib.parse
import uuid

import pytest

import contract
from calls import Call
from raw import Raw, get, one, request
from world import HOME, OTHER, text

BODIES = f"/v1/{HOME}/bodies"
SQL = ["' or '1'='1", "'; drop table body; --", "1; select pg_sleep(5)", "\\'; select pg_sleep(5) --", "$$||pg_sleep(5)||$$",
       "(select pg_sleep(5))", "1) union select null--", "id;select 1", "%27%20or%201=1", ":actor", "$1", "\"id\"", "{1}", "null"]
LISTS = [operation for operation in contract.OPERATIONS if operation.id.startswith("list") and operation.is_tenant]


def post(service, body, path=BODIES, media="application/json", subject="admin"):
    """Bytes as a body, whatever they are."""
    return service.client(subject).post(path, body=body, headers={"Content-Type": media})


def named(words):
    return json.dumps({"kind": "committee", "name": {"fi": words}}, ensure_ascii=False).encode()


# --- row 36: SQL ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.id)
def test_row_36_sql_in_every_parameter(world, operation):
    call = Call(operation, world)
    all_items = len(call.send().expect(200)["items"])
    began = time.monotonic()
    for parameter in operation.query():
        for words in SQL:
            answer = call.send(query={parameter["name"]: words})
            assert answer.status in (200, 400), answer
            if answer.status == 200 and parameter["name"] not in ("sort", "fields", "limit"):
                assert len(answer["items"]) == 0 or len(answer["items"]) <= all_items and parameter["name"] != "subject"
    assert time.monotonic() - began < 5, "something slept"
    assert world.count("body") > 0


@pytest.mark.parametrize("words", SQL)
def test_row_36_sql_in_texts_path_and_headers_is_literal(world, words):
    made = world.make("admin", "bodies", {"kind": "committee", "name": {"fi": words}, "statutory_basis": words})
    assert made["name"] == {"fi": words} and made["statutory_basis"] == words
    assert world.rows("select name ->> 'fi', statutory_basis from body where id = %s", made["id"]) == [(words, words)]
    quoted = urllib.parse.quote(words, safe="")
    world.of("admin").get(f"{BODIES}/{quoted}").expect(404)
    world.of("admin").get(f"/v1/{quoted}/bodies").expect(404)
    put = world.of("admin").put(f"{BODIES}/by-source/test/{quoted}", {"kind": "committee", "name": {"fi": "x"}})
    assert put.status in (200, 201, 400), put
    if put.status < 300:
        assert put["external_id"] == words
    if not re.fullmatch(r"[a-z0-9._-]+", words):
        world.of("admin").put(f"{BODIES}/by-source/{quoted}/1", {"kind": "committee", "name": {"fi": "x"}}).expect(404)
    for name in ("If-None-Match", "If-Match", "Prefer", "Accept-Language", "Idempotency-Key"):
        answer = world.of("admin").get(BODIES, headers={name: words})
        assert answer.status in (200, 400), answer


# --- row 37: cursors ------------------------------------------------------------------------------------
@pytest.fixture
def cursor(world):
    page = world.of("admin").get(BODIES, query={"limit": 1}).expect(200)
    return urllib.parse.parse_qs(urllib.parse.urlsplit(page["next"]).query)["cursor"][0]


def test_row_37_edited_cursors(world, cursor):
    client = world.of("admin")
    client.get(BODIES, query={"limit": 1, "cursor": cursor}).expect(200)
    for at in range(0, len(cursor), 5):
        edited = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1:]
        client.get(BODIES, query={"limit": 1, "cursor": edited}).expect(400, "invalid_cursor")
    for forged in ("x", "AAAA", cursor[:-1], cursor + "A", cursor * 2, cursor[::-1], "eyJpZCI6MX0", "é", "A" * 2999, cursor + "="):
        client.get(BODIES, query={"limit": 1, "cursor": forged}).expect(400)


def test_row_37_cursor_of_another_question(world, cursor):
    client = world.of("admin")
    for more in ({"kind": "committee"}, {"sort": "-updated_at"}, {"makes_decisions": "true"}):
        client.get(BODIES, query={"limit": 1, "cursor": cursor, **more}).expect(400, "cursor_mismatch")
    client.get(world.path("themes"), query={"cursor": cursor}).expect(400)
    world.of("other-admin").get(world.path("bodies", municipality=OTHER), query={"limit": 1, "cursor": cursor}).expect(400)


# --- row 38: size -----------------------------------------------------------------------------------------
def test_row_38_one_byte_over(service, world):
    before = world.count("body")
    shell = len(named(""))
    post(service, named("x" * (262144 - shell))).expect(422, "invalid_body")
    post(service, named("x" * (262145 - shell))).expect(413, "body_too_large")
    post(service, named("x" * 2_000_000)).expect(413, "body_too_large")
    assert world.count("body") == before


def test_row_38_twenty_megabytes_with_length_and_chunked(service, world):
    token = b"Authorization: Bearer " + service.token("admin").encode()
    head = [token, b"Content-Type: application/json", b"Connection: close"]
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    before = world.count("body")
    for body, framing in ((b"x" * 20_000_000, b"Content-Length: 20000000"),
                          (chunk * 305 + b"0\r\n\r\n", b"Transfer-Encoding: chunked")):
        answer = one(service.port, request(b"POST " + BODIES.encode() + b" HTTP/1.1", *head, framing, body=body), timeout=60)
        assert answer.status == 413, answer
    assert world.count("body") == before


def test_row_38_who_waits_is_told_before_sending(service):
    with Raw(service.port) as connection:
        answer = connection.send(request(
            b"POST " + BODIES.encode() + b" HTTP/1.1", b"Authorization: Bearer " + service.token("admin").encode(),
            b"Content-Type: application/json", b"Content-Length: 20000000", b"Expect: 100-continue")).answer()
    assert answer.status == 413, answer


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_row_38_content_coding(world, coding):
    world.of("admin").post(BODIES, body=b"\x1f\x8b" + bytes(100), headers={
        "Content-Type": "application/json", "Content-Encoding": coding}).expect(415, "unsupported_media_type")


# --- row 39: length and what is sent --------------------------------------------------------------------
@pytest.fixture(scope="module")
def hasty(make_service):
    """Has little patience with slow clients."""
    return make_service("hasty", idle_timeout_s=1)


def post_bytes(service, length, body):
    """All answers until the service ends the connection by itself."""
    with Raw(service.port) as connection:
        connection.send(request(b"POST " + BODIES.encode() + b" HTTP/1.1", b"Authorization: Bearer " + service.token("admin").encode(),
                                b"Content-Type: application/json", b"Content-Length: %d" % length, body=body))
        return connection.answers()


def test_row_39_less_than_said_is_ended_by_the_deadline(hasty):
    before = hasty.rows("select count(*) from body")
    answers = post_bytes(hasty, 1000, named("kesken"))
    assert len(answers) <= 1 and all(answer.status >= 400 for answer in answers), answers
    assert hasty.rows("select count(*) from body") == before


@pytest.mark.parametrize("rest", [named("rest"), b"}", b"x" * 100, b"\r\n\r\n"])
def test_row_39_more_than_said_is_no_second_request(hasty, rest):
    before = hasty.rows("select count(*) from body")[0][0]
    answers = post_bytes(hasty, len(named("x")), named("x") + rest)
    assert answers[0].status == 201 and all(answer.status >= 400 for answer in answers[1:]), answers
    assert hasty.rows("select count(*) from body")[0][0] == before + 1


# --- rows 40 to 42: JSON ----------------------------------------------------------------------------------
@pytest.mark.parametrize("depth", [33, 5000, 100000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")])
def test_row_40_deep(service, depth, brackets):
    left, right = brackets
    answer = post(service, f'{{"name":{left * depth}{"1" if left != "[" else ""}{right * depth}}}'.encode())
    assert (answer.status, answer.code) in ((400, "invalid_json"), (413, "body_too_large")), answer


def test_row_40_wide_and_long(service):
    wide = json.dumps({f"m{i}": i for i in range(100000)}).encode()
    assert post(service, wide).status in (400, 413)
    assert post(service, b"[" + b"0," * 100000 + b"0]").status == 400
    answer = post(service, named("x" * 200000)).expect(422, "invalid_body")
    assert answer.faults() == {"/name/fi": "too_long"}
    assert post(service, named("x" * 1_000_000)).status == 413


@pytest.mark.parametrize("body", [
    b'{"kind":"committee","kind":"council"}', b'{"name":{"fi":"a","fi":"b"}}', b'{"name":{"fi":"a\\u0000b"}}', b'{"a\\u0000":1}',
    b'{"name":{"fi":"\\ud800"}}', b'{"name":{"fi":"\\udc00\\ud800"}}', b'{"name":{"fi":"\xff"}}', b'{"name":{"fi":"\xc0\xaf"}}',
    b'{"name":{"fi":"\xed\xa0\x80"}}', b'{"name":{"fi":"\xf4\x90\x80\x80"}}', b"\xef\xbb\xbf{}", b"{} // x", b"/* x */ {}", b"{}x",
    b"{}{}", b"{} null", b"[]", b" 1", b"null", b'"x"', b"true", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b"", b" ", b"{", b"{\"a\"", b"{'a':1}", b'{"a":1,}',
    b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":1.}', b'{"a":0x10}', b'{"a":"\x01"}', b'{"a":"\n"}', b"{}\x00", b"\xff\xfe{\x00}\x00",
    b'{"a":tru}', b'{"a":"\\x"}', b'{"a":"\\u12"}', b"undefined"])
def test_row_41_malformed_json_is_400_with_its_place(service, world, body):
    before = world.count("change")
    answer = post(service, body).expect(400, "invalid_json")
    place = re.search(r"\d+", answer["detail"])
    assert place and 0 <= int(place[0]) <= len(body), answer
    assert world.count("change") == before


@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809", "1e400", "1.0", '"1"', "1e2", "0.1", "1e-400",
                                    "true", "[1]", "-1", "367", "123456789012345678901234567890"])
def test_row_42_numbers_that_are_none_of_ours(service, number):
    body = named("x")[:-1] + b',"meetings_per_year":' + number.encode() + b"}"
    answer = post(service, body)
    assert answer.status in (400, 422), answer
    if answer.status == 422:
        assert "/meetings_per_year" in answer.faults()


def test_row_42_minus_zero_and_money(service, world):
    assert post(service, named("x")[:-1] + b',"meetings_per_year":-0}').expect(201)["meetings_per_year"] == 0
    draft = world.path("reports", world.report_draft["id"])
    for cents in (1, 30, 9007199254740991):
        assert world.of("reporter").patch(draft, {"spent_cents": cents}, etag="*").expect(200)["spent_cents"] == cents
    for cents in (0.1 + 0.2, 9007199254740992, -1):
        world.of("reporter").patch(draft, {"spent_cents": cents}, etag="*").expect(422)


# --- rows 43 and 44: media ----------------------------------------------------------------------------
@pytest.mark.parametrize("media", [
    None, "", "text/json", "application/jsonx", "application/json; charset=latin1", "application/json; charset=utf-16",
    "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/merge-patch+json", "*/*",
    "application/json, text/plain", "application/json; x=y"])
def test_row_43_media_types(world, media):
    world.of("admin").post(BODIES, body=named("x"), headers={"Content-Type": media}).expect(415, "unsupported_media_type")


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", 'application/json;charset="UTF-8"', "Application/JSON"])
def test_row_43_spellings_that_mean_json(world, media):
    world.of("admin").post(BODIES, body=named("x"), headers={"Content-Type": media}).expect(201)


def test_row_44_accept(anonymous):
    for accept in ("image/png", "*/*;q=0", "application/xml", "text/html", "application/json;q=0, text/csv;q=0", "text/csv;q=0.000"):
        anonymous.get(BODIES, headers={"Accept": accept}).expect(406, "not_acceptable")
    for accept in ("*/*", "application/*", "application/json;q=0.1", "image/png, */*;q=0.1", "", ", ,", "text/html, application/json"):
        assert anonymous.get(BODIES, headers={"Accept": accept}).expect(200).media_type == "application/json"
    assert anonymous.get(BODIES, headers={"Accept": "text/csv"}).expect(200).media_type == "text/csv"


# --- row 45: texts --------------------------------------------------------------------------------------
def test_row_45_texts_are_nfc_and_counted_in_code_points(world):
    decomposed = unicodedata.normalize("NFD", "Äänekoski – Jyväskylä å")
    made = world.make("admin", "bodies", {"kind": "committee", "name": {"fi": decomposed}})
    assert made["name"]["fi"] == unicodedata.normalize("NFC", decomposed)
    assert world.rows("select name ->> 'fi' from body where id = %s", made["id"]) == [(made["name"]["fi"],)]
    emoji = "👩‍🌾"[0] * 200
    assert world.make("admin", "bodies", {"kind": "committee", "name": text("x"), "statutory_basis": emoji})["statutory_basis"] == emoji
    answer = world.of("admin").post(BODIES, {"kind": "committee", "name": text("x"), "statutory_basis": emoji + "x"}).expect(422)
    assert answer.faults() == {"/statutory_basis": "too_long"}


@pytest.mark.parametrize("words", ["a\u202eb", "\u200b", "a\u2066b", "e" + "\u0301" * 50, "\ufeffx", "a\u0007b", "\u0085", "\ufffe",
                                   "\U000e0001", "🏳️‍🌈", "اردو", "\u2028"])
def test_row_45_marks_are_stored_as_sent_in_nfc_or_refused_by_rule(world, words):
    answer = world.of("admin").post(BODIES, {"kind": "committee", "name": {"fi": words}})
    assert answer.status in (201, 422), answer
    if answer.status == 201:
        assert answer["name"]["fi"] == unicodedata.normalize("NFC", words)
    else:
        assert answer.faults()["/name/fi"] in ("pattern", "text_not_allowed", "too_short"), answer


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>"])
def test_row_46_markup_is_data(world, words):
    made = world.make("admin", "bodies", {"kind": "committee", "name": {"fi": words}})
    answer = world.of().get(f"{BODIES}/{made['id']}").expect(200)
    assert answer["name"]["fi"] == words and answer.media_type == "application/json"


# --- rows 48 to 50: headers and the log ---------------------------------------------------------------
@pytest.mark.parametrize("path", [
    b"/v1/743/bodies?kind=%0d%0aX-Evil:%201", b"/v1/743/bodies/%0d%0aX-Evil:%201", b"/problems/%0d%0aX-Evil:%201",
    b"/v1/743/bodies/by-source/test/%0d%0aX-Evil:%201", b"/%0d%0aX-Evil:%201", b"/v1/743/bodies?%0d%0aX-Evil:%201=1",
    b"/v1/743/bodies/by-source/%0aX-Evil:%201/1"])
def test_row_48_line_ends_in_values_make_no_header(service, path):
    token = b"Authorization: Bearer " + service.token("admin").encode()
    body = named("x")
    for method in (b"GET", b"PUT", b"OPTIONS"):
        with Raw(service.port) as connection:
            answer = connection.send(request(method + b" " + path + b" HTTP/1.1", token, b"Content-Type: application/json",
                                             b"Content-Length: %d" % len(body), body=body)).answer()
        assert answer.status >= 400 or method == b"OPTIONS", answer
        assert "x-evil" not in answer.headers, answer


@pytest.mark.parametrize("value", ["x" * 10000, "a\x1b[31mb", "id\"},{\"x\":1", "1", "00-zz-zz-01", "ä"])
def test_row_49_request_ids_are_ours(service, value):
    mark = service.server.mark
    with Raw(service.port) as connection:
        answer = connection.send(get(BODIES.encode(), b"X-Request-Id: " + value.encode(), b"traceparent: " + value.encode()[:100])).answer()
    assert answer.status in (200, 400) and answer.headers["x-request-id"] != value
    line = service.server.wait_for_line(lambda entry: entry.get("request_id") == answer.headers["x-request-id"] and "path" in entry, mark)
    assert "traceparent" not in line


def test_row_49_a_good_traceparent_is_logged(service, anonymous):
    mark, trace = service.server.mark, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = anonymous.get(BODIES, headers={"traceparent": trace}).expect(200)
    line = service.server.wait_for_line(lambda entry: entry.get("request_id") == answer.headers["X-Request-Id"], mark)
    assert line["traceparent"] == trace


def test_row_50_every_log_line_is_one_json_object(service):
    mark = service.server.mark
    name = uuid.uuid4().hex
    paths = [f"/{name}%0a%7B%22level%22:%22x%22%7D", f"/{name}%1b[31m", f'/{name}"}},{{"', f"/{name}\\u0000", f"/{name}%22%5c",
             f"/{name}?x=%0a", f"/{name}%c3%a4"]
    token = service.keys.mint("a\x1b[31m\n\"b")
    last = None
    for path in paths:
        with Raw(service.port) as connection:
            last = connection.send(get(path.encode(), b'User-Agent: "\x1b[31m{"', b"Authorization: Bearer " + token.encode())).answer()
        assert last.status in (400, 404), last
    service.server.wait_for_line(lambda entry: entry.get("request_id") == last.headers["x-request-id"] and "path" in entry, mark)
    lines = service.server.lines(mark)
    for line in lines:
        assert isinstance(json.loads(line), dict) and line.endswith(b"\n") and not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", line)
    assert sum(json.loads(line).get("message") == "request" for line in lines) >= len(paths)


# --- row 51: dates --------------------------------------------------------------------------------------
@pytest.mark.parametrize("date", ["2026-02-30", "99999-01-01", "2026-13-01", "2026-00-10", "0000-01-01", "2026-1-1", "20260101",
                                  "2026-01-01T00:00:00Z", "today", "infinity", "", " 2026-01-01", "2026-01-01 BC", "٢٠٢٦-٠١-٠١"])
def test_row_51_dates_that_are_none(world, date):
    answer = world.of("admin").post(world.path("grants"), {
        "issuer": "https://elinvoima.test", "subject": "x", "role": "handler", "starts_on": date}).expect(422, "invalid_body")
    assert list(answer.faults()) == ["/starts_on"]


@pytest.mark.parametrize("moment", ["2016-12-31T23:59:61Z", "2026-01-01T25:00:00Z", "2026-01-01", "99999-01-01T00:00:00Z", "now",
                                    "2026-01-01T00:00:00", "2026-02-29T00:00:00Z", "infinity", "2026-01-01T00:00:00+99:00"])
def test_row_51_moments_that_are_none(anonymous, moment):
    anonymous.get(BODIES, query={"updated_since": moment}).expect(400, "invalid_parameter")


def test_row_51_zones_mean_the_same_moment(world):
    items = world.of("admin").get(BODIES, query={"updated_since": "2020-01-01T00:00:00Z"}).expect(200)["items"]
    zoned = world.of("admin").get(BODIES, query={"updated_since": "2020-01-01T02:00:00+02:00"})
    assert zoned.status == 400 or zoned["items"] == items
