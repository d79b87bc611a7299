"""What senders tell later is looked at like what was sent, and what they were told before is kept."""
import pytest

from test_rules_feedback_case import answered, merge
from test_rules_feedback_handling import move
from test_rules_feedback_numbers import Unit

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
