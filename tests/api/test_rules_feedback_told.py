"""What senders tell later is looked at like what was sent, and what they were told before is kept."""
import pytest

from test_rules_feedback_case import DAY, answered, closed, merge, read
from test_rules_feedback_handling import move
from test_rules_feedback_numbers import Unit
from world import TODAY

THREAT = "Tapan sinut, soita 0401234567."


def seen_by_unit(world, sent):
    return world.of("lighter").get(world.path("feedback", sent["id"])).status == 200


# --- what waits for a moderator ------------------------------------------------------------------------------------
def test_what_is_added_waits_for_a_moderator_when_something_is_found_in_it(world):
    sent, waiting = world.feedback.send(), world.feedback.send(topic_id=world.feedback.other["id"])
    assert world.feedback.track(sent, "/add", text="Lamppu on mäen päällä.")["status"] == "assigned"
    for item in (sent, waiting):
        held = world.feedback.track(item, "/add", text=THREAT)
        assert (held["status"], held["findings"], seen_by_unit(world, item)) == ("in_moderation", ["phone", "threat"], False)
    assert world.feedback.track(sent, "/add", text="Anteeksi.")["status"] == "in_moderation"
    assert [move(world, item, "release")["status"] for item in (sent, waiting)] == ["assigned", "received"]
    assert world.feedback.track(sent, "/add", text="Kiitos.")["status"] == "assigned", "what was let go stays so"


def test_what_is_let_go_returns_to_who_works_on_it(world):
    sent = world.feedback.send()
    move(world, sent, "start", subject="lighter")
    assert world.feedback.track(sent, "/add", text=THREAT)["status"] == "in_moderation"
    assert move(world, sent, "release")["status"] == "in_progress"
    mine = world.of("lighter").get_all(world.path("feedback-work"), query={"is_mine": "true"})
    assert sent["id"] in {item["id"] for item in mine}


def test_what_is_answered_stays_so_whatever_is_added(world):
    sent = world.feedback.send()
    answered(world, sent)
    told = world.feedback.track(sent, "/add", text=THREAT)
    assert (told["status"], told["findings"]) == ("answered", ["phone", "threat"])


def test_reopening_with_such_words_waits_for_a_moderator_but_a_units_reason_does_not(world):
    sent, other = world.feedback.send(), world.feedback.send()
    for item in (sent, other):
        answered(world, item)
    held = world.feedback.track(sent, "/reopen", text=THREAT)
    assert (held["status"], held["findings"]) == ("in_moderation", ["phone", "threat"])
    assert [m["status"] for m in held["moves"]][-3:] == ["reopened", "assigned", "in_moderation"]
    assert move(world, sent, "release")["status"] == "assigned"
    again = move(world, other, "reopen", subject="lighter", reason="Lähettäjä soitti numerosta 0401234567.")
    assert (again["status"], again["findings"]) == ("assigned", [])


def test_withdrawal_is_looked_at_and_held_where_others_wait_for_the_answer(world):
    case, second, alone = (world.feedback.send() for _ in range(3))
    merge(world, second, case)
    assert world.feedback.track(case, "/withdraw", text=THREAT)["status"] == "in_moderation"
    gone = world.feedback.track(alone, "/withdraw", text=THREAT)
    assert (gone["status"], gone["findings"]) == ("closed", ["phone", "threat"])


@pytest.mark.parametrize("subject, verb, code", [("moderator", "refuse", None), ("planner", "reject", "wrong_state")])
def test_what_is_held_a_moderator_refuses_and_nobody_else(world, subject, verb, code):
    held = world.feedback.send(text=THREAT)
    answer = world.of(subject).post(world.path("feedback", held["id"], verb), {"text": "Uhkaus."})
    assert answer.expect(409).code == code if code else answer.expect(200)["status"] == "rejected"


# --- what was answered before ---------------------------------------------------------------------------------------
def said(tracked):
    return [(m["kind"], m["text"]) for m in tracked["messages"]]


def test_answer_that_was_not_enough_stays_among_what_was_said(world):
    sent, second = world.feedback.send(), world.feedback.send()
    first = answered(world, sent, "Lamppu vaihdettiin. " * 400)
    merge(world, second, sent)
    world.feedback.track(sent, "/reopen", text="Se ei pala.")
    again = move(world, sent, "answer", subject="lighter", no_reply_wanted=True)
    kept = [("reply", first["reply"]), ("reopening", "Se ei pala.")]
    told = world.feedback.track(sent)
    assert (said(told), told["reply"], told["messages"][0]["at"]) == (kept, None, first["answered_at"])
    assert said(world.feedback.track(second)) == kept[:1], "and for whoever was told it as well"
    assert again["answered_at"] != first["answered_at"]
    move(world, sent, "reopen", subject="lighter", reason="Tarkistetaan.")
    assert said(world.feedback.track(sent)) == [*kept, ("reopening", "Tarkistetaan.")], "nothing was said the second time"


def test_time_to_the_answer_is_that_to_the_first(world):
    unit = Unit(world)
    sent = unit.send()
    move(world, sent, "answer", subject=unit.subject)
    # Monday 2 March 2026 to Wednesday
    world.feedback.set(sent, created_at="2026-03-02T09:00:00Z", answered_at="2026-03-04T09:00:00Z")
    move(world, sent, "reopen", subject=unit.subject, reason="Se ei pala.")
    move(world, sent, "answer", subject=unit.subject)
    row, = unit.of("feedback-load")
    assert (row["answered"], row["median_answer_working_days"]) == (1, "2")


def test_answer_has_a_reply_or_none_was_wanted_and_not_both(world):
    sent = world.feedback.send()
    assert move(world, sent, "answer", 422, reply="Kiitos!", no_reply_wanted=True).faults() == {"/no_reply_wanted": "rule_broken"}
    assert move(world, sent, "answer", reply="Kiitos!", no_reply_wanted=False)["no_reply_wanted"] is False


