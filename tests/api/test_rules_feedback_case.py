"""Cases of several items, what senders are told and asked, wrong units, reopening, and closing by time."""
import concurrent.futures
import datetime
import threading

import pytest

import server
from calls import Call
from contract import BY_ID
from test_rules_feedback_handling import move
from world import HOME, TODAY, unknown_id

DAY = datetime.timedelta(days=1)
IDENTITY = "Hetu 131052-308T."


def merge(world, sent, case, status=200, subject="lighter"):
    return move(world, sent, "merge", status, subject, into_id=case["id"])


def answered(world, sent, reply="Lamppu vaihdettiin."):
    return move(world, sent, "answer", subject="lighter", reply=reply)


def closed(world, sent=None):
    sent = sent or world.feedback.send()
    answered(world, sent)
    move(world, sent, "close", subject="lighter")
    return sent


def read(world, sent, what, subject="lighter"):
    return world.of(subject).get(world.path("feedback", sent["id"], what)).expect(200)["items"]


# --- duplicates ----------------------------------------------------------------------------------------------
def test_example_58_three_senders_of_one_lamp_get_the_answer_of_one_case(world):
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"])
    case, second, third = (world.feedback.send(topic_id=topic["id"], contact={"name": "Maija"}) for _ in range(3))
    for sent in (second, third):
        assert (merge(world, sent, case)["status"], world.feedback.track(sent)["merged_into"]) == (
            "merged", {"number": case["number"], "status": "assigned"})
    later = world.feedback.working_day(60)
    move(world, case, "inform", subject="lighter", text="Varaosa on tilattu.", due_on=later)
    answered(world, case)
    for sent in (case, second, third):
        told = world.feedback.track(sent)
        assert (told["reply"], told["due_on"], bool(told["answered_at"])) == ("Lamppu vaihdettiin.", later, True)
        assert [(m["kind"], m["text"]) for m in told["messages"]] == [("interim", "Varaosa on tilattu.")]
    year, more = next(world.feedback.years), [world.feedback.send(topic_id=topic["id"]) for _ in range(9)]
    for sent in (case, second, third, *more):
        world.feedback.set(sent, created_at=f"{year}-06-03T09:00:00Z")
    world.feedback.set(case, answered_at=f"{year}-06-05T09:00:00Z")
    counted, = world.of().get_all(world.path("feedback-statistics"), query={"part": "topic", "year": year})
    assert (counted["code"], counted["received"], counted["cases"]) == (topic["code"], 12, 10)
    assert all(world.feedback.track(sent)["reply"] is None for sent in more)


def test_what_one_sender_adds_or_was_told_before_is_not_told_to_another(world):
    case, second = world.feedback.send(), world.feedback.send()
    move(world, case, "inform", text="Hei Maija, soitamme huomenna.")
    merge(world, second, case)
    world.feedback.track(case, "/add", text="Asun talossa 5.")
    assert world.feedback.track(second)["messages"] == []
    move(world, case, "note", subject="lighter", text="soitettu")
    assert world.feedback.track(second)["messages"] == []
    assert [m["text"] for m in read(world, case, "messages")] == ["Hei Maija, soitamme huomenna.", "Asun talossa 5.", "soitettu"]


def test_case_of_a_case_is_one_step_away(world):
    first, second, third = (world.feedback.send() for _ in range(3))
    merge(world, first, second)
    merge(world, second, third)
    answered(world, third)
    assert {world.feedback.track(sent)["merged_into"]["number"] for sent in (first, second)} == {third["number"]}
    assert world.feedback.track(first)["reply"] == "Lamppu vaihdettiin."


@pytest.mark.parametrize("state", ["closed", "in_moderation", "merged", "rejected", "transferred"])
def test_nothing_is_merged_into_what_is_no_open_case(world, state):
    sent, into, case = (world.feedback.send() for _ in range(3))
    if state == "merged":
        merge(world, into, case)
    else:
        world.feedback.set(into, status=state)
    refused = merge(world, sent, into, 422, "planner")
    assert refused.faults() == {"/into_id": "case_not_open"} and f"{into['number']} ({state}" in refused["errors"][0]["detail"]
    assert (f"→ {case['number']}" in refused["errors"][0]["detail"]) == (state == "merged")


def test_a_case_is_another_item_that_one_sees_in_this_municipality(world):
    sent, elsewhere = world.feedback.send(), world.feedback.send(topic_id=world.feedback.other["id"])
    foreign = world.of().post("/v1/508/feedback", {"kind": "thanks", "text": "x", "language": "fi"}).expect(201).json
    for into, subject in ((sent, "planner"), (elsewhere, "lighter"), (foreign, "planner"), ({"id": unknown_id()}, "planner")):
        assert merge(world, sent, into, 422, subject).faults() == {"/into_id": "reference_not_found"}
    move(world, elsewhere, "assign", responsible_party_id=world.party("unit")["id"])
    world.of("lighter").post(world.path("feedback", elsewhere["id"], "merge"), {"into_id": sent["id"]}).expect(404)


