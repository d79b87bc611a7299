"""Pictures of feedback: sent with the secret of the link, public only when somebody has looked and said what they show.
What is kept of a picture is tested in test_rules_image.py: it is the same."""
import concurrent.futures
import uuid

import pytest

from feedback import both
from pictures import opened, photo, picture


def path(world, image, *more):
    return world.path("feedback-images", image["id"], *more)


def see(world, image, subject=None, **headers):
    return [world.of(subject).get(path(world, image, *more), headers=headers).status for more in ((), ("full",), ("small",))]


def change(world, image, subject=None, status=200, secret=None, **body):
    return world.of(subject).patch(path(world, image), body, etag="*", headers={"Tracking-Token": secret}).expect(status)


@pytest.fixture
def sent(world):
    return world.feedback.send(permits_publication=True)


def publish(world, sent):
    world.feedback.set(sent, publication="published", published_text="Polku on pimeä.")


def test_sender_adds_a_picture_by_the_secret_and_sees_it(world, sent):
    image = world.feedback.picture(sent, photo((48, 32), 6))
    secret = {"Tracking-Token": sent["tracking_token"]}
    assert (image["feedback_id"], image["width"], image["is_publishable"]) == (sent["id"], 32, False)
    assert see(world, image, **secret) == [200] * 3 and see(world, image) == [404] * 3
    data = world.of().get(path(world, image, "full"), headers=secret).expect(200).body
    assert opened(data).size == (32, 48) and b"Aino" not in data
    listed = world.of().get(world.path("feedback-images"), query={"feedback_id": sent["id"]}, headers=secret).expect(200)
    assert [row["id"] for row in listed["items"]] == [image["id"]]
    assert listed.headers["Cache-Control"] == "private, no-store" and "Tracking-Token" in listed.headers["Vary"]


def test_the_secret_is_not_logged_and_opens_nothing_else(world, sent):
    mark, other = len(world.service.server.log), world.feedback.picture(world.feedback.send())
    world.feedback.picture(sent)
    world.service.server.wait_for_line(lambda line: line.get("operation") == "createFeedbackImage", since=mark)
    assert not any(sent["tracking_token"].encode() in line for line in world.service.server.log[mark:] if line)
    assert see(world, other, **{"Tracking-Token": sent["tracking_token"]}) == [404] * 3
    assert see(world, other, **{"Tracking-Token": "0" * 32}) == [404] * 3
    for token in ("", "x" * 256, "a\tb"):
        world.of().get(path(world, other), headers={"Tracking-Token": token}).expect(400)


def test_unit_and_overseers_add_and_see_and_others_do_not(world, sent):
    target = world.path("feedback", sent["id"], "images")
    for subject, status in (("lighter", 201), ("planner", 201), ("privacy", 403), ("reporter", 404), (None, 404)):
        world.of(subject).post(target, picture()).expect(status)
    image = world.feedback.picture(sent)
    for subject in ("lighter", "planner", "moderator", "privacy", "admin"):
        assert see(world, image, subject) == [200] * 3
    for subject in ("reporter", "coordinator", "other-planner"):
        assert see(world, image, subject) == [404] * 3


def test_there_are_five_at_most_and_none_once_it_has_ended(world, sent):
    images = [world.feedback.picture(sent) for _ in range(5)]
    answer = world.of("planner").post(world.path("feedback", sent["id"], "images"), picture()).expect(409, "images_most")
    assert "5" in answer["detail"]
    world.of().delete(path(world, images[0]), etag="*", headers={"Tracking-Token": sent["tracking_token"]}).expect(204)
    assert world.rows("select count(*) from image_bytes where image_id = %s", images[0]["id"]) == [(0,)]
    world.feedback.picture(sent)
    for status in ("closed", "rejected", "merged", "transferred"):
        ended = world.feedback.send()
        world.feedback.set(ended, status=status)
        world.of("planner").post(world.path("feedback", ended["id"], "images"), picture()).expect(409, "wrong_state")


def test_public_when_published_described_and_let_through(world, sent):
    image = world.feedback.picture(sent)
    public = lambda: see(world, image) == [200] * 3  # noqa: E731
    change(world, image, "lighter", alternative_text=both("lyhtypylväs"), is_publishable=True)
    assert not public(), "its feedback is not published"
    publish(world, sent)
    assert public()
    change(world, image, "lighter", is_publishable=False)
    assert not public(), "there may be persons on it"
    change(world, image, "moderator", is_publishable=True)
    assert public()
    change(world, image, "lighter", alternative_text=None)
    assert not public(), "nobody has said what it shows"
    change(world, image, "lighter", alternative_text=both("lyhtypylväs"))
    world.feedback.set(sent, publication="withdrawn")
    assert not public()


