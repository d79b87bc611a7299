"""What is stored of a sender: given out whole, erased on request, let go when its time is over. Domain brief 6."""
import datetime
import json
import uuid

import pytest

import server
import open311
import world as world_module
from pictures import picture
from world import TODAY, text

PHONE = "+358 40 765 4321"


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: time passes here."""
    return world_module.World(make_service("privacy"))


@pytest.fixture
def sender():
    return {"name": "Maija Virtanen", "email": f"{uuid.uuid4()}@example.fi", "phone": PHONE}


def export(world, status=200, **of):
    if "token" in of:
        return world.of().post(world.path("feedback/by-token/export"), of).expect(status)
    return world.of("privacy").post(world.path("feedback-senders/export"), of).expect(status)


def erase(world, status=200, **of):
    if "token" in of:
        return world.of().post(world.path("feedback/by-token/erase"), of).expect(status)
    return world.of("privacy").post(world.path("feedback-senders/erase"), of).expect(status)


def everything(world, sent):
    """All rows of the database that name the item, as text."""
    tables = [row[0] for row in world.rows(
        "select c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)"
        " where c.table_schema = 'public' and c.column_name = 'municipality' and t.table_type = 'BASE TABLE'")]
    return "\n".join(str(row) for table in tables for row in world.rows(
        f"select %s, t::text from {table} t where position(%s in t::text) > 0", table, sent["id"]))


def seen(world, sent, subject="planner"):
    return world.of(subject).get(world.path("feedback", sent["id"])).expect(200).json


def answered(world, sender, **more):
    """Answered, with everything that a sender can leave behind."""
    sent = world.feedback.send(contact=sender, nickname="Maikku", title="Pimeä polku", address="Kotikatu 1", latitude="62.791234",
                               longitude="22.841234", permits_publication=True, **more)
    world.feedback.picture(sent)
    world.feedback.track(sent, "/add", text="Kotini edessä on pimeää.")
    world.of("lighter").post(world.path("feedback", sent["id"], "view-contact")).expect(200)
    world.feedback.set(sent, status="in_progress")
    world.of("lighter").post(world.path("feedback", sent["id"], "answer"), {
        "reply": "Hei Maija Virtaselle ja maikulle: Maijan lamppu vaihdettiin."}).expect(200)
    return sent


# --- export ---------------------------------------------------------------------------------------------
def test_sender_gets_all_that_is_stored_by_the_secret(world, sender):
    sent = answered(world, sender)
    [item] = export(world, token=sent["tracking_token"])["feedback"]
    assert {name: item[name] for name in ("id", "number", "nickname", "address", "latitude", "text")} == {
        "id": sent["id"], "number": sent["number"], "nickname": "Maikku", "address": "Kotikatu 1", "latitude": "62.791234", "text": sent["text"]}
    assert item["contact"] == {**sender, "purpose": "answer", "retain_until": None}
    assert [(m["kind"], m["text"]) for m in item["messages"]] == [("addition", "Kotini edessä on pimeää.")]
    assert [view["acting_role"] for view in item["contact_views"]] == ["party_reporter"] and len(item["images"]) == 1
    world.rows("insert into feedback_rating (municipality, feedback_id, score, text) values ('743', %s, 5, 'hyvin hoidettu')", sent["id"])
    assert export(world, token=sent["tracking_token"])["feedback"][0]["rating"] == {"score": 5, "text": "hyvin hoidettu"}
    erase(world, token=sent["tracking_token"])
    assert "hyvin hoidettu" not in everything(world, sent)
    export(world, 404, token="0" * 32)
    other = world.feedback.send(contact={"name": "Toinen"})
    assert [row["id"] for row in export(world, token=other["tracking_token"])["feedback"]] == [other["id"]]


def test_privacy_officer_gets_all_items_of_an_address_or_a_number(world, sender):
    first = world.feedback.send(contact=sender)
    second = world.feedback.send(contact={"email": sender["email"].upper()})
    third = world.feedback.send(contact={"phone": "050 111 2233"})
    ids = lambda **of: [item["id"] for item in export(world, **of)["feedback"]]  # noqa: E731
    assert ids(email=sender["email"]) == [first["id"], second["id"]]
    assert ids(phone="00358 50-1112233") == [third["id"]] and ids(email="nobody@example.fi") == []
    assert ids(email=sender["email"], phone="0501112233") == [first["id"], second["id"], third["id"]]
    fourth = world.feedback.send(contact={"phone": "+358 (0)51 539 6771"})
    for asked in ("051 539 6771", "+358515396771", "0035851-5396771", "+358 051 5396771"):
        assert ids(phone=asked) == [fourth["id"]], asked
    assert export(world, 422).faults() == {"/email": "required"} and erase(world, 422).faults() == {"/email": "required"}
    for subject in ("moderator", "planner", "admin", "lighter"):
        world.of(subject).post(world.path("feedback-senders/export"), {"email": sender["email"]}).expect(403)


@pytest.fixture(scope="module")
def crowd(make_service):
    """Where many have left an address, and no statement may ask of each of them."""
    world = world_module.World(make_service("crowd", statement_timeout_ms=2000))
    world.service.cluster.ask(
        world.service.database,
        "set session_replication_role = replica;" # without triggers
        " insert into feedback_contact (municipality, feedback_id, email, phone)"
        " select '743', gen_random_uuid(), n || '@example.org', '09' || n from generate_series(1, 60000) n")
    return world


@pytest.mark.parametrize("how", ["email", "phone"])
def test_one_is_found_among_all_who_have_left_an_address(crowd, sender, how):
    sender["phone"] = f"+358 40 {uuid.uuid4().int % 9_000_000 + 1_000_000}"
    sent = crowd.feedback.send(contact=sender)
    assert [item["id"] for item in export(crowd, **{how: sender[how]})["feedback"]] == [sent["id"]]
    assert erase(crowd, **{how: sender[how]})["erased"] == 1


def test_every_look_export_and_erasure_is_read_by_the_privacy_officer(world, sender):
    sent = answered(world, sender)
    export(world, token=sent["tracking_token"])
    export(world, email=sender["email"])
    erase(world, email=sender["email"])
    log = world.of("privacy").get_all(world.path("audit-entries"), query={"resource_id": sent["id"]})
    assert [(row["action"], row["acting_role"], row["subject"]) for row in log] == [
        ("feedback_contact", "party_reporter", "lighter"), ("feedback_export", None, None),
        ("feedback_export", "privacy_officer", "privacy"), ("feedback_erasure", "privacy_officer", "privacy")]
    assert sender["email"] not in str(world.rows("select a::text from audit_entry a where a.resource_id = %s", sent["id"]))
    for subject in ("lighter", "planner", "admin"):
        world.of(subject).get(world.path("audit-entries")).expect(403)


# --- erasure --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["token", "email"])
def test_example_83_contact_and_name_go_the_answer_and_the_statistics_stay(world, sender, how):
    key = str(uuid.uuid4())
    sent = answered(world, sender)
    world.of().post(world.path("feedback/by-token/add"), {"token": sent["tracking_token"], "text": "Kotini edessä yhä."}, headers={"Idempotency-Key": key})
    before = seen(world, sent)
    done = erase(world, **({"token": sent["tracking_token"]} if how == "token" else {"email": sender["email"]}))
    assert done["erased"] == 1
    kept = everything(world, sent)
    for secret in ("Maija", "Virtase", "Maikku", "Maikul", sender["email"], PHONE, "Kotikatu", "62.791234", "Kotini", "Pimeä polku", sent["text"]):
        assert secret not in kept, secret
    after = seen(world, sent)
    assert after["reply"] == "Hei *** *** ja ***: *** lamppu vaihdettiin."
    same = ("number", "kind", "topic_id", "area_id", "created_at", "answered_at", "responsible_party_id", "language", "channel")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (after["text"], after["nickname"], after["latitude"], after["status"]) == (None, None, "62.79", "closed")
    assert world.rows("select count(*) from image_bytes b join image i on i.id = b.image_id where i.feedback_id = %s", sent["id"]) == [(0,)]
    world.of("moderator").post(world.path("feedback", sent["id"], "view-contact")).expect(404)
    world.feedback.track(sent, status=404)
    erase(world, 404, token=sent["tracking_token"])


def test_only_the_items_of_the_sender_are_touched(world, sender):
    sent, other = world.feedback.send(contact=sender), world.feedback.send(contact={**sender, "email": "toinen@example.fi", "phone": None})
    erase(world, email=sender["email"])
    assert seen(world, other)["text"] == other["text"] and seen(world, sent)["text"] is None
    assert export(world, email="toinen@example.fi")["feedback"][0]["contact"]["name"] == "Maija Virtanen"
    assert erase(world, email=sender["email"])["erased"] == 0


@pytest.mark.parametrize("withdraws", [False, True])
def test_published_words_stay_without_the_name_unless_they_are_withdrawn(world, sender, withdraws):
    sent = answered(world, sender, service="Maijan kioski")
    world.feedback.set(sent, publication="published", published_title="Maijan polku", published_text="Maikku kertoo: polku on pimeä.")
    erase(world, token=sent["tracking_token"], withdraws_publication=withdraws)
    answer = world.of().get(world.path("feedback", sent["id"])).expect(404 if withdraws else 200)
    if not withdraws:
        assert (answer["title"], answer["text"], answer["nickname"]) == ("*** polku", "*** kertoo: polku on pimeä.", None)
        assert "lamppu vaihdettiin" in answer["reply"] and answer["service"] == "*** kioski"
    else:
        assert "Maikku" not in everything(world, sent)
    found = world.of().get_all(world.path("feedback"), query={"q": "maikku"})
    assert sent["id"] not in {row["id"] for row in found}


@pytest.mark.parametrize("move", ["withdraw", "erase"])
def test_what_was_only_proposed_was_never_public(world, move):
    sent = world.feedback.send(permits_publication=True)
    world.feedback.set(sent, publication="proposed")
    world.feedback.track(sent, f"/{move}", **({"withdraws_publication": True} if move == "erase" else {}))
    assert seen(world, sent)["publication"] == "not_public"


@pytest.mark.parametrize("state", ["received", "in_moderation", "assigned", "in_progress", "answered"])
def test_what_is_open_is_closed_and_what_has_ended_stays_so(world, state):
    sent = world.feedback.send()
    world.feedback.set(sent, status=state)
    erase(world, token=sent["tracking_token"])
    assert seen(world, sent)["status"] == "closed"
    ended = world.feedback.send()
    world.feedback.set(ended, status="rejected")
    erase(world, token=ended["tracking_token"])
    assert seen(world, ended)["status"] == "rejected"


def merged(world, case, sender):
    sent = world.feedback.send(contact=sender)
    world.of("planner").post(world.path("feedback", sent["id"], "merge"), {"into_id": case["id"]}).expect(200)
    return sent


def test_erased_case_goes_on_for_those_merged_into_it(world, sender):
    case = world.feedback.send(contact=sender)
    other = merged(world, case, {"email": "toinen@example.fi"})
    erase(world, token=case["tracking_token"])
    assert (seen(world, case)["status"], seen(world, case)["text"], seen(world, case)["closed_at"]) == ("assigned", None, None)
    world.of("lighter").post(world.path("feedback", case["id"], "note"), {"text": "Lamppu tilattu Maijan pihaan."}).expect(200)
    world.of("lighter").post(world.path("feedback", case["id"], "answer"), {"reply": "Vaihdettiin."}).expect(200)
    assert world.feedback.track(other)["reply"] == "Vaihdettiin."
    world.of("lighter").post(world.path("feedback", case["id"], "close")).expect(200)
    until = world.rows("select retain_until from feedback where id in (%s, %s)", case["id"], other["id"])
    assert until == [(later(years=2),)] * 2, "what was said since, and the other's words, are kept as long as usual"
    worker(world, later(years=2, days=1))
    assert "Maijan pihaan" not in everything(world, case) and seen(world, other)["text"] is None
    assert worker(world, later(years=2, days=1)) == []


@pytest.mark.parametrize("how", ["one person's", "withdrawn before"])
def test_erased_case_that_nobody_waits_for_is_closed(world, sender, how):
    case = world.feedback.send(contact=sender)
    other = merged(world, case, sender if how == "one person's" else None)
    if how == "withdrawn before":
        world.feedback.track(other, "/withdraw")
    erase(world, email=sender["email"])
    assert (seen(world, case)["status"], bool(seen(world, case)["closed_at"])) == ("closed", True)


def test_erased_item_has_nothing_left_to_keep_when_its_case_ends(world, sender):
    case = world.feedback.send()
    other = merged(world, case, sender)
    erase(world, token=other["tracking_token"])
    world.feedback.set(case, status="closed")
    until = lambda sent: world.rows("select retain_until from feedback where id = %s", sent["id"])  # noqa: E731
    assert (until(case), until(other)) == ([(later(years=2),)], [(None,)])


def test_withdrawn_case_that_nobody_waits_for_is_closed(world):
    case = world.feedback.send()
    world.feedback.track(merged(world, case, None), "/withdraw")
    world.feedback.track(case, "/withdraw")
    assert seen(world, case)["status"] == "closed"


def test_reasons_and_notes_go_with_the_words(world, sender):
    sent, shown = world.feedback.send(contact=sender), world.feedback.send(contact=sender)
    world.feedback.set(shown, publication="published", published_text="Polku on pimeä.", permits_publication=True)
    for item in (sent, shown):
        world.of("planner").post(world.path("feedback", item["id"], "return"), {"reason": "Virtasen palaute on muiden."}).expect(200)
        made = world.feedback.link(item, decision_id=world.approval["id"], note=text("Vaihdettiin."))
        world.rows("update feedback_outcome set note = %s where id = %s", json.dumps(text("Virtasen\nMaijan lamppu vaihdettiin.")), made["id"])
    world.of("planner").post(world.path("feedback", shown["id"], "unpublish"), {"reason": text("Virtanen pyysi.")}).expect(200)
    world.feedback.set(shown, publication="published")
    erase(world, email=sender["email"])
    for item in (sent, shown):
        assert not [word for word in ("Virta", "Maija", "pyysi", "muiden") if word in everything(world, item)]
    notes = [world.rows("select note ->> 'fi' from feedback_outcome where feedback_id = %s", item["id"])[0][0] for item in (sent, shown)]
    assert notes == [None, "***\n*** lamppu vaihdettiin."], "what is public is the municipality's own word"


def test_nothing_is_added_to_what_was_forgotten(world, sender):
    face = open311.Face(world)
    key = face.key()["key"]
    number = face.send(key, email=sender["email"])
    sent = {"id": str(face.stored(number)["id"])}
    world.feedback.set(sent, status="closed", closed_at=f"{TODAY}T09:00:00Z")
    worker(world, later(years=2, days=1))
    assert seen(world, sent)["text"] is None
    ask = lambda verb, **body: world.of("planner").post(world.path("feedback", sent["id"], verb), body or None).expect(409, "wrong_state")  # noqa: E731
    ask("note", text="Maija soitti.")
    ask("reopen", reason="Maija soitti.")
    ask("redact", published_text="Maija soitti.")
    world.feedback.set(sent, permits_publication=True, reply="Kiitos.")
    ask("propose")
    ask("publish")
    update = {"api_key": key, "service_request_id": number, "update_id": "1", "status": "OPEN", "description": "Maija lisää.",
              "updated_datetime": "2026-01-01T12:00:00Z"}
    face.post("servicerequestupdates", update).expect(404)
    assert "Maija" not in everything(world, sent)


def test_names_taken_out_of_an_answer_leave_it_published(world, sender):
    sent = answered(world, sender)
    world.feedback.set(sent, reply="Hei Maija, soita 06 416 2111.", status="answered")
    world.feedback.set(sent, publication="published", published_text="Polku on pimeä.", permits_publication=True)
    erase(world, token=sent["tracking_token"])
    assert world.of().get(world.path("feedback", sent["id"])).expect(200)["reply"] == "Hei ***, soita 06 416 2111."


@pytest.mark.parametrize("name, reply, left", [
    ("Matti Ranta", "Hei Matille ja Rannan Matti: mattoja on rannalla.", "Hei *** ja *** ***: mattoja on rannalla."),
    ("Bo Ek", "Hej Bo, Bob och ek!", "Hej ***, Bob och ek!"),
    ("Anna-Maija Koski-Virta", "Hei Annalle, Maijalle ja Virran talouteen.", "Hei ***, *** ja *** talouteen.")])
def test_names_go_whatever_their_ending(world, name, reply, left):
    sent = world.feedback.send(contact={"name": name}, service=f"{name} ja terveydenhuolto")
    world.feedback.set(sent, reply=reply, status="answered")
    erase(world, token=sent["tracking_token"])
    assert (seen(world, sent)["reply"], seen(world, sent)["service"]) == (left, None)


def test_answers_kept_for_repetition_go_with_the_words(world, sender):
    """What a key keeps: of the item, of its picture and outcome, and of what its case has told those merged into it."""
    sent = world.feedback.send(contact=sender)
    other = merged(world, sent, {"email": "toinen@example.fi"})
    outcome = {"feedback_id": sent["id"], "decision_id": world.approval["id"], "note": text("Lamppu vaihdettu.")}
    for subject, where, body, headers in (
            ("lighter", ("feedback", sent["id"], "note"), {"text": "Maija soitti."}, {}),
            ("planner", ("feedback-outcomes",), outcome, {}),
            (None, ("feedback", sent["id"], "images"), picture(), {"Tracking-Token": sent["tracking_token"]}),
            (None, ("feedback/by-token/withdraw",), {"token": other["tracking_token"]}, {})):
        assert world.of(subject).post(world.path(*where), body, headers={"Idempotency-Key": str(uuid.uuid4()), **headers}).status < 300
    kept = lambda: world.rows("select feedback_id::text from idempotency order by operation")  # noqa: E731
    before = kept()
    assert before.count((sent["id"],)) == 3 and before.count((other["id"],)) == 1
    erase(world, email=sender["email"])
    assert kept() == [row for row in before if row[0] not in (sent["id"], other["id"])]


def test_number_without_digits_is_nobodys(world):
    sent = world.feedback.send(contact={"name": "Maija", "phone": "ei ole"})
    assert export(world, phone="puh.")["feedback"] == [] and erase(world, phone="-")["erased"] == 0
    assert seen(world, sent)["text"] == sent["text"]


def test_what_came_through_open311_is_forgotten_too(world, sender):
    face = open311.Face(world)
    number = face.send(face.key()["key"], email=sender["email"], account_id="account-17", media_url="https://a.example/maija.jpg")
    stored = {"id": str(face.stored(number)["id"])}
    assert "account-17" in everything(world, stored) and "maija.jpg" in everything(world, stored)
    assert erase(world, email=sender["email"])["erased"] == 1
    assert not [word for word in ("account-17", "maija.jpg", sender["email"]) if word in everything(world, stored)]
    assert world.rows("select fingerprint = '' and token_hash is null from open311_request where feedback_id = %s", stored["id"]) == [(True,)]


def test_there_is_no_dry_run_of_a_look_that_is_written_down(world, sender):
    sent = world.feedback.send(contact=sender)
    looks = {"view-contact": ("lighter", world.path("feedback", sent["id"], "view-contact"), None),
             "export": ("privacy", world.path("feedback-senders/export"), {"email": sender["email"]})}
    for subject, where, body in looks.values():
        before = world.count("audit_entry")
        answer = world.of(subject).post(where, body, headers={"Prefer": "tx=rollback"}).expect(200)
        assert "Preference-Applied" not in answer.headers and world.count("audit_entry") > before


def test_dry_run_erases_nothing(world, sender):
    sent = world.feedback.send(contact=sender)
    answer = world.of().post(world.path("feedback/by-token/erase"), {"token": sent["tracking_token"]}, headers={"Prefer": "tx=rollback"})
    assert answer.expect(200)["erased"] == 1 and world.feedback.track(sent)["text"] == sent["text"]


# --- retention ------------------------------------------------------------------------------------------
def worker(world, day):
    lines = server.run("worker", "--once", "--as-of", f"{day}T12:00:00Z", settings=world.service.settings, timeout=60).splitlines()
    assert lines[-1].endswith(" 0 failed"), lines
    return [line for line in lines if "applyRetention" in line]


def later(years=0, months=0, days=0):
    month = TODAY.month - 1 + months
    year, month = TODAY.year + years + month // 12, month % 12 + 1
    last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(1)).day
    return datetime.date(year, month, min(TODAY.day, last)) + datetime.timedelta(days)


def end(world, sent, how):
    if how == "withdrawn":
        world.feedback.track(sent, "/withdraw")
    elif how == "merged":
        case = world.feedback.send()
        world.feedback.set(sent, status="merged", merged_into_id=case["id"])
        assert world.rows("select retain_until from feedback where id = %s", sent["id"]) == [(None,)], "its case is open"
        world.feedback.set(case, status="closed")
    else:
        world.feedback.set(sent, status=how)


def test_contact_goes_half_a_year_after_the_end_and_words_two_years_after(world, sender):
    ends = ("closed", "rejected", "merged", "transferred", "withdrawn")
    ended = {how: world.feedback.send(contact=sender, address="Kotikatu 1", latitude="62.791234", longitude="22.84") for how in ends}
    shown, unfinished = world.feedback.send(contact=sender, nickname="Maikku"), world.feedback.send(contact=sender)
    for how, sent in ended.items():
        end(world, sent, how)
    world.feedback.set(shown, status="closed", publication="published", published_text="Polku on pimeä.")
    contacts = lambda sent: world.rows("select count(*) from feedback_contact where feedback_id = %s", sent["id"])[0][0]  # noqa: E731
    worker(world, later(months=6))
    assert [contacts(sent) for sent in ended.values()] == [1] * 5, "the last day it is kept"
    assert worker(world, later(months=6, days=1))
    assert [contacts(sent) for sent in (*ended.values(), shown, unfinished)] == [0] * 6 + [1]
    assert seen(world, ended["closed"])["text"] == shown["text"]
    worker(world, later(years=2))
    assert seen(world, ended["closed"])["text"] == shown["text"], "the last day they are kept"
    assert worker(world, later(years=2, days=1))
    for how, sent in ended.items():
        after = seen(world, sent)
        assert (after["text"], after["address"], after["latitude"]) == (None, None, "62.79"), how
        assert (after["number"], after["topic_id"], after["created_at"]) == (sent["number"], sent["topic_id"], sent["created_at"])
        world.feedback.track(sent, status=404)
    public = world.of().get(world.path("feedback", shown["id"])).expect(200)
    assert (public["text"], public["nickname"]) == ("Polku on pimeä.", None)
    assert seen(world, unfinished)["text"] == unfinished["text"] and contacts(unfinished) == 1
    assert worker(world, later(years=2, days=1)) == [], "done twice is done once"


def test_reopened_item_is_kept_again(world):
    sent = world.feedback.send()
    world.feedback.set(sent, status="answered", answered_at=f"{TODAY}T09:00:00Z")
    until = lambda: world.rows("select retain_until from feedback where id = %s", sent["id"])[0][0]  # noqa: E731
    world.feedback.set(sent, status="closed", closed_at=f"{TODAY}T09:00:00Z")
    assert until() == later(years=2)
    world.feedback.track(sent, "/reopen", text="ei korjattu")
    assert until() is None


def test_what_ends_as_it_arrives_is_kept_two_years(world):
    topic = world.feedback.topic(is_official_matter=True, signpost={"name": text("Kirjaamo"), "address": "kirjaamo.example"})
    sent = world.feedback.send(topic_id=topic["id"])
    assert world.rows("select status, retain_until from feedback where id = %s", sent["id"]) == [("transferred", later(years=2))]


def test_pictures_go_with_the_words(world):
    sent = world.feedback.send()
    image = world.feedback.picture(sent)
    world.feedback.set(sent, status="closed")
    worker(world, later(years=2, days=1))
    assert world.rows("select count(*) from image_bytes where image_id = %s", image["id"]) == [(0,)]
    world.of("planner").get(world.path("feedback-images", image["id"])).expect(410)


def test_audit_log_is_kept_two_years(world, sender):
    sent = world.feedback.send(contact=sender)
    export(world, token=sent["tracking_token"])
    kept = lambda: world.rows("select count(*) from audit_entry where resource_id = %s", sent["id"])[0][0]  # noqa: E731
    worker(world, later(years=2, days=-1))
    assert kept() == 1
    assert worker(world, later(years=2, days=2)) and kept() == 0


def test_retention_may_be_asked_for_and_tells_what_went(world, sender):
    sent = world.feedback.send(contact=sender)
    world.feedback.set(sent, status="closed")
    run = lambda: world.of("privacy").post(world.path("retention/apply")).expect(200).json  # noqa: E731
    assert run() == {"contacts": 0, "texts": 0, "audit_entries": 0}
    world.rows("update feedback_contact set retain_until = %s where feedback_id = %s", TODAY - datetime.timedelta(1), sent["id"])
    assert run() == {"contacts": 1, "texts": 0, "audit_entries": 0}
    world.rows("update feedback set retain_until = %s where id = %s", TODAY - datetime.timedelta(1), sent["id"])
    assert run() == {"contacts": 0, "texts": 1, "audit_entries": 0}
    world.of("planner").post(world.path("retention/apply")).expect(403)


def test_a_backlog_goes_in_parts(world, sender):
    run = lambda: world.of("privacy").post(world.path("retention/apply")).expect(200).json  # noqa: E731
    left = [[world.feedback.send(contact=sender)["id"] for _ in range(2)] for _ in range(2)]
    yesterday = TODAY - datetime.timedelta(1)
    world.rows("with made as (insert into feedback (municipality, kind, text, language, status, due_on)"
               " select '743', 'thanks', 'palaute', 'fi', 'closed', current_date from generate_series(1, 199) returning municipality, id)"
               " insert into feedback_contact (municipality, feedback_id, name, retain_until) select municipality, id, 'Maija', %s from made", yesterday)
    world.rows("update feedback_contact set retain_until = %s where feedback_id = any (%s::uuid[])", yesterday, left[0])
    assert [run() for _ in range(3)] == [{"contacts": n, "texts": 0, "audit_entries": 0} for n in (200, 1, 0)]
    world.rows("update feedback set retain_until = %s where text = 'palaute' or id = any (%s::uuid[])", yesterday, left[1])
    assert [run()["texts"] for _ in range(3)] == [200, 1, 0]
    world.rows("update feedback set retain_until = %s where text is null", yesterday)
    assert len(worker(world, later())) >= 2, "all of it in one round of the worker"
    assert world.rows("select from feedback where retain_until = %s", yesterday) == []


def test_names_leave_answers_with_the_contact_data_they_are_known_by(world, sender):
    sent = world.feedback.send(contact=sender, nickname="Pyöräilijä")
    world.of("lighter").post(world.path("feedback", sent["id"], "answer"), {
        "reply": f"Hei {sender['name']}! Soitamme {sender['email']}. Pyöräilijät huomataan."}).expect(200)
    world.of("lighter").post(world.path("feedback", sent["id"], "note"), {"text": f"{sender['name']} soitti."}).expect(200)
    world.rows("update feedback_contact set retain_until = %s where feedback_id = %s", later(days=-1), sent["id"])
    worker(world, later())
    reply = world.rows("select reply from feedback where id = %s", sent["id"])[0][0]
    assert reply.startswith("Hei ***") and reply.endswith("Pyöräilijät huomataan.") and not any(part in everything(world, sent) for part in [*sender["name"].split(), sender["email"]])

