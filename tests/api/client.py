"""An HTTP client that fails the test when an answer is not what openapi.yaml says."""
import http.client
import json as jsonlib
import re
import select
import urllib.parse

import contract
import markup
import open311

JSON, GEOJSON, PATCH, PROBLEM = "application/json", "application/geo+json", "application/merge-patch+json", "application/problem+json"
_REQUEST_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_STACK_WORDS = re.compile(r"ulfius|microhttpd|jansson|libpq|postgres|sqlstate|relation \"|psycopg|\.sql\b|\.c:\d+", re.I)

# (operationId, status) of every answer of this process.
SEEN = set()


class Response:
    def __init__(self, status, headers, body, method, path):
        self.status, self.headers, self.body, self.method, self.path = status, headers, body, method, path

    @property
    def media_type(self):
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip()

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return jsonlib.loads(self.body)

    @property
    def etag(self):
        return self.headers["ETag"]

    @property
    def code(self):
        return self.json.get("code")

    def faults(self):
        """{pointer or parameter: code} of a problem."""
        return {fault.get("pointer", fault.get("parameter")): fault["code"] for fault in self.json.get("errors", [])}

    def __getitem__(self, name):
        return self.json[name]

    def expect(self, status, code=None):
        """Itself, when it has this status and problem code; else the test fails with the whole answer."""
        assert self.status == status, f"expected {status}, got {self}"
        assert code is None or self.code == code, f"expected {code}, got {self}"
        return self

    def __str__(self):
        return f"{self.method} {self.path}: {self.status} {self.body[:2000].decode('utf-8', 'replace')}"


def is_readable(sock):
    """Not by select(), which knows the first 1 024 descriptors only."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class Client:
    """Speaks for one caller. It keeps one connection, unless told to be one of many."""

    is_kept = True

    def __init__(self, port, token=None, host="127.0.0.1"):
        self.host, self.port, self.token = host, port, token
        self.connection = None

    def request(self, method, path, json=None, *, body=None, headers=None, query=None, is_failure_expected=False):
        """`json`, or bytes, are sent as the operation's media type, `body` as it is."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        operation = contract.find_operation("GET" if method == "HEAD" else method, path.partition("?")[0])
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if json is not None:
            body = json if isinstance(json, bytes) else jsonlib.dumps(json, ensure_ascii=False).encode()
            sent["Content-Type"] = (operation and operation.media_type) or JSON
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        response = self._send(method, path, body, sent)
        check(response, operation, sent, is_failure_expected)
        return response

    def _send(self, method, path, body, headers):
        # a kept connection that has something to say before it is asked has been ended meanwhile
        if self.connection and self.connection.sock and is_readable(self.connection.sock):
            self.close()
        if not self.connection:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            self.connection.request(method, path, body, headers)
            raw = self.connection.getresponse()
            data = raw.read()
        except OSError:
            self.close()
            raise
        if raw.will_close or not self.is_kept:
            self.close()
        return Response(raw.status, raw.headers, data, method, path)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def head(self, path, **more):
        return self.request("HEAD", path, **more)

    def post(self, path, json=None, **more):
        return self.request("POST", path, json, **more)

    def put(self, path, json=None, **more):
        return self.request("PUT", path, json, **more)

    def patch(self, path, json=None, etag=None, **more):
        return self.request("PATCH", path, json, **_with_etag(etag, more))

    def delete(self, path, etag=None, **more):
        return self.request("DELETE", path, **_with_etag(etag, more))

    def get_all(self, path, **more):
        """The items of all pages."""
        items, page = [], self.get(path, **more).expect(200)
        while True:
            items += page["items"]
            if not page["next"]:
                return items
            page = self.get(page["next"]).expect(200)


def _with_etag(etag, more):
    if etag is not None:
        more["headers"] = {"If-Match": etag, **(more.get("headers") or {})}
    return more


