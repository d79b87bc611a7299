"""What becomes public of feedback, in which words, and what is public no more. Domain brief 4.8 and 6."""
import pytest

from world import TODAY, text

UNITS_MOVES = {"propose": None, "publish": None, "redact": {"published_text": "Polku on pimeä."}, "unpublish": {"reason": text("virhe")}}


def move(world, sent, verb, status=200, subject="planner", **body):
    return world.of(subject).post(world.path("feedback", sent["id"], verb), body or UNITS_MOVES.get(verb)).expect(status)


def answered(world, reply="Lamppu vaihdettiin.", **more):
    """Sent with permission and answered, by default harmless."""
    sent = world.feedback.send(**{"permits_publication": True, **more})
    world.feedback.set(sent, status="answered", reply=reply, answered_at=f"{TODAY}T09:00:00Z")
    return sent


def published(world, **more):
    sent = answered(world, **more)
    return {**sent, **move(world, sent, "publish").json}


def listed(world, subject=None, **query):
    return {item["id"]: item for item in world.of(subject).get_all(world.path("feedback"), query={"limit": 200, **query})}


# --- moderation -------------------------------------------------------------------------------------------
def test_moderator_lists_what_waits_oldest_first_and_sees_what_was_found_where(world):
    sent = world.feedback.send(text="Soita 040 123 4567, idiootti.", title="auto ABC-123")
    waiting = world.of("moderator").get_all(world.path("feedback"), query={"status": "in_moderation", "sort": "created_at", "limit": 200})
    assert [item["created_at"] for item in waiting] == sorted(item["created_at"] for item in waiting)
    assert next(item for item in waiting if item["id"] == sent["id"])["findings"] == ["insult", "number_plate", "phone"]
    found = world.of("moderator").get(world.path("feedback", sent["id"], "findings")).expect(200)["places"]
    assert [(p["member"], p["kind"], p["start"], p["length"], p["words"]) for p in found] == [
        ("title", "number_plate", 5, 7, "ABC-123"), ("text", "phone", 6, 12, "040 123 4567"), ("text", "insult", 20, 8, "idiootti")]
    world.of("lighter").get(world.path("feedback", sent["id"], "findings")).expect(403, "insufficient_scope")
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "divisions", "role": "moderator", "sector": "muu"})
    world.of("divisions").get(world.path("feedback", sent["id"], "findings")).expect(404)


@pytest.mark.parametrize("words, kinds", [
    ("Vittu mikä tie", ["insult"]), ("din jävla idiot", ["insult"]), ("you bastards", ["insult"]), ("Tapan teidät", ["threat"]),
    ("jag dödar dig", ["threat"]), ("I will kill you", ["threat"]), ("tapaan teidät torilla, tapani mukaan", []), ("hän horjui", [])])
def test_insults_and_threats_of_three_languages_wait_for_a_moderator(world, words, kinds):
    sent = world.feedback.send(text=words)
    assert (sent["findings"], sent["status"]) == (kinds, "in_moderation" if kinds else "assigned")


def test_refused_item_ends_and_its_sender_reads_why(world):
    sent = world.feedback.send(text="Tapan teidät.")
    move(world, sent, "refuse", 403, text="Ei käy.")
    assert move(world, sent, "refuse", 422, "moderator", text="Hetu 131052-308T.").faults() == {"/text": "personal_data"}
    refused = move(world, sent, "refuse", subject="moderator", text="Viestissä on uhkaus.")
    assert refused["status"] == "rejected" and refused["closed_at"]
    assert [m["text"] for m in world.feedback.track(sent)["messages"]] == ["Viestissä on uhkaus."]
    assert move(world, sent, "refuse", 409, "moderator", text="Uudestaan.").code == "wrong_state"


# --- publishing -------------------------------------------------------------------------------------------
def test_published_with_its_answer_in_the_words_that_were_sent(world):
    shown = published(world, title="Pimeä polku", nickname="Kulkija")
    assert (shown["publication"], shown["published_text"], shown["published_title"]) == ("published", "Polku on pimeä.", "Pimeä polku")
    public = world.of().get(world.path("feedback", shown["id"])).expect(200)
    assert (public["title"], public["text"], public["reply"], public["nickname"]) == (
        "Pimeä polku", "Polku on pimeä.", "Lamppu vaihdettiin.", "Kulkija")
    assert shown["id"] in listed(world)


