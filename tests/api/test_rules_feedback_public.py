"""Published feedback as everybody finds it: by word, place, topic and time, on a map, in a feed, and near a place before sending."""
import xml.etree.ElementTree as ElementTree

import pytest

import markup
from feedback import both
from test_rules_feedback_publication import answered, listed, move, published
from world import TODAY, text

ATOM = {"Accept": markup.ATOM}


def topics(world):
    """One of its own with one below it, so that other tests' items are not found."""
    top = world.feedback.topic(name=both("Puistot"), publishes_by_default=True, responsible_party_id=world.feedback.unit["id"])
    return top, world.feedback.topic(parent_topic_id=top["id"], publishes_by_default=True, responsible_party_id=world.feedback.unit["id"])


def at(latitude, longitude, **more):
    return {"latitude": latitude, "longitude": longitude, **more}


# --- filters ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language, words, asked", [
    ("fi", "Puiston penkit ovat rikki.", "puistossa rikki"), ("sv", "Skolgårdens gungor är trasiga.", "gungan skolgård")])
def test_published_words_are_found_in_their_language_and_others_are_not(world, language, words, asked):
    shown, hidden = published(world, text=words, language=language), answered(world, text=words, language=language)
    found = listed(world, q=asked)
    assert shown["id"] in found and hidden["id"] not in found
    assert hidden["id"] not in listed(world, "planner", q=asked), "words that nobody let through are no words of the search"


def test_topic_finds_all_below_it(world):
    top, below = topics(world)
    ids = {published(world, topic_id=topic["id"])["id"] for topic in (top, below)}
    assert listed(world, topic=top["code"]).keys() == ids
    assert len(listed(world, topic=below["code"])) == 1 and listed(world, topic="nonesuch") == {}


def test_filters_by_area_state_and_day_of_publication(world):
    top, _ = topics(world)
    shown = published(world, topic_id=top["id"], area_id=world.district["id"])
    day = {"topic": top["code"], "published_from": shown["published_at"], "published_to": "2100-01-01T00:00:00Z"}
    assert listed(world, area_id=world.district["id"], status="answered", **day).keys() == {shown["id"]}
    assert listed(world, status="closed", **day) == {} == listed(world, topic=top["code"], published_from="2100-01-01T00:00:00Z")


def test_box_finds_points_within_it(world):
    top, _ = topics(world)
    inside, _, _ = (published(world, topic_id=top["id"], **place) for place in (at("62.8001", "22.8001"), at("62.9", "22.8"), {}))
    box = {"topic": top["code"], "bbox": "22.80,62.80,22.81,62.81"}
    assert listed(world, **box).keys() == {inside["id"]} == listed(world, "planner", **box).keys()
    answer = world.of().get(world.path("feedback"), query={**box, "format": "geojson"}).expect(200)
    assert answer["features"][0]["geometry"] == {"type": "Point", "coordinates": [22.8001, 62.8001]}


def test_box_tells_of_a_home_no_more_than_the_rounded_point(world):
    top, _ = topics(world)
    home = published(world, topic_id=top["id"], is_residential=True, **at("62.80043", "22.80043"))
    withheld = answered(world, topic_id=top["id"], **at("62.80043", "22.80043"))
    move(world, withheld, "redact", withheld=["point"])
    move(world, withheld, "publish")
    exact, rounded = ({"topic": top["code"], "bbox": box} for box in ("22.8004,62.8004,22.8005,62.8005", "22.7999,62.7999,22.8001,62.8001"))
    assert listed(world, **exact) == {} and listed(world, **rounded).keys() == {home["id"]}
    assert listed(world, "planner", **exact).keys() == {home["id"], withheld["id"]}


@pytest.mark.parametrize("box", [
    "1,2,3", "1,2,3,4,5", "a,2,3,4", "22,62,22,63", "23,62,22,63", "22,63,23,62", "22,62,181,63", "22,62,23,91", "-181,62,23,63",
    "22, 62,23,63", "22,62,23,63,", "1e1,62,23,63", "+22,62,23,63", "22.,62,23,63", ".5,62,23,63", "22,62,23,62.123456789", "0x1,62,23,63"])
def test_box_that_is_none_is_refused_and_named(world, box):
    answer = world.of().get(world.path("feedback"), query={"bbox": box}).expect(400, "invalid_parameter")
    assert answer.faults() == {"bbox": "format"} and "bbox" in answer["errors"][0]["detail"]


def test_table_has_published_words_alone(world):
    top, _ = topics(world)
    published(world, topic_id=top["id"], text="Penkki on rikki, sanoo taulukko.")
    answered(world, topic_id=top["id"], text="Salaisuus taulukossa.")
    table = world.of().get(world.path("feedback"), query={"topic": top["code"], "format": "csv"}).expect(200).text
    assert "sanoo taulukko" in table and "Salaisuus" not in table and "sort_point" not in table