def test_sender_of_a_merged_item_is_reached_as_long_as_the_others(world):
    case, second = (world.feedback.send(contact={"name": "Maija"}) for _ in range(2))
    kept = lambda: {row[0] for row in world.rows(  # noqa: E731
        "select retain_until from feedback_contact where feedback_id in (%s, %s)", case["id"], second["id"])}
    merge(world, second, case)
    assert kept() == {None}
    closed(world, case)
    assert kept() == {world.rows("select (%s::date + interval '6 months')::date", TODAY)[0][0]}


def test_case_that_its_sender_withdraws_is_still_answered_to_the_others(world):
    case, second = world.feedback.send(), world.feedback.send()
    merge(world, second, case)
    gone = world.feedback.track(case, "/withdraw")
    assert (gone["status"], gone["closed_at"], bool(gone["withdrawn_at"])) == ("assigned", None, True)
    answered(world, case)
    assert world.feedback.track(second)["reply"] == "Lamppu vaihdettiin."


def test_three_that_are_merged_in_a_ring_at_once_wait_for_each_other(world):
    clients = [world.service.client("planner") for _ in range(3)]
    seen = set()
    for _ in range(20):
        ring = [world.feedback.send() for _ in clients]
        start = threading.Barrier(len(clients))

        def run(n, ring=ring, start=start):
            start.wait()
            return clients[n].post(world.path("feedback", ring[n]["id"], "merge"), {"into_id": ring[(n + 1) % 3]["id"]}).status
        with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
            seen |= set(pool.map(run, range(3)))
    assert seen <= {200, 409, 422} and 200 in seen


# --- what senders are told and asked ---------------------------------------------------------------------------
def test_interim_message_tells_a_new_target_and_the_first_one_is_kept(world):
    sent, later = world.feedback.send(), world.feedback.working_day(30)
    told = move(world, sent, "inform", subject="lighter", text="Vielä kesken.", due_on=later)
    assert told["due_on"] == later
    assert world.feedback.track(sent)["messages"][0] == {
        **world.feedback.track(sent)["messages"][0], "kind": "interim", "text": "Vielä kesken.", "due_on": later}
    assert world.rows("select target_on::text from feedback where id = %s", sent["id"]) == [(sent["due_on"],)]
    assert move(world, sent, "inform", subject="lighter", text="Yhä kesken.")["due_on"] == later
    sunday = TODAY + (69 - TODAY.weekday()) * DAY
    for due, rules in ((later, ["due_on_later"]), (str(sunday), ["due_on_working_day"]), (world.feedback.working_day(367), ["due_on_within_a_year"]),
                       (str(sunday - 98 * DAY), ["due_on_later", "due_on_working_day"])):
        refused = move(world, sent, "inform", 422, "lighter", text="?", due_on=due)
        assert refused.faults() == {"/due_on": "rule_broken"} and [
            rule for rule in ("due_on_later", "due_on_within_a_year", "due_on_working_day") if rule in refused.text] == rules, due
    world.feedback.set(sent, due_on="2020-01-01")
    assert "due_on_later" in move(world, sent, "inform", 422, "lighter", text="?", due_on=str(TODAY - DAY)).text, "it is overdue"
    assert move(world, sent, "inform", 422, "lighter", text=IDENTITY).faults() == {"/text": "personal_data"}


def test_sender_rates_once_after_closing(world):
    sent = world.feedback.send()
    assert world.feedback.track(sent, "/rate", 409, score=5).code == "wrong_state"
    closed(world, sent)
    for score in (0, 6):
        world.feedback.track(sent, "/rate", 422, score=score)
    world.feedback.track(sent, "/rate", 422, score=5, text="ä" * 1001)
    rated = world.feedback.track(sent, "/rate", score=2, text=f"Kesti kauan. {IDENTITY}")
    assert rated["rating"] == {"score": 2, "text": "Kesti kauan. Hetu ******-****."}
    assert world.feedback.track(sent, "/rate", 409, score=5).code == "already_rated"
    assert [(r["score"], r["text"]) for r in read(world, sent, "ratings")] == [(2, "Kesti kauan. Hetu ******-****.")]


def test_sender_of_a_merged_item_rates_when_its_case_is_closed(world):
    case, second = world.feedback.send(), world.feedback.send()
    merge(world, second, case)
    answered(world, case)
    world.feedback.track(second, "/rate", 409, score=5)
    move(world, case, "close", subject="lighter")
    assert world.feedback.track(second, "/rate", score=5)["rating"] == {"score": 5, "text": None}
    assert [r["feedback_id"] for r in read(world, case, "ratings")] == [second["id"]]


def test_withdrawn_item_is_not_rated(world):
    sent = world.feedback.send()
    world.feedback.track(sent, "/withdraw")
    assert world.feedback.track(sent, "/rate", 409, score=1).code == "wrong_state"


