"""Every operation against every status openapi.yaml documents for it, provoked one fault at a time."""
import json
import uuid

import pytest

import contract
import tokens
from calls import Call, having, takes_body, takes_id
from world import HOME, OTHER

ALL = contract.OPERATIONS


def each(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


def stored(world):
    """Every write leaves a change row, so this many writes were stored."""
    return world.count("change")


# --- the document itself --------------------------------------------------------------------------------
def objects_of(schema, path, seen):
    """The object schemas an answer consists of."""
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return
        seen.add(schema["$ref"])
        path, schema = schema["$ref"], contract.resolve(schema)
    types = schema.get("type", [])
    if "object" in ([types] if isinstance(types, str) else types):
        yield path, schema
    for name, member in schema.get("properties", {}).items():
        yield from objects_of(member, f"{path}/{name}", seen)
    if isinstance(schema.get("items"), dict):
        yield from objects_of(schema["items"], f"{path}/items", seen)


@each([operation for operation in ALL if operation.id != "getContract"])
def test_response_schemas_are_closed(operation):
    for status, response in operation.responses.items():
        for media in response.get("content", {}).values():
            for path, schema in objects_of(media.get("schema", {}), f"{operation.id} {status}", set()):
                more = schema.get("additionalProperties")
                # texts by language are a map: its names have a pattern
                is_map = isinstance(more, dict) and "type" in more and "propertyNames" in schema
                assert more is False or is_map, f"{path} allows undeclared members"


@each(ALL)
def test_operation_states_security_and_problems(operation):
    assert "security" in operation.item
    assert operation.problems <= set(contract.PROBLEMS)
    statuses = {contract.PROBLEMS[code] for code in operation.problems}
    assert statuses <= operation.statuses, f"its problems answer {statuses - operation.statuses}"
    assert "default" in operation.responses and min(operation.statuses) < 300


def test_bodies_name_existing_operations():
    from calls import BODIES
    assert set(BODIES) == {operation.id for operation in ALL if operation.body or operation.is_raw}


# --- reading ------------------------------------------------------------------------------------------
GETS = [operation for operation in ALL if operation.method == "GET"]


@each(GETS)
def test_get_answers_head_alike_and_304_to_its_tag(world, operation):
    call = Call(operation, world)
    if operation.is_public:
        # who sees what is not published
        call.subject = {"getReport": "reporter", "getReportRequest": "reporter", "getFeedback": "planner", "getFeedbackImage": "planner",
                        "getFeedbackImageFull": "planner", "getFeedbackImageSmall": "planner", "getFeedbackOutcome": "planner",
                        "getFeedbackSummary": "planner", "getProposal": "planner",
                        "getProposalComment": "planner", "getProposalImage": "planner", "getProposalImageFull": "planner",
                        "getProposalImageSmall": "planner"}.get(operation.id, "coordinator")
    answer = call.send().expect(200)
    head = call.client().head(call.path(), query=call.query).expect(200)
    for name in ("Content-Type", "ETag", "Cache-Control", "Vary"):
        assert head.headers.get(name) == answer.headers.get(name), name
    again = call.send(headers={"If-None-Match": answer.etag}).expect(304)
    assert again.etag == answer.etag
    call.send(headers={"If-None-Match": '"another"'}).expect(200)


PUBLISHED = {
    "feedback": lambda w: w.feedback.published, "feedback-images": lambda w: w.feedback.published_image,
    "feedback-outcomes": lambda w: w.feedback.published_outcome, "feedback-summaries": lambda w: w.feedback.shown_summary,
    "proposals": lambda w: w.published_proposal, "proposal-comments": lambda w: w.published_comment,
    "proposal-images": lambda w: w.published_image,
    "consultation-inputs": lambda w: w.published_input, "dropped-measures": lambda w: w.published_dropped,
    "statement-requests": lambda w: w.published_statement, "events": lambda w: w.published_event, "hearing-slots": lambda w: w.published_slot,
    "budget-cycles": lambda w: w.voting_cycle, "decisions": lambda w: w.approval, "measure-lines": lambda w: {"id": w.measures[0]["measure_line_id"]},
    "decision-corrections": lambda w: w.published_correction,
    "measures": lambda w: w.measures[0], "priorities": lambda w: w.published_priority,
    "programme-versions": lambda w: w.version, "report-requests": lambda w: w.published_requests[0],
    "reporting-rounds": lambda w: w.round, "reports": lambda w: w.report_published, "themes": lambda w: w.theme,
}


@each([operation for operation in GETS if operation.is_public])
def test_public_answer_may_be_kept_and_varies(world, operation):
    call = Call(operation, world)
    resource = operation.path.split("/")[3] if operation.has_id else None
    path = call.path(item_id=PUBLISHED[resource](world)["id"] if resource in PUBLISHED else None)
    answer = call.send(path=path, client=world.of(), headers={"Origin": "https://page.example"}).expect(200)
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert {"Authorization", "Origin"} <= {name.strip() for name in answer.headers["Vary"].split(",")}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


# --- 400 and 406: asked wrongly -------------------------------------------------------------------------
@each(having(400))
def test_unknown_parameter_is_400_and_named(world, operation):
    before = stored(world)
    answer = Call(operation, world).send(query={"nonsense": "1"}).expect(400, "invalid_parameter")
    assert answer.faults() == {"nonsense": "unknown_parameter"}
    assert stored(world) == before


def is_any_text(schema):
    schema = schema.get("items", schema)
    return schema.get("type") == "string" and not {"enum", "format", "pattern"} & set(schema)


@each([operation for operation in ALL if operation.query()])
def test_malformed_and_repeated_parameters_are_400_and_all_named(world, operation):
    names = [parameter["name"] for parameter in operation.query()]
    path = Call(operation, world).path()
    query = "&".join(f"{name}=%20" for name in names) + "".join(f"&{name}=x" for name in names[:1])
    answer = Call(operation, world).send(path=f"{path}?{query}").expect(400, "invalid_parameter")
    free = {parameter["name"] for parameter in operation.query() if is_any_text(parameter["schema"])}
    assert set(names) - free <= set(answer.faults()), answer


@each(having(406))
def test_unmet_accept_is_406(world, operation):
    before = stored(world)
    Call(operation, world).send(headers={"Accept": "image/png"}).expect(406, "not_acceptable")
    Call(operation, world).send(headers={"Accept": "*/*;q=0"}).expect(406, "not_acceptable")
    assert stored(world) == before


# --- 401 and 403: who asks ------------------------------------------------------------------------------
@each(having(401))
def test_bad_token_is_401(world, service, operation):
    before = stored(world)
    stranger = service.client_with(service.keys.sign({"alg": "ES256"}, tokens.claims(), service.keys.stranger))
    answer = Call(operation, world).send(client=stranger).expect(401, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    stranger.close()
    assert stored(world) == before


@each([operation for operation in ALL if not operation.is_public])
def test_missing_token_is_401_without_error(world, operation):
    answer = Call(operation, world).send(client=world.of()).expect(401, "unauthenticated")
    assert "error=" not in answer.headers["WWW-Authenticate"]


@each(having(403, lambda operation: operation.roles))
@pytest.mark.parametrize("subject", ["nobody-known", "somebody", "other-coordinator", "other-admin"])
def test_person_without_the_role_is_403(world, operation, subject):
    before = stored(world)
    answer = Call(operation, world).send(client=world.of(subject)).expect(403, "insufficient_scope")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert stored(world) == before


# --- 404 and 405: where -------------------------------------------------------------------------------
@each(having(404))
def test_what_does_not_exist_is_404(world, operation):
    before = stored(world)
    call = Call(operation, world)
    if operation.is_tenant:
        for code in ("999", "74", "0743", "abc"):
            call.send(path=call.path(municipality=code)).expect(404, "not_found")
    if operation.has_id:
        for item_id in (str(uuid.uuid4()), "1", str(uuid.uuid4()).upper() + "x"):
            call.send(path=call.path(item_id=item_id)).expect(404, "not_found")
    if "{code}" in operation.path:
        call.send(path="/problems/no_such_code").expect(404, "not_found")
    assert stored(world) == before


@each(having(404, takes_id))
def test_anothers_item_is_404_like_an_unknown_one(world, operation):
    """Row 26: the id of 743 asked for below 508, by somebody who holds every role there."""
    call = Call(operation, world)
    client = world.of(f"other-{call.subject}") if call.subject else world.of("other-admin")
    if call.subject == "reporter":
        client = world.of("other-reporter")
        world_reporter(world)
    theirs = call.send(path=call.path(municipality=OTHER), client=client).expect(404, "not_found")
    unknown = call.send(path=call.path(municipality=OTHER, item_id=str(uuid.uuid4())), client=client).expect(404)
    drop = ("instance",)
    assert {k: v for k, v in theirs.json.items() if k not in drop} == {k: v for k, v in unknown.json.items() if k not in drop}


def world_reporter(world):
    """A holder in 508, so that the role is there."""
    if getattr(world, "has_other_reporter", False):
        return
    world.has_other_reporter = True
    admin = world.of("other-admin")
    party = admin.post(world.path("responsible-parties", municipality=OTHER),
                       {"kind": "office", "title": {"fi": "virka"}}).expect(201)
    admin.post(world.path("holders", municipality=OTHER), {
        "responsible_party_id": party["id"], "issuer": "https://elinvoima.test", "subject": "other-reporter",
        "starts_on": "2020-01-01"}).expect(201)


@pytest.mark.parametrize("path", sorted({operation.path for operation in ALL}))
def test_other_methods_are_405_with_the_allowed_ones(world, path):
    here = {operation.method for operation in ALL if operation.path == path}
    expected = here | {"OPTIONS"} | ({"HEAD"} if "GET" in here else set())
    where = Call(next(operation for operation in ALL if operation.path == path), world).path()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - here:
        answer = world.of("admin").request(method, where).expect(405, "method_not_allowed")
        assert {name.strip() for name in answer.headers["Allow"].split(",")} == expected
    allow = world.of().request("OPTIONS", where).expect(204).headers["Allow"]
    assert {name.strip() for name in allow.split(",")} == expected


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", f"/v1/{HOME}/", f"/v1/{HOME}/nothing", "/v1/limits/x", "/favicon.ico"])
def test_unknown_path_is_404(anonymous, path):
    anonymous.get(path).expect(404, "not_found")


# --- 413, 415, 422: the body ----------------------------------------------------------------------------
@each(having(413))
def test_large_body_is_413(world, operation):
    before = stored(world)
    call = Call(operation, world)
    answer = call.client().request(
        operation.method, call.path(), body=b'{"name":"' + b"x" * (operation.body_most + 1_700_000) + b'"}',
        headers={**call.headers, "Content-Type": operation.media_type}).expect(413, "body_too_large")
    assert str(operation.body_most) in answer["detail"]
    assert stored(world) == before


@each(having(415))
@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                   "application/json; charset=iso-8859-1", None])
def test_other_media_type_is_415(world, operation, media):
    before = stored(world)
    call = Call(operation, world)
    call.client().request(operation.method, call.path(), body=call.body if operation.is_raw else json.dumps(call.body).encode(),
                          headers={**call.headers, "Content-Type": media}).expect(415, "unsupported_media_type")
    assert stored(world) == before


