"""Whoever said the same without an account gets the answer, and nothing of the other person. Domain brief 4.8, 6."""
import pytest

from test_rules_feedback_publication import move, published

NAME = {"name": "Maija Virtanen", "email": "maija@example.fi", "phone": "040 123 4567"}
SECRETS = ("Virtanen", "Virtaselle", "maija@", "123 4567", "Polku on pimeä", "Pimeä polku", "Kulkija", "Kotikuja", "Katuvalot")


def known(world, **more):
    """What everybody may know to exist, and nothing else: not published, with all that leads to its sender."""
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"], publishes_by_default=True)
    return world.feedback.send(topic_id=topic["id"], permits_publication=True, title="Pimeä polku",
                               address="Kotikuja 1", service="Katuvalot", **{"nickname": "Kulkija", "contact": NAME, **more})


def test_me_too_gets_a_secret_of_its_own_that_reads_state_target_messages_and_answer(world):
    sent = known(world)
    first, second = (world.feedback.me_too(sent) for _ in range(2))
    secrets = {sent["tracking_token"], first["tracking_token"], second["tracking_token"]}
    assert len(secrets) == 3 and first["me_too_id"] != second["me_too_id"]
    minimal = world.of().post(world.path("feedback", sent["id"], "me-too"), headers={"Prefer": "return=minimal"}).expect(200)
    assert world.feedback.follow(minimal.json)["number"] == sent["number"], "its secret is told here alone"
    before = world.feedback.follow(first)
    assert (before["number"], before["topic_id"], before["status"], before["due_on"], before["reply"], before["messages"], before["merged_into"],
            before["me_too_count"]) == (sent["number"], sent["topic_id"], "assigned", sent["due_on"], None, [], None, 3)
    later = world.feedback.working_day(90)
    move(world, sent, "inform", text="Odotamme osia.", due_on=later)
    move(world, sent, "note", text="Ei kerrota.")
    world.feedback.track(sent, "/add", text="Vieläkin pimeä.")
    move(world, sent, "answer", reply="Lamppu vaihdettiin.")
    after = world.feedback.follow(second)
    assert (after["status"], after["reply"], after["due_on"], [m["text"] for m in after["messages"]]) == (
        "answered", "Lamppu vaihdettiin.", later, ["Odotamme osia."])
    assert [m["status"] for m in after["moves"]] == ["assigned", "answered"]


def test_nothing_of_the_other_person_is_told_with_the_answer(world):
    sent = known(world)
    said = world.feedback.me_too(sent)
    move(world, sent, "inform", text="Hei Maija, soitamme numeroon 040 123 4567.")
    move(world, sent, "answer", reply="Hei Maija Virtanen! Virtaselle kerrottiin, kirjoitimme maija@example.fi. Neuvonta 06 416 2111.")
    followed = world.feedback.follow(said)
    assert followed["reply"] == "Hei *** ***! *** kerrottiin, kirjoitimme ***. Neuvonta 06 416 2111."
    assert followed["messages"][0]["text"] == "Hei ***, soitamme numeroon ***."
    assert not any(word in followed.text for word in SECRETS)
    assert set(followed.json) & {"id", "contact", "nickname", "latitude", "address", "area_id", "rating"} == set()


def test_answer_with_what_may_be_somebodys_waits_until_it_is_published(world):
    sent = known(world)
    said = world.feedback.me_too(sent)
    move(world, sent, "answer", reply="Sairautesi huomioitiin.")
    assert world.feedback.follow(said)["reply"] is None
    move(world, sent, "publish", subject="moderator")
    followed = world.feedback.follow(said)
    assert (followed["reply"], followed["text"], followed["title"]) == ("Sairautesi huomioitiin.", "Polku on pimeä.", "Pimeä polku")
    move(world, sent, "unpublish")
    followed = world.feedback.follow(said)
    assert (followed["reply"], followed["text"], followed["title"]) == (None, None, None)