def test_notes_stay_among_staff(world):
    sent = world.feedback.send(permits_publication=True)
    shown = move(world, sent, "note", subject="lighter", text="Naapuri Kinnunen soitti.")
    world.feedback.set(sent, publication="published", published_text="Polku on pimeä.")
    everything = shown.text + world.feedback.track(sent).text + "".join(
        world.of(subject).get(world.path("feedback", sent["id"])).expect(200).text
        + world.of(subject).get(world.path("feedback"), query={"limit": 200}).expect(200).text for subject in (None, "lighter", "reporter"))
    assert "Kinnunen" not in everything
    assert world.of().get(world.path("feedback"), query={"q": "Kinnunen"}).expect(200)["items"] == []
    assert [m["kind"] for m in read(world, sent, "messages")] == ["note"]
    for what in ("messages", "assignments", "ratings"):
        world.of("reporter").get(world.path("feedback", sent["id"], what)).expect(404)
        world.of().get(world.path("feedback", sent["id"], what)).expect(401)
        world.of("author").get(world.path("feedback", sent["id"], what)).expect(403)
    assert move(world, sent, "note", 422, "lighter", text=IDENTITY).faults() == {"/text": "personal_data"}


# --- wrong unit, reopening ---------------------------------------------------------------------------------------
def test_wrong_unit_gives_it_back_to_the_coordinator_and_says_why(world):
    sent = world.feedback.send()
    move(world, sent, "start", subject="lighter")
    back = move(world, sent, "return", subject="lighter", reason="Polku on valtion.")
    assert (back["status"], back["responsible_party_id"]) == ("received", None)
    world.of("lighter").get(world.path("feedback", sent["id"])).expect(404)
    unit = world.feedback.unit["id"]
    assert [(a["from_party_id"], a["to_party_id"], a["reason"]) for a in read(world, sent, "assignments", "planner")] == [
        (None, unit, None), (unit, None, "Polku on valtion.")]
    assert move(world, sent, "return", 409, "planner", reason="?").code == "wrong_state"
    assert move(world, sent, "assign")["status"] == "assigned"


def test_unit_reopens_with_a_reason_and_target_times_begin_anew(world):
    sent = closed(world)
    world.feedback.set(sent, due_on="2020-01-01", closed_at="2020-01-01T00:00:00Z")
    again = move(world, sent, "reopen", subject="lighter", reason="Työ ei kestänyt.")
    assert (again["status"], again["due_on"], again["closed_at"]) == ("assigned", sent["due_on"], None)
    assert world.rows("select target_on::text from feedback where id = %s", sent["id"]) == [(sent["due_on"],)]
    assert [(m["kind"], m["text"]) for m in world.feedback.track(sent)["messages"]][1:] == [("reopening", "Työ ei kestänyt.")]
    assert move(world, sent, "reopen", 409, "lighter", reason="?").code == "wrong_state"
    assert move(world, closed(world), "reopen", 422, "lighter", reason=IDENTITY).faults() == {"/reason": "personal_data"}


def test_withdrawn_item_is_not_reopened_and_an_unrouted_one_waits_for_a_unit(world):
    assert move(world, world.feedback.withdrawn, "reopen", 409, "planner", reason="?").code == "wrong_state"
    unrouted = world.feedback.send(topic_id=world.feedback.other["id"])
    world.feedback.set(unrouted, status="answered", answered_at=f"{TODAY}T09:00:00Z")
    assert move(world, unrouted, "reopen", reason="?")["status"] == "received"


@pytest.mark.parametrize("verb", ["inform", "merge", "note", "reopen", "return"])
def test_who_sees_it_for_another_reason_does_not_work_on_it(world, verb):
    call = Call(BY_ID[{"inform": "informFeedbackSender", "merge": "mergeFeedback", "note": "noteFeedback",
                       "reopen": "reopenFeedbackInUnit", "return": "returnFeedback"}[verb]], world)
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": f"watcher-{verb}", "role": "privacy_officer"})
    world.holder(world.party("unit"), f"watcher-{verb}")
    assert move(world, world.feedback.send(), verb, 403, f"watcher-{verb}", **call.body).code == "not_your_unit"


# --- by time ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [7, 14])
def test_worker_closes_fourteen_days_after_the_answer_or_as_many_as_the_municipality_says(world, days):
    admin, settings = world.of("admin"), world.service.settings
    admin.patch(f"/v1/{HOME}", {"calendar": {"feedback_close_days": None if days == 14 else days}}, etag="*").expect(200)
    sent = world.feedback.send()
    answered(world, sent)
    work = lambda day, time="12:00:00": server.run(  # noqa: E731
        "worker", "--once", "--as-of", f"{day}T{time}Z", settings=settings)
    try:
        assert sent["id"] not in work(TODAY + days * DAY)
        assert f"closeFeedback {sent['id']}" in work(TODAY + (days + 1) * DAY)
    finally:
        admin.patch(f"/v1/{HOME}", {"calendar": {"feedback_close_days": None}}, etag="*").expect(200)
    after = world.feedback.track(sent)
    assert (after["status"], after["moves"][-1]["status"]) == ("closed", "closed") and after["closed_at"].startswith(str(TODAY + (days + 1) * DAY))
    assert world.rows("select actor_id, reason is not null from transition where resource_id = %s and to_status = 'closed'", sent["id"]) == [(None, True)]
