"""Seats in bodies, meetings, and hearing slots: a party's time with the body that assesses it."""
import datetime

import pytest

from stage import Stage
from world import ISSUER, TODAY, at, text

NOTE = {"dialogue_note": text("käytiin läpi")}
YESTERDAY = (TODAY - datetime.timedelta(days=1)).isoformat()


# --- seats ------------------------------------------------------------------------------------------------
def seat(world, body, **more):
    return world.make("secretary", "body-memberships", {"body_id": body["id"], "member_name": "Maija Malli", **more})


def refused_seat(world, body, status=422, subject="secretary", **more):
    return world.of(subject).post(world.path("body-memberships"), {
        "body_id": body["id"], "member_name": "Maija Malli", **more}).expect(status)


def seats(world, body, **query):
    return [item["id"] for item in world.of().get_all(world.path("body-memberships"), query={"body_id": body["id"], **query})]


def test_seats_of_a_day_in_the_order_of_their_roles(world):
    body = world.body()
    old = seat(world, body, role="chair", starts_on="2021-06-01", ends_on=YESTERDAY)
    made = [seat(world, body, role=role) for role in ("secretary", "deputy", "member", "vice_chair", "chair")]
    assert made[0]["starts_on"] == TODAY.isoformat()
    assert seats(world, body) == [item["id"] for item in reversed(made)]
    assert seats(world, body, on=YESTERDAY) == [old["id"]]
    assert set(seats(world, body, all_times="true")) == {old["id"], *(item["id"] for item in made)}


def test_body_has_one_chair_at_a_time(world):
    body = world.body()
    seat(world, body, role="chair", starts_on="2021-06-01", ends_on="2025-05-31")
    assert refused_seat(world, body, 409, role="chair", starts_on="2025-05-31").code == "already_exists"
    seat(world, body, role="chair", starts_on="2025-06-01")
    seat(world, world.body(), role="chair", starts_on="2021-06-01")


def test_name_that_is_not_public_is_seen_by_the_bodys_people_only(world):
    council = world.body("youth_council", makes_decisions=False)
    young = seat(world, council, represented_group=text("yläkoululaiset"))
    assert (young["is_name_public"], young["member_name"]) == (False, "Maija Malli")
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "secretary-of-another", "role": "body_secretary",
                                   "body_id": world.committee["id"]})
    path = world.path("body-memberships", young["id"])
    for subject in (None, "reporter", "secretary-of-another", "other-secretary"):
        shown = world.of(subject).get(path).expect(200)
        assert shown["member_name"] is None and shown["represented_group"] == text("yläkoululaiset")
    listed = world.of().get(world.path("body-memberships"), query={"body_id": council["id"]}, headers={"Accept": "text/csv"})
    assert young["id"] in listed.expect(200).text and "Malli" not in listed.text
    world.of("secretary").patch(path, {"is_name_public": True}, etag="*").expect(200)
    assert world.of().get(path).expect(200)["member_name"] == "Maija Malli"
    assert seat(world, world.body("elderly_council", makes_decisions=False))["is_name_public"] is True


def test_seat_is_given_by_the_bodys_own_secretary(world):
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "own-secretary", "role": "body_secretary", "body_id": world.board["id"]})
    refused_seat(world, world.committee, 403, "own-secretary")
    mine = world.make("own-secretary", "body-memberships", {"body_id": world.board["id"], "member_name": "Maija Malli"})
    client, path = world.of("own-secretary"), world.path("body-memberships", world.seat["id"])
    client.patch(path, {"ends_on": "2099-12-31"}, etag="*").expect(403, "not_your_body")
    client.delete(path, etag="*").expect(403, "not_your_body")
    client.delete(world.path("body-memberships", mine["id"]), etag="*").expect(204)


def test_seat_has_a_name_without_other_data_in_the_municipalitys_languages(world):
    answer = refused_seat(world, world.committee, member_name="Maija maija@example.fi", represented_group={"sv": "unga"})
    assert answer.faults() == {"/member_name": "personal_data", "/represented_group": "locale_missing"}
    answer = world.of("secretary").patch(world.path("body-memberships", world.seat["id"]), {
        "member_name": "131052-308T", "represented_group": {"sv": "unga"}}, etag="*").expect(422)
    assert answer.faults() == {"/member_name": "personal_data", "/represented_group": "locale_missing"}
    assert refused_seat(world, world.committee, starts_on="2025-02-01", ends_on="2025-01-31").faults() == {"/ends_on": "rule_broken"}


