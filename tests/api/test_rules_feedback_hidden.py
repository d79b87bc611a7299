"""What is not published of feedback is told by no public answer: neither its words nor its sender nor that it exists. One test
over every public reading operation, in every form, order and count it offers, and over what it can be asked for."""
import pytest

import contract
import world as world_module
from calls import Call
from test_contract import PUBLISHED
from test_rules_interim import forms

PUBLIC = [o for o in contract.OPERATIONS if o.method == "GET" and o.is_public]
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
    yield from forms(operation)
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
    move("planner", "published and withdrawn", "publish")
    move("planner", "published and withdrawn", "unpublish", {"reason": world_module.text(WORD)})
    world.feedback.track(secret["not permitted"], "/add", text=f"{WORD} lisää")
    return [sent["id"] for sent in secret.values()]


def test_public_answers_are_the_same_with_and_without_hidden_feedback(world):
    same = [operation for operation in PUBLIC if operation.id not in COUNTING]
    before = {operation.id: list(told(world, operation)) for operation in same}
    assert sum(len(answers) for answers in before.values()) > 2 * len(same)
    ids = hide(world)
    for operation in same:
        assert list(told(world, operation)) == before[operation.id], operation.id
    for operation in (operation for operation in PUBLIC if operation.id in COUNTING):
        assert not any(WORD.encode() in body or b"62.80" in body for *_, body in told(world, operation)), operation.id
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
    for operation in PUBLIC:
        for query, headers, status, etag, body in told(world, operation):
            if WORD not in query.values():  # an answer may repeat what it was asked
                assert WORD.encode() not in (body or b""), (operation.id, query)
            assert b"040 765 4321" not in (body or b"") and b"62.80043" not in (body or b"")
            shown += b"Lyhyesti." in (body or b"")
    assert shown, "it is published"