def test_sender_describes_but_does_not_let_it_through(world, sent):
    image, secret = world.feedback.picture(sent), sent["tracking_token"]
    assert change(world, image, secret=secret, alternative_text=both("lamppu"))["alternative_text"] == both("lamppu")
    assert change(world, image, secret=secret, status=403, is_publishable=True).code == "insufficient_scope"
    faults = change(world, image, secret=secret, status=422, alternative_text=both("soita 0401234567")).faults()
    assert faults == {"/alternative_text": "personal_data"}
    publish(world, sent)
    change(world, image, "planner", is_publishable=True)
    assert change(world, image, "reporter", 403, is_publishable=False).code == "not_your_unit"
    assert change(world, image, "privacy", 403, is_publishable=False).code == "not_your_unit"
    assert world.of("privacy").delete(path(world, image), etag="*").expect(403).code == "not_your_unit"


def test_picture_of_which_nothing_is_said_stays_inside(world, sent):
    image = world.feedback.picture(sent)
    publish(world, sent)
    assert change(world, image, "lighter", 422, alternative_text={"fi": " "}, is_publishable=True).faults() == {"/alternative_text/fi": "pattern"}
    change(world, image, "lighter", is_publishable=True)
    assert see(world, image) == [404] * 3


def test_what_is_no_picture_is_refused_here_too(world, sent):
    target = world.path("feedback", sent["id"], "images")
    for data, status in ((b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415), (picture("PNG", (64, 64))[:-20], 422)):
        world.of("planner").post(target, data).expect(status)


def test_what_the_sender_writes_of_a_picture_that_was_let_through_is_looked_at_anew(world, sent):
    image = world.feedback.picture(sent)
    publish(world, sent)
    change(world, image, "lighter", alternative_text=both("lyhtypylväs"), is_publishable=True)
    assert see(world, image) == [200] * 3
    words = both("naapurini Matti Meikäläinen")
    changed = change(world, image, secret=sent["tracking_token"], alternative_text=words)
    assert (changed["alternative_text"], changed["is_publishable"], see(world, image)) == (words, False, [404] * 3)
    change(world, image, "lighter", is_publishable=True)
    assert see(world, image) == [200] * 3
    change(world, image, "lighter", alternative_text=both("lyhtypylväs"))
    assert see(world, image) == [200] * 3, "whoever works on it has looked"


@pytest.mark.parametrize("words, official", [("tapan teidät", 200), ("kusipää", 200), ("syöpähoidot", 200), ("auto ABC-123", 422)])
def test_insults_threats_and_words_of_health_are_for_officials_to_judge(world, sent, words, official):
    image = world.feedback.picture(sent)
    assert change(world, image, secret=sent["tracking_token"], status=422, alternative_text=both(words)).faults() == {"/alternative_text": "personal_data"}
    change(world, image, "lighter", official, alternative_text=both(words))


# --- what is asked first ----------------------------------------------------------------------------------
LARGE = picture("PNG", (5000, 5000), compress_level=9)  # 90 kB that cost a second


def fill(world, sent):
    for _ in range(5):
        world.feedback.picture(sent)


@pytest.mark.parametrize("who, status", [("stranger", 404), ("wrong secret", 404), ("another's secret", 404), ("not of the unit", 403),
                                         ("ended", 409), ("five", 409)])
def test_picture_that_would_not_be_kept_is_not_looked_at(world, sent, who, status):
    other = world.feedback.send()
    {"ended": lambda: world.feedback.set(sent, status="closed"), "five": lambda: fill(world, sent)}.get(who, lambda: None)()
    item = str(uuid.uuid4()) if who == "stranger" else sent["id"]
    secret = {"wrong secret": "0" * 32, "another's secret": other["tracking_token"], "stranger": "0" * 32}.get(who, sent["tracking_token"])
    headers = {} if who == "not of the unit" else {"Tracking-Token": secret}
    before = world.service.server.used_cpu_s()
    for body in (LARGE, b"no picture"):
        world.of("privacy" if who == "not of the unit" else None).post(
            world.path("feedback", item, "images"), body, headers=headers).expect(status)
    assert world.service.server.used_cpu_s() - before < 0.3


def test_repeated_request_for_a_picture_is_answered_as_the_first_without_looking(world, sent):
    fill(world, sent)
    world.of().delete(path(world, world.of("planner").get_all(world.path("feedback-images"), query={"feedback_id": sent["id"]})[0]),
                      etag="*", headers={"Tracking-Token": sent["tracking_token"]}).expect(204)
    headers = {"Tracking-Token": sent["tracking_token"], "Idempotency-Key": str(uuid.uuid4())}
    target = world.path("feedback", sent["id"], "images")
    first = world.of().post(target, LARGE, headers=headers).expect(201)
    before = world.service.server.used_cpu_s()
    again = world.of().post(target, LARGE, headers=headers).expect(201)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert world.of().post(target, picture(), headers=headers).expect(422).code == "idempotency_key_reused"
    assert world.of().post(target, picture(), headers={"Tracking-Token": sent["tracking_token"]}).expect(409).code == "images_most"
    assert world.service.server.used_cpu_s() - before < 0.3