# --- feed -------------------------------------------------------------------------------------------------
def feed(world, subject=None, **query):
    answer = world.of(subject).get(world.path("feedback"), query={"format": "atom", **query}).expect(200)
    markup.check_atom(answer)
    return answer


def test_feed_of_a_topic_and_an_area_has_what_is_published_with_its_answer(world):
    top, _ = topics(world)
    first, second = (published(world, topic_id=top["id"], area_id=world.district["id"], language="sv", text=f"Bänk {n} <är> trasig.") for n in (1, 2))
    hidden = answered(world, topic_id=top["id"], area_id=world.district["id"])
    answer = feed(world, topic=top["code"], area_id=world.district["id"], lang="sv")
    entries = markup.entries_of(answer)
    assert list(entries) == [f"urn:uuid:{item['id']}" for item in (second, first)], "the last changed first"
    entry = entries[f"urn:uuid:{first['id']}"]
    assert markup.part(entry, "summary") == "Bänk 1 <är> trasig." and markup.part(entry, "content").endswith("Svar: Lamppu vaihdettiin.")
    assert markup.categories(entry) == ["fault", "answered"]
    assert markup.links(entry)["alternate"].endswith(world.path("feedback", first["id"]))
    title = markup.part(ElementTree.fromstring(answer.body), "title")
    assert title == "Respons: Puistot (sv), alue (sv) – Seinäjoki"
    assert hidden["id"] not in feed(world, "planner", topic=top["code"]).text, "a feed has what is published, whoever asks"
    assert markup.links(ElementTree.fromstring(answer.body))["self"].endswith("&lang=sv")


def test_feed_forgets_what_was_withdrawn_and_is_there_when_nothing_is(world):
    top, _ = topics(world)
    shown = published(world, topic_id=top["id"], text="Katoava viesti.")
    before = feed(world, topic=top["code"])
    world.of().get(world.path("feedback"), query={"format": "atom", "topic": top["code"]}, headers={"If-None-Match": before.etag}).expect(304)
    world.of().head(world.path("feedback"), query={"format": "atom", "topic": top["code"]}).expect(200)
    move(world, shown, "unpublish")
    after = world.of().get(world.path("feedback"), query={"format": "atom", "topic": top["code"]}, headers={"If-None-Match": before.etag}).expect(200)
    markup.check_atom(after)
    assert markup.entries_of(after) == {} and "Katoava" not in after.text
    ids = [markup.part(ElementTree.fromstring(body), "id") for body in (before.body, after.body, feed(world).body)]
    assert ids[0] == ids[1] != ids[2], "one id for ever, another for another feed"


def test_feed_by_accept_follows_its_filters_and_ignores_its_fields(world):
    top, _ = topics(world)
    shown = published(world, topic_id=top["id"])
    answer = world.of().get(world.path("feedback"), query={"topic_id": top["id"], "fields": "id", "sort": "number", "publication": "withdrawn"},
                            headers=ATOM).expect(200)
    markup.check_atom(answer)
    assert list(markup.entries_of(answer)) == [f"urn:uuid:{shown['id']}"]


def test_code_given_anew_means_the_new_topic(world):
    old, below = topics(world)
    for topic in (below, old):
        published(world, topic_id=topic["id"])
        world.of("planner").delete(world.path("feedback-topics", topic["id"]), etag="*").expect(204)
    new = world.feedback.topic(code=old["code"], name=both("Torit"), responsible_party_id=world.feedback.unit["id"])
    shown = published(world, topic_id=new["id"])
    assert [item["id"] for item in world.of().get_all(world.path("feedback"), query={"topic": old["code"]})] == [shown["id"]]
    assert "Torit" in markup.part(ElementTree.fromstring(feed(world, topic=old["code"]).body), "title")


# --- before sending ---------------------------------------------------------------------------------------
def nearby(world, topic, subject=None, lat="62.8", lon="22.8", **query):
    return world.of(subject).get(world.path("feedback", "nearby"), query={"lat": lat, "lon": lon, "topic": topic["code"], **query}).expect(200)["items"]