# --- meetings ---------------------------------------------------------------------------------------------
def move(world, resource, item, verb, body=None, status=200, subject="secretary"):
    return world.of(subject).post(world.path(resource, item["id"], verb), body).expect(status)


def test_meeting_is_public_from_its_planning_and_its_note_once_it_is_held(world):
    body = world.body()
    meeting = world.meeting_of(body, at(days=-2), agenda_note=text("raportointikierros"))
    assert world.of().get(world.path("meetings", meeting["id"])).expect(200)["status"] == "planned"
    client, path = world.of("secretary"), world.path("meetings", meeting["id"])
    client.patch(path, NOTE, etag="*").expect(409, "wrong_state")
    held = move(world, "meetings", meeting, "hold", NOTE).json
    assert (held["status"], held["dialogue_note"]) == ("held", NOTE["dialogue_note"])
    move(world, "meetings", meeting, "hold", NOTE, 409).expect(409, "wrong_state")
    move(world, "meetings", meeting, "cancel", {"reason": text("syy")}, 409).expect(409, "wrong_state")
    again = client.patch(path, {"dialogue_note": text("tarkennettu")}, etag="*").expect(200)
    assert again["dialogue_note"] == text("tarkennettu")
    steps = world.of("coordinator").get_all(world.path("transitions"), query={"resource_id": meeting["id"]})
    assert [step["to_status"] for step in steps] == ["planned", "held"]


def test_meeting_is_not_held_before_it_begins(world):
    meeting = world.meeting_of(world.body(), at(days=1))
    move(world, "meetings", meeting, "hold", {}, 409).expect(409, "not_yet_begun")


def test_meetings_note_is_in_the_languages_and_free_of_personal_data(world):
    meeting = world.meeting_of(world.body(), at(days=-2))
    wrong = {"dialogue_note": {"sv": "anna@example.fi"}}
    answer = move(world, "meetings", meeting, "hold", wrong, 422)
    assert {fault["code"] for fault in answer["errors"]} == {"locale_missing", "personal_data"}
    move(world, "meetings", meeting, "hold", {})
    answer = world.of("secretary").patch(world.path("meetings", meeting["id"]), wrong, etag="*").expect(422)
    assert {fault["code"] for fault in answer["errors"]} == {"locale_missing", "personal_data"}
    answer = world.of("secretary").post(world.path("meetings"), {
        "body_id": world.committee["id"], "starts_at": at(days=3), "ends_at": at(days=2), "place": {"sv": "salen"}}).expect(422)
    assert answer.faults() == {"/place": "locale_missing"}
    answer = world.of("secretary").post(world.path("meetings"), {
        "body_id": world.committee["id"], "starts_at": at(days=3), "ends_at": at(days=2)}).expect(422)
    assert answer.faults() == {"/ends_at": "rule_broken"}


def test_meetings_are_the_bodys_own_secretarys(world):
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "boards-secretary", "role": "body_secretary", "body_id": world.board["id"]})
    client, path = world.of("boards-secretary"), world.path("meetings", world.meeting["id"])
    client.post(world.path("meetings"), {"body_id": world.committee["id"], "starts_at": at(days=3)}).expect(403, "not_your_body")
    client.patch(path, {"agenda_note": text("asia")}, etag="*").expect(403, "not_your_body")
    for verb, body in (("hold", {}), ("cancel", {"reason": text("syy")})):
        client.post(f"{path}/{verb}", body).expect(403, "not_your_body")


def test_cancelled_meeting_leaves_its_time_to_another_and_cancels_its_slots(world, stage):
    slot = stage.offer()
    booked = stage.offer(60)
    move(world, "hearing-slots", booked, "book", subject=stage.subject)
    move(world, "meetings", stage.meeting, "cancel", {"reason": text("siirtyi")})
    for made in (slot, booked):
        shown = world.of(stage.subject).get(world.path("hearing-slots", made["id"])).expect(200)
        assert (shown["status"], shown["cancelled_reason"]) == ("cancelled", text("siirtyi"))
    again = world.meeting_of(stage.body, stage.meeting["starts_at"])
    answer = world.of("secretary").post(world.path("meetings"), {"body_id": stage.body["id"], "starts_at": again["starts_at"]})
    answer.expect(409, "already_exists")


