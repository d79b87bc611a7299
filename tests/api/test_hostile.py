"""hardening.md part 1, tokens and permission: rows 1–5, 8, 10–12, 16–21, 25–30."""
import json
import time
import uuid

import pytest

import tokens
from raw import Raw, get
from tokens import claims, encode, part
from world import HOME, ISSUER, OTHER, text

WHERE = f"/v1/{HOME}/grants"  # only an administrator may
HEADER = {"alg": "ES256", "typ": "JWT"}


@pytest.fixture
def refused(service):
    """Asserts 401 with the same body for every cause, and that the log holds nothing of the token."""
    seen = []

    def check(token):
        mark = service.server.mark
        client = service.client_with(token)
        answer = client.get(WHERE).expect(401, "unauthenticated")
        client.close()
        assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"'), answer.headers
        body = {name: value for name, value in answer.json.items() if name != "instance"}
        seen.append(body)
        assert body == seen[0]
        service.server.wait_for_line(lambda line: line.get("request_id") == answer["instance"] and "path" in line, mark)
        assert len(token) < 16 or token[-16:].encode() not in b"".join(service.server.lines(mark))
        return answer

    return check


def allowed(service, token):
    client = service.client_with(token)
    client.get(WHERE).expect(200)
    client.close()


def test_a_good_token_is_believed(service):
    allowed(service, service.keys.mint("admin"))
    rs = service.client_with(service.keys.mint_rs("admin"))
    rs.get(WHERE).expect(403, "insufficient_scope")  # believed; the other issuer's admin is nobody here
    hs = service.client_with(service.keys.mint_hs("admin"))
    hs.get(WHERE).expect(403, "insufficient_scope")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_row_01_to_03_no_signature(service, refused, algorithm):
    unsigned = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims('admin'))}."
    refused(unsigned)
    refused(unsigned[:-1])
    signed = service.keys.mint("admin")
    refused(unsigned + signed.rpartition(".")[2])
    refused(service.keys.sign({**HEADER, "alg": algorithm}, claims("admin")))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_row_04_public_key_as_shared_secret(service, refused, algorithm):
    import hashlib
    import hmac
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
    for key, issuer in ((service.keys.own, claims()["iss"]), (service.keys.rs, tokens.RS_ISSUER)):
        pem = tokens.public_pem(key)
        for secret in (pem, pem.rstrip(b"\n"), tokens.public_der(key), b""):
            signed = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims('admin', iss=issuer))}"
            refused(f"{signed}.{encode(hmac.new(secret, signed.encode(), digest).digest())}")


@pytest.mark.parametrize("algorithm", [None, 256, True, ["ES256"], "es256", "ES384", "ES512", "RS256", "RS384", "PS256",
                                       "EdDSA", "HS256", "ES256 ", ""])
def test_row_05_algorithm_is_the_keys_not_the_tokens(service, refused, algorithm):
    header = {name: value for name, value in {**HEADER, "alg": algorithm}.items() if value is not None}
    refused(service.keys.sign(header, claims("admin")))


def test_row_05_zero_signature(refused):
    signed = f"{part(HEADER)}.{part(claims('admin'))}"
    refused(f"{signed}.{encode(bytes(64))}")
    refused(f"{signed}.{encode(bytes(63))}")
    refused(f"{signed}.{encode(bytes(65))}")


