"""What is not published of feedback is told by no public answer: neither its words nor its sender nor that it exists. One test
over every public reading operation, in every form, order and count it offers, and over what it can be asked for."""
import pytest

import contract
import world as world_module
from calls import Call
from feedback import both
from open311 import BASE, HOME, Face
from pictures import picture
from test_contract import PUBLISHED
from test_rules_interim import forms

PUBLIC = [o for o in contract.OPERATIONS if o.method == "GET" and o.is_public]
FACE = [o for o in contract.FACE if o.method == "GET"]
# How much was received is public on purpose: numbers, of which small ones are suppressed.
COUNTING = {"listFeedbackStatistics"}
WORD = "Kummitusjuttu"
PLACE = {"latitude": "62.80043", "longitude": "22.80043"}
CONTACT = {"name": f"{WORD} Nimi", "email": f"{WORD}@example.fi", "phone": "040 765 4321"}


@pytest.fixture(scope="module")
def world(make_service):
    made = world_module.World(make_service("hidden"))
    made.open_topic = made.feedback.topic(publishes_by_default=True, responsible_party_id=made.feedback.unit["id"])
    return made


def questions(world, operation):
    """Besides every form: what finds feedback by its words, its place, its topic, its number and its state."""
    yield from forms(operation, None)
    if operation.id == "listFeedback":
        for query in ({"q": WORD}, {"q": "40-numeroinen"}, {"bbox": "22.8,62.8,22.801,62.801"}, {"topic": world.open_topic["code"]},
                      {"status": "in_moderation,assigned,rejected"}, {"publication": "not_public,proposed,withdrawn"},
                      {"responsible_party_id": world.feedback.unit["id"]}, {"area_id": world.district["id"]}, {"channel": "web"}):
            for media in ("json", "csv", "geojson", "atom"):
                yield {**query, "format": media}, {"Prefer": "count=exact"}
    if operation.id == "listFeedbackNearby":
        for query in ({"radius_m": "2000"}, {"topic": world.open_topic["code"]}, {"topic": "lighting"}):
            yield query, {"Prefer": "count=exact"}


def told(world, operation):
    call = Call(operation, world)
    resource = operation.path.split("/")[3] if operation.has_id else None
    if resource in PUBLISHED:
        call.item = PUBLISHED[resource](world)
    for query, headers in questions(world, operation):
        answer = call.send(client=world.of(), query=query, headers=headers)
        yield query, headers, answer.status, answer.etag, answer.body if answer.status == 200 else None


FOUND = {"listOpen311Requests": (
    {"status": "open,closed"}, {"service_code": "lighting"}, {"start_date": "2026-01-01T00:00:00Z"}, {"updated_after": "2026-01-01T00:00:00Z"},
    {"bbox": "22.8,62.8,22.801,62.801"}, {"lat": "62.8", "long": "22.8", "radius": "9000"}, {"agency_responsible": "Katuvaloyksikkö"},
    {"service_object_id": WORD}, {"service_object_type": "Lyhty"}, {"page_size": "1"}, {"page": "2"}),
    "listOpen311Updates": ({"start_date": "2026-01-01T00:00:00Z"},)}


def told_by_open311(world, key, number="999999999999"):
    """What a client that has sent nothing learns, with its key and without, of a number among the rest."""
    face = Face(world)
    values = {"municipality": HOME, "service_code": "lighting", "service_request_id": number, "token": "0" * 32}
    for operation in FACE:
        path = operation.path.removeprefix(f"{BASE}/").removesuffix(".{format}").format_map(values)
        id = operation.id.removesuffix("Here")
        for more in ({}, *FOUND.get(id, ()), *([{"service_request_id": number}] if id == "listOpen311Requests" else ())):
            for form in ("xml", "json"):
                for asked in ({}, {"api_key": key}, {"api_key": key, "extensions": "true"}):
                    query = {**more, **asked} if "Here" in operation.id else {**more, **asked, "jurisdiction_id": HOME}
                    answer = face.ask(path, form, base=BASE, **query)
                    shown = {name: value for name, value in answer.headers.items() if name in ("ETag", "Content-Length", "Cache-Control")}
                    yield operation.id, query if "service_request_id" not in query else None, form, answer.status, shown, answer.body