def test_example_52_without_permission_harmless_feedback_is_not_published(world):
    sent = answered(world, permits_publication=False)
    for verb in ("propose", "publish"):
        assert move(world, sent, verb, 409).code == "no_permission"
    assert sent["id"] not in listed(world)


def test_what_a_moderator_holds_is_not_published_and_what_was_found_only_by_a_moderator(world):
    sent = world.feedback.send(permits_publication=True, text="Isäni sairaus ja pimeä polku.")
    assert move(world, sent, "propose", 409).code == "moderation_pending"
    assert move(world, sent, "publish", 409, "moderator").code == "moderation_pending"
    move(world, sent, "release", subject="moderator")
    world.feedback.set(sent, reply="Kiitos.", status="answered")
    assert move(world, sent, "publish", 403, "planner").code == "insufficient_scope"
    assert move(world, sent, "publish", subject="moderator")["publication"] == "published", "a person found the word of health harmless"


def test_nothing_is_published_without_its_answer(world):
    sent = world.feedback.send(permits_publication=True)
    assert move(world, sent, "publish", 409).code == "reply_missing"
    assert move(world, sent, "propose")["publication"] == "proposed"


@pytest.mark.parametrize("member, more", [
    ("published_title", {"title": "Soita 0401234567"}), ("published_text", {"text": "Soita 0401234567"}),
    ("nickname", {"nickname": "maija@example.fi"}), ("service", {"service": "auto ABC-123"}),
    ("address", {"address": "Tie 1, tili FI21 1234 5600 0007 85"}), ("reply", {"reply": "Hetunne ******-****"})])
def test_personal_data_is_not_published_wherever_it_stands(world, member, more):
    sent = answered(world, **more)
    assert move(world, sent, "publish", 422, "moderator").faults() == {f"/{member}": "personal_data"}


def test_offices_number_in_an_answer_is_for_a_moderator_to_judge(world):
    sent = answered(world, reply="Soita 06 416 2111.")
    assert move(world, sent, "publish", 422).faults() == {"/reply": "personal_data"}
    assert move(world, sent, "publish", subject="moderator")["publication"] == "published"


def test_new_answer_of_what_is_published_is_public_unless_something_is_found_in_it(world):
    harmless, found = published(world), published(world)
    for sent, reply in ((harmless, "Korjattiin uudestaan."), (found, "Soita Matille 040 123 4567.")):
        world.feedback.track(sent, "/reopen", text="Sammui taas.")
        move(world, sent, "answer", reply=reply)
    assert world.of().get(world.path("feedback", harmless["id"])).expect(200)["reply"] == "Korjattiin uudestaan."
    world.of().get(world.path("feedback", found["id"])).expect(404)
    assert found["id"] not in listed(world, q="Matille")
    log = world.rows("select to_status from transition where resource = 'feedback_publication' and resource_id = %s order by id", found["id"])
    assert log == [("published",), ("proposed",)]


def test_what_keeps_it_from_being_published_comes_all_at_once(world):
    sent = world.feedback.send(text="Soita 0401234567, sairauteni paheni.")
    faults = {"/permits_publication": "no_permission", "/status": "moderation_pending", "/reply": "reply_missing", "/published_text": "personal_data"}
    assert move(world, sent, "publish", 409, "moderator").faults() == faults
    assert move(world, sent, "publish", 409).faults() == {**faults, "/findings": "insufficient_scope"}
    assert move(world, sent, "propose", 409).faults() == {"/permits_publication": "no_permission", "/status": "moderation_pending"}


def test_redacted_words_are_public_and_the_original_stays_apart(world):
    sent = answered(world, title="Maija", text="Naapuri Matti Meikäläinen jätti valot päälle.", nickname="Maija Malli", address="Kotikuja 1",
                    latitude="62.771234", longitude="22.851234", service="Katuvalot")
    world.feedback.set(sent, responsible_party_id=world.feedback.unit["id"])  # whatever areas other tests have drawn around the point
    edited = move(world, sent, "redact", subject="lighter", published_text="Naapuri jätti valot päälle.", published_title=None,
                  withheld=["nickname", "address", "point", "service"])
    assert (edited["text"], edited["published_text"], edited["publication"]) == (
        "Naapuri Matti Meikäläinen jätti valot päälle.", "Naapuri jätti valot päälle.", "not_public")
    move(world, sent, "publish", subject="lighter")
    public = world.of().get(world.path("feedback", sent["id"])).expect(200).json
    assert public["text"] == "Naapuri jätti valot päälle."
    assert {public[name] for name in ("title", "nickname", "address", "latitude", "longitude", "service", "withheld", "published_text")} == {None}
    assert "Meikäläinen" not in str(public) and "Maija" not in str(public)
    assert world.of("lighter").get(world.path("feedback", sent["id"])).expect(200)["latitude"] == "62.771234"
    assert move(world, sent, "redact", 409).code == "wrong_state"
    move(world, sent, "unpublish")
    assert move(world, sent, "redact", withheld=[])["published_text"] == "Naapuri jätti valot päälle.", "what is not named stays"


