"""Who sent feedback is named by nothing that others read: not by name, address or number in whatever writing, whether they sent
the item itself or one merged into it. Domain brief 4.8, 6."""
import pytest

from feedback import both
from open311 import Face
from test_rules_feedback_me_too import known
from test_rules_feedback_privacy import everything
from test_rules_feedback_publication import answered, move, published

PEKKA = {"name": "Pekka Mäki", "email": "pekka@example.fi", "phone": "050 765 4321"}
NUMBERS = ["040 123 4567", "0401234567", "040-1234567", "040.123.4567", "040/1234567", "040 123 4567", "(040) 123 4567", "040–123 45 67",
           "+358 40 123 4567", "+358401234567", "00358401234567", "+358 (0)40 123 4567", "358 40 1234567"]
ADDRESSES = ["maija@example.fi", "MAIJA@Example.FI", "maija(at)example.fi", "maija at example.fi"]


def parts(world, sent, words, subject="lighter"):
    """The answer is changed to these words, and publishing it is tried."""
    world.feedback.set(sent, reply=words)
    return world.of(subject).post(world.path("feedback", sent["id"], "publish"))


def merged(world, case, contact=PEKKA):
    sent = world.feedback.send(contact=contact)
    move(world, sent, "merge", into_id=case["id"])
    return sent


# --- numbers and addresses ----------------------------------------------------------------------------------
@pytest.mark.parametrize("stored", ["040 123 4567", "+358401234567", "+358 (0)40 123 4567"])
def test_senders_number_is_not_published_in_any_writing_by_anybody(world, stored):
    sent = answered(world, contact={"phone": stored})
    for number in NUMBERS:
        for subject in ("lighter", "moderator"):
            assert "/reply" in parts(world, sent, f"Soitimme numeroon {number}.", subject).expect(422, "personal_data").faults(), number
    parts(world, sent, "Soita 040 123 4568.", "moderator").expect(200)


@pytest.mark.parametrize("stored, said", [("+46 (0)70 123 45 67", "0046-70-1234567"), ("0046701234567", "+46 70 123 45 67")])
def test_foreign_number_is_the_same_with_either_sign_of_its_country(world, stored, said):
    sent = answered(world, contact={"phone": stored})
    parts(world, sent, f"Ringde {said}.", "moderator").expect(422, "personal_data")
    parts(world, sent, "Ringde +47 70 123 45 67.", "moderator").expect(200)


def test_senders_address_is_not_published_in_any_writing_by_anybody(world):
    sent = answered(world, contact={"email": "maija@example.fi"})
    for address in ADDRESSES:
        parts(world, sent, f"Kirjoitimme: {address}.", "moderator").expect(422, "personal_data")
    parts(world, sent, "Kirjoita info@example.fi.", "moderator").expect(200)


@pytest.mark.parametrize("words", NUMBERS + ADDRESSES)
def test_neither_reaches_those_who_said_the_same_nor_outlives_erasure(world, words):
    sent = known(world, contact={"email": "maija@example.fi", "phone": "040 123 4567"})
    said = world.feedback.me_too(sent)
    move(world, sent, "answer", reply=f"Soitimme {words}, neuvonta 06 416 2111.")
    told = world.feedback.follow(said)["reply"]
    assert told is None or ("***" in told and "06 416 2111" in told and words[-6:] not in told)
    world.feedback.track(sent, "/erase")
    kept = world.of("planner").get(world.path("feedback", sent["id"])).expect(200)["reply"]
    assert "***" in kept and "06 416 2111" in kept and words[-6:] not in kept
    assert words not in everything(world, sent)


def test_client_of_open311_reads_no_number_of_the_sender(world):
    face = Face(world)
    key = face.key()["key"]
    number = face.send(key, first_name="Maija", last_name="Virtanen", phone="040 123 4567")
    move(world, face.stored(number), "answer", reply="Hei Maija, soitimme +358401234567.")
    [row] = face.both(f"requests/{number}", api_key=key)
    assert row["status_notes"] == "Hei ***, soitimme ***."


