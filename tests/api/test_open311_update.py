"""Updates of Open311 in both directions: the moves that clients are told, and what they tell of their requests."""
import datetime
import uuid

import pytest

from open311 import BASE, HOME, errors_of, read, read_xml
from pictures import photo, picture
from test_open311 import at, publish
from test_open311_send import face, key, pictures_of, report_with, update  # noqa: F401 (fixtures)


@pytest.fixture
def moved(face, world, key):
    """A number sent with the key, answered by its unit."""
    number = face.send(key)
    item = face.stored(number)["id"]
    world.feedback.set({"id": item}, responsible_party_id=world.feedback.unit["id"])  # whatever areas other tests have drawn around the point
    for verb, body in (("start", None), ("answer", {"reply": "Korjattiin."})):
        world.of("lighter").post(world.path("feedback", item, verb), body).expect(200)
    return number


def updates(face, key, **query):
    return face.both("servicerequestupdates", api_key=key, **query)


def test_updates_tell_the_moves_in_fixmystreets_words(face, key, moved):
    rows = [row for row in updates(face, key) if row["service_request_id"] == moved]
    assert [(row["status"], row["description"]) for row in rows] == [("in_progress", ""), ("closed", "Korjattiin.")]
    for row in rows:
        assert set(row) == {"update_id", "service_request_id", "status", "updated_datetime", "description", "media_url"}
        assert datetime.datetime.strptime(row["updated_datetime"], "%Y-%m-%dT%H:%M:%SZ") and row["update_id"].replace("-", "").isalnum()
    root = read_xml(face.ask("servicerequestupdates", api_key=key))
    assert root.tag == "service_request_updates" and {child.tag for child in root} == {"request_update"}


def test_updates_stand_in_the_window_that_was_asked_for(face, world, key, moved):
    number = lambda **query: [row["service_request_id"] for row in updates(face, key, **query)].count(moved)  # noqa: E731
    assert number(start_date=at(-1), end_date=at(hours=1)) == 2 and number(start_date=at(-2), end_date=at(-1)) == 0
    moves = lambda when: world.rows(f"update transition set at = {when} where resource_id = %s", face.stored(moved)["id"])  # noqa: E731
    moves("now() - interval '119 minutes'")
    assert number() == 2
    moves("now() - interval '121 minutes'")
    assert number() == 0, "two hours when left out"
    assert number(start_date=at(hours=-4)) == 2
    world.rows("update transition set at = '2026-06-01T21:30:00Z' where resource_id = %s", face.stored(moved)["id"])
    assert number(start_date="2026-06-02", end_date="2026-06-02") == 2 and number(start_date="2026-06-01", end_date="2026-06-01") == 0
    moves("timestamptz '2026-06-18T09:00:00.9Z'")
    assert number(end_date="2026-06-18T09:00:00Z") == 2, "the whole of its last second"
    assert number(end_date="2026-06-18T08:59:59Z") == 0


def test_updates_of_anothers_unpublished_item_need_a_key_that_sees_more(face, world, moved):
    other, seeing = face.key()["key"], face.key(sees_extended=True)["key"]
    numbers = lambda key: {row["service_request_id"] for row in updates(face, key)}  # noqa: E731
    assert moved not in numbers(other) and moved in numbers(seeing)
    assert "Korjattiin." not in {row["description"] for row in updates(face, seeing) if row["service_request_id"] == moved}
    publish(world, moved)
    assert "Korjattiin." in {row["description"] for row in updates(face, other) if row["service_request_id"] == moved}
    for path in (f"{BASE}/{HOME}", BASE):
        for wrong in ({}, {"api_key": "x"}):
            for form in ("xml", "json"):
                face.ask("servicerequestupdates", form, base=path, jurisdiction_id=HOME, **wrong).expect(403)


@pytest.mark.parametrize("status, more, word", [
    ("in_moderation", {}, "for_triage"), ("assigned", {}, "investigating"), ("in_progress", {}, "in_progress"), ("answered", {}, "closed"),
    ("closed", {}, "closed"), ("closed", {"withdrawn": True}, "cancelled"), ("rejected", {}, "no_further_action"), ("merged", {}, "duplicate"),
    ("transferred", {}, "not_councils_responsibility"), ("reopened", {}, "open"), ("received", {}, "open")])
def test_every_state_has_its_word(world, status, more, word):
    assert world.rows("select open311_word(%s, %s)", status, more.get("withdrawn", False)) == [(word,)]


def messages(face, world, number):
    return world.rows("select kind, text from feedback_message where feedback_id = %s order by id", face.stored(number)["id"])