# --- hearing slots ----------------------------------------------------------------------------------------
@pytest.fixture
def stage(world):
    """A round of a body of its own, one party with a holder, and a meeting of four hours."""
    made = Stage(world, world.body())
    made.party_heard = made.party()
    made.subject = made.subject_of(made.party_heard["id"])
    made.measure([made.party_heard])
    made.enter()
    made.round = made.open()
    made.meeting = world.meeting_of(made.body, at(days=5), ends_at=at(days=5, hours=4))
    made.times = lambda begin, minutes: {"starts_at": at(days=5, minutes=begin), "ends_at": at(days=5, minutes=begin + minutes)}
    made.slot_body = lambda begin=0, minutes=30, **more: {
        "meeting_id": made.meeting["id"], "reporting_round_id": made.round["id"],
        "responsible_party_id": made.party_heard["id"], **made.times(begin, minutes), **more}
    made.offer = lambda begin=0, minutes=30, **more: world.make("coordinator", "hearing-slots", made.slot_body(begin, minutes, **more))
    made.refused = lambda status=422, subject="coordinator", begin=0, minutes=30, **more: world.of(subject).post(
        world.path("hearing-slots"), made.slot_body(begin, minutes, **more)).expect(status)
    return made


def begin(world, slot):
    """The time of the slot and its meeting has come: only the clock can do that."""
    for table, item, hours in (("hearing_slot", slot["id"], 1), ("meeting", slot["meeting_id"], 2)):
        world.rows(f"update {table} set starts_at = now() - {hours} * interval '1 hour', ends_at = now() + {hours} * interval '1 hour'"
                   " where id = %s", item)


def test_party_books_the_slot_it_was_offered_and_is_heard(world, stage):
    slot = stage.offer()
    move(world, "hearing-slots", slot, "hold", NOTE, 409).expect(409, "wrong_state")
    assert move(world, "hearing-slots", slot, "book", subject=stage.subject)["status"] == "booked"
    move(world, "hearing-slots", slot, "book", None, 409, stage.subject).expect(409, "wrong_state")
    move(world, "hearing-slots", slot, "hold", NOTE, 409).expect(409, "not_yet_begun")
    begin(world, slot)
    held = move(world, "hearing-slots", slot, "hold", NOTE).json
    assert (held["status"], held["dialogue_note"]) == ("held", NOTE["dialogue_note"])
    client, path = world.of("coordinator"), world.path("hearing-slots", slot["id"])
    assert client.patch(path, {"dialogue_note": text("tarkennettu")}, etag="*").expect(200)["dialogue_note"] == text("tarkennettu")
    client.patch(path, {"ends_at": at(days=1)}, etag="*").expect(409, "wrong_state")
    move(world, "hearing-slots", slot, "cancel", {"reason": text("syy")}, 409).expect(409, "wrong_state")


def test_only_the_partys_holder_books_and_only_before_it_begins(world, stage):
    slot = stage.offer()
    other = stage.party()
    world.make("admin", "grants", {"issuer": ISSUER, "subject": stage.subject_of(other["id"]), "role": "body_member"})  # sees it
    move(world, "hearing-slots", slot, "book", None, 403, stage.subject_of(other["id"])).expect(403, "not_your_duty")
    begin(world, slot)
    move(world, "hearing-slots", slot, "book", None, 409, stage.subject).expect(409, "already_begun")


def test_slot_is_cancelled_by_either_side(world, stage):
    assert move(world, "hearing-slots", stage.offer(), "cancel", {"reason": text("ei tarvita")}, subject=stage.subject)["status"] == "cancelled"
    again = stage.offer()  # the time is free again
    other = stage.party()
    world.make("admin", "grants", {"issuer": ISSUER, "subject": stage.subject_of(other["id"]), "role": "presenter"})
    move(world, "hearing-slots", again, "cancel", {"reason": text("syy")}, 403, stage.subject_of(other["id"])).expect(403, "not_your_duty")
    assert move(world, "hearing-slots", again, "cancel", {"reason": text("syy")}, subject="coordinator")["status"] == "cancelled"