# --- names --------------------------------------------------------------------------------------------------
NAMED = [("Maija Virtanen", "t. maija virtanen"), ("Maija Virtanen", "T. MAIJA VIRTANEN"), ("Maija Virtanen", "Virtasellekin kerrottiin"),
         ("Maija Virtanen", "virtasen piha"), ("Pekka Ranta", "Pekalle ja muille"), ("Pekka Ranta", "Rannalle kerrottiin"),
         ("Leena Kangas", "Kankaalle kerrottiin"), ("Leena Mäki", "Mäen pihassa"), ("Leena Joki", "JOELLE kerrottiin"), ("Kaija Lehto", "Lehdon pihassa"),
         ("Kaija Lampi", "Lammelle kerrottiin"), ("Kaija Aalto", "Aallolle"), ("Seppo Honka", "Hongan Sepon"), ("Matti Rinne", "Rinteelle"),
         ("Leena Niemi", "Niemelle"), ("Markus Repo", "Revolle"), ("Kai Aho", "Aholle"), ("Bo Ek", "Hej Bo!"), ("Heikki", "heikin piha")]


@pytest.mark.parametrize("name, words", NAMED)
def test_senders_name_is_for_a_moderator_to_publish_however_it_is_written(world, name, words):
    sent = answered(world, contact={"name": name})
    assert parts(world, sent, f"{words}.").expect(422, "personal_data").faults() == {"/reply": "personal_data"}
    parts(world, sent, f"{words}.", "moderator").expect(200)


@pytest.mark.parametrize("name, words", NAMED)
def test_senders_name_is_forgotten_however_it_is_written(world, name, words):
    sent = answered(world, reply=f"Nyt {words}.", contact={"name": name})
    world.feedback.track(sent, "/erase")
    assert "***" in world.of("planner").get(world.path("feedback", sent["id"])).expect(200)["reply"]


@pytest.mark.parametrize("name, words", [
    ("Maija Virtanen", "Virta katkesi, mainio asia."), ("Matti Ranta", "Rata on rannalla, matkalla ratsastetaan."), ("Kai Joki", "Kaikki joissakin paikoissa kaipasivat."),
    ("Leena Mäki", "Mäntyjä ja leikkipuisto."), ("Bo Ek", "Bob sade och tackade, ek."), ("Anna Kivi", "Ansiosta, anturi ja kierrätys."), ("X", "X on täällä.")])
def test_words_that_begin_alike_are_no_name(world, name, words):
    sent = answered(world, contact={"name": name})
    parts(world, sent, words).expect(200)


@pytest.mark.parametrize("member, more", [
    ("published_title", {"title": "Maija Virtasen lamppu"}), ("published_text", {"text": "Lamppu on pimeä, Maija Virtanen"}),
    ("service", {"service": "Maija Virtasen piha"}), ("address", {"address": "Virtasen piha"})])
def test_senders_name_is_looked_for_in_all_that_would_be_public(world, member, more):
    sent = answered(world, contact={"name": "Maija Virtanen"}, nickname="Maija", **more)
    assert move(world, sent, "publish", 422, "lighter").faults() == {f"/{member}": "personal_data"}, "a nickname is what its sender wants to be called"
    if member in ("service", "address"):
        move(world, sent, "redact", subject="lighter", withheld=[member])
        move(world, sent, "publish", subject="lighter")
    else:
        move(world, sent, "publish", subject="moderator")


def test_number_in_a_nickname_is_nobodys_to_publish(world):
    sent = answered(world, contact={"phone": "040 123 4567"}, nickname="0401234567")
    assert move(world, sent, "publish", 422, "moderator").faults() == {"/nickname": "personal_data"}


# --- a case and its senders ---------------------------------------------------------------------------------
@pytest.mark.parametrize("words, moderator", [("Pekka Mäki ilmoitti samasta.", 200), ("pekka@example.fi ilmoitti.", 422), ("Soitimme +358507654321.", 422)])
def test_sender_of_what_was_merged_is_not_published_with_the_case(world, words, moderator):
    case = known(world, contact={"name": "Maija"})
    merged(world, case)
    move(world, case, "answer", reply=words)
    assert "/reply" in move(world, case, "publish", 422, "lighter").faults()
    move(world, case, "publish", moderator, "moderator")


def test_case_that_is_public_is_looked_at_anew_when_it_names_the_sender_of_what_is_merged_into_it(world):
    named, other = (published(world, reply="Pekka Mäki korjasi lampun.") for _ in range(2))
    merged(world, other, {"name": "Leena Laine"})
    world.of().get(world.path("feedback", other["id"])).expect(200)
    merged(world, named)
    world.of().get(world.path("feedback", named["id"])).expect(404)
    move(world, named, "publish", subject="moderator")