def test_an_update_is_kept_once_whatever_the_form(face, world, key):
    number = face.send(key)
    fields = update(number, key, first_name="Maija", email="maija@example.fi", service_code="x", **{"attribute[x]": "1"}, description="Rivi\r\ntoinen")
    answers = [face.post("servicerequestupdates", fields, form).expect(200) for form in ("xml", "json", "xml")]
    root = read_xml(answers[0])
    assert root.tag == "service_request_updates" and root.find("request_update/update_id").text
    assert read(answers[0]) == read(answers[1]) == read(answers[2])
    assert read(face.post("servicerequestupdates", {**fields, "jurisdiction_id": HOME}, base=BASE).expect(200)) == read(answers[0])
    assert messages(face, world, number) == [("addition", "Rivi\ntoinen")]
    face.post("servicerequestupdates", update(number, key)).expect(200)
    assert len(messages(face, world, number)) == 2


@pytest.mark.parametrize("word", ["open", "closed", "fixed", "in_progress", "planned", "action_scheduled", "investigating", "duplicate",
                                  "not_councils_responsibility", "no_further_action", "internal_referral", "cancelled", "reopen", "for_triage", "unchanged"])
def test_every_word_is_taken_in_capitals_and_small(face, key, word):
    number = face.send(key)
    for status in (word, word.upper(), word.capitalize()):
        face.post("servicerequestupdates", update(number, key, status=status)).expect(200)


def test_the_unit_reads_which_state_a_client_told(face, world, key):
    number = face.send(key)
    face.post("servicerequestupdates", update(number, key, status="FIXED")).expect(200)
    item = face.stored(number)["id"]
    world.of("lighter").post(world.path("feedback", item, "note"), {"text": "katsotaan"}).expect(200)
    said = world.of("lighter").get_all(world.path("feedback", item, "messages"))
    assert [row["client_status"] for row in said if row["kind"] == "addition"] == ["fixed"]
    assert all(row["client_status"] is None for row in said if row["kind"] != "addition")
    assert world.rows("select status from feedback where id = %s", item) == [("assigned",)], "what is fixed its unit decides"


def reopened(face, world, key, number, **more):
    """The states an item goes through after a client has told of reopening it."""
    item = face.stored(number)["id"]
    before = world.count("transition")
    face.post("servicerequestupdates", update(number, key, **{"status": "REOPEN", "updated_datetime": at(seconds=1), **more})).expect(200)
    moves = world.rows("select to_status from transition where resource_id = %s order by id", item)
    return [move[0] for move in moves[len(moves) - (world.count("transition") - before):]]


@pytest.mark.parametrize("word", ["REOPEN", "OPEN", "open"])
def test_open_and_reopen_open_anew_what_was_answered_or_closed(face, world, key, moved, word):
    item, update_id = face.stored(moved)["id"], uuid.uuid4().hex
    assert reopened(face, world, key, moved, update_id=update_id, status=word) == ["reopened", "assigned"]
    world.of("lighter").post(world.path("feedback", item, "answer"), {"reply": "Nyt."}).expect(200)
    assert reopened(face, world, key, moved, update_id=update_id, status=word) == [], "a repetition does nothing"
    assert reopened(face, world, key, moved, updated_datetime=at(hours=-1), status=word) == [], "nor who had not heard of the answer"
    for other in ("closed", "fixed"):
        assert reopened(face, world, key, moved, status=other) == []
    world.of("lighter").post(world.path("feedback", item, "close")).expect(200)
    assert reopened(face, world, key, moved, status=word) == ["reopened", "assigned"]
    assert [kind for kind, _ in messages(face, world, moved)].count("addition") == 5


def refused(face, key, number, **more):
    answers = [face.post("servicerequestupdates", update(number, key, **{"updated_datetime": at(seconds=1), **more}), form) for form in ("xml", "json")]
    assert read(answers[0].expect(400)) == read(answers[1].expect(400))
    return [(error["code"], error["description"]) for error in answers[1].json]


@pytest.mark.parametrize("status, more", [
    ("closed", {"status": "FIXED"}), ("closed", {"updated_datetime": "2026-01-01T00:00:00Z"}), ("rejected", {}), ("merged", {}), ("transferred", {})])
def test_nothing_is_added_to_what_has_ended(face, world, key, moved, status, more):
    item = face.stored(moved)["id"]
    update_id = uuid.uuid4().hex
    first = face.post("servicerequestupdates", update(moved, key, status="FIXED", update_id=update_id)).expect(200)
    world.rows("update feedback set status = %s, closed_at = now() where id = %s", status, item)
    assert [code for code, _ in refused(face, key, moved, **more)] == [409]
    assert len(messages(face, world, moved)) == 1
    again = face.post("servicerequestupdates", update(moved, key, status="FIXED", update_id=update_id)).expect(200)
    assert read(first) == read(again), "what was kept before it ended is known"


