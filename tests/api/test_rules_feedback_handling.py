"""What a unit does with feedback, from which states, and what its sender and the log learn of it."""
import pytest

from feedback import both
from world import TODAY, unknown_id

STATES = ["received", "in_moderation", "assigned", "in_progress", "answered", "closed", "rejected", "merged", "transferred"]
MOVES = {"answer": ({"assigned", "in_progress"}, "answered"), "assign": ({"received", "assigned", "in_progress"}, "assigned"),
         "close": ({"answered"}, "closed"), "reject": ({"received", "assigned", "in_progress"}, "rejected"),
         "release": ({"in_moderation"}, "assigned"), "start": ({"assigned"}, "in_progress"),
         "transfer": ({"received", "assigned", "in_progress"}, "transferred")}


def body_of(world, verb):
    return {"answer": {"reply": "Lamppu vaihdettiin."}, "assign": {"responsible_party_id": world.feedback.unit["id"]},
            "reject": {"text": "Viesti ei ole ymmärrettävissä."},
            "transfer": {"topic_id": world.feedback.health["id"], "text": "Asia kuuluu hyvinvointialueelle."}}.get(verb)


def move(world, sent, verb, status=200, subject=None, **body):
    subject = subject or ("moderator" if verb == "release" else "planner")
    return world.of(subject).post(world.path("feedback", sent["id"], verb), body or body_of(world, verb)).expect(status)


@pytest.mark.parametrize("verb", MOVES)
def test_move_is_possible_from_its_states_and_no_other(world, verb):
    states, after = MOVES[verb]
    for state in STATES:
        sent = world.feedback.send()
        world.feedback.set(sent, status=state)
        if state in states:
            assert move(world, sent, verb)["status"] == after
        else:
            refused = move(world, sent, verb, 409)
            allowed = [row[0] for row in world.rows(
                "select to_status from state_move where resource = 'feedback' and from_status = %s order by 1", state)]
            assert refused.code == "wrong_state" and refused["allowed"] == allowed
            assert verb != "transfer" or after not in allowed


def test_unit_takes_answers_and_closes_and_the_sender_reads_it(world):
    sent = world.feedback.send(contact={"name": "Maija"})
    move(world, sent, "start", subject="lighter")
    answered = move(world, sent, "answer", subject="lighter")
    assert (answered["reply"], answered["no_reply_wanted"], bool(answered["answered_at"])) == ("Lamppu vaihdettiin.", False, True)
    assert world.feedback.track(sent)["reply"] == "Lamppu vaihdettiin."
    assert move(world, sent, "close", subject="lighter")["closed_at"]
    assert [m["status"] for m in world.feedback.track(sent)["moves"]] == ["assigned", "in_progress", "answered", "closed"]
    told = world.of("admin").get_all(world.path("transitions"), query={"resource_id": sent["id"]})
    assert [t["acting_role"] for t in told][1:] == ["party_reporter"] * 3
    assert world.rows("select retain_until is not null from feedback_contact where feedback_id = %s", sent["id"]) == [(True,)]


def test_answer_has_a_reply_unless_none_was_wanted(world):
    sent = world.feedback.send()
    assert move(world, sent, "answer", 422, no_reply_wanted=False).faults() == {"/reply": "required"}
    silent = move(world, sent, "answer", no_reply_wanted=True)
    assert (silent["reply"], silent["no_reply_wanted"]) == (None, True)


@pytest.mark.parametrize("verb, member", [("answer", "reply"), ("reject", "text"), ("transfer", "text")])
def test_identity_codes_are_not_written_by_staff_either(world, verb, member):
    body = {**body_of(world, verb), member: "Hetu 131052-308T."}
    assert move(world, world.feedback.send(), verb, 422, **body).faults() == {f"/{member}": "personal_data"}