def hide(world):
    """Feedback nobody may know of, of every kind there is; the ids of it."""
    send = lambda **more: world.feedback.send(**{  # noqa: E731
        "text": f"{WORD} kadulla.", "title": WORD, "nickname": WORD, "service": WORD, "address": WORD, "contact": CONTACT, **PLACE, **more})
    secret, permitted = {}, {"permits_publication": True}
    opened = {"topic_id": world.open_topic["id"]}
    secret["not permitted"] = send(**opened)
    secret["not of a topic that publishes"] = send(**permitted)
    secret["held by a moderator"] = send(text=f"{WORD}, soita 040 123 4567", **opened, **permitted)
    secret["let go by a moderator"] = send(text=f"{WORD} ja sairaus", **opened, **permitted)
    secret["refused"] = send(text=f"{WORD}, tapan teidät", **opened, **permitted)
    secret["withdrawn by its sender"] = send(**opened, **permitted)
    secret["answered and not published"] = send(**opened)
    secret["published and withdrawn"] = send(**opened, **permitted)
    secret["at home"] = send(is_residential=True, **opened)
    move = lambda subject, name, verb, body=None: world.move(subject, "feedback", secret[name], verb, body)  # noqa: E731
    move("moderator", "let go by a moderator", "release")
    move("moderator", "let go by a moderator", "propose")
    move("moderator", "refused", "refuse", {"text": f"{WORD} ei käy"})
    world.feedback.track(secret["withdrawn by its sender"], "/withdraw", text=WORD)
    for name in ("answered and not published", "published and withdrawn"):
        move("planner", name, "answer", {"reply": f"{WORD} korjattiin"})
    move("planner", "published and withdrawn", "redact", {"published_text": f"{WORD} kadulla."})
    move("moderator", "published and withdrawn", "publish")
    move("planner", "published and withdrawn", "unpublish", {"reason": world_module.text(WORD)})
    world.feedback.track(secret["not permitted"], "/add", text=f"{WORD} lisää")
    face = Face(world)
    number = face.send(face.key()["key"], description=WORD, title=WORD, address_string=WORD, service_object_id=WORD, lat="62.80043", long="22.80043")
    world.of("lighter").post(world.path("feedback", face.stored(number)["id"], "answer"), {"reply": WORD}).expect(200)
    return {**{sent["id"]: str(sent["number"]) for sent in secret.values()}, face.stored(number)["id"]: number}


def test_public_answers_are_the_same_with_and_without_hidden_feedback(world):
    same = [operation for operation in PUBLIC if operation.id not in COUNTING]
    before = {operation.id: list(told(world, operation)) for operation in same}
    assert sum(len(answers) for answers in before.values()) > 2 * len(same)
    key = Face(world).key()["key"]
    unknown_there = list(told_by_open311(world, key))
    assert {operation for operation, *_ in unknown_there} == {operation.id for operation in FACE}
    assert {status for *_, status, _, _ in unknown_there} == {200, 403, 404}
    ids = hide(world)
    for operation in same:
        assert list(told(world, operation)) == before[operation.id], operation.id
    for operation in (operation for operation in PUBLIC if operation.id in COUNTING):
        assert not any(WORD.encode() in body or b"62.80" in body for *_, body in told(world, operation)), operation.id
    for number in ["999999999999", *ids.values()]:
        assert list(told_by_open311(world, key, number)) == unknown_there
    for id in ids:
        unknown = world.of().get(world.path("feedback", world_module.unknown_id())).expect(404).json
        assert {**world.of().get(world.path("feedback", id)).expect(404).json, "instance": 0} == {**unknown, "instance": 0}
        assert world.of().post(world.path("feedback", id, "me-too")).expect(404).code == "not_found"
    assert WORD in str(world.of("moderator").get(world.path("feedback")).expect(200).json), "they are there"


def test_published_feedback_tells_nothing_of_its_sender_or_of_the_words_that_were_sent(world):
    sent = world.feedback.send(text=f"{WORD} alkuperäinen", title=f"{WORD} otsikko", nickname=f"{WORD} nimi", address=f"{WORD} osoite",
                               service=f"{WORD} palvelu", contact=CONTACT, permits_publication=True, **PLACE)
    world.move("planner", "feedback", sent, "answer", {"reply": "Kiitos."})
    world.move("planner", "feedback", sent, "redact", {"published_text": "Lyhyesti.", "withheld": ["nickname", "service", "address", "point"]})
    world.move("planner", "feedback", sent, "publish")
    shown = 0
    key = Face(world).key(sees_extended=True)["key"]
    for *_, body in told_by_open311(world, key, str(sent["number"])):
        assert WORD.encode() not in body and b"040 765 4321" not in body and b"62.80043" not in body
        shown += b"Lyhyesti." in body
    assert shown, "it is published there"
    shown = 0
    for operation in PUBLIC:
        for query, headers, status, etag, body in told(world, operation):
            if WORD not in query.values():  # an answer may repeat what it was asked
                assert WORD.encode() not in (body or b""), (operation.id, query)
            assert b"040 765 4321" not in (body or b"") and b"62.80043" not in (body or b"")
            shown += b"Lyhyesti." in (body or b"")
    assert shown, "it is published"