def test_words_are_those_that_were_let_through_and_only_while_they_are_published(world):
    sent = known(world)
    said = world.feedback.me_too(sent)
    move(world, sent, "redact", published_text="Polulta puuttuu valo.", published_title=None)
    assert world.feedback.follow(said)["text"] is None, "what is edited is not yet public"
    move(world, sent, "answer", reply="Korjattu.")
    move(world, sent, "publish")
    assert (world.feedback.follow(said)["text"], world.feedback.follow(said)["title"]) == ("Polulta puuttuu valo.", None)


def test_merged_item_is_followed_to_its_case(world):
    sent, case = known(world), known(world)
    said, of_case = world.feedback.me_too(sent), world.feedback.me_too(case)
    move(world, sent, "merge", into_id=case["id"])
    later = world.feedback.working_day(90)
    move(world, case, "inform", text="Odotamme osia.", due_on=later)
    move(world, case, "answer", reply="Hei Maija, lamppu vaihdettiin.")
    followed = world.feedback.follow(said)
    assert (followed["number"], followed["status"], followed["merged_into"], followed["reply"], followed["due_on"]) == (
        sent["number"], "merged", {"number": case["number"], "status": "answered"}, "Hei ***, lamppu vaihdettiin.", later)
    assert [m["text"] for m in followed["messages"]] == ["Odotamme osia."]
    assert world.feedback.follow(of_case)["reply"] == followed["reply"]


@pytest.mark.parametrize("verb, more", [
    ("", {}), ("/add", {"text": "lisään"}), ("/withdraw", {}), ("/reopen", {"text": "taas"}), ("/rate", {"score": 1}), ("/export", {}), ("/erase", {})])
def test_secret_of_a_me_too_does_nothing_but_read(world, verb, more):
    sent = known(world)
    said = world.feedback.me_too(sent)
    if verb in ("/reopen", "/rate"):
        move(world, sent, "answer", reply="Korjattu.")
        move(world, sent, "close")
    before = world.feedback.track(sent).json
    assert world.feedback.track(said, verb, 404, **more).code == "not_found"
    assert world.feedback.track(sent).json == before
    world.of().post(world.path("feedback", sent["id"], "images"), b"", headers={"Tracking-Token": said["tracking_token"]})
    assert world.of().get(world.path("feedback-images"), query={"feedback_id": sent["id"]},
                          headers={"Tracking-Token": said["tracking_token"]}).expect(200)["items"] == []


def test_senders_secret_and_an_unknown_one_do_not_follow(world):
    sent = known(world)
    for token in (sent["tracking_token"], "0" * 32):
        assert world.feedback.follow(token, 404).code == "not_found"


def test_secret_is_kept_as_a_hash_alone_and_told_again_when_the_request_is_repeated(world):
    sent = known(world)
    path, key = world.path("feedback", sent["id"], "me-too"), {"Idempotency-Key": sent["id"]}
    first, again = (world.of().post(path, headers=key).expect(200) for _ in range(2))
    assert first["tracking_token"] == again["tracking_token"] and again.headers["Idempotency-Replayed"] == "true"
    assert world.feedback.follow(first.json)["me_too_count"] == 1
    everything = world.rows(
        "select string_agg(row::text, ' ') from (select to_jsonb(l) from feedback_me_too_link l union all select to_jsonb(m) from feedback_me_too m"
        " union all select to_jsonb(k) from idempotency k union all select to_jsonb(c) from change c) as kept (row)")[0][0]
    assert first["tracking_token"] not in everything and first["tracking_token"] not in world.service.server.text()
    tried = world.of().post(path, headers={"Prefer": "tx=rollback"}).expect(200)
    assert tried["tracking_token"] is None and world.feedback.follow(first.json)["me_too_count"] == 1