def test_one_unit_at_a_time_and_every_change_is_kept(world):
    sent, other = world.feedback.send(), world.party("unit")
    move(world, sent, "start", subject="lighter")
    passed = move(world, sent, "assign", subject="lighter", responsible_party_id=other["id"], reason="väärä yksikkö")
    assert (passed["status"], passed["responsible_party_id"]) == ("assigned", other["id"])
    world.of("lighter").get(world.path("feedback", sent["id"])).expect(404)
    assert move(world, sent, "start", 404, "lighter").code == "not_found"
    kept = world.rows("select from_party_id::text, to_party_id::text, reason, actor_id is not null from feedback_assignment"
                      " where feedback_id = %s order by id", sent["id"])
    assert kept == [(None, world.feedback.unit["id"], None, False), (world.feedback.unit["id"], other["id"], "väärä yksikkö", True)]
    assert move(world, sent, "assign", 422, responsible_party_id=unknown_id()).faults() == {"/responsible_party_id": "reference_not_found"}


def test_passing_it_on_within_the_unit_is_kept_and_takes_it_from_who_had_it(world):
    sent, unit = world.feedback.send(), world.feedback.unit["id"]
    move(world, sent, "start", subject="lighter")
    move(world, sent, "assign", subject="lighter", responsible_party_id=unit, reason="Pekan alue")
    assert [item["is_mine"] for item in world.of("lighter").get_all(world.path("feedback-work")) if item["id"] == sent["id"]] == [False]
    kept = world.of("lighter").get(world.path("feedback", sent["id"], "assignments")).expect(200)["items"]
    assert [(a["from_party_id"], a["to_party_id"], a["reason"]) for a in kept] == [(None, unit, None), (unit, unit, "Pekan alue")]


def test_nothing_is_passed_to_a_unit_that_is_gone(world):
    gone = world.party("unit")
    world.of("coordinator").delete(world.path("responsible-parties", gone["id"]), etag="*").expect(204)
    assert move(world, world.feedback.send(), "assign", 422, responsible_party_id=gone["id"]).faults() == {
        "/responsible_party_id": "reference_not_found"}


def test_handler_of_a_sector_handles_its_units(world):
    unit, elsewhere = world.party("unit", sector="tekninen"), world.party("unit", sector="sivistys")
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "technician", "role": "handler", "sector": "tekninen"})
    mine, theirs = world.feedback.send(), world.feedback.send()
    move(world, mine, "assign", responsible_party_id=unit["id"])
    move(world, theirs, "assign", responsible_party_id=elsewhere["id"])
    assert move(world, mine, "start", subject="technician")["status"] == "in_progress"
    assert move(world, theirs, "start", 404, "technician").code == "not_found"


def test_who_sees_it_for_another_reason_does_not_work_on_it(world):
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "watcher", "role": "privacy_officer"})
    world.holder(world.party("unit"), "watcher")
    sent = world.feedback.send()
    for verb in ("answer", "assign", "close", "reject", "start", "transfer"):
        assert move(world, sent, verb, 403, "watcher").code == "not_your_unit"


def test_example_53_feedback_about_a_health_centre_goes_to_the_county_and_its_sender_is_told(world):
    sent = world.feedback.send(text="Terveyskeskukseen ei saa aikaa.", topic_id=world.feedback.other["id"])
    gone = move(world, sent, "transfer")
    assert (gone["status"], gone["topic_id"]) == ("transferred", world.feedback.health["id"])
    read = world.feedback.track(sent)
    assert read["transferred_to"] == world.feedback.health["signpost"] and read["guidance"] is None
    assert [(m["kind"], m["text"]) for m in read["messages"]] == [("interim", "Asia kuuluu hyvinvointialueelle.")]
    year, others = next(world.feedback.years), [world.feedback.send(topic_id=world.feedback.other["id"]) for _ in range(5)]
    for other in others:
        move(world, other, "transfer")
    for item in (sent, *others):
        world.feedback.set(item, created_at=f"{year}-06-03T09:00:00Z", closed_at=f"{year}-06-04T09:00:00Z")
    row, = world.of().get_all(world.path("feedback-statistics"), query={"year": year, "part": "topic"})
    assert (row["topic_id"], row["received"], row["transferred"]) == (world.feedback.health["id"], 6, 6), "it stays in the statistics"
    refused = move(world, world.feedback.send(), "transfer", 422, topic_id=world.feedback.other["id"], text="?")
    assert refused.faults() == {"/topic_id": "reference_not_found"}