def test_nearby_is_what_is_published_and_open_or_ended_lately_nearest_first_in_metres(world):
    top, below = topics(world)
    far, near, ended, old, beyond, _ = (published(world, topic_id=topic["id"], title="Penkki", **at(*place)) for topic, place in (
        (top, ("62.801", "22.8")), (below, ("62.8001", "22.8")), (top, ("62.8005", "22.8")), (top, ("62.8", "22.8")), (top, ("62.81", "22.8")),
        (top, ("62.80198", "22.8"))))  # 220 m away
    world.feedback.set(far, status="reopened")
    world.feedback.set(ended, status="closed")
    world.rows("update feedback set answered_at = %s::date - 61 where id = %s", TODAY, old["id"])
    found = nearby(world, top)
    assert [(item["id"], item["distance_m"]) for item in found] == [(near["id"], 11), (ended["id"], 56), (far["id"], 111)]
    assert (found[0]["text"], found[0]["title"], found[0]["reply"], found[0]["is_published"]) == (
        "Polku on pimeä.", "Penkki", "Lamppu vaihdettiin.", True)
    assert beyond["id"] == nearby(world, top, radius_m=2000)[-1]["id"]
    assert [item["id"] for item in nearby(world, top, radius_m=50)] == [near["id"]] and len(nearby(world, top, limit=1)) == 1
    everything = world.of().get(world.path("feedback", "nearby"), query={"lat": "62.8", "lon": "22.8"}).expect(200)["items"]
    assert {item["id"] for item in found} <= {item["id"] for item in everything}


def test_nearby_tells_of_open_items_that_may_be_published_only_topic_state_and_place(world):
    top, _ = topics(world)
    silent = world.feedback.topic(responsible_party_id=world.feedback.unit["id"])
    place = at("62.80043", "22.80043")
    known = world.feedback.send(topic_id=top["id"], permits_publication=True, text="Penkki on rikki.", title="Penkki", **place)
    for topic, more in ((top, {}), (top, {"permits_publication": True, "text": "soita 0401234567"}), (silent, {"permits_publication": True})):
        world.feedback.send(topic_id=topic["id"], **{**place, **more})
    proposed = world.feedback.send(topic_id=silent["id"], permits_publication=True, **place)
    move(world, proposed, "propose")
    withdrawn = world.feedback.send(topic_id=top["id"], permits_publication=True, **place)
    world.feedback.track(withdrawn, "/withdraw")
    assert nearby(world, silent) == []
    assert nearby(world, top) == [{
        "id": known["id"], "number": None, "kind": None, "topic_id": top["id"], "title": None, "text": None, "reply": None,
        "status": "assigned", "is_published": False, "latitude": "62.800", "longitude": "22.800", "distance_m": 0, "me_too_count": 0}]
    assert nearby(world, top, "planner") == nearby(world, top), "whoever asks"
    world.of().get(world.path("feedback", known["id"])).expect(404)


def test_distance_to_a_home_is_that_to_its_rounded_point(world):
    top, _ = topics(world)
    published(world, topic_id=top["id"], is_residential=True, **at("62.80043", "22.80043"))
    assert [item["distance_m"] for item in nearby(world, top)] == [0]
    assert nearby(world, top, lat="62.80043", lon="22.80043", radius_m=40) == []


def test_nearby_is_asked_for_a_place(world):
    answer = world.of().get(world.path("feedback", "nearby"), query={"lat": "12", "radius_m": "2001"}).expect(400, "invalid_parameter")
    assert answer.faults() == {"lat": "too_small", "lon": "required", "radius_m": "too_large"}


# --- me too -----------------------------------------------------------------------------------------------
def me_too(world, item, status=200):
    return world.of().post(world.path("feedback", item["id"], "me-too")).expect(status)


def test_me_too_is_counted_and_shown_and_nobody_is_kept(world):
    top, _ = topics(world)
    shown = published(world, topic_id=top["id"], **at("62.8", "22.8"))
    assert [me_too(world, shown)["me_too_count"] for _ in range(2)] == [1, 2]
    assert world.of().get(world.path("feedback", shown["id"])).expect(200)["me_too_count"] == 2 == nearby(world, top)[0]["me_too_count"]
    kept = world.rows("select to_jsonb(m)::text from feedback_me_too m where feedback_id = %s", shown["id"])
    assert len(kept) == 2 and "127.0.0.1" not in str(kept)
    assert world.of().get(world.path("feedback", shown["id"])).expect(200)["version"] == shown["version"], "the item itself has not changed"


def test_me_too_only_of_what_everybody_may_know_and_is_open(world):
    top, _ = topics(world)
    known = world.feedback.send(topic_id=top["id"], permits_publication=True, **at("62.8", "22.8"))
    assert me_too(world, known)["me_too_count"] == 1
    assert me_too(world, answered(world), 404).code == "not_found"
    ended = published(world)
    world.feedback.set(ended, status="closed")
    assert me_too(world, ended, 409).code == "wrong_state"


def test_me_too_is_bounded_by_address(world, make_service):
    service = make_service("bounded", anonymous_acts_per_minute="2")
    item = f"/v1/743/feedback/{world.feedback.published['id']}/me-too"
    answers = [service.client().post(item) for _ in range(4)]
    # the minute may turn once between them
    assert [answer.status for answer in answers].count(429) in (1, 2) and answers[0].status == answers[1].status != 429
    refused = next(answer for answer in answers if answer.status == 429).expect(429, "too_many_requests")
    assert refused.headers["Retry-After"] == "60"