@each(having(422, takes_body))
def test_unknown_member_is_422_with_its_pointer(world, operation):
    before = stored(world)
    call = Call(operation, world)
    answer = call.send(body={**call.body, "is_admin": True, "~/x": 1}).expect(422, "invalid_body")
    assert answer.faults() == {"/is_admin": "unknown_member", "/~0~1x": "unknown_member"}
    assert stored(world) == before


def server_owned(operation):
    return [name for name, member in operation.body["properties"].items()
            if member.get("readOnly") or contract.resolve(member).get("readOnly")]


@each(having(422, takes_body, server_owned))
def test_server_owned_member_is_422_with_its_pointer(world, operation):
    before = stored(world)
    call = Call(operation, world)
    values = {name: None for name in server_owned(operation)}
    answer = call.send(body={**call.body, **values}).expect(422, "invalid_body")
    assert answer.faults() == {f"/{name}": "read_only" for name in values}
    assert stored(world) == before


@each(having(422, takes_body, lambda operation: operation.body.get("required")))
def test_missing_members_are_all_named(world, operation):
    answer = Call(operation, world).send(body={}).expect(422, "invalid_body")
    assert answer.faults() == {f"/{name}": "required" for name in operation.body["required"]}


@each(having(422, takes_body))
def test_body_that_is_no_object_is_400(world, operation):
    for body in ([], 1, "text", None, True):
        call = Call(operation, world)
        call.client().request(operation.method, call.path(), body=json.dumps(body).encode(),
                              headers={**call.headers, "Content-Type": operation.media_type}).expect(400, "invalid_json")


# --- 412 and 428: the version -----------------------------------------------------------------------------
@each(having(428))
def test_missing_if_match_is_428_and_a_stale_one_412(world, operation):
    before = stored(world)
    call = Call(operation, world)
    call.send(headers={"If-Match": None}).expect(428, "precondition_required")
    current = Call(contract.find_operation("GET", call.path()), world)
    current.item = call.item
    etag = call.client().get(call.path()).expect(200).etag
    for stale in ('"0"', '"999"', 'W/' + etag, '"another"'):
        answer = call.send(headers={"If-Match": stale}).expect(412, "precondition_failed")
        assert answer.etag == etag
    assert stored(world) == before


@each(having(412, lambda operation: operation.method == "PUT"))
def test_put_of_an_existing_item_with_if_none_match_is_412(world, operation):
    call = Call(operation, world).fresh()
    path = call.path(external_id=str(uuid.uuid4()))
    made = call.send(path=path, headers={"If-None-Match": "*"}).expect(201)
    before = stored(world)
    call.send(path=path, headers={"If-None-Match": "*"}).expect(412, "precondition_failed")
    assert stored(world) == before
    again = call.send(path=path).expect(200)
    assert again["id"] == made["id"] and again["external_id"] == path.rpartition("/")[2]