def test_title_edited_alone_is_the_one_that_is_published(world):
    sent = answered(world, title="Matti Meikäläisen valot", text="Valot ovat päällä.")
    assert move(world, sent, "redact", published_title="Valot")["published_text"] == "Valot ovat päällä."
    move(world, sent, "publish")
    public = world.of().get(world.path("feedback", sent["id"])).expect(200)
    assert (public["title"], public["text"]) == ("Valot", "Valot ovat päällä.")


def test_example_57_withdrawn_item_is_gone_from_lists_and_search_at_once_and_the_log_is_kept(world):
    sent = published(world, text="Naapurini Yrjänä Ylitalo pitää valot päällä.")
    path, found = world.path("feedback", sent["id"]), {"q": "ylitalon"}
    kept = world.of().get(path).expect(200)
    assert sent["id"] in listed(world) and sent["id"] in listed(world, **found)
    for where in (path, world.path("feedback")):
        assert world.of().get(where).expect(200).headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    withdrawn = move(world, sent, "unpublish", reason=text("Naapurin nimi."))
    assert withdrawn["publication"] == "withdrawn"
    world.of().get(path).expect(404)
    world.of().get(path, headers={"If-None-Match": kept.etag}).expect(404, "not_found")
    assert sent["id"] not in listed(world) and sent["id"] not in listed(world, **found)
    assert sent["id"] not in listed(world, "moderator", **found), "its words are no words of the search any more"
    log = world.of("admin").get_all(world.path("transitions"), query={"resource_id": sent["id"], "resource": "feedback_publication"})
    assert [(t["from_status"], t["to_status"], t["reason"]) for t in log] == [
        ("not_public", "published", None), ("published", "withdrawn", "Naapurin nimi.")]
    assert move(world, sent, "unpublish", 409).code == "wrong_state"
    assert [m["status"] for m in world.feedback.track(sent)["moves"]] == ["assigned", "answered"], "the sender's moves are those of the item"
    move(world, sent, "redact", published_text="Naapurini pitää valot päällä.")
    move(world, sent, "publish")
    assert listed(world)[sent["id"]]["text"] == "Naapurini pitää valot päällä."


STATES = ["not_public", "proposed", "published", "withdrawn"]


@pytest.mark.parametrize("verb, states, after", [
    ("propose", {"not_public", "withdrawn"}, "proposed"), ("publish", {"not_public", "proposed", "withdrawn"}, "published"),
    ("unpublish", {"proposed", "published"}, "withdrawn"), ("redact", {"not_public", "proposed", "withdrawn"}, None)])
def test_publication_moves_from_its_states_and_no_other(world, verb, states, after):
    for state in STATES:
        sent = answered(world)
        world.feedback.set(sent, published_text="Polku on pimeä.", publication=state)
        if state in states:
            assert move(world, sent, verb)["publication"] == (after or state)
        else:
            refused = move(world, sent, verb, 409)
            allowed = [row[0] for row in world.rows(
                "select to_status from state_move where resource = 'feedback_publication' and from_status = %s order by 1", state)]
            assert refused.code == "wrong_state" and refused["allowed"] == allowed


def test_who_sees_it_for_another_reason_publishes_nothing(world):
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "onlooker", "role": "privacy_officer"})
    world.holder(world.party("unit"), "onlooker")
    sent = answered(world)
    for verb in UNITS_MOVES:
        assert move(world, sent, verb, 403, "onlooker").code == "not_your_unit"


def test_senders_withdrawal_is_in_the_log_of_publication(world):
    sent = answered(world)
    move(world, sent, "publish")
    world.feedback.track(sent, "/withdraw")
    assert world.rows("select to_status from transition where resource = 'feedback_publication' and resource_id = %s order by id",
                      sent["id"]) == [("published",), ("withdrawn",)]
    assert move(world, sent, "publish", 409).code == "no_permission"