@pytest.mark.parametrize("more", [{"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"b64": False}, {"crit": "exp"}])
def test_row_08_critical_extensions(service, refused, more):
    refused(service.keys.mint("admin", header=more))


def test_row_10_to_11_times_with_leeway(service, refused):
    now = int(time.time())
    for times in ({"exp": now - 61}, {"exp": 0}, {"nbf": now + 65}, {"iat": now + 86400}):
        refused(service.keys.mint("admin", **times))
    for times in ({"exp": now - 30}, {"nbf": now + 30}, {"iat": now + 30}):
        allowed(service, service.keys.mint("admin", **times))


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ['"1999999999"', "1e400", "-1", "99999999999999999999", "1999999999.5", "[1999999999]",
                                   "{}", "true", "9223372036854775807"])
def test_row_12_times_that_are_none(service, refused, name, value):
    payload = json.dumps({**claims("admin"), name: "HERE"}).replace('"HERE"', value)
    refused(service.keys.sign(HEADER, payload.encode()))


def test_row_12_exp_missing(service, refused):
    refused(service.keys.mint("admin", exp=None))
    refused(service.keys.sign(HEADER, json.dumps({**claims("admin"), "exp": None}).encode()))


def test_row_16_ambiguous_json(service, refused):
    good = json.dumps(claims("somebody")).encode()
    for payload in (good[:-1] + b',"sub":"admin"}', b"[" + good + b"]", good.replace(b"somebody", b"admin\xff"),
                    good.replace(b"somebody", b"admin\\u0000x"), good.replace(b"somebody", b"admin\x00"),
                    good.replace(b"somebody", b"\\ud800"), good + b"x", good + b"\x00", b"\xef\xbb\xbf" + good, b"null", b""):
        refused(service.keys.sign(HEADER, payload))
    refused(service.keys.sign(b'{"alg":"ES256","alg":"ES256"}', claims("admin")))
    refused(service.keys.sign(b'["ES256"]', claims("admin")))


def test_row_17_other_spellings(service, refused):
    header, payload, signature = service.keys.mint("admin").split(".")
    for token in (f"{header}.{payload}.{signature}=", f"{header}=.{payload}.{signature}", f"{header}.{payload}.{signature}==",
                  f"{header}.{payload}.{signature}AA", f"{header}.{payload}", f"{header}.{payload}.{signature}.{signature}.x",
                  f"{header}.{payload}.{signature}.", f".{payload}.{signature}", f"{header}..{signature}", "..", "x",
                  f"{header}.{payload}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}"):
        refused(token)
    # the alphabet of the other base64, where it would spell the same bytes
    while not set("-_") & set(signature):
        header, payload, signature = service.keys.mint("admin", jti=str(uuid.uuid4())).split(".")
    refused(f"{header}.{payload}." + signature.replace("-", "+").replace("_", "/"))


def test_row_17_empty_token(service):
    for value in (b"Bearer", b"Bearer ", b"", b"Bearer  ", b"Bearer a b"):
        with Raw(service.port) as connection:
            answer = connection.send(get(WHERE.encode(), b"Authorization: " + value)).answer()
            assert answer.status in (400, 401), (value, answer)


def test_row_18_large_tokens(service, refused):
    deep, wide = b"[" * 3000 + b"]" * 3000, json.dumps({f"m{i}": i for i in range(10000)}).encode()
    refused(service.keys.sign(HEADER, b'{"x":' + b"[" * 1200 + b"]" * 1200 + b"}"))
    for payload in (deep, wide):
        with Raw(service.port) as connection:
            token = service.keys.sign(HEADER, payload).encode()
            answer = connection.send(get(WHERE.encode(), b"Authorization: Bearer " + token)).answer()
            assert answer is None or answer.status in (400, 401, 431), answer
    with Raw(service.port) as connection:
        answer = connection.send(get(WHERE.encode(), b"Authorization: Bearer " + b"a" * 30000)).answer()
        assert answer.status in (401, 431), answer


def test_row_19_token_in_query_or_body(service, world):
    token = service.keys.mint("admin")
    mark = service.server.mark
    world.of().get(f"{WHERE}?access_token={token}").expect(401)
    world.of().get(f"/v1/{HOME}/bodies?access_token={token}").expect(400, "invalid_parameter")
    last = world.of().post(f"/v1/{HOME}/bodies", body=f"access_token={token}".encode(),
                           headers={"Content-Type": "application/x-www-form-urlencoded"}).expect(401)
    service.server.wait_for_line(lambda line: line.get("request_id") == last["instance"] and "path" in line, mark)
    assert token[:40].encode() not in b"".join(service.server.lines(mark))


def test_row_20_two_headers_basic_and_lower_case(service):
    token = service.keys.mint("admin").encode()
    for headers, statuses in (
            ((b"Authorization: Bearer " + token, b"Authorization: Bearer " + token), (400, 401)),
            ((b"Authorization: Bearer x", b"Authorization: Bearer " + token), (400, 401)),
            ((b"Authorization: Basic YWRtaW46YWRtaW4=",), (401,)),
            ((b"Authorization: bearer " + token,), (200,)), ((b"authorization: BEARER " + token,), (200,))):
        with Raw(service.port) as connection:
            answer = connection.send(get(WHERE.encode(), *headers)).answer()
            assert answer.status in statuses, (headers, answer)


def test_row_21_scope_is_read_strictly_and_gives_nothing(service, refused, world):
    refused(service.keys.mint("admin", scope=["admin"]))
    allowed(service, service.keys.mint("admin", scope="  read   write "))
    answer = service.client_with(service.keys.mint("nobody", scope="admin"))
    told = answer.get(WHERE).expect(403, "insufficient_scope").headers["WWW-Authenticate"]
    answer.close()
    assert 'error="insufficient_scope"' in told and "admin" in told


def test_row_25_no_token_on_a_protected_route(anonymous):
    challenge = anonymous.get(WHERE).expect(401, "unauthenticated").headers["WWW-Authenticate"]
    assert challenge == 'Bearer resource_metadata="https://api.test/.well-known/oauth-protected-resource"'
    told = anonymous.get("/.well-known/oauth-protected-resource").expect(200)
    assert (told["resource"], told["authorization_servers"]) == ("https://api.test", [ISSUER])


def test_row_25_a_service_that_knows_no_public_address_names_none(make_service):
    client = make_service("unnamed", public_url="").client()
    assert client.get(WHERE).expect(401).headers["WWW-Authenticate"] == "Bearer"
    client.get("/.well-known/oauth-protected-resource").expect(404)


@pytest.mark.parametrize("path", ["report-requests?reporting_round_id={round}", "themes?programme_id={programme}",
                                  "measures?programme_id={programme}", "bodies?kind=committee",
                                  "decisions?body_id={committee}", "grants?subject=grantee", "bodies",
                                  "duties?reporting_round_id={open}", "messages?reporting_round_id={round}"])
def test_row_26_another_municipalitys_rows_are_in_no_list(world, path):
    names = {"round": world.round["id"], "open": world.open_round["id"], "programme": world.programme["id"], "committee": world.committee["id"]}
    answer = world.of("other-admin").get(world.path(path.format(**names), municipality=OTHER),
                                         headers={"Prefer": "count=exact"}).expect(200)
    ours = {item["id"] for item in world.of("admin").get(world.path(path.format(**names))).expect(200)["items"]}
    assert ours, "nothing to leak"
    assert not ours & {item["id"] for item in answer["items"]}
    assert answer["total"] == len(answer["items"])


def test_row_26_anothers_item_is_told_apart_from_an_unknown_one_by_nothing(world):
    client = world.of("other-admin")
    for headers in ({"If-None-Match": "*"}, {"If-None-Match": f'"{world.committee["version"]}"'}, {}):
        for item_id in (world.committee["id"], str(uuid.uuid4())):
            client.get(world.path("bodies", item_id, municipality=OTHER), headers=headers).expect(404)
    for etag in ('"1"', '"77"', "*"):
        for body in ({"meetings_per_year": 1}, {"name": text("x")}):
            client.patch(world.path("bodies", world.committee["id"], municipality=OTHER), body, etag=etag).expect(404)
    client.post(world.path("responsible-parties", municipality=OTHER),
                {"kind": "body", "title": text("x"), "body_id": world.committee["id"]}).expect(422, None)


def test_row_27_drafts_are_absent_for_anybody_else(world):
    drafts = {"programme-versions": world.draft_version, "themes": world.draft_theme, "measures": world.draft_measure,
              "programmes": world.draft_programme, "reporting-rounds": world.open_round, "decisions": world.start,
              "report-requests": world.requests[0], "reports": world.report_draft, "priorities": world.priority}
    for subject in (None, "nobody-known", "somebody", "other-coordinator"):
        client = world.of(subject)
        for resource, draft in drafts.items():
            client.get(world.path(resource, draft["id"])).expect(404)
            assert draft["id"] not in {item["id"] for item in client.get_all(world.path(resource))}
            counted = client.get(world.path(resource), query={"limit": 200}, headers={"Prefer": "count=exact"}).expect(200)
            assert counted["total"] == len(counted["items"])
            if resource != "priorities":
                assert draft["id"] not in client.get(world.path(resource), query={"format": "csv"}).expect(200).text


def test_row_28_writing_needs_the_role_and_no_header_changes_the_method(world):
    body = world.body()
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        world.of("admin").get(world.path("bodies", body["id"]), headers={name: "DELETE"}).expect(200)
    world.of("admin").get(world.path("bodies", body["id"]), query={"_method": "DELETE"}).expect(400)
    for subject in ("coordinator", "reporter", "privacy"):
        world.of(subject).delete(world.path("bodies", body["id"]), etag="*").expect(403)
        world.of(subject).post(world.path("grants"), {
            "issuer": "https://elinvoima.test", "subject": subject, "role": "admin"}).expect(403)
    world.of("admin").get(world.path("bodies", body["id"])).expect(200)


def test_row_29_members_of_the_service_are_refused_and_nothing_changes(world):
    body = world.body()
    before = world.rows("select to_jsonb(b) from body b where id = %s", body["id"])
    for name, value in {"id": str(uuid.uuid4()), "version": 99, "created_at": "2020-01-01T00:00:00Z",
                        "updated_at": "2020-01-01T00:00:00Z"}.items():
        answer = world.of("admin").patch(world.path("bodies", body["id"]), {name: value}, etag="*").expect(422)
        assert answer.faults() == {f"/{name}": "read_only"}
    for name, value in {"municipality": OTHER, "owner": "me", "is_admin": True, "status": "published", "deleted_at": None}.items():
        answer = world.of("admin").patch(world.path("bodies", body["id"]), {name: value}, etag="*").expect(422)
        assert answer.faults() == {f"/{name}": "unknown_member"}
    assert world.rows("select to_jsonb(b) from body b where id = %s", body["id"]) == before


def test_row_30_nested_members_that_nobody_declared(world):
    answer = world.of("admin").patch(f"/v1/{HOME}", {"calendar": {"grace_days": 3, "owner": "me"}, "name": {"fi!": "x"}},
                                     etag="*").expect(422, "invalid_body")
    assert answer.faults()["/calendar/owner"] == "unknown_member"
    draft = world.path("measures", world.draft_measure["id"])
    answer = world.of("coordinator").patch(draft, {"goals": [{**world.draft_measure["goals"][0], "id": 7}]}, etag="*").expect(422)
    assert answer.faults() == {"/goals/0/id": "unknown_member"}