# --- senders of a case ------------------------------------------------------------------------------------------------
def cased(world, **more):
    """A case and what was merged into it."""
    case, second = world.feedback.send(**more), world.feedback.send()
    merge(world, second, case)
    return case, second


def test_sender_of_a_merged_item_adds_to_its_case(world):
    case, second = cased(world)
    told = world.feedback.track(second, "/add", text="Myös viereinen lamppu.")
    assert (told["status"], said(told), said(world.feedback.track(case))) == ("merged", [("addition", "Myös viereinen lamppu.")], [])
    assert [m["text"] for m in read(world, case, "messages")] == ["Myös viereinen lamppu."]
    held = world.feedback.track(second, "/add", text=THREAT)
    assert (held["findings"], held["merged_into"]["status"], seen_by_unit(world, case)) == (["phone", "threat"], "in_moderation", False)
    assert world.of("moderator").get(world.path("feedback", case["id"])).expect(200)["findings"] == ["phone", "threat"]
    move(world, case, "release")
    move(world, case, "reject", subject="lighter")
    refused = world.feedback.track(second, "/add", 409, text="?")
    assert (refused.code, refused["allowed"]) == ("wrong_state", [])


def test_sender_of_a_merged_item_reopens_its_case_in_time(world):
    case, second = cased(world)
    assert world.feedback.track(second, "/reopen", 409, text="?")["allowed"] == [
        row[0] for row in world.rows("select to_status from state_move where resource = 'feedback' and from_status = 'assigned' order by 1")]
    closed(world, case)
    told = world.feedback.track(second, "/reopen", text="Ei pala vieläkään.")
    assert (told["status"], told["merged_into"]["status"], told["closed_at"]) == ("merged", "assigned", None)
    assert said(told) == [("reply", "Lamppu vaihdettiin."), ("reopening", "Ei pala vieläkään.")]
    own = world.feedback.track(case)
    assert (own["status"], own["due_on"], said(own)) == ("assigned", case["due_on"], [("reply", "Lamppu vaihdettiin.")])
    closed(world, case)
    world.feedback.track(second, "/reopen", text=THREAT)
    assert world.feedback.track(case)["status"] == "in_moderation"
    move(world, case, "release")
    closed(world, case)
    world.feedback.set(case, closed_at=f"{TODAY - 31 * DAY}T12:00:00Z")
    assert world.feedback.track(second, "/reopen", 409, text="?").code == "reopening_late"


def test_case_goes_on_for_the_others_when_its_own_sender_has_withdrawn_it(world):
    (case, second), (alone, gone) = cased(world), cased(world)
    for item in (case, alone, gone):
        world.feedback.track(item, "/withdraw")
    closed(world, case)
    world.feedback.set(alone, status="answered", answered_at=f"{TODAY}T09:00:00Z")
    assert move(world, alone, "reopen", 409, "lighter", reason="?").code == "wrong_state", "nobody is left"
    world.feedback.track(gone, "/reopen", 409, text="?")
    assert move(world, case, "reopen", subject="lighter", reason="Työ ei kestänyt.")["status"] == "assigned"
    closed(world, case)
    assert world.feedback.track(second, "/reopen", text="Ei pala.")["merged_into"]["status"] == "assigned"
    closed(world, case)
    world.feedback.set(case, closed_at=f"{TODAY - 200 * DAY}T12:00:00Z")
    assert move(world, case, "reopen", 409, "lighter", reason="?").code == "wrong_state", "nobody reads it any more"


def test_sender_of_a_merged_item_reads_what_came_of_its_case(world):
    case, second = cased(world)
    shown, hidden = (world.feedback.link(case, decision_id=decision["id"]) for decision in (world.approval, world.start))
    own = world.feedback.link(second, decision_id=world.approval["id"])
    other = world.feedback.send()
    listed = lambda sent, about: {row["id"] for row in world.of().get(  # noqa: E731
        world.path("feedback-outcomes"), query={"feedback_id": about["id"]}, headers={"Tracking-Token": sent["tracking_token"]}).expect(200)["items"]}
    assert (listed(second, case), listed(second, second), listed(case, case)) == ({shown["id"]}, {own["id"]}, {shown["id"]})
    assert (listed(other, case), listed(case, second)) == (set(), set())
    assert hidden["id"] in {row["id"] for row in read_outcomes(world, case)}


def read_outcomes(world, sent):
    return world.of("lighter").get(world.path("feedback-outcomes"), query={"feedback_id": sent["id"]}).expect(200)["items"]


def test_item_that_was_public_with_an_answer_is_public_no_more_once_it_has_that_of_a_case(world):
    sent, case = world.feedback.send(permits_publication=True), world.feedback.send()
    answered(world, sent, "Vanha vastaus.")
    world.of("planner").post(world.path("feedback", sent["id"], "publish")).expect(200)
    move(world, sent, "reopen", subject="lighter", reason="Tutkimme asiaa vielä.")
    merge(world, sent, case)
    world.of().get(world.path("feedback", sent["id"])).expect(404)
    answered(world, case, "Uusi vastaus.")
    assert world.of("planner").post(world.path("feedback", sent["id"], "publish")).expect(409).code == "reply_missing"
    told = world.feedback.track(sent)
    assert (told["reply"], told["publication"], said(told)) == (
        "Uusi vastaus.", "proposed", [("reply", "Vanha vastaus."), ("reopening", "Tutkimme asiaa vielä.")])
    inside = world.of("lighter").get(world.path("feedback", sent["id"])).expect(200)
    assert (inside["reply"], inside["answered_at"]) == (None, None)