def test_what_others_wait_for_stays_open_when_its_sender_withdraws(world):
    sent, alone = known(world), known(world)
    said = world.feedback.me_too(sent)
    for item, status in ((sent, "assigned"), (alone, "closed")):
        assert world.feedback.track(item, "/withdraw")["status"] == status
    move(world, sent, "answer", reply="Korjattu.")
    assert (world.feedback.follow(said)["reply"], world.feedback.follow(said)["text"]) == ("Korjattu.", None)


def test_who_said_the_same_of_a_merged_item_waits_for_its_case(world):
    sent, case = known(world), known(world)
    world.feedback.me_too(sent)
    move(world, sent, "merge", into_id=case["id"])
    for item, status in ((sent, "merged"), (case, "assigned")):
        assert world.feedback.track(item, "/withdraw")["status"] == status


def test_answer_stays_for_those_who_said_the_same_when_the_sender_is_erased(world):
    sent = known(world)
    said = world.feedback.me_too(sent)
    move(world, sent, "answer", reply="Hei Maija, korjattu.")
    assert move(world, sent, "publish", status=422).faults() == {"/reply": "personal_data"}, "it names the sender"
    move(world, sent, "publish", subject="moderator")
    world.feedback.track(sent, "/erase", withdraws_publication=True)
    followed = world.feedback.follow(said)
    assert (followed["status"], followed["reply"], followed["text"]) == ("answered", "Hei ***, korjattu.", None)


def test_secret_reads_no_longer_than_the_senders_name_is_known_to_be_left_out(world):
    sent, case = known(world), known(world)
    said = world.feedback.me_too(sent)
    move(world, sent, "merge", into_id=case["id"])
    kept = f"(helsinki_date(now()) - interval '6 months{{}}')::date + time '12:00'"
    for days, status in (("", 200), (" 1 day", 404)):
        world.rows(f"update feedback set status = 'closed', closed_at = {kept.format(days)} where id = %s", case["id"])
        world.feedback.follow(said, status)


def test_nickname_of_the_sender_is_left_out_too(world):
    sent = known(world, nickname="Tuisku-Tuulia")
    said = world.feedback.me_too(sent)
    move(world, sent, "answer", reply="Hei Tuulia, korjattu.")
    assert world.feedback.follow(said)["reply"] == "Hei ***, korjattu."


def test_what_was_taken_back_for_its_words_is_read_no_more(world):
    sent = known(world)
    said = world.feedback.me_too(sent)
    move(world, sent, "answer", reply="Naapurinne tilasi lampun.")
    move(world, sent, "publish", subject="moderator")
    assert world.feedback.follow(said)["reply"] == "Naapurinne tilasi lampun."
    move(world, sent, "unpublish", subject="moderator")
    followed = world.feedback.follow(said)
    assert (followed["reply"], followed["messages"]) == (None, [])


def test_senders_of_a_case_read_nothing_of_each_other(world):
    case, other = known(world), world.feedback.send(contact={"name": "Pekka Korhonen", "email": "pekka@example.fi"})
    move(world, other, "merge", into_id=case["id"])
    words = "Hei Maija ja Pekka Korhonen! Vastaamme maija@example.fi ja pekka@example.fi."
    move(world, case, "answer", reply=words)
    told = world.feedback.track(other)
    seen = told["reply"] + "".join(message["text"] or "" for message in told["messages"])
    assert told["reply"] == "Hei *** ja Pekka Korhonen! Vastaamme *** ja pekka@example.fi." and "aija" not in seen
    told = world.feedback.track(case)
    seen = told["reply"] + "".join(message["text"] or "" for message in told["messages"])
    assert told["reply"] == "Hei Maija ja *** ***! Vastaamme maija@example.fi ja ***." and "ekka" not in seen
    world.feedback.track(other, "/erase")
    reply = world.feedback.track(case)["reply"]
    assert "Maija" in reply and not any(word in reply for word in ("Pekka", "Korhonen", "pekka@"))
