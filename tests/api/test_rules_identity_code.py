"""Identity codes are masked wherever a text of feedback and its pictures comes in: nothing stores, logs or repeats one."""
import re

import pytest

import contract
import open311
import world as world_module
from calls import Call
from world import text

CODE = "010190-902S"
FEEDBACK = [operation for operation in contract.ALL if re.search("feedback|image|open311", operation.path)]


def texts(schema, path=()):
    """The members, as paths, into which words can be written that hold a code."""
    schema = contract.resolve(schema)
    for name, member in schema.get("properties", {}).items():
        if not contract.resolve(member).get("readOnly"):
            yield from texts(member, (*path, name))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from texts(schema["additionalProperties"], (*path, "fi"))
    if "items" in schema:
        yield from texts(schema["items"], (*path, 0))
    is_text = "string" in [*([schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", []))]
    is_free = not schema.keys() & {"enum", "format", "const"} and re.match(schema.get("pattern", ""), CODE)
    if is_text and is_free and schema.get("maxLength", 999) >= len(CODE) and path:
        yield path


# the state that an item is in for its move; else it is with its unit
READY = {"publishFeedback": {"status": "answered", "reply": "Korjattu.", "permits_publication": True}, "refuseFeedback": {"status": "in_moderation"}, "reopenFeedbackInUnit": {"status": "answered"},
         "unpublishFeedback": {"publication": "proposed"}}
# what staff writes of an item is refused with a code in it, where what a sender writes is taken without it
OF_STAFF = {"answerFeedback", "assignFeedback", "createFeedbackOutcome", "informFeedbackSender", "noteFeedback", "publishFeedback", "publishFeedbackSummary", "redactFeedback", "refuseFeedback",
            "rejectFeedback", "reopenFeedbackInUnit", "returnFeedback", "transferFeedback", "unpublishFeedback", "updateFeedbackImage"}
WORDED = [(operation, path) for operation in FEEDBACK if operation.body and operation in contract.OPERATIONS for path in texts(operation.body)]


def put(body, path, value):
    """In the place of what stands there; objects of languages whole."""
    if path[-1] == "fi":
        path, value = path[:-1], text(value)
    for name, following in zip(path, path[1:]):
        if isinstance(body, list):
            body.append([] if following == 0 else {})
            body = body[-1]
        else:
            body = body.setdefault(name, [] if following == 0 else {})
    if isinstance(body, list):
        body.append(value)
    else:
        body[path[-1]] = value


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: all of its database is read."""
    return world_module.World(make_service("identity"))


def left(world):
    """Where it stands."""
    tables = [row[0] for row in world.rows("select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")]
    stored = {table for table in tables if world.rows(f"select 1 from {table} t where position(%s in t::text) > 0 limit 1", CODE)}
    return stored | {"log" for line in world.service.server.log if line and CODE.encode() in line}


def test_every_operation_that_takes_words_says_that_it_masks():
    takes = {operation.id for operation, _ in WORDED} | {operation.id for operation in FEEDBACK if operation in contract.FACE and operation.body}
    assert len(takes) > 20
    assert takes - {operation.id for operation in FEEDBACK if operation.item.get("x-mask-identity-codes")} == set()


@pytest.mark.parametrize("operation, path", WORDED, ids=lambda value: value.id if isinstance(value, contract.Operation) else "/".join(map(str, value)))
def test_no_member_of_any_operation_lets_a_code_in(world, operation, path):
    call = Call(operation, world)
    if operation.path.startswith("/v1/{municipality}/feedback/{id}"):
        call.item = world.feedback.send()
        world.feedback.set(call.item, responsible_party_id=world.feedback.unit["id"], **READY.get(operation.id, {}))
    elif operation.id == "publishFeedbackSummary":
        call.item = world.feedback.summarise(is_complete=True)
    if path[0] == "token":  # a secret that holds a code opens nothing
        call.body["token"] = CODE
    elif operation.id == "assignFeedback":  # a move to another unit: it keeps its reason
        call.body = {"responsible_party_id": world.party("unit")["id"], "reason": CODE}
    elif operation.id == "createFeedback" and path[0] == "answers":
        call.body["answers"] = {CODE: [CODE]}
    else:
        put(call.body, path, f"Hetu {CODE}." if path[-1] not in ("email", "phone") else CODE)
    answer = call.send()
    assert answer.status < 300 or answer.status == (404 if path[0] == "token" else 422), answer
    if operation.id in OF_STAFF:
        assert answer.expect(422).faults() == {f"/{path[0]}": "personal_data"}
    assert answer.status >= 300 or CODE.encode() not in (answer.body or b"")
    assert left(world) == set()


def test_nor_does_any_field_of_open311(world):
    face = open311.Face(world)
    key = face.key()["key"]
    fields = contract.BY_ID["createOpen311Request"].body["properties"]
    sent = {name: CODE for name in ("title", "description", "address_string", "phone", "first_name", "last_name", "account_id",
                                    "service_object_type", "service_object_id")}
    assert sent.keys() <= fields.keys()
    number = face.send(key, **sent, email=f"{CODE}@example.fi", media_url=f"https://a.example/{CODE}.jpg")
    assert face.stored(number)["text"] == "******-****"
    face.post("servicerequestupdates", {"api_key": key, "service_request_id": number, "update_id": "1", "status": "OPEN", "description": CODE,
                                        "updated_datetime": "2026-01-01T12:00:00Z"}).expect(200)
    assert left(world) == set()