def test_slots_of_a_meeting_do_not_overlap_and_may_touch(world, stage):
    stage.offer()
    assert stage.refused(409, begin=29).code == "already_exists"
    second = stage.offer(30)
    world.of("coordinator").patch(world.path("hearing-slots", second["id"]), stage.times(15, 30), etag="*").expect(409, "already_exists")


def test_slot_is_within_its_meeting(world, stage):
    for wrong in (-10, 220):
        assert stage.refused(begin=wrong).faults() == {"/starts_at": "slot_outside_meeting"}
    assert stage.refused(minutes=0).faults() == {"/ends_at": "rule_broken"}
    slot = stage.offer()
    client = world.of("secretary")
    answer = client.patch(world.path("hearing-slots", slot["id"]), stage.times(220, 30), etag="*").expect(422)
    assert answer.faults() == {"/starts_at": "slot_outside_meeting"}
    meeting = world.path("meetings", stage.meeting["id"])
    for change in ({"starts_at": at(days=5, minutes=10)}, {"ends_at": at(days=5, minutes=20)}):
        assert client.patch(meeting, change, etag="*").expect(422).faults() == {"/starts_at": "slot_outside_meeting"}
    move(world, "hearing-slots", slot, "cancel", {"reason": text("syy")})
    client.patch(meeting, {"ends_at": at(days=5, minutes=20)}, etag="*").expect(200)


def test_slot_belongs_to_a_running_round_its_party_and_its_body(world, stage):
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = stage.refused(meeting_id=unknown, reporting_round_id=unknown)
    assert answer.faults() == {"/meeting_id": "reference_not_found", "/reporting_round_id": "reference_not_found"}
    assert stage.refused(responsible_party_id=stage.party()["id"]).faults() == {"/responsible_party_id": "party_not_in_round"}
    theirs = world.meeting_of(world.body(), at(days=5))
    assert stage.refused(meeting_id=theirs["id"]).faults() == {"/meeting_id": "meeting_of_another_body"}
    planned = stage.plan(2060)
    assert stage.refused(409, reporting_round_id=planned["id"]).code == "round_wrong_state"
    past = world.meeting_of(stage.body, at(days=-5))
    move(world, "meetings", past, "hold", {})
    assert stage.refused(409, meeting_id=past["id"]).code == "meeting_wrong_state"


def test_slots_are_offered_by_the_bodys_secretary_and_the_programmes_coordinator(world, stage):
    slot = stage.offer()
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "committees-secretary", "role": "body_secretary", "body_id": world.committee["id"]})
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "committees-secretary", "role": "presenter"})  # sees it
    assert stage.refused(403, "committees-secretary").code == "not_your_body"
    client, path = world.of("committees-secretary"), world.path("hearing-slots", slot["id"])
    client.patch(path, stage.times(60, 30), etag="*").expect(403, "not_your_body")
    client.post(f"{path}/hold", {}).expect(403, "not_your_body")


def test_slots_note_is_in_the_languages_and_free_of_personal_data(world, stage):
    slot = stage.offer()
    move(world, "hearing-slots", slot, "book", subject=stage.subject)
    client, path = world.of("secretary"), world.path("hearing-slots", slot["id"])
    client.patch(path, NOTE, etag="*").expect(409, "wrong_state")
    begin(world, slot)
    wrong = {"dialogue_note": {"sv": "anna@example.fi"}}
    answer = move(world, "hearing-slots", slot, "hold", wrong, 422)
    assert {fault["code"] for fault in answer["errors"]} == {"locale_missing", "personal_data"}
    move(world, "hearing-slots", slot, "hold", {})
    assert {fault["code"] for fault in client.patch(path, wrong, etag="*").expect(422)["errors"]} == {"locale_missing", "personal_data"}


def test_slots_are_public_when_the_round_is_published(world, stage):
    slot = stage.offer()
    path = world.path("hearing-slots", slot["id"])
    assert world.of(stage.subject).get(path).expect(200)["responsible_party_title"] == stage.party_heard["title"]
    world.of().get(path).expect(404)
    stage.review(stage.round)
    stage.assess(stage.round, stage.measures[0], "red", justification=text("ei raporttia"))
    stage.end(stage.round)
    assert world.of().get(path).expect(200)["status"] == "offered"
    assert slot["id"] in [item["id"] for item in world.of().get_all(world.path("hearing-slots"), query={"reporting_round_id": stage.round["id"]})]
