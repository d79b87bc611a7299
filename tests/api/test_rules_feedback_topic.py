"""Topics of feedback: their tree, what they ask, whose they are."""
import uuid

import pytest

from feedback import both, question
from world import text, unknown_id


def refused(world, status=422, **more):
    return world.of("planner").post(world.path("feedback-topics"), world.feedback.topic_body(**more)).expect(status)


def change(world, topic, body, status=200):
    return world.of("planner").patch(world.path("feedback-topics", topic["id"]), body, etag="*").expect(status)


def test_topic_has_five_days_and_no_unit_unless_said(world):
    made = world.feedback.topic()
    assert (made["target_working_days"], made["responsible_party_id"], made["publishes_by_default"]) == (5, None, False)
    assert (made["tags"], made["routes"], made["questions"], made["signpost"]) == ([], [], [], None)
    assert (made["is_official_matter"], made["is_accessibility"]) == (False, False)


def test_topics_that_bear_a_tag_are_listed_together(world):
    tagged = world.feedback.topic(tags=["own_area", "trees"])
    listed = world.of().get_all(world.path("feedback-topics"), query={"tag": "own_area"})
    assert tagged["id"] in [topic["id"] for topic in listed]
    assert all("own_area" in topic["tags"] for topic in listed)
    assert world.of().get_all(world.path("feedback-topics"), query={"tag": "own"}) == []


def test_topic_does_not_lie_in_itself(world):
    top = world.feedback.topic()
    below = world.feedback.topic(parent_topic_id=top["id"])
    for parent in (top, below):
        assert change(world, top, {"parent_topic_id": parent["id"]}, 422).faults() == {"/parent_topic_id": "rule_broken"}


def test_code_belongs_to_one_living_topic(world):
    made = world.feedback.topic()
    assert refused(world, 409, code=made["code"]).code == "already_exists"
    world.of("planner").delete(world.path("feedback-topics", made["id"]), etag="*").expect(204)
    world.of().get(world.path("feedback-topics", made["id"])).expect(410)
    assert world.feedback.topic(code=made["code"])["code"] == made["code"]


@pytest.mark.parametrize("code", ["a b", "a.b", "ä", "a/b"])
def test_code_is_what_every_client_of_open311_takes(world, code):
    assert refused(world, code=code).faults() == {"/code": "pattern"}


def test_routes_are_given_changed_and_taken_away(world):
    area, other, unit = world.area(), world.area(), world.party("unit")
    first, second = ({"area_id": place["id"], "responsible_party_id": unit["id"]} for place in (area, other))
    made = world.feedback.topic(routes=[first])
    assert made["routes"] == [first]
    assert change(world, made, {"position": 3})["routes"] == [first]
    assert change(world, made, {"routes": [second, first]})["routes"] == sorted([first, second], key=lambda r: r["area_id"])
    assert change(world, made, {"routes": []})["routes"] == []


def test_routes_name_what_there_is_and_an_area_once(world):
    area, unit = world.area(), world.party("unit")
    route = {"area_id": area["id"], "responsible_party_id": unit["id"]}
    answer = refused(world, routes=[route, route, {"area_id": unknown_id(), "responsible_party_id": unknown_id()}])
    assert answer.faults() == {"/routes/1/area_id": "rule_broken", "/routes/2/area_id": "reference_not_found",
                               "/routes/2/responsible_party_id": "reference_not_found"}


def test_questions_come_back_as_they_were_given(world):
    asked = [question("lamp", 1, "number", required=True), question("kind", 2, "singlevaluelist", values=[{"key": "led", "name": both("led")}]),
             {**question("note", 3), "variable": False}]
    assert world.feedback.topic(questions=asked)["questions"] == asked


def test_faults_of_questions_come_all_at_once(world):
    pair = [{"key": "x", "name": both("x")}] * 2
    asked = [question("a", 1), question("a", 2), question("b", 2), question("c", 4, "multivaluelist"), question("d", 5, values=pair[:1]),
             question("e", 6, "singlevaluelist", values=pair)]
    answer = refused(world, questions=asked)
    assert {fault["pointer"]: fault["detail"].split()[-1].rstrip(".") for fault in answer["errors"]} == {
        "/questions/1/code": "question_code_unique", "/questions/2/order": "question_order_unique",
        "/questions/3/values": "question_values_of_lists", "/questions/4/values": "question_values_of_lists",
        "/questions/5/values": "question_key_unique"}


def test_what_a_sender_reads_is_there_in_every_language(world):
    swedish = {"sv": "ämne"}
    body = {"code": uuid.uuid4().hex, "name": swedish, "description": swedish, "signpost": {"name": swedish, "address": "https://x.example"},
            "questions": [{**question("q", 1, "singlevaluelist", values=[{"key": "k", "name": swedish}]), "description": swedish}]}
    answer = world.of("planner").post(world.path("feedback-topics"), body).expect(422)
    assert answer.faults() == dict.fromkeys(
        ["/name", "/description", "/signpost/name", "/questions/0/description", "/questions/0/values/0/name"], "locale_missing")


def test_official_matter_names_the_registry(world):
    assert refused(world, is_official_matter=True).faults() == {"/signpost": "rule_broken"}
    made = world.feedback.topic(is_official_matter=True, signpost={"name": text("Kirjaamo"), "address": "kirjaamo@example.fi"})
    assert change(world, made, {"signpost": None}, 422).faults() == {"/signpost": "rule_broken"}


def test_deleted_unit_and_parent_are_not_referred_to(world):
    unit, top = world.party("unit"), world.feedback.topic()
    world.of("coordinator").delete(world.path("responsible-parties", unit["id"]), etag="*").expect(204)
    world.of("planner").delete(world.path("feedback-topics", top["id"]), etag="*").expect(204)
    assert refused(world, parent_topic_id=top["id"]).faults() == {"/parent_topic_id": "reference_not_found"}
    assert refused(world, responsible_party_id=unit["id"]).faults() == {"/responsible_party_id": "reference_not_found"}


def test_routes_lead_to_what_is_there(world):
    area, unit = world.area("village"), world.party("unit")
    world.of("planner").delete(world.path("areas", area["id"]), etag="*").expect(204)
    world.of("coordinator").delete(world.path("responsible-parties", unit["id"]), etag="*").expect(204)
    assert refused(world, routes=[{"area_id": area["id"], "responsible_party_id": unit["id"]}]).faults() == {
        "/routes/0/area_id": "reference_not_found", "/routes/0/responsible_party_id": "reference_not_found"}


def test_signpost_has_no_topics_below(world):
    signpost = {"name": text("Hyvinvointialue"), "address": "https://hva.example"}
    elsewhere, top = world.feedback.topic(signpost=signpost), world.feedback.topic()
    assert refused(world, parent_topic_id=elsewhere["id"]).faults() == {"/parent_topic_id": "rule_broken"}
    below = world.feedback.topic(parent_topic_id=top["id"])
    assert change(world, top, {"signpost": signpost}, 422).faults() == {"/signpost": "rule_broken"}
    world.of("planner").delete(world.path("feedback-topics", below["id"]), etag="*").expect(204)
    change(world, top, {"signpost": signpost})


def test_blank_is_no_text(world):
    assert refused(world, name={"fi": " ", "sv": "\n"}).faults() == {"/name/fi": "pattern", "/name/sv": "pattern"}
