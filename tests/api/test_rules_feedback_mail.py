"""Answers reach senders who left an e-mail address: by the worker, through a real mail server, once. Domain brief 4.8, 5, 6."""
import datetime
import json
import re
import signal
import subprocess
import uuid

import pytest

import server
import world as world_module
from mailbox import Mailbox
from test_calendar import HELSINKI
from test_rules_feedback_publication import move

FROM = "palaute@seinajoki.example"


@pytest.fixture(scope="module")
def mailbox():
    made = Mailbox()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: the worker sends all that waits."""
    made = world_module.World(make_service("letters"))
    work(made, {})
    return made


@pytest.fixture(autouse=True)
def nothing_waits(world, mailbox):
    mailbox.answers.clear()
    mailbox.take()
    world.rows("update feedback_mail set status = 'dropped', done_at = now() where status = 'waiting'")


def through(mailbox, **more):
    return {"smtp_url": mailbox.url, "smtp_is_plain": 1, "mail_from": FROM, **more}


def work(world, settings, moment=None):
    """Which letters the worker has had in hand."""
    at = ["--as-of", moment.strftime("%Y-%m-%dT%H:%M:%SZ")] if moment else []
    lines = server.run("worker", "--once", *at, settings={**world.service.settings, **settings}).splitlines()
    return [line.split()[2] for line in lines[:-1] if line.split()[1] == "sendFeedbackMail"]


def delivered(world, mailbox, moment=None):
    work(world, through(mailbox), moment)
    return mailbox.take()


def sent(world, name="maija", with_receipt=False, **more):
    address = f"{name}-{uuid.uuid4().hex[:8]}@example.fi"
    made = world.feedback.send(**{"contact": {"name": "Maija Virtanen", "email": address}, "title": "Otsikko", **more})
    if not with_receipt:
        world.rows("delete from feedback_mail where feedback_id = %s", made["id"])
    return {**made, "address": address}


def words(letter):
    return letter.get_content().replace("\r\n", "\n")


def mails(world, item, subject="planner"):
    return world.of(subject).get_all(world.path("feedback", item["id"], "mails"))


def later(**more):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**more)


# --- what is sent -----------------------------------------------------------------------------------------
def test_answer_is_sent_to_the_address_its_sender_left_once_and_says_nothing_more_than_needed(world, mailbox):
    item = sent(world, nickname="Kulkija", address="Kotikuja 1")
    assert delivered(world, mailbox) == [], "nothing was said yet"
    move(world, item, "answer", reply="Lamppu vaihdettiin – kiitos!\nÄlä sammuta.\n.\nLoppu.")
    [(recipient, letter)] = delivered(world, mailbox)
    assert recipient == f"TO:<{item['address']}>" and letter["To"] == item["address"]
    assert letter["From"] == f"Seinäjoki <{FROM}>" and letter["Subject"] == f"Palautteesi {item['number']}"
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Content-Language"] == "fi"
    [kept] = mails(world, item)
    assert letter["Message-ID"] == f"<{kept['id']}@seinajoki.example>" and kept["status"] == "sent" and kept["done_at"]
    last = helsinki(30)
    assert words(letter).startswith(
        f"Hei!\n\nVastaus palautteeseesi {item['number']}:\n\nLamppu vaihdettiin – kiitos!\nÄlä sammuta.\n.\nLoppu.\n\n"
        f"Jos vastaus ei auta, voit avata palautteen uudelleen viimeistään {last} linkillä")
    for word in ("Polku on pimeä", "Otsikko", "Virtanen", "Maija", "Kulkija", "Kotikuja", item["tracking_token"]):
        assert word not in str(letter) and word not in words(letter)
    assert delivered(world, mailbox) == [] == delivered(world, mailbox, later(days=3)), "once is once"


def finnish(day):
    return f"{day.day}.{day.month}.{day.year}"


def helsinki(days):
    return finnish((datetime.datetime.now(HELSINKI) + datetime.timedelta(days=days)).date())


@pytest.mark.parametrize("language, told, begin", [
    ("sv", "sv", "Hej!\n\nSvar på din respons"), ("sv-FI", "sv", "Hej!"), ("en", "en", "Hello!\n\nThe answer to your feedback"), ("uk", "fi", "Hei!")])
def test_letter_is_in_the_language_of_the_feedback(world, mailbox, language, told, begin):
    item = sent(world, language=language)
    move(world, item, "answer", reply="Kiitos.")
    [(_, letter)] = delivered(world, mailbox)
    assert letter["Content-Language"] == told and words(letter).startswith(begin)


def test_interim_message_is_sent_with_the_new_target(world, mailbox):
    item = sent(world)
    day = world.feedback.working_day(90)
    move(world, item, "inform", text="Odotamme varaosaa {name} {number}.", due_on=day)
    move(world, item, "note", text="Ei kerrota.")
    world.feedback.track(item, "/add", text="Lisään.")
    [(_, letter)] = delivered(world, mailbox)
    assert f"Palautteestasi {item['number']} kerrotaan:\n\nOdotamme varaosaa {{name}} {{number}}.\n\nUusi tavoitepäivä: {finnish(datetime.date.fromisoformat(day))}.\n\nSeinäjoki\n" in words(letter)
    assert "avata" not in words(letter)


@pytest.mark.parametrize("verb", ["transfer", "reject"])
def test_transfer_and_rejection_are_told(world, mailbox, verb):
    item = sent(world)
    body = {"text": "Asia kuuluu muualle."} | ({"topic_id": world.feedback.health["id"]} if verb == "transfer" else {})
    move(world, item, verb, **body)
    assert ["Asia kuuluu muualle." in words(letter) for _, letter in delivered(world, mailbox)] == [True]


def test_closing_asks_whether_the_answer_helped_unless_it_is_known(world, mailbox):
    asked, rated = sent(world), sent(world)
    for item in (asked, rated):
        move(world, item, "answer", reply="Korjattu.")
    assert len(delivered(world, mailbox)) == 2
    for item in (asked, rated):
        move(world, item, "close")
    world.feedback.track(rated, "/rate", score=5)
    [(recipient, letter)] = delivered(world, mailbox)
    assert recipient == f"TO:<{asked['address']}>"
    assert "Auttoiko vastaus? Anna arvosana 1–5" in words(letter) and f"viimeistään {helsinki(30)}" in words(letter)


def test_nobody_is_asked_of_what_was_reopened(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    delivered(world, mailbox)
    move(world, item, "close")
    world.feedback.track(item, "/reopen", text="Ei auttanut.")
    assert delivered(world, mailbox) == [] and [m["status"] for m in mails(world, item)] == ["sent", "dropped"]


def test_others_of_a_case_are_asked_when_its_own_sender_has_withdrawn(world, mailbox):
    case, other = sent(world), sent(world)
    move(world, other, "merge", into_id=case["id"])
    move(world, case, "answer", reply="Korjattu.")
    delivered(world, mailbox)
    world.feedback.track(case, "/withdraw")
    move(world, case, "close")
    [(recipient, letter)] = delivered(world, mailbox)
    assert recipient == f"TO:<{other['address']}>" and "käsittely on päättynyt" in words(letter)


def test_answer_that_closes_by_itself_asks_too(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    delivered(world, mailbox)
    assert delivered(world, mailbox, later(days=16)) == [], "it is closed in this round of the worker"
    letters = dict(delivered(world, mailbox, later(days=16)))
    assert "käsittely on päättynyt" in words(letters[f"TO:<{item['address']}>"])


def test_all_senders_of_a_case_get_its_answer_and_no_other_senders_name(world, mailbox):
    case = sent(world, contact={"name": "Matti Meikäläinen", "email": (address := f"matti-{uuid.uuid4().hex[:8]}@example.fi")})
    before, silent, after = sent(world, language="sv"), world.feedback.send(contact={"name": "Liisa", "phone": "040 123 4567"}), sent(world)
    for item in (before, silent):
        move(world, item, "merge", into_id=case["id"])
    move(world, case, "inform", text="Hei Matti, odotamme osia.")
    move(world, case, "answer", reply="Hei Matti Meikäläinen, korjattu.")
    letters = {recipient: words(letter) for recipient, letter in delivered(world, mailbox) if "Vastaus" in words(letter) or "Svar" in words(letter)}
    assert set(letters) == {f"TO:<{address}>", f"TO:<{before['address']}>"}
    assert "Hei Matti Meikäläinen, korjattu." in letters[f"TO:<{address}>"] and "avata" in letters[f"TO:<{address}>"]
    assert "Hei *** ***, korjattu." in letters[f"TO:<{before['address']}>"] and f"respons {before['number']}:" in letters[f"TO:<{before['address']}>"]
    assert "öppna" in letters[f"TO:<{before['address']}>"], "who was merged may reopen the case"
    move(world, after, "merge", into_id=case["id"])
    [(recipient, letter)] = delivered(world, mailbox)
    assert recipient == f"TO:<{after['address']}>" and "Hei *** ***, korjattu." in words(letter)
    move(world, case, "close")
    assert {recipient for recipient, letter in delivered(world, mailbox)} == {
        f"TO:<{item}>" for item in (address, before["address"], after["address"])}


def test_messages_to_a_case_are_sent_to_all_its_senders(world, mailbox):
    case = sent(world)
    other = sent(world, contact={"name": "Pekka Mäki", "email": (address := f"pekka-{uuid.uuid4().hex[:8]}@example.fi")})
    move(world, other, "merge", into_id=case["id"])
    move(world, case, "inform", text="Maija Virtanen, odotamme osia.")
    told = {recipient: words(letter) for recipient, letter in delivered(world, mailbox)}
    assert "Maija Virtanen, odotamme" in told[f"TO:<{case['address']}>"] and "*** ***, odotamme" in told[f"TO:<{address}>"]


def test_receipt_is_sent_at_once_with_number_and_target(world, mailbox):
    item = sent(world, with_receipt=True, language="sv", nickname="Kulkija")
    [(recipient, letter)] = delivered(world, mailbox)
    day = ".".join(str(int(part)) for part in reversed(item["due_on"].split("-")))
    assert recipient == f"TO:<{item['address']}>"
    assert words(letter).startswith(f"Hej!\n\nDin respons {item['number']} har kommit fram.\n\nVi svarar senast {day}.\n\nSeinäjoki\n")
    assert not any(word in words(letter) for word in ("Polku", "Otsikko", "Maija", "Kulkija"))


def test_receipt_of_an_official_matter_says_where_to_take_it(world, mailbox):
    topic = world.feedback.topic(is_official_matter=True, signpost={"name": {"fi": "Kirjaamo"}, "address": "kirjaamo.example/asiointi"})
    sent(world, with_receipt=True, topic_id=topic["id"])
    [(_, letter)] = delivered(world, mailbox)
    assert "määräaika noudatetaan vasta, kun kirjaamo on saanut asian" in words(letter) and "Kirjaamo, kirjaamo.example/asiointi" in words(letter)
    assert "Vastaamme" not in words(letter)
    sent(world, with_receipt=True, topic_id=None, text="Tämä on oikaisuvaatimus.")
    [(_, letter)] = delivered(world, mailbox)
    assert "vaikuttaa viralliselta asialta" in words(letter) and "Vastaamme" in words(letter)


def test_receipt_is_overtaken_by_a_transfer(world, mailbox):
    item = sent(world, with_receipt=True)
    move(world, item, "transfer", text="Asia kuuluu muualle.", topic_id=world.feedback.health["id"])
    assert ["Asia kuuluu muualle." in words(letter) for _, letter in delivered(world, mailbox)] == [True]


def test_receipt_is_overtaken_by_the_answer(world, mailbox):
    item = sent(world, with_receipt=True)
    move(world, item, "answer", reply="Korjattu.")
    assert ["Vastaus" in words(letter) for _, letter in delivered(world, mailbox)] == [True]


def test_nobody_is_flooded_with_receipts_by_strangers_who_know_the_address(world, mailbox):
    address = f"uhri-{uuid.uuid4().hex[:8]}@example.fi"
    for n, spelling in enumerate((address, address.upper(), address, address, address)):
        item = world.feedback.send(contact={"email": spelling})
        assert len(delivered(world, mailbox)) == (n < 3)
        world.feedback.track(item, "/erase")
    world.rows("update feedback_receipt set day = day - 1")
    world.feedback.send(contact={"email": address})
    assert len(delivered(world, mailbox)) == 1, "the next day"


# --- what is not ------------------------------------------------------------------------------------------
def test_nobody_without_an_address_or_who_wants_no_reply_gets_a_letter(world, mailbox):
    for item, body in ((world.feedback.send(), {"reply": "Kiitos."}), (world.feedback.send(contact={"phone": "040 123 4567"}), {"reply": "Kiitos."}),
                       (sent(world), {"no_reply_wanted": True})):
        move(world, item, "answer", **body)
        move(world, item, "close")
        assert mails(world, item) == []
    assert delivered(world, mailbox) == []


def ended(world, item, how):
    if how == "withdrawn":
        world.feedback.track(item, "/withdraw")
    elif how == "erased":
        world.feedback.track(item, "/erase")
    elif how == "erased by the officer":
        world.of("privacy").post(world.path("feedback-senders/erase"), {"email": item["address"].upper()}).expect(200)
    elif how == "reopened":
        world.feedback.track(item, "/reopen", text="Ei auttanut.")
    else:
        world.rows("update feedback set status = 'closed', closed_at = now() where id = %s", item["id"])
        world.rows("update feedback_contact set retain_until = current_date - 1 where feedback_id = %s", item["id"])


@pytest.mark.parametrize("how", ["withdrawn", "erased", "erased by the officer", "reopened", "let go"])
def test_letter_that_waits_is_dropped_when_its_sender_is_gone(world, mailbox, how):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    ended(world, item, how)
    assert delivered(world, mailbox) == []
    assert {m["status"] for m in mails(world, item)} == {"dropped"}
    assert item["address"] not in str(mailbox.said)


def test_answer_given_anew_before_it_left_is_sent_once(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Ensimmäinen.")
    world.feedback.track(item, "/reopen", text="Ei auttanut.")
    move(world, item, "answer", reply="Toinen.")
    [(_, letter)] = delivered(world, mailbox)
    assert "Toinen." in words(letter) and [m["status"] for m in mails(world, item)] == ["dropped", "sent"]


# --- servers that do not do as they should ----------------------------------------------------------------
def test_letter_the_server_does_not_take_now_is_tried_again_under_the_same_id(world, mailbox):
    item, other = sent(world), sent(world)
    for each in (item, other):
        move(world, each, "answer", reply="Korjattu.")
    mailbox.answers["RCPT"] = ["450 greylisted"]
    assert [recipient for recipient, _ in delivered(world, mailbox)] == [f"TO:<{other['address']}>"], "others do not wait"
    assert work(world, through(mailbox)) == [], "not before its time"
    [(recipient, letter)] = delivered(world, mailbox, later(minutes=2))
    assert recipient == f"TO:<{item['address']}>" and mails(world, item)[0]["id"] in letter["Message-ID"] and mails(world, item)[0]["attempts"] == 2


def test_letter_the_server_refuses_is_given_up_and_the_unit_sees_it(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    mailbox.answers["RCPT"] = ["550 no such user"] * 3
    assert [len(work(world, through(mailbox), later(hours=hours))) for hours in (0, 1, 8, 24)] == [1, 1, 1, 0]
    assert (mailbox.take(), mails(world, item, "lighter")[0]["status"]) == ([], "refused")


def test_while_no_server_is_there_all_waits_and_nothing_for_ever(world, mailbox):
    items = [sent(world) for _ in range(3)]
    for item in items:
        move(world, item, "answer", reply="Korjattu.")
    for settings in ({}, {"smtp_url": "smtp://127.0.0.1:1", "smtp_is_plain": 1, "mail_from": FROM}, through(mailbox, smtp_is_plain=0)):
        world.rows("update feedback_mail set next_at = null where status = 'waiting'")
        assert len(work(world, settings)) == 1, "one asks for all"
    assert mailbox.take() == [], "nothing is said without TLS"
    assert len(delivered(world, mailbox, later(hours=7))) == 3
    late = sent(world)
    move(world, late, "answer", reply="Korjattu.")
    assert (len(work(world, {}, later(days=6))), mails(world, late)[0]["status"]) == (1, "expired")


def test_worker_that_dies_while_it_sends_sends_again_under_the_same_id(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    mailbox.answers["END"] = ["250 kept", None]
    world.rows("create function pg_temp_stop() returns trigger language plpgsql as $$ begin raise 'stop'; end $$")
    world.rows("create trigger stop before update of status on feedback_mail for each row when (new.status = 'sent') execute function pg_temp_stop()")
    try:
        with pytest.raises(RuntimeError):
            work(world, through(mailbox))
    finally:
        world.rows("drop function pg_temp_stop cascade")
    mailbox.answers.clear()
    first, again = mailbox.take(), delivered(world, mailbox)
    assert [letter["Message-ID"] for _, letter in first] == [letter["Message-ID"] for _, letter in again] and len(first) == 1


def test_two_workers_send_a_letter_once(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    started = [subprocess.Popen([server.PROGRAM, "worker", "--once"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                env=server.environment({**world.service.settings, **through(mailbox)})) for _ in range(3)]
    assert sum(process.communicate(timeout=60)[0].count("sendFeedbackMail") for process in started) == 1
    assert len(mailbox.take()) == 1


def test_running_worker_sends_as_soon_as_it_is_answered_and_logs_no_address(world, mailbox):
    process = subprocess.Popen([server.PROGRAM, "worker"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env=server.environment({**world.service.settings, **through(mailbox, log_level="debug")}))
    log = []
    try:
        log += read_until(process, "working")
        item = sent(world)
        mailbox.answers["RCPT"] = ["450 later"]
        move(world, item, "inform", text="Salaisuus.")
        log += read_until(process, "mail not sent")
        move(world, item, "answer", reply="Korjattu.")
        assert mailbox.has_got.acquire(timeout=60)
        process.send_signal(signal.SIGTERM)
        log += read_until(process, "stopped")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.stderr.close()
    assert not re.search("example.fi|Salaisuus|Korjattu|@", "".join(log))


def read_until(process, said):
    lines = []
    for line in process.stderr:
        lines.append(line)
        if said in json.loads(line)["message"]:
            return lines
    raise AssertionError(f"the worker ended without saying {said}: {lines}")


# --- who sees it ------------------------------------------------------------------------------------------
def test_unit_sees_that_a_letter_left_and_nobody_whereto(world, mailbox):
    item = sent(world)
    move(world, item, "answer", reply="Korjattu.")
    delivered(world, mailbox)
    shown = world.of("lighter").get(world.path("feedback", item["id"], "mails")).expect(200)
    assert [(m["kind"], m["status"]) for m in shown["items"]] == [("answer", "sent")] and "example.fi" not in shown.text
    world.of("other-coordinator").get(world.path("feedback", item["id"], "mails")).expect(403)
    world.of().get(world.path("feedback", item["id"], "mails")).expect(401)
    stored = world.rows("select to_jsonb(m)::text from feedback_mail m where feedback_id = %s", item["id"])
    assert "example.fi" not in str(stored) and "Korjattu" not in str(stored)