def test_second_answer_that_names_a_sender_is_not_public_before_a_moderator_says_so(world):
    sent = published(world, contact={"name": "Maija Virtanen"})
    world.feedback.track(sent, "/reopen", text="Sammui taas.")
    move(world, sent, "answer", reply="Hei Maija Virtanen, kävimme kotonasi.")
    world.of().get(world.path("feedback", sent["id"])).expect(404)
    move(world, sent, "publish", 422, "lighter")
    move(world, sent, "publish", subject="moderator")


def letters(world, sent, kind):
    return [row[0] for row in world.rows("select l.body from feedback_mail m cross join lateral feedback_letter(m.municipality, m.id) l"
                                         " where m.feedback_id = %s and m.kind = %s", sent["id"], kind)]


def test_each_sender_of_a_case_reads_the_own_name_and_no_others(world):
    case = known(world, contact={"name": "Maija Virtanen", "email": "maija@example.fi"})
    other = merged(world, case)
    words = "Maija Virtanen ja Pekka Mäki (0507654321) ilmoittivat."
    of_case, of_other = "Maija Virtanen ja *** *** (***) ilmoittivat.", "*** *** ja Pekka Mäki (0507654321) ilmoittivat."
    move(world, case, "inform", text=words)
    move(world, case, "answer", reply=words)
    for sent, seen in ((case, of_case), (other, of_other)):
        told = world.feedback.track(sent)
        assert told["reply"] == seen and {m["text"] for m in told["messages"]} == {seen}
        assert all(seen in letter for kind in ("answer", "message") for letter in letters(world, sent, kind))
        assert letters(world, sent, "answer") and letters(world, sent, "message")
    [item] = world.of().post(world.path("feedback/by-token/export"), {"token": case["tracking_token"]}).expect(200)["feedback"]
    assert item["reply"] == of_case and {m["text"] for m in item["messages"]} == {of_case}


def test_open311_tells_the_sender_of_a_case_no_others_name(world):
    face = Face(world)
    key = face.key()["key"]
    number = face.send(key, first_name="Maija", last_name="Virtanen")
    case = face.stored(number)
    world.rows("update feedback_link set token_hash = sha256(convert_to(%s, 'UTF8')) where feedback_id = %s", case["id"], case["id"])
    merged(world, case)
    move(world, case, "answer", reply="Maija Virtanen ja Pekka Mäki.")
    [row] = face.both(f"requests/{number}", token=case["id"])
    assert row["status_notes"] == "Maija Virtanen ja *** ***."


def test_reason_of_a_reopening_names_nobody_to_others_and_nobody_learns_by_naming(world):
    case = known(world)
    other = merged(world, case)
    move(world, case, "answer", reply="Kiitos.")
    move(world, case, "reopen", reason="Pekka Mäki soitti.")
    move(world, case, "answer", reply="Kiitos taas.")
    world.feedback.track(case, "/reopen", text="Entä Pekka Mäen piha?")
    told = [m["text"] for m in world.feedback.track(case)["messages"] if m["kind"] == "reopening"]
    assert told == ["*** *** soitti.", "Entä Pekka Mäen piha?"], "what one says oneself tells nothing of others"
    world.feedback.track(other, "/erase")
    assert not [word for word in ("Pekka", "Mäki") if word in everything(world, case)]


def test_erasure_takes_the_name_out_of_all_items_of_the_case(world):
    case = known(world, contact={"name": "Maija Virtanen"})
    other, third = merged(world, case), merged(world, case, None)
    for item in (case, third):
        world.of("lighter").post(world.path("feedback", item["id"], "note"), {"text": "Sama kuin Pekka Mäen."}).expect(200)
    image = world.feedback.picture(case)
    world.rows("update image set alternative_text = %s where id = %s", '{"fi": "Mäen piha"}', image["id"])
    world.rows("update feedback_assignment set reason = 'Mäki soitti' where feedback_id = %s", case["id"])
    world.feedback.track(other, "/erase")
    for item in (case, third):
        assert not [word for word in ("Pekka", "Mäki", "Mäen") if word in everything(world, item)]
    assert "Sama kuin *** ***." in everything(world, case)


