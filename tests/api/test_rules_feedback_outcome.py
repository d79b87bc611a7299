"""What was done about feedback: linked by those who work on it, listed from both ends, public when both are."""
import pytest

from world import text, unknown_id


def listed(world, subject=None, headers=None, **ends):
    answer = world.of(subject).get(world.path("feedback-outcomes"), query=ends, headers=headers).expect(200)
    return [row["id"] for row in answer["items"]]


def create(world, status, subject="planner", **body):
    return world.of(subject).post(world.path("feedback-outcomes"), body).expect(status)


def publish(world, sent):
    world.feedback.set(sent, publication="published", published_text="Polku on pimeä.")


ENDS = {
    "decision_id": (lambda w: w.approval["id"], lambda w: w.start["id"]),
    "measure_line_id": (lambda w: w.measures[0]["measure_line_id"], lambda w: w.line["id"]),
    "proposal_id": (lambda w: w.published_proposal["id"], lambda w: w.proposal["id"]),
    "report_id": (lambda w: w.report_published["id"], lambda w: w.report_draft["id"]),
}


@pytest.mark.parametrize("end", ENDS)
def test_public_sees_it_from_both_ends_when_both_are_public_and_a_sender_when_the_other_is(world, end):
    sent, (public, hidden) = world.feedback.send(), (find(world) for find in ENDS[end])
    shown, kept = (world.feedback.link(sent, **{end: target}, note=text("korjattiin")) for target in (public, hidden))
    secret = {"Tracking-Token": sent["tracking_token"]}
    assert listed(world, feedback_id=sent["id"]) == [] and shown["id"] not in listed(world, **{end: public})
    assert listed(world, "lighter", feedback_id=sent["id"]) == [shown["id"], kept["id"]]
    assert listed(world, headers=secret, feedback_id=sent["id"]) == [shown["id"]], "its sender is no insider of what is not public"
    assert listed(world, headers=secret, **{end: hidden}) == []
    world.of().get(world.path("feedback-outcomes", kept["id"]), headers=secret).expect(404)
    publish(world, sent)
    assert listed(world, feedback_id=sent["id"]) == [shown["id"]]
    assert shown["id"] in listed(world, **{end: public}) and listed(world, **{end: hidden}) == []
    assert kept["id"] in listed(world, "lighter", **{end: hidden})


def test_unit_and_coordinator_link_and_take_back(world):
    sent, target = world.feedback.send(), {"decision_id": world.approval["id"]}
    assert create(world, 422, "reporter", feedback_id=sent["id"], **target).faults() == {"/feedback_id": "reference_not_found"}
    made = create(world, 201, "lighter", feedback_id=sent["id"], **target).json
    path = world.path("feedback-outcomes", made["id"])
    assert create(world, 409, feedback_id=sent["id"], **target).code == "already_exists"
    world.of("lighter").delete(path, etag="*").expect(204)
    world.of("lighter").get(path).expect(410)
    create(world, 201, feedback_id=sent["id"], **target)


def test_published_feedback_is_seen_but_not_linked_by_others(world):
    sent = world.feedback.send()
    made = world.feedback.link(sent, decision_id=world.approval["id"])
    publish(world, sent)
    assert create(world, 403, "reporter", feedback_id=sent["id"], decision_id=world.start["id"]).code == "not_your_unit"
    answer = world.of("reporter").delete(world.path("feedback-outcomes", made["id"]), etag="*").expect(403)
    assert answer.code == "not_your_unit"


def test_exactly_one_thing_that_exists_is_named(world):
    sent = world.feedback.send()
    for ends in ({}, {"decision_id": world.approval["id"], "proposal_id": world.proposal["id"]}):
        assert create(world, 422, feedback_id=sent["id"], **ends).faults() == {"/measure_line_id": "rule_broken"}
    for end in ENDS:
        assert create(world, 422, feedback_id=sent["id"], **{end: unknown_id()}).faults() == {f"/{end}": "reference_not_found"}
    assert create(world, 422, feedback_id=unknown_id(), decision_id=world.start["id"]).faults() == {"/feedback_id": "reference_not_found"}
