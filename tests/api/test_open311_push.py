"""Telling a client of Open311 what became of what it sent: the worker against a real server that fails, is slow and says nonsense."""
import datetime
import json
import subprocess
import threading
import uuid

import pytest
import receiver as receiver_module
import server
import world as world_module
from open311 import HOME, Face
from receiver import KEPT

KEY = "salasana+&= ä"
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


@pytest.fixture(scope="module")
def receiver():
    made = receiver_module.Receiver()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def world(make_service, receiver):
    """A service of its own: the worker tells all there is to tell."""
    return world_module.World(make_service("push", outgoing_origins=receiver.origin))


@pytest.fixture(scope="module")
def face(world):
    return Face(world)


@pytest.fixture
def client(world, face, receiver):
    """A client that is told; nothing of earlier tests waits."""
    world.rows("update open311_client set is_pushed = false")
    receiver.take()
    receiver.answers.clear()
    return face.key(is_pushed=True, push_url=f"{receiver.origin}/open311/v2/", push_jurisdiction_id="17", push_api_key=KEY)


def work(world, later=datetime.timedelta(), settings=None):
    """One look of the worker; what it says of itself, log and all."""
    moment = (NOW + datetime.timedelta(minutes=1) + later).strftime("%Y-%m-%dT%H:%M:%SZ")
    done = subprocess.run([server.PROGRAM, "worker", "--once", "--as-of", moment], env=server.environment(settings or world.service.settings),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "salasana" not in done.stdout + done.stderr
    return done.stderr


def minutes(number):
    return datetime.timedelta(minutes=number)


def answered(world, face, client, **more):
    """A number of the client's that its unit has begun and answered: two moves to tell."""
    number = face.send(client["key"], **more)
    for verb, body in (("start", None), ("answer", {"reply": "Lamppu vaihdettiin.\nKiitos & hei"})):
        world.of("lighter").post(world.path("feedback", face.stored(number)["id"], verb), body).expect(200)
    return number


def state(world, client):
    told = world.of("admin").get(world.path("open311-clients", client["id"], "push")).expect(200).json
    assert (told["failed_at"] is None) == (told["next_attempt_at"] is None)
    return {name: told[name] for name in ("waiting_count", "given_up_count", "failure")}


def test_every_move_is_told_once_in_fixmystreets_words(world, face, client, receiver):
    number = answered(world, face, client)
    work(world)
    moves = world.rows("select id::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from transition"
                       " where resource_id = %s and from_status is not null order by id", face.stored(number)["id"])
    common = {"jurisdiction_id": "17", "api_key": KEY, "service_request_id": number}
    assert receiver.take() == [
        ("/open311/v2/servicerequestupdates.xml", {**common, "update_id": moves[0][0], "updated_datetime": moves[0][1], "status": "in_progress",
                                                   "description": "Palautteen tila on muuttunut."}),
        ("/open311/v2/servicerequestupdates.xml", {**common, "update_id": moves[1][0], "updated_datetime": moves[1][1], "status": "closed",
                                                   "description": "Lamppu vaihdettiin.\nKiitos & hei"})]
    assert state(world, client) == {"waiting_count": 0, "given_up_count": 0, "failure": None}
    work(world)
    assert receiver.take() == []
    polled = face.both("servicerequestupdates", api_key=client["key"])
    assert [row["update_id"] for row in polled if row["service_request_id"] == number] == [move[0] for move in moves], "who asks, too, is told the same ids"


def test_only_what_the_client_sent_is_told_and_only_while_it_wants_to_be(world, face, client, receiver):
    other, native = face.key(), world.feedback.send()
    answered(world, face, other)
    world.of("lighter").post(world.path("feedback", native["id"], "start")).expect(200)
    number = face.send(client["key"])
    path = world.path("open311-clients", client["id"])
    world.of("admin").patch(path, {"is_pushed": False}, etag="*").expect(200)
    world.of("lighter").post(world.path("feedback", face.stored(number)["id"], "start")).expect(200)
    world.of("admin").patch(path, {"is_pushed": True}, etag="*").expect(200)
    work(world)
    assert receiver.take() == []
    world.of("lighter").post(world.path("feedback", face.stored(number)["id"], "answer"), {"reply": "Valmis."}).expect(200)
    world.of("admin").delete(path, etag="*").expect(204)
    work(world)
    assert receiver.take() == []


@pytest.mark.parametrize("answer, reason", [
    ((500, b"broken"), "status_500"), ((503, b""), "status_503"), ((429, b""), "status_429"), ((200, b"<html>Sign in</html>"), "no_update_id"),
    ((200, b""), "no_update_id"), ((200, b"\x00\xff update"), "no_update_id"),
    (lambda handler: handler.connection.close(), "unreachable"), (lambda handler: handler.wfile.write(b"\x16\x03\x01 nonsense\r\n\r\n"), "unreachable"),
    ((200, KEPT + b" " * 70000), "too_large"), (lambda handler: [handler.send_response(200), handler.send_header("X-Long", "x" * 70000), handler.end_headers()],
                                               "too_large")],
    ids=["500", "503", "429", "a page", "nothing", "bytes", "closed", "no http", "much", "long head"])
def test_a_failure_is_seen_and_tried_again_ever_later(world, face, client, receiver, answer, reason):
    answered(world, face, client)
    receiver.answers.extend([answer, answer])
    assert reason in work(world)
    first = receiver.take()
    assert len(first) == 1, "what comes next waits too"
    assert state(world, client) == {"waiting_count": 2, "given_up_count": 0, "failure": reason}
    work(world)
    assert receiver.take() == []
    work(world, minutes(2))
    assert receiver.take() == first, "the same id again"
    work(world, minutes(3))
    assert receiver.take() == []
    work(world, minutes(5))
    assert [form["update_id"] for _, form in receiver.take()][:1] == [first[0][1]["update_id"]]
    assert state(world, client) == {"waiting_count": 0, "given_up_count": 0, "failure": None}


def test_a_client_that_is_away_for_days_is_asked_every_six_hours(world, face, client, receiver):
    answered(world, face, client)
    receiver.usual = (502, b"")
    try:
        for hours in range(0, 96, 8):
            work(world, minutes(60 * hours))
            assert len(receiver.take()) == 1
        work(world, minutes(60 * 93))
        assert receiver.take() == []
    finally:
        receiver.usual = (200, KEPT)
    work(world, minutes(60 * 94 + 1))
    assert len(receiver.take()) == 2


def test_who_answers_too_slowly_is_not_waited_for(world, face, client, receiver):
    answered(world, face, client)
    let_go = threading.Event()
    receiver.answers.append(lambda handler: let_go.wait(60))
    begun = datetime.datetime.now()
    assert "too_slow" in work(world)
    assert datetime.datetime.now() - begun < datetime.timedelta(seconds=30)
    let_go.set()


def test_what_the_client_has_already_has_arrived(world, face, client, receiver):
    """The worker died after it had sent, or the answer was lost."""
    answered(world, face, client)
    receiver.answers.append((400, b"<errors><error><code>400</code><description>Bad request: already exists</description></error></errors>"))
    work(world)
    assert len(receiver.take()) == 2 and state(world, client)["waiting_count"] == 0


def test_a_refused_update_does_not_hold_up_others_and_is_given_up(world, face, client, receiver):
    refused = answered(world, face, client)
    receiver.answers.append((400, b"Bad request: not found"))
    number = answered(world, face, client)
    assert "status_400" in work(world)
    assert [form["service_request_id"] for _, form in receiver.take()] == [refused, number, number], "its later moves wait for it"
    assert state(world, client) == {"waiting_count": 2, "given_up_count": 0, "failure": "status_400"}
    receiver.answers.extend([(404, b"")] * 9)
    for attempt in range(9):
        work(world, minutes(60 * 7 * (attempt + 1)))
    assert [(form["service_request_id"], form["status"]) for _, form in receiver.take()] == [(refused, "in_progress")] * 9 + [
        (refused, "closed")], "what came after it goes on"
    assert state(world, client) == {"waiting_count": 0, "given_up_count": 1, "failure": "status_404"}
    work(world, minutes(60 * 100))
    assert receiver.take() == []
    world.of("admin").patch(world.path("open311-clients", client["id"]), {"push_jurisdiction_id": "18"}, etag="*").expect(200)
    receiver.answers.append((404, b""))
    work(world, minutes(60 * 100))
    assert len(receiver.take()) == 1 and state(world, client) == {"waiting_count": 1, "given_up_count": 0, "failure": "status_404"}, "ten times anew"
    work(world, minutes(60 * 107))
    assert [(form["jurisdiction_id"], form["status"]) for _, form in receiver.take()] == [("18", "in_progress")]
    assert state(world, client) == {"waiting_count": 0, "given_up_count": 0, "failure": None}


def test_mending_an_address_tries_at_once(world, face, client, receiver):
    answered(world, face, client)
    path = world.path("open311-clients", client["id"])
    world.of("admin").patch(path, {"push_url": "https://nothing.invalid/"}, etag="*").expect(200)
    assert "unreachable" in work(world) and receiver.take() == []
    world.of("admin").patch(path, {"push_url": f"{receiver.origin}/"}, etag="*").expect(200)
    work(world)
    assert [path for path, _ in receiver.take()] == ["/servicerequestupdates.xml"] * 2


def test_a_redirect_is_not_followed(world, face, client, receiver):
    def redirect(handler):
        handler.send_response(307)
        handler.send_header("Location", f"{receiver.origin}/inside")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    answered(world, face, client)
    receiver.answers.append(redirect)
    assert "status_307" in work(world)
    assert [path for path, _ in receiver.take()] == ["/open311/v2/servicerequestupdates.xml"]


def test_a_name_that_leads_inside_is_not_connected_to(world, face, client, receiver):
    """What its text allows is judged once more where a socket is opened: names below .localhost are this machine."""
    answered(world, face, client)
    world.of("admin").patch(world.path("open311-clients", client["id"]), {"push_url": "https://fms.localhost/"}, etag="*").expect(200)
    assert "not_allowed" in work(world) and state(world, client)["failure"] == "not_allowed"


def test_an_address_the_operator_no_longer_names_is_not_sent_to(world, face, client, receiver):
    answered(world, face, client)
    assert "not_allowed" in work(world, settings={**world.service.settings, "outgoing_origins": ""})
    assert receiver.take() == []


def test_a_key_locked_under_another_is_said_to_be_unreadable(world, face, client, receiver, tmp_path):
    answered(world, face, client)
    other = tmp_path / "key.pem"
    server.run("token", "--new-key", str(other), settings=world.service.settings)
    for settings in ({"token_key_file": other}, {"token_key_file": ""}):
        world.of("admin").patch(world.path("open311-clients", client["id"]), {"name": "x"}, etag="*").expect(200)
        assert "key_unreadable" in work(world, settings={**world.service.settings, **settings})
    assert receiver.take() == [] and state(world, client)["failure"] == "key_unreadable"


@pytest.mark.parametrize("url", [
    "http://fms.example/", "https://127.0.0.1/", "https://127.1/", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/", "https://localhost/",
    "https://user:word@fms.example/", "https://fms.example:22/", "https://fms.example/?a=/", "http://127.0.0.1:1/"])
def test_inner_addresses_are_refused_when_they_are_given(world, face, client, url):
    admin = world.of("admin")
    answer = admin.post(world.path("open311-clients"), {"name": "x", "push_url": url}).expect(422)
    assert answer.faults() == {"/push_url": "address_not_allowed"}
    answer = admin.patch(world.path("open311-clients", client["id"]), {"push_url": url}, etag="*").expect(422)
    assert answer.faults() == {"/push_url": "address_not_allowed"}


def test_who_is_told_has_an_address_and_a_key(world, face, client):
    admin = world.of("admin")
    for more in ({}, {"push_url": "https://fms.example/"}, {"push_api_key": "x"}):
        answer = admin.post(world.path("open311-clients"), {"name": "x", "is_pushed": True, **more}).expect(422)
        assert answer.faults() == {"/is_pushed": "rule_broken"}
    answer = admin.patch(world.path("open311-clients", client["id"]), {"push_api_key": None}, etag="*").expect(422)
    assert answer.faults() == {"/is_pushed": "rule_broken"}


def test_their_key_is_stored_locked_and_told_to_nobody(world, face, client):
    admin, secret, header = world.of("admin"), f"avain-{uuid.uuid4()}", {"Idempotency-Key": uuid.uuid4().hex}
    body = {"name": "x", "push_api_key": secret}
    made = [admin.post(world.path("open311-clients"), body, headers=header).expect(201) for _ in range(2)]
    assert made[0].json == made[1].json and made[0].json["has_push_api_key"] is True
    path = world.path("open311-clients", made[0].json["id"])
    answers = [*made, admin.get(path).expect(200), admin.get(world.path("open311-clients")).expect(200),
               admin.patch(path, {"push_api_key": secret + "2"}, etag="*").expect(200)]
    assert not any(secret in answer.text for answer in answers)
    for table in ("open311_client", "change", "idempotency"):
        assert secret not in str(world.rows(f"select to_jsonb(t)::text from {table} t"))
    assert secret not in world.service.server.text()
    assert admin.patch(path, {"push_api_key": None}, etag="*").expect(200).json["has_push_api_key"] is False


def test_two_workers_tell_a_move_once_and_a_waiting_one_wakes(world, face, client, receiver):
    let_go, come = threading.Event(), threading.Event()

    def wait(handler):
        come.set()
        let_go.wait(8)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(KEPT)))
        handler.end_headers()
        handler.wfile.write(KEPT)
    process = subprocess.Popen([server.PROGRAM, "worker"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env=server.environment(world.service.settings))
    try:
        for line in process.stderr:
            if json.loads(line)["message"] == "working":
                break
        receiver.answers.append(wait)
        number = face.send(client["key"])
        world.of("lighter").post(world.path("feedback", face.stored(number)["id"], "start")).expect(200)
        assert come.wait(20), "woken by the move, not by the half minute"
        work(world)
        let_go.set()
        for line in process.stderr:
            if "pushOpen311Update" in json.loads(line)["message"]:
                break
        assert len(receiver.take()) == 1
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


def test_another_municipalitys_clients_are_told_theirs(world, face, client, receiver):
    """Each row names its municipality; nothing of 743 goes to a client of 508."""
    other = world.of("other-admin").post("/v1/508/open311-clients", {
        "name": "x", "is_pushed": True, "push_url": f"{receiver.origin}/other/", "push_api_key": KEY}).expect(201).json
    answered(world, face, client)
    work(world)
    assert {path for path, _ in receiver.take()} == {"/open311/v2/servicerequestupdates.xml"}
    assert world.rows("select count(*) from open311_push where client_id = %s", other["id"]) == [(0,)] and HOME == "743"


def test_what_a_deleted_client_was_told_is_gone(world, client):
    admin, path = world.of("admin"), world.path("open311-clients", client["id"])
    admin.delete(path, etag="*").expect(204)
    admin.get(path + "/push").expect(410, "gone")


def test_answer_that_is_not_public_is_told_without_the_senders_name(world, face, client, receiver):
    """What arrives there is shown to everybody."""
    number = face.send(client["key"], first_name="Maija", last_name="Virtanen", email="maija@example.fi")
    for verb, body in (("start", None), ("answer", {"reply": "Hei Maija Virtanen, lamppu vaihdettiin. maija@example.fi"})):
        world.of("lighter").post(world.path("feedback", face.stored(number)["id"], verb), body).expect(200)
    work(world)
    told = [body["description"] for _, body in receiver.take()]
    assert told[-1] == "Hei *** ***, lamppu vaihdettiin. ***"
    polled = [row["description"] for row in face.both("servicerequestupdates", api_key=client["key"]) if row["service_request_id"] == number]
    [row] = face.both(f"requests/{number}", api_key=client["key"])
    assert polled[-1] == row["status_notes"] == told[-1]


def begun(world, face, client, count=1, **more):
    """Numbers of the client's, each with its item, that their unit has."""
    sent = [face.send(client["key"], **more) for _ in range(count)]
    items = [face.stored(number)["id"] for number in sent]
    for item in items:
        world.feedback.set({"id": item}, responsible_party_id=world.feedback.unit["id"], status="assigned")
    world.rows("update open311_push set pushed_at = now()")
    return list(zip(sent, items))


def act(world, item, verb, **body):
    world.of("lighter").post(world.path("feedback", item, verb), body or None).expect(200)


def told(world, face, client, receiver):
    """What was pushed, which is what is told to who asks: (number, status, text)."""
    work(world)
    pushed = [form for _, form in receiver.take()]
    polled = {row["update_id"]: row for row in face.both("servicerequestupdates", api_key=client["key"])}
    for form in pushed:
        row = polled[form["update_id"]]
        assert {name: row[name] for name in ("service_request_id", "status", "updated_datetime")} == {
            name: form[name] for name in ("service_request_id", "status", "updated_datetime")}
        assert row["description"] in (form["description"], "")
    return [(form["service_request_id"], form["status"], form["description"]) for form in pushed]


def row_of(face, client, number):
    [row] = face.both(f"requests/{number}", api_key=client["key"])
    return row


def test_the_answer_of_a_case_reaches_who_sent_what_was_merged(world, face, client, receiver):
    (merged, one), (case, other) = begun(world, face, client, 2)
    act(world, one, "merge", into_id=str(other))
    assert told(world, face, client, receiver) == [(merged, "duplicate", "Palautteen tila on muuttunut.")]
    act(world, other, "start")
    act(world, other, "inform", text="Odotamme osia.")
    act(world, other, "answer", reply="Lamput vaihdettiin.")
    act(world, other, "close")
    assert sorted(told(world, face, client, receiver)) == sorted([
        (case, "in_progress", "Palautteen tila on muuttunut."), (case, "in_progress", "Odotamme osia."), (case, "closed", "Lamput vaihdettiin."),
        (merged, "duplicate", "Odotamme osia."), (merged, "duplicate", "Lamput vaihdettiin.")])
    row = row_of(face, client, merged)
    assert (row["status"], row["status_notes"]) == ("closed", "Lamput vaihdettiin.")
    assert row["updated_datetime"] == row_of(face, client, case)["updated_datetime"]


def test_what_is_merged_into_an_answered_case_is_told_its_answer_at_once(world, face, client, receiver):
    (merged, one), (_, other) = begun(world, face, client, 2)
    act(world, other, "answer", reply="Lamput vaihdettiin.")
    told(world, face, client, receiver)
    act(world, one, "merge", into_id=str(other))
    assert told(world, face, client, receiver) == [(merged, "duplicate", "Lamput vaihdettiin.")]


def test_a_case_tells_nothing_of_before_and_nothing_to_who_has_withdrawn(world, face, client, receiver):
    (merged, one), (withdrawn, two), (case, other) = begun(world, face, client, 3)
    act(world, other, "inform", text="Ennen.")
    for item in (one, two):
        act(world, item, "merge", into_id=str(other))
    world.feedback.set({"id": two}, withdrawn_at=NOW)
    told(world, face, client, receiver)
    assert row_of(face, client, merged)["status_notes"] == ""
    act(world, other, "reject", text="Ei käsitellä.")
    assert sorted(told(world, face, client, receiver)) == sorted([(merged, "duplicate", "Ei käsitellä."), (case, "no_further_action", "Ei käsitellä.")])
    assert {row["description"] for row in face.both("servicerequestupdates", api_key=client["key"]) if row["service_request_id"] in (merged, withdrawn)} == {
        "", "Ei käsitellä."}


def test_why_something_goes_elsewhere_or_no_further_is_told(world, face, client, receiver):
    (elsewhere, one), (refused, other) = begun(world, face, client, 2)
    act(world, one, "transfer", topic_id=world.feedback.health["id"], text="Kuuluu hyvinvointialueelle.")
    act(world, other, "reject", text="Ei käsitellä.")
    authority = world.rows("select concat(signpost #>> '{name,fi}', ', ', signpost ->> 'address') from feedback_topic where id = %s",
                           world.feedback.health["id"])[0][0]
    assert told(world, face, client, receiver) == [
        (elsewhere, "not_councils_responsibility", f"Kuuluu hyvinvointialueelle.\n\n{authority}"), (refused, "no_further_action", "Ei käsitellä.")]
    assert row_of(face, client, elsewhere)["status_notes"] == "Kuuluu hyvinvointialueelle." and row_of(face, client, refused)["status_notes"] == "Ei käsitellä."
    seeing = face.key(sees_extended=True)["key"]
    assert {row["description"] for row in face.both("servicerequestupdates", api_key=seeing) if row["service_request_id"] == refused} == {""}
    assert row_of(face, {"key": seeing}, refused)["status_notes"] == ""


def test_a_message_on_the_way_is_told_with_its_new_target_and_without_names(world, face, client, receiver):
    [(number, item)] = begun(world, face, client, first_name="Maija", last_name="Virtanen")
    day = world.feedback.working_day(90)
    year, month, day_of_month = (int(part) for part in day.split("-"))
    act(world, item, "inform", text="Maija Virtanen, odotamme osia.", due_on=day)
    assert told(world, face, client, receiver) == [(number, "investigating", f"*** ***, odotamme osia.\n\nUusi tavoitepäivä: {day_of_month}.{month}.{year}.")]
    row = row_of(face, client, number)
    assert row["status_notes"] == "*** ***, odotamme osia." and row["expected_datetime"].startswith(day)
    act(world, item, "answer", reply="Valmis.")
    assert row_of(face, client, number)["status_notes"] == "Valmis."
    act(world, item, "reopen", reason="Vielä yksi lamppu.")
    assert ("open", "Vielä yksi lamppu.") in [told[1:] for told in told(world, face, client, receiver)]


def test_a_move_that_changes_nothing_there_is_not_told(world, face, client, receiver):
    [(number, item)] = begun(world, face, client)
    act(world, item, "answer", reply="Valmis.")
    act(world, item, "close")
    assert told(world, face, client, receiver) == [(number, "closed", "Valmis.")]
    rows = [row for row in face.both("servicerequestupdates", api_key=client["key"]) if row["service_request_id"] == number]
    assert [(row["status"], row["description"]) for row in rows] == [("closed", "Valmis.")]