def test_sender_reads_why_it_was_rejected(world):
    sent = world.feedback.send()
    move(world, sent, "reject")
    assert world.feedback.track(sent)["messages"][0]["text"] == "Viesti ei ole ymmärrettävissä."


def test_released_item_goes_to_its_unit_or_waits_for_one(world):
    held = world.feedback.send(text="soita 0401234567")
    assert (move(world, held, "release")["status"], world.feedback.track(held)["findings"]) == ("assigned", ["phone"])
    unrouted = world.feedback.send(text="soita 0401234567", topic_id=world.feedback.other["id"])
    assert move(world, unrouted, "release")["status"] == "received"
    assert move(world, unrouted, "release", 403, "planner").code == "insufficient_scope"


# --- units that are given up ------------------------------------------------------------------------------------------
def drop(world, unit, status):
    return world.of("coordinator").delete(world.path("responsible-parties", unit["id"]), etag="*").expect(status)


def test_unit_that_still_has_feedback_is_not_deleted(world):
    by_topic, by_route, by_item = (world.party("unit") for _ in range(3))
    topics = [world.feedback.topic(responsible_party_id=by_topic["id"]),
              world.feedback.topic(routes=[{"area_id": world.district["id"], "responsible_party_id": by_route["id"]}])]
    sent = world.feedback.send()
    move(world, sent, "assign", responsible_party_id=by_item["id"])
    for unit in (by_topic, by_route, by_item):
        assert drop(world, unit, 409).code == "in_use"
    for topic in topics:
        world.of("planner").delete(world.path("feedback-topics", topic["id"]), etag="*").expect(204)
    for status in ("in_moderation", "in_progress", "answered"):
        world.feedback.set(sent, status=status)
        assert drop(world, by_item, 409).code == "in_use"
    move(world, sent, "close")
    for unit in (by_topic, by_route, by_item):
        drop(world, unit, 204)


@pytest.mark.parametrize("by_sender", [True, False])
def test_what_is_reopened_after_its_unit_goes_to_the_one_that_has_its_topic_now_or_waits(world, by_sender):
    unit, heir = world.party("unit"), world.party("unit")
    topics = [world.feedback.topic(responsible_party_id=unit["id"]) for _ in range(2)]
    items = [world.feedback.send(topic_id=topic["id"]) for topic in topics]
    for topic, after, item in zip(topics, (heir["id"], None), items):
        for verb in ("start", "answer", "close"):
            move(world, item, verb)
        world.of("planner").patch(world.path("feedback-topics", topic["id"]), {"responsible_party_id": after}, etag="*").expect(200)
    drop(world, unit, 204)
    again = [world.feedback.track(item, "/reopen", text="taas") if by_sender else move(world, item, "reopen", reason="taas") for item in items]
    assert [(item["status"], item["responsible_party_id"]) for item in again] == [("assigned", heir["id"]), ("received", None)]
    assert world.rows("select count(*) from feedback_assignment where feedback_id = any (%s::uuid[]) and from_party_id = %s",
                      [item["id"] for item in items], unit["id"]) == [(2,)]
    assert world.rows("select count(taken_by_id) from feedback where id = any (%s::uuid[])", [item["id"] for item in items]) == [(0,)]


# --- topics that are put right ------------------------------------------------------------------------------------------
def days_after(world, day, n):
    return str(world.rows("select %s::date + %s", day, n)[0][0])


def targets(world, sent):
    return world.rows("select due_on::text, target_on::text, take_up_on::text from feedback where id = %s", sent["id"])[0]