def test_strangers_do_not_keep_a_sender_from_adding_a_picture(world, sent):
    """Two pictures are decoded at a time: theirs are none of them."""
    target = world.path("feedback", str(uuid.uuid4()), "images")
    clients = [world.service.client() for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        theirs = [pool.submit(lambda client=client: [client.post(target, LARGE).status for _ in range(10)]) for client in clients]
        for _ in range(5):
            world.feedback.picture(sent)
        assert [answer.result() for answer in theirs] == [[404] * 10] * 3


# --- persons ----------------------------------------------------------------------------------------------
def with_persons(world, sent, status=201, subject=None):
    headers = {"Tracking-Token": sent["tracking_token"]} if subject is None else {}
    return world.of(subject).post(world.path("feedback", sent["id"], "images"), picture(), query={"shows_persons": "true"},
                                  headers=headers).expect(status).json


def state(world, sent):
    shown = world.of("moderator").get(world.path("feedback", sent["id"])).expect(200)
    return shown["status"], shown["findings"]


@pytest.mark.parametrize("when", ["at once", "afterwards"])
def test_photo_that_its_sender_says_shows_persons_waits_for_a_moderator_with_its_item(world, sent, when):
    if when == "at once":
        image = with_persons(world, sent)
    else:
        image = world.feedback.picture(sent)
        assert (image["shows_persons"], state(world, sent)) == (None, ("assigned", []))
        image = change(world, image, secret=sent["tracking_token"], shows_persons=True).json
    assert (image["shows_persons"], state(world, sent)) == (True, ("in_moderation", ["persons"]))
    world.of("lighter").get(world.path("feedback", sent["id"])).expect(404)
    assert see(world, image, "lighter") == [404] * 3
    world.move("moderator", "feedback", sent, "release")
    assert (state(world, sent), see(world, image, "lighter")) == (("assigned", ["persons"]), [200] * 3)


def test_picture_with_persons_is_let_through_and_its_item_published_by_a_moderator_alone(world, sent):
    image = with_persons(world, sent)
    world.move("moderator", "feedback", sent, "release")
    words = {"alternative_text": both("ihmisiä torilla")}
    for subject in ("lighter", "planner"):
        for body in ({"is_publishable": True}, {"is_publishable": True, "shows_persons": False}, {"shows_persons": False}, {"shows_persons": None}):
            assert change(world, image, subject, 403, **words, **body).code == "insufficient_scope", body
    change(world, image, "lighter", **words)
    world.move("lighter", "feedback", sent, "answer", {"reply": "Kiitos."})
    assert world.of("lighter").post(world.path("feedback", sent["id"], "publish")).expect(403).code == "insufficient_scope"
    world.move("moderator", "feedback", sent, "publish")
    assert see(world, image) == [404] * 3
    change(world, image, "moderator", is_publishable=True)
    assert see(world, image) == [200] * 3
    assert change(world, image, "moderator", shows_persons=False)["shows_persons"] is False, "on a closer look"


def test_picture_let_through_is_hidden_when_somebody_says_that_it_shows_persons(world, sent):
    image = world.feedback.picture(sent)
    world.move("lighter", "feedback", sent, "answer", {"reply": "Kiitos."})
    world.move("lighter", "feedback", sent, "publish")
    change(world, image, "lighter", alternative_text=both("lyhtypylväs"), is_publishable=True)
    assert see(world, image) == [200] * 3
    assert change(world, image, secret=sent["tracking_token"], shows_persons=True)["is_publishable"] is False
    assert see(world, image) == [404] * 3
    assert change(world, image, "lighter", 403, is_publishable=True).code == "insufficient_scope"


def test_what_the_unit_works_on_or_has_found_itself_stays_with_it(world, sent):
    begun = world.feedback.send()
    world.move("lighter", "feedback", begun, "start")
    with_persons(world, begun)
    assert state(world, begun) == ("in_progress", ["persons"])
    with_persons(world, sent, subject="lighter")
    assert state(world, sent) == ("assigned", ["persons"])
    image = world.feedback.picture(begun)
    change(world, image, "lighter", shows_persons=True)
    assert state(world, begun) == ("in_progress", ["persons"])


def test_item_with_persons_on_its_picture_is_not_known_nearby(world):
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"], publishes_by_default=True)
    place = {"latitude": "62.9", "longitude": "22.9"}
    known = world.feedback.send(topic_id=topic["id"], permits_publication=True, **place)
    asked = {"lat": place["latitude"], "lon": place["longitude"], "topic": topic["code"]}
    near = lambda: [item["id"] for item in world.of().get(world.path("feedback", "nearby"), query=asked).expect(200)["items"]]  # noqa: E731
    assert near() == [known["id"]]
    with_persons(world, known)
    assert near() == []


def test_sender_does_not_take_back_that_persons_are_on_it(world, sent):
    image = world.feedback.picture(sent)
    change(world, image, "lighter", shows_persons=True)
    change(world, image, status=403, secret=sent["tracking_token"], shows_persons=False)
    assert see(world, image, "lighter")[0] == 200