def test_what_was_withdrawn_or_long_ago_is_not_reopened(face, world, key, moved):
    item = face.stored(moved)["id"]
    world.rows("update feedback set answered_at = answered_at - interval '31 days' where id = %s", item)
    assert "30" in refused(face, key, moved)[0][1]
    world.rows("update feedback set answered_at = answered_at + interval '1 day', withdrawn_at = now() where id = %s", item)
    assert refused(face, key, moved)[0][0] == 409
    world.rows("update feedback set withdrawn_at = null, responsible_party_id = null where id = %s", item)
    assert reopened(face, world, key, moved) == ["reopened", "received"]
    assert reopened(face, world, key, face.send(key)) == [], "what is open is open"


def test_fifty_updates_are_kept_of_an_item(face, world, key):
    number = face.send(key)
    world.rows("insert into feedback_message (municipality, feedback_id, kind, text) select %s, %s, 'addition', 'x' from generate_series(1, 49)",
               HOME, face.stored(number)["id"])
    face.post("servicerequestupdates", update(number, key)).expect(200)
    assert "50" in refused(face, key, number)[0][1]
    assert len(messages(face, world, number)) == 50


def test_an_update_is_of_the_clients_own_request(face, world, key):
    number = face.send(key)
    other, native = face.key()["key"], str(world.feedback.send()["number"])
    for hidden, asked in ((number, other), (native, key), ("999999999999", key), ("x", key)):
        answer = face.post("servicerequestupdates", update(hidden, asked)).expect(404)
        assert errors_of(answer) == [(404, "service_request_id")], "what is not public is there for nobody else"
    publish(world, number)
    assert read(face.post("servicerequestupdates", update(number, other)).expect(403))[0]["code"] == 403
    assert messages(face, world, number) == []


def test_pictures_of_an_update_reach_its_handler(face, world, key):
    number = read(report_with(face, key, ("media", picture(), "x.png")).expect(200))[0]["service_request_id"]
    item, fields = face.stored(number)["id"], update(number, key)
    urls = [("media_url", "https://a.example/1,2.jpg"), ("media_url", "https://a.example/3.jpg")]
    files = [("media", photo((48, 32), 6), "kuva.jpg"), ("photo2", picture("PNG", (20, 10)), "x.png")]
    for _ in range(2):
        face.post_parts("servicerequestupdates", [*fields.items(), *urls, *files]).expect(200)
    assert [(image["width"], image["height"], image["is_publishable"]) for image in pictures_of(face, number)][1:] == [(32, 48, False), (20, 10, False)]
    [said] = world.of("lighter").get_all(world.path("feedback", item, "messages"))
    assert said["media_urls"] == [url for _, url in urls]
    full = face.post_parts("servicerequestupdates", [*update(number, key).items(), *(("media", picture(), "x.png") for _ in range(3))], "json").expect(400)
    assert full.json[0]["code"] == 409 and len(pictures_of(face, number)) == 3 and len(messages(face, world, number)) == 1
    world.rows("select anonymise_feedback(%s, array[%s]::uuid[], now())", HOME, item)
    assert world.rows("select media_urls from feedback_message where feedback_id = %s", item) == [([],)]


def test_a_file_of_an_update_that_is_no_picture_is_refused(face, world, key):
    number = face.send(key)
    answer = face.post_parts("servicerequestupdates", [*update(number, key).items(), ("media", b"%PDF-1.7 no picture", "x.pdf")]).expect(400)
    assert errors_of(answer) == [(415, "media")]
    assert errors_of(face.post("servicerequestupdates", update(number, key, media_url="javascript:alert(1)")).expect(400)) == [(422, "media_url/0")]
    assert messages(face, world, number) == []


def test_faults_of_an_update_are_all_listed(face, key):
    answer = face.post("servicerequestupdates", {"api_key": key, "status": "BROKEN", "updated_datetime": "today", "update_id": "a.b"}, "json").expect(400)
    assert {name for _, name in errors_of(answer)} == {"service_request_id", "description", "status", "updated_datetime", "update_id"}


def test_an_update_is_masked_and_looked_at(face, world, key):
    number = face.send(key)
    face.post("servicerequestupdates", update(number, key, description="Hetu 131052-308T")).expect(200)
    assert messages(face, world, number) == [("addition", "Hetu ******-****")] and "identity_code" in face.stored(number)["findings"]
    assert world.rows("select status from feedback where id = %s", face.stored(number)["id"]) == [("in_moderation",)]


def test_reopening_with_such_words_waits_for_a_moderator(face, world, key, moved):
    assert reopened(face, world, key, moved, description="Hetu 131052-308T") == ["reopened", "assigned", "in_moderation"]
    assert face.stored(moved)["findings"] == ["identity_code"]