@pytest.mark.parametrize("subject", ["planner", "lighter"])
def test_wrong_topic_is_put_right_with_its_target_from_the_day_it_came(world, subject):
    unit = world.feedback.unit["id"]
    right = world.feedback.topic(is_accessibility=True, responsible_party_id=unit)
    sent = world.feedback.send()
    take_up_on = targets(world, sent)[2]
    world.feedback.set(sent, created_at="2026-03-02T21:30:00Z", is_topic_suggested=True)
    put = move(world, sent, "assign", subject=subject, responsible_party_id=unit, topic_id=right["id"])
    assert (put["topic_id"], put["is_topic_suggested"], put["is_accessibility"], put["due_on"]) == (right["id"], False, True, "2026-03-16")
    assert targets(world, sent) == ("2026-03-16", "2026-03-16", take_up_on)
    apart = {item["id"] for item in world.of("planner").get_all(world.path("feedback"), query={"is_accessibility": "true", "limit": 200})}
    assert sent["id"] in apart
    usual = move(world, sent, "assign", responsible_party_id=unit, topic_id=world.feedback.lighting["id"])
    assert (usual["due_on"], usual["is_accessibility"]) == ("2026-03-09", False)
    kept = move(world, sent, "assign", responsible_party_id=unit)
    assert (kept["topic_id"], kept["due_on"]) == (world.feedback.lighting["id"], "2026-03-09"), "without one all stays as it is"


def test_target_that_was_told_later_stays_and_begins_with_a_reopening(world):
    unit, day = world.feedback.unit["id"], world.feedback.working_day(60)
    right = world.feedback.topic(is_accessibility=True)
    sent = world.feedback.send()
    move(world, sent, "inform", text="Odotamme varaosaa.", due_on=day)
    assert move(world, sent, "assign", responsible_party_id=unit, topic_id=right["id"])["due_on"] == day
    assert targets(world, sent)[1] == days_after(world, TODAY, 14)
    again = world.feedback.send()
    move(world, again, "answer")
    world.feedback.set(again, created_at="2026-03-02T09:00:00Z")
    move(world, again, "reopen", reason="Työ ei kestänyt.")
    assert move(world, again, "assign", responsible_party_id=unit, topic_id=right["id"])["due_on"] == days_after(world, TODAY, 14)


def test_signpost_or_what_is_no_topic_is_not_put_right_by_assigning(world):
    gone = world.feedback.topic()
    world.of("planner").delete(world.path("feedback-topics", gone["id"]), etag="*").expect(204)
    for topic in (world.feedback.health["id"], gone["id"], unknown_id()):
        refused = move(world, world.feedback.send(), "assign", 422, responsible_party_id=world.feedback.unit["id"], topic_id=topic)
        assert refused.faults() == {"/topic_id": "reference_not_found"}


def test_what_was_wrongly_taken_for_an_official_matter_is_put_right_or_goes_to_the_registry(world):
    official = world.feedback.topic(name=both("Oikaisuvaatimus"), is_official_matter=True,
                                    signpost={"name": both("Kirjaamo"), "address": "kirjaamo@example.fi"})
    wrong, right = (world.feedback.send(topic_id=None, text="Lamppu on pimeä, milloin oikaisuvaatimukseen vastataan?") for _ in range(2))
    assert {(item["status"], bool(item["guidance"]), item["is_topic_suggested"]) for item in (wrong, right)} == {("received", True, True)}
    put = move(world, wrong, "assign", responsible_party_id=world.feedback.unit["id"], topic_id=world.feedback.lighting["id"])
    assert (put["status"], put["guidance"], put["is_topic_suggested"]) == ("assigned", None, False)
    gone = move(world, right, "transfer", topic_id=official["id"], text="Asia kuuluu kirjaamoon.")
    assert (gone["status"], bool(gone["guidance"]), gone["is_topic_suggested"]) == ("transferred", True, False)