# --- beside the item ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("words, moderator", [
    ("Maija Virtanen kertoi.", 201), ("Virtasen\nMaija.", 201), ("Soitimme 0401234567.", 422), ("Pekka Mäki kertoi.", 201), ("pekka@example.fi", 422),
    ("Auto ABC-123.", 201), ("Tili FI21 1234 5600 0007 85.", 201), ("Sairaus huomioitiin.", 201), ("Soita\n06 416 2111.", 201), ("toinen@example.fi", 422)])
def test_note_of_an_outcome_holds_nobodys_data(world, words, moderator):
    sent = published(world, contact={"name": "Maija Virtanen", "phone": "040 123 4567"})
    merged(world, sent)
    body = {"feedback_id": sent["id"], "decision_id": world.approval["id"], "note": both(words)}
    make = lambda subject, status: world.of(subject).post(world.path("feedback-outcomes"), body).expect(status)  # noqa: E731
    assert make("lighter", 422).faults() == {"/note": "personal_data"}
    made = make("moderator", moderator)
    if moderator == 201:
        world.of("moderator").delete(world.path("feedback-outcomes", made["id"]), etag="*").expect(204)


def test_picture_is_described_without_its_senders(world):
    sent = published(world, contact={"name": "Maija Virtanen", "phone": "040 123 4567"})
    merged(world, sent)
    image = world.feedback.picture(sent)
    secret = {"Tracking-Token": sent["tracking_token"]}

    def describe(subject, words, status, **more):
        return world.of(subject).patch(world.path("feedback-images", image["id"]), {"alternative_text": both(words), **more}, etag="*",
                                       headers=secret if subject is None else None).expect(status)
    assert describe(None, "Maija Virtanen, (040) 123 4567", 422).faults() == {"/alternative_text": "personal_data"}
    describe(None, "Virtasen piha", 422)
    describe(None, "Pekka Mäen piha", 200)  # whether that one has sent something is not told
    shown = {"is_publishable": True}
    world.of("lighter").patch(world.path("feedback-images", image["id"]), shown, etag="*").expect(422, "personal_data")
    describe("lighter", "Mäen piha", 422)
    describe("moderator", "+358507654321", 422)
    describe("moderator", "Mäen piha", 200, **shown)
    world.of("planner").patch(world.path("feedback-images", image["id"]), {"is_publishable": False}, etag="*").expect(200)


@pytest.mark.parametrize("member", ["service_object_type", "service_object_id"])
def test_what_a_client_says_it_is_about_is_looked_at_withheld_and_erased(world, member):
    face = Face(world)
    key = face.key(permits_publication=True)["key"]
    words = "Soita Maija Virtaselle 040 765 1122"
    number = face.send(key, **{member: words, "first_name": "Maija", "last_name": "Virtanen"})
    sent = face.stored(number)
    sent["id"] = str(sent["id"])
    assert sent["findings"] == ["phone"]
    found = world.of("moderator").get(world.path("feedback", sent["id"], "findings")).expect(200)["places"]
    assert [(place["member"], place["words"]) for place in found] == [(member, "040 765 1122")]
    move(world, sent, "release", subject="moderator")
    move(world, sent, "answer", reply="Korjattu.")
    world.feedback.set(sent, findings="[]")
    assert move(world, sent, "publish", 422, "lighter").faults() == {f"/{member}": "personal_data"}
    move(world, sent, "redact", withheld=["service_object"])
    move(world, sent, "publish", subject="moderator")
    read = lambda: face.both(f"requests/{number}", extensions="true")[0]["extended_attributes"][member]  # noqa: E731
    listed = lambda: [row["service_request_id"] for row in face.both("requests", **{member: words})]  # noqa: E731
    assert (read(), listed()) == ("", [])
    world.feedback.set(sent, withheld="[]")
    assert (read(), listed()) == (words, [number])
    world.rows("select anonymise_feedback('743', array[%s]::uuid[], now())", sent["id"])
    assert (read(), listed()) == ("", [])
    assert words not in everything(world, sent)


def test_copy_that_holds_outcomes_of_feedback_is_asked_for_anew(world):
    for path in (world.path("measure-lines"), world.path("proposals")):
        answer = lambda **query: world.of().get(path, query=query).expect(200).headers["Cache-Control"]  # noqa: E731
        assert answer(embed="feedback_outcomes") == "public, max-age=0, must-revalidate"
        assert answer() == "public, max-age=15, stale-while-revalidate=60"