SENDERS = ({"name": "Aune Haamuniemi", "email": "aune@kotiosoite.example", "phone": "040 765 4321"},
           {"name": "Pekka Aaveranta", "email": "pekka@kotiosoite.example", "phone": "+358 (0)50 876 5432"})
NAMES = ("Hei Aune Haamuniemi!", "t. aune haamuniemi", "HAAMUNIEMELLE", "Aaverannalle kerrottiin", "PEKKA AAVERANTA")
NUMBERS = ("0407654321", "+358 40 765 4321", "040.765.4321", "0508765432", "00358-50-8765432", "(050) 876 5432",
           "aune@kotiosoite.example", "pekka(at)kotiosoite.example")
TRACES = [word.encode() for word in ("Haamu", "HAAMU", "haamu", "Aaver", "AAVER", "aaver", "kotiosoite", "7654321", "765 4321", "765.4321", "8765432", "876 5432")]


def published_case(world):
    """Sent by a client of Open311 that says what it is about, another merged into it, answered, with an outcome and a picture."""
    face, first = Face(world), SENDERS[0]
    number = face.send(face.key(permits_publication=True)["key"], first_name=first["name"], phone=first["phone"], email=first["email"],
                       service_object_type="Lyhty", service_object_id="Haamuniemen pihalla")
    case = {"id": str(face.stored(number)["id"]), "number": number}
    other = world.feedback.send(contact=SENDERS[1])
    world.move("planner", "feedback", other, "merge", {"into_id": case["id"]})
    world.move("lighter", "feedback", case, "answer", {"reply": "Lyhyesti."})
    world.of("lighter").post(world.path("feedback", case["id"], "publish")).expect(422, "personal_data")
    world.move("lighter", "feedback", case, "redact", {"withheld": ["service_object"]})
    world.move("lighter", "feedback", case, "publish")
    world.feedback.link(case, decision_id=world.start["id"], note=both("Lyhyesti."))
    image = world.of("lighter").post(world.path("feedback", case["id"], "images"), picture()).expect(201).json
    return case, world.feedback.describe(image, is_publishable=True)


def say_in_public(world, subject, case, image, words):
    """Wherever words become public; whether they are let through is not asked here."""
    act = world.of(subject)
    for verb, body in (("reopen", {"reason": words}), ("answer", {"reply": words})):
        world.move("lighter", "feedback", case, verb, body)
    act.post(world.path("feedback", case["id"], "publish"))
    act.post(world.path("feedback-outcomes"), {"feedback_id": case["id"], "decision_id": world.approval["id"], "note": both(words)})
    act.patch(world.path("feedback-images", image["id"]), {"alternative_text": both(words), "is_publishable": True}, etag="*")


def test_published_case_tells_nothing_of_any_of_its_senders(world):
    case, image = published_case(world)
    own = {"feedback_id": case["id"]}
    attempts = [("lighter", words) for words in NAMES] + [(subject, words) for words in NUMBERS for subject in ("lighter", "moderator")]
    for subject, words in attempts:
        say_in_public(world, subject, case, image, words)
        for resource, query in (("feedback", {"limit": 200}), ("feedback-outcomes", own), ("feedback-images", own)):
            body = world.of().get(world.path(resource), query=query).expect(200).body
            assert not [trace for trace in TRACES if trace in body], (subject, words, resource)
        world.of().get(world.path("feedback", case["id"])).expect(404)
        for verb, body in (("reopen", {"reason": "Sammui."}), ("answer", {"reply": "Lyhyesti."}), ("publish", None)):
            world.move("lighter", "feedback", case, verb, body)
    key, shown = Face(world).key(sees_extended=True)["key"], 0
    for *_, body in told_by_open311(world, key, case["number"]):
        assert not [trace for trace in TRACES if trace in body]
        shown += b"Lyhyesti." in body
    assert shown, "it is published there"
    shown = 0
    for operation in PUBLIC:
        for query, *_, body in told(world, operation):
            assert not [trace for trace in TRACES if trace in (body or b"")], (operation.id, query)
            shown += b"Lyhyesti." in (body or b"")
    assert shown, "it is published"