# --- what must hold of every answer -------------------------------------------------------------------
def check(response, operation, sent, is_failure_expected=False):
    status, headers = response.status, response.headers
    assert status < 500 or is_failure_expected, f"the service failed: {response}"
    assert _REQUEST_ID.match(headers.get("X-Request-Id", "")), f"no request id: {response}\n{headers}"
    assert headers.get("X-Content-Type-Options") == "nosniff", f"not nosniff: {response}"
    assert "Server" not in headers and "X-Powered-By" not in headers, f"names its software: {headers}"
    if operation and response.method != "HEAD":
        SEEN.add((operation.id, status))
    if operation:
        is_listed = status in operation.statuses or (status in contract.GENERAL and "default" in operation.responses)
        assert is_listed, f"{operation.id} does not document {response}"
    if response.method == "HEAD" or status in (204, 304):
        assert response.body == b"", f"a body where none belongs: {response}"
    elif status >= 400 and response.path.startswith("/open311/"):
        open311.check_errors(response)
    elif status >= 400:
        check_problem(response, operation)
    elif response.method != "OPTIONS":
        check_body(response, operation, sent)
    check_headers(response, operation, sent)


def check_problem(response, operation):
    assert response.media_type == PROBLEM, f"not a problem: {response}"
    problem = response.json
    faults = contract.faults_of(problem, {"$ref": "#/components/schemas/Problem"})
    assert not faults, f"{faults} in {response}"
    code = problem["code"]
    assert contract.PROBLEMS.get(code) == response.status == problem["status"], f"code or status wrong: {response}"
    assert problem["type"] == f"/problems/{code}", f"type wrong: {response}"
    assert problem["instance"] == response.headers["X-Request-Id"], f"instance wrong: {response}"
    assert "{" not in problem["detail"] + problem["title"], f"a template is not filled: {response}"
    assert not _STACK_WORDS.search(response.text), f"tells about the inside: {response}"
    codes = {code, *(fault["code"] for fault in problem.get("errors", []))}
    unknown = codes - set(contract.PROBLEMS)
    assert not unknown, f"unknown codes {unknown}: {response}"
    if operation:
        unlisted = codes & set(contract.DOMAIN_PROBLEMS) - operation.problems
        assert not unlisted, f"{operation.id} does not list {unlisted}: {response}"


def check_body(response, operation, sent):
    if not operation:
        return
    is_minimal = "return=minimal" in sent.get("Prefer", "")
    if is_minimal and not response.body:
        return
    schema = contract.response_schema(operation.id, response.status, response.media_type)
    assert schema is not None, f"{operation.id} {response.status} has no {response.media_type}: {response}"
    if response.media_type not in (JSON, GEOJSON):
        assert response.body, f"empty: {response}"
        markup.CHECKS.get(response.media_type, lambda _: None)(response)
        return
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(response.path).query)
    if "fields" in query:
        schema = contract.trim(schema, query["fields"][0].split(","), ["embedded"] if "embed" in query else [])
    faults = contract.faults_of(response.json, schema)
    assert not faults, f"{operation.id} {response.status}: {faults[:5]} in {response}"


def check_headers(response, operation, sent):
    headers, status = response.headers, response.status
    if status == 401:
        assert headers.get("WWW-Authenticate", "").startswith("Bearer"), f"401 without a challenge: {response}"
    if status == 405:
        assert headers.get("Allow"), f"405 without Allow: {response}"
    if status == 415 and response.method == "PATCH":
        assert headers.get("Accept-Patch") == PATCH, f"415 without Accept-Patch: {response}"
    if status == 503:
        assert headers.get("Retry-After", "").isdigit(), f"503 without Retry-After: {response}"
    if status == 201 and operation:
        assert headers.get("Location", "").startswith("/v1/"), f"201 without Location: {response}"
    if "Authorization" in sent and status < 400:
        assert headers.get("Cache-Control") == "private, no-store", f"private answer may be kept: {headers}"
