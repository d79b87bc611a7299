"""Feedback: its arrival, its routing, what is found in it, and how its sender comes back to it."""
import uuid

import pytest

from feedback import both, question
from server import fake_clock
from world import HOME, ISSUER, SQUARE, TODAY, text, unknown_id

IDENTITY = "131052-308T"


def refused(world, status=422, subject=None, **more):
    return world.of(subject).post(world.path("feedback"), world.feedback.body(**more)).expect(status)


def stored(world, sent):
    """All that is stored of it, and of the request, as text."""
    return str(world.rows("select to_jsonb(f)::text from feedback f where f.id = %s", sent["id"])) + str(world.rows(
        "select body from idempotency where location like %s", f"%{sent['id']}")) + str(world.rows(
            "select to_jsonb(c)::text from feedback_contact c where c.feedback_id = %s", sent["id"]))


@pytest.fixture
def lights(world):
    """Who is responsible for the lights of the district, while a test asks."""
    unit = world.party("unit", title=text("Keskustan katuvalot"))
    route = lambda routes: world.of("planner").patch(  # noqa: E731
        world.path("feedback-topics", world.feedback.lighting["id"]), {"routes": routes}, etag="*").expect(200)
    route([{"area_id": world.district["id"], "responsible_party_id": unit["id"]}])
    yield unit
    route([])


def test_example_50_anonymous_text_and_point_find_topic_and_unit(world, lights):
    unit = lights
    sent = world.feedback.send(topic_id=None, text="Polku on pimeä, valaistus ei toimi.", latitude="62.77", longitude="22.85")
    assert (sent["topic_id"], sent["is_topic_suggested"]) == (world.feedback.lighting["id"], True)
    assert (sent["area_id"], sent["responsible_party_id"], sent["status"]) == (world.district["id"], unit["id"], "assigned")
    assert len(sent["tracking_token"]) == 32
    elsewhere = world.feedback.send(latitude="62.5", longitude="22.85")
    assert (elsewhere["area_id"], elsewhere["responsible_party_id"]) == (None, world.feedback.unit["id"])


def test_unit_is_that_of_the_nearest_topic_and_the_nearest_area(world):
    top_unit, unit, area_unit, around_unit = (world.party("unit") for _ in range(4))
    around = world.area("pb_area")
    area = world.area(parent_area_id=around["id"])
    part, beside = world.area("village", parent_area_id=area["id"]), world.area("village", parent_area_id=around["id"])
    routes = [{"area_id": where["id"], "responsible_party_id": whose["id"]} for where, whose in ((around, around_unit), (area, area_unit))]
    top = world.feedback.topic(responsible_party_id=top_unit["id"], routes=routes)
    silent = world.feedback.topic(parent_topic_id=top["id"])
    speaking = world.feedback.topic(parent_topic_id=top["id"], responsible_party_id=unit["id"])
    unit_of = lambda topic, **more: world.feedback.send(topic_id=topic["id"], **more)["responsible_party_id"]  # noqa: E731
    assert unit_of(silent) == top_unit["id"]
    assert unit_of(silent, area_id=part["id"]) == area_unit["id"]
    assert unit_of(silent, area_id=beside["id"]) == around_unit["id"]
    assert unit_of(speaking, area_id=part["id"]) == unit["id"]


def test_point_lies_in_the_smallest_area_that_there_is_that_day(world):
    square = lambda size: {"type": "Polygon", "coordinates": [  # noqa: E731
        [[28.0, 64.5], [28.0 + size, 64.5], [28.0 + size, 64.5 + size], [28.0, 64.5 + size], [28.0, 64.5]]]}
    around, inner = world.area("pb_area", geometry=square(0.2)), world.area("village", geometry=square(0.1))
    world.area("village", geometry=square(0.05), valid_to="2020-12-31")
    world.area("village", geometry=square(0.06), valid_from="2098-01-01")
    area_of = lambda place: world.feedback.send(latitude=place[0], longitude=place[1])["area_id"]  # noqa: E731
    assert (area_of(("64.52", "28.02")), area_of(("64.65", "28.15"))) == (inner["id"], around["id"])


def test_unit_that_is_gone_gets_nothing(world):
    units = [world.party("unit") for _ in range(3)]
    area = world.area()
    top = world.feedback.topic(responsible_party_id=units[0]["id"])
    below = world.feedback.topic(parent_topic_id=top["id"], responsible_party_id=units[1]["id"],
                                 routes=[{"area_id": area["id"], "responsible_party_id": units[2]["id"]}])
    for heir, unit in zip(units[1::-1], units[:0:-1]):
        world.rows("update responsible_party set deleted_at = now() where id = %s", unit["id"])
        assert world.feedback.send(topic_id=below["id"], area_id=area["id"])["responsible_party_id"] == heir["id"]


def test_without_a_unit_it_stays_received(world):
    assert world.feedback.send(topic_id=world.feedback.other["id"])["status"] == "received"


def test_place_that_is_named_tells_the_topic_where_the_text_does_not(world):
    pool = world.feedback.topic(name=text("Uimahalli"), description=text("Altaat ja pukuhuoneet"))
    for place in ({"address": "Kukkulan uimahalli"}, {"service": "Uimahalli"}):
        sent = world.feedback.send(topic_id=None, text="Ovi on jumissa.", **place)
        assert (sent["topic_id"], sent["is_topic_suggested"]) == (pool["id"], True)


def test_point_tells_the_topic_where_words_fit_several_alike_or_none(world):
    slide, swing = (world.feedback.topic(name=text(name), description=text("Puiston välineet")) for name in ("Liukumäki", "Keinu"))
    here = {"latitude": "62.71", "longitude": "22.71"}
    topic_of = lambda words, **place: world.feedback.send(topic_id=None, text=words, **place)["topic_id"]  # noqa: E731
    rusty = "Puiston väline on ruostunut."
    first, second = sorted((slide, swing), key=lambda topic: (topic["position"], topic["code"]))
    assert topic_of(rusty, **here) == first["id"]
    known = world.feedback.send(topic_id=second["id"], **here)
    assert topic_of(rusty, **here) == first["id"], "what is not published tells nothing"
    world.feedback.set(known, publication="published", published_text="Ruosteinen.")
    assert topic_of(rusty, **here) == second["id"]
    assert topic_of("Zzyzx qwertyuiop.", **here) == second["id"]
    assert topic_of(f"{first['name']['fi']} on ruostunut.", **here) == first["id"], "its name says more than the place"
    assert topic_of(rusty, latitude="62.7111", longitude="22.71") == first["id"], "124 m away"
    for hidden in ({"is_residential": True}, {"is_residential": False, "withheld": '["point"]'}):
        world.feedback.set(known, **hidden)
        assert topic_of(rusty, **here) == first["id"], hidden


def test_topic_that_is_gone_or_anothers_is_not_suggested(world):
    gone = world.feedback.topic(name=text("Kelkkamäki"))
    world.of("planner").delete(world.path("feedback-topics", gone["id"]), etag="*").expect(204)
    world.feedback.topic(name=text("Kelkkamäki"), signpost={"name": text("Naapurikunta"), "address": "https://naapuri.example"})
    assert world.feedback.send(topic_id=None, text="Kelkkamäki.")["topic_id"] == world.feedback.other["id"]


def test_name_says_more_than_a_description(world):
    world.feedback.topic(name=text("Zeta"), description=text("Pulkkarata"), position=0)
    named = world.feedback.topic(name=text("Pulkkarata"), position=1)
    assert world.feedback.send(topic_id=None, text="Pulkkarata.")["topic_id"] == named["id"]


def test_text_that_fits_no_topic_goes_to_other(world):
    sent = world.feedback.send(topic_id=None, text="Zzyzx qwertyuiop.")
    assert (sent["topic_id"], sent["is_topic_suggested"]) == (world.feedback.other["id"], True)


def test_example_51_identity_code_and_phone_wait_for_a_moderator_and_the_code_is_stored_nowhere(world):
    mark = len(world.service.server.log)
    key = str(uuid.uuid4())
    body = world.feedback.body(text=f"Hetuni on {IDENTITY}, soita 040 123 4567.", title=IDENTITY, nickname=IDENTITY.lower(),
                               permits_publication=True, contact={"name": f"Maija {IDENTITY}", "phone": "040 123 4567"})
    sent = world.of().post(world.path("feedback"), body, headers={"Idempotency-Key": key}).expect(201).json
    assert (sent["status"], sent["findings"], sent["publication"]) == ("in_moderation", ["identity_code", "phone"], "not_public")
    assert sent["text"] == "Hetuni on ******-****, soita 040 123 4567."
    world.of().get(world.path("feedback", sent["id"])).expect(404)
    assert sent["id"] not in {item["id"] for item in world.of().get_all(world.path("feedback"))}
    world.of("lighter").get(world.path("feedback", sent["id"])).expect(404)
    assert world.of("moderator").get(world.path("feedback", sent["id"])).expect(200)["text"] == sent["text"]
    kept = stored(world, sent)
    assert "******-****" in kept and IDENTITY not in kept and IDENTITY.lower() not in kept
    world.service.server.wait_for_line(lambda line: line.get("operation") == "createFeedback", since=mark)
    assert not any(IDENTITY.encode() in line for line in world.service.server.log[mark:] if line)
    again = world.of().post(world.path("feedback"), body, headers={"Idempotency-Key": key}).expect(201)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json == sent


@pytest.mark.parametrize("words, kinds", [
    ("kirjoita matti@example.fi", ["email"]), ("puh. +358 40 1234567", ["phone"]), ("soita 0401234567", ["phone"]),
    ("tili FI21 1234 5600 0007 85", ["iban"]), ("auto ABC-123 ajoi", ["number_plate"]), ("isäni sairaus paheni", ["health"]),
    ("min sjukdom", ["health"]), ("koodi 131052-308T", ["identity_code"]), ("lamppu 12345 rikki 18.6.2026, klo 12.30", []),
    ("bussi 5 kulkee 10-20 minuutin välein", []), ("talot 12-14", [])])
def test_personal_data_is_found_by_its_kind(world, words, kinds):
    sent = world.feedback.send(text=words)
    assert (sent["findings"], sent["status"]) == (kinds, "in_moderation" if kinds else "assigned")


def test_example_53_topic_of_another_authority_tells_where_to_go(world):
    signpost = {"name": {"fi": "Hyvinvointialue", "sv": "Välfärdsområdet"}, "address": "https://hva.example"}
    elsewhere = world.feedback.topic(signpost=signpost)
    answer = world.of().post(world.path("feedback"), world.feedback.body(topic_id=elsewhere["id"]),
                             headers={"Accept-Language": "sv"}).expect(422)
    assert answer.faults() == {"/topic_id": "topic_elsewhere"}
    assert "Välfärdsområdet, https://hva.example" in answer["errors"][0]["detail"]
    own = world.feedback.topic(name=both("Terveyskeskus"), responsible_party_id=world.feedback.unit["id"])
    assert world.feedback.send(topic_id=own["id"])["status"] == "assigned", "where it is the municipality's own"


REGISTRY = {"name": both("Kirjaamo"), "address": "kirjaamo@example.fi"}


@pytest.fixture(scope="module")
def official(world):
    """As a municipality would name it, with words that ordinary feedback has too."""
    return world.feedback.topic(is_official_matter=True, signpost=REGISTRY, name={
        "fi": "Viralliset asiat: muistutukset, oikaisuvaatimukset, tietopyynnöt",
        "sv": "Officiella ärenden: anmärkningar, rättelseyrkanden, begäran om uppgifter",
        "en": "Official matters: objections, claims for rectification, information requests"})


def test_example_54_claim_for_rectification_is_guided_to_the_registry(world, official):
    sent = world.feedback.send(topic_id=official["id"], text="Vaadin päätöksen muuttamista.")
    assert (sent["status"], sent["transferred_to"]) == ("transferred", REGISTRY)
    assert "vasta, kun kirjaamo on saanut asian" in sent["guidance"]["fi"] and "registry has it" in sent["guidance"]["en"]
    assert sent["closed_at"] is not None
    assert world.feedback.send()["guidance"] is None


@pytest.mark.parametrize("words", [
    "Tämä on oikaisuvaatimus lupapäätöksestä.", "Teen oikaisuvaatimuksen rakennusluvasta.", "Tietopyyntö: pyydän kokouksen pöytäkirjat.",
    "Pyydän asiakirjan julkisuuslain nojalla.", "Valitus lautakunnan päätöksestä", "Valitan kunnanhallituksen päätöksestä 5.",
    "Kantelu viranhaltijan toiminnasta", "Muistutus asemakaavan muutoksesta", "Ranta-asemakaavasta haluan jättää muistutuksen.",
    "Omprövningsbegäran om byggnadstillstånd", "Jag vill lämna in ett rättelseyrkande.", "Begäran om allmän handling",
    "Jag anför besvär över nämndens beslut.", "Anmärkning mot detaljplanen", "This is a claim for rectification.",
    "Freedom of information request about the school", "I wish to appeal against the decision on my permit.",
    "Objection to the local detailed plan"])
def test_example_54_what_reads_like_an_official_matter_is_guided_and_left_to_a_person(world, official, words):
    sent = world.feedback.send(topic_id=None, text=words)
    assert (sent["topic_id"], sent["is_topic_suggested"]) == (official["id"], True)
    assert (sent["status"], sent["closed_at"], sent["transferred_to"]) == ("received", None, None)
    assert "vaikuttaa viralliselta asialta" in sent["guidance"]["fi"] and "Kirjaamo, kirjaamo@example.fi" in sent["guidance"]["fi"]
    assert sent["tracking_token"] and world.feedback.track(sent)["guidance"] == sent["guidance"]


@pytest.mark.parametrize("words", [
    "Could I get information on the opening hours?", "Thank you, the information desk at the town hall was great.",
    "My request: please plant more flowers downtown.", "Asiat hoidettiin hyvin, kiitos.", "Muistutus: suihkulähde on rikki.",
    "Jag vill ha uppgifter om öppettiderna.", "Reklamaatio: roskikset tyhjentämättä.", "Valitettavasti ovi on lukossa, kuka päätti näin?",
    "Valituslaulun kuoro oli upea.", "Kaavalakanat puuttuvat ilmoitustaululta.", "Jag har besvär med halkan på gatan.",
    "The plan of the building hangs upside down.", "Viralliset lomakkeet ovat hankalia."])
def test_ordinary_feedback_is_no_official_matter_for_a_word_in_its_name(world, official, words):
    sent = world.feedback.send(topic_id=None, text=words)
    assert sent["topic_id"] != official["id"] and sent["guidance"] is None and sent["status"] in ("received", "assigned")


@pytest.mark.parametrize("hour", ["2026-06-18 09:00:00", "2026-06-17 23:30:00"])
def test_example_55_five_working_days_pass_over_midsummer(world, make_service, hour):
    """Counted from the day it is in Finland."""
    service = make_service(f"midsummer-{hour[-8:-6]}", more=fake_clock(hour))
    sent = service.client().post(f"/v1/{HOME}/feedback", {"kind": "thanks", "text": "Kiitos!", "language": "fi"}).expect(201)
    assert sent["due_on"] == "2026-06-26"


def test_example_59_repeated_request_makes_one_item_and_tells_the_same_secret(world):
    key, before = str(uuid.uuid4()), world.count("feedback")
    answers = [world.of().post(world.path("feedback"), world.feedback.body(), headers={"Idempotency-Key": key}).expect(201) for _ in range(2)]
    assert answers[0].json == answers[1].json and answers[0].headers["Location"] == answers[1].headers["Location"]
    assert world.count("feedback") == before + 1


def test_example_85_accessibility_is_due_in_14_days_and_listed_apart(world):
    topic = world.feedback.topic(is_accessibility=True, responsible_party_id=world.feedback.unit["id"])
    sent, usual = world.feedback.send(topic_id=topic["id"], kind="complaint"), world.feedback.send()
    days = world.rows("select due_on - %s::date from feedback where id = %s", TODAY, sent["id"])
    assert days == [(14,)] and sent["is_accessibility"] and not usual["is_accessibility"]
    apart = {item["id"] for item in world.of("planner").get_all(world.path("feedback"), query={"is_accessibility": "true", "limit": 200})}
    assert sent["id"] in apart and usual["id"] not in apart


def test_due_day_follows_the_topics_target(world):
    topic = world.feedback.topic(target_working_days=2)
    assert world.rows("select working_days_after(%s, 2)::text", TODAY) == [(world.feedback.send(topic_id=topic["id"])["due_on"],)]


@pytest.mark.parametrize("words, status", [("ä" * 4000, 201), ("ä" * 4001, 422), ("", 422), (" \n\t ", 422)])
def test_text_has_4000_characters_not_bytes(world, words, status):
    world.of().post(world.path("feedback"), world.feedback.body(text=words)).expect(status)


def test_answers_are_judged_all_at_once(world):
    asked = [question("lamp", 1, "number", required=True), question("when", 2, "datetime", required=True),
             question("kind", 3, "singlevaluelist", values=[{"key": "led", "name": both("led")}, {"key": "old", "name": both("vanha")}]),
             question("signs", 4, "multivaluelist", values=[{"key": "a", "name": both("a")}, {"key": "b", "name": both("b")}]),
             {**question("note", 5, required=True), "variable": False}]
    topic = world.feedback.topic(questions=asked)
    faults = refused(world, topic_id=topic["id"], answers={"lamp": ["seven"], "kind": ["led", "old"], "signs": ["c"], "x": ["y"], "note": ["z"]}).faults()
    assert faults == {"/answers/lamp": "answer_invalid", "/answers/when": "required", "/answers/kind": "answer_invalid",
                      "/answers/signs": "answer_invalid", "/answers/x": "unknown_member", "/answers/note": "unknown_member"}
    good = {"lamp": ["7"], "when": ["2026-06-18T12:00:00Z"], "kind": ["led"], "signs": ["a", "b"]}
    for bad in ({"when": ["2026-02-30"]}, {"when": ["2026-13-45T29:99"]}, {"when": ["2026-06-18T25:00:00Z"]}, {"signs": ["a", "a"]}):
        [code] = bad
        assert refused(world, topic_id=topic["id"], answers={**good, **bad}).faults() == {f"/answers/{code}": "answer_invalid"}, bad
    assert refused(world, topic_id=topic["id"], answers={**good, "lamp": ["  "]}).faults() == {"/answers/lamp/0": "pattern"}
    assert world.feedback.send(topic_id=topic["id"], answers=good)["answers"] == good


def test_what_it_names_exists_and_its_place_is_in_finland(world):
    answer = refused(world, topic_id=unknown_id(), latitude="22.8", longitude="62.8")
    assert answer.faults() == {"/topic_id": "reference_not_found", "/latitude": "geometry_outside"}
    gone = world.area("village")
    world.of("planner").delete(world.path("areas", gone["id"]), etag="*").expect(204)
    for area in (unknown_id(), gone["id"]):
        answer = refused(world, area_id=area, topic_id=unknown_id())
        assert answer.faults() == {"/area_id": "reference_not_found", "/topic_id": "reference_not_found"}
    assert refused(world, latitude="62.8").faults() == {"/longitude": "rule_broken"}
    assert refused(world, 409, "planner", source="crm", external_id=world.feedback.send(
        "planner", source="crm", external_id=uuid.uuid4().hex)["external_id"]).code == "already_exists"


def test_only_staff_say_another_channel_or_a_source(world):
    for more in ({"channel": "staff"}, {"channel": "phone"}, {"source": "crm", "external_id": "1"}):
        assert refused(world, 403, **more).code == "insufficient_scope"
        assert refused(world, 403, "author", **more).code == "insufficient_scope"
    for subject in ("planner", "moderator", "lighter"):
        assert world.feedback.send(subject, channel="staff")["channel"] == "staff"


@pytest.mark.parametrize("role", ["admin", "handler", "moderator", "participation_coordinator", "registrar"])
def test_staff_enters_what_was_told_by_telephone(world, role):
    world.make("admin", "grants", {"issuer": ISSUER, "subject": f"clerk-{role}", "role": role})
    assert world.feedback.send(f"clerk-{role}", channel="phone")["channel"] == "phone"


def test_proposed_for_publication_only_with_permission_by_default_of_its_topic_and_without_findings(world):
    topic = world.feedback.topic(publishes_by_default=True)
    publication = lambda **more: world.feedback.send(**more)["publication"]  # noqa: E731
    assert publication(topic_id=topic["id"], permits_publication=True) == "proposed"
    assert publication(topic_id=topic["id"]) == "not_public"
    assert publication(permits_publication=True) == "not_public"
    assert publication(topic_id=topic["id"], permits_publication=True, text="soita 0401234567") == "not_public"


# --- who sees what ----------------------------------------------------------------------------------------
def test_unit_sees_its_own_and_overseers_all(world):
    sent = world.feedback.send()
    path = world.path("feedback", sent["id"])
    for subject in ("lighter", "planner", "moderator", "privacy", "admin"):
        assert world.of(subject).get(path).expect(200)["text"] == sent["text"]
    for subject in (None, "reporter", "coordinator", "secretary", "other-planner"):
        world.of(subject).get(path).expect(404)


def test_public_reads_the_published_words_and_a_rounded_point(world):
    sent = world.feedback.send(text="Naapurini Matti Virtanen ei hoida lamppua.", address="Kotikatu 1", latitude="62.123456",
                               longitude="22.655321", is_residential=True, permits_publication=True, contact={"email": "a@example.fi"})
    world.feedback.set(sent, publication="published", published_text="Naapurini ei hoida lamppua.", published_at=f"{TODAY}T00:00:00Z")
    answer = world.of().get(world.path("feedback", sent["id"])).expect(200)
    assert (answer["text"], answer["latitude"], answer["longitude"], answer["address"]) == ("Naapurini ei hoida lamppua.", "62.123", "22.656", None)
    hidden = ("findings", "answers", "permits_publication", "published_text", "source", "is_topic_suggested", "merged_into_id")
    assert [answer[name] for name in hidden] == [None] * len(hidden)
    everything = answer.text + world.of().get(world.path("feedback"), query={"limit": 200}).expect(200).text + world.of().get(
        world.path("feedback"), query={"limit": 200, "format": "csv"}).expect(200).text
    for secret in ("Virtanen", "example.fi", "Kotikatu", "62.123456", sent["tracking_token"]):
        assert secret not in everything
    found = lambda q: [item["id"] for item in world.of().get_all(world.path("feedback"), query={"q": q})]  # noqa: E731
    assert sent["id"] in found("naapuri lamppu") and found("Virtanen") == []
    world.feedback.set(sent, publication="withdrawn")
    assert sent["id"] not in found("naapuri lamppu")
    world.of().get(world.path("feedback", sent["id"])).expect(404)


def test_contact_data_is_seen_by_the_unit_and_every_look_is_logged(world):
    sent = world.feedback.send(contact={"name": "Maija", "email": "maija@example.fi", "phone": "040 1"})
    view = lambda subject, status: world.of(subject).post(world.path("feedback", sent["id"], "view-contact")).expect(status)  # noqa: E731
    shown = view("lighter", 200)
    assert (shown["name"], shown["email"], shown["phone"], shown["retain_until"]) == ("Maija", "maija@example.fi", "040 1", None)
    view("reporter", 404)
    view("planner", 403)
    looks = world.rows("select outcome from audit_entry where action = 'feedback_contact' and resource_id = %s", sent["id"])
    assert looks == [("answered",)]
    assert "maija" not in world.of("planner").get(world.path("feedback", sent["id"])).expect(200).text.lower()
    silent = world.feedback.send()
    world.of("moderator").post(world.path("feedback", silent["id"], "view-contact")).expect(404)


def test_contact_data_is_kept_six_months_from_the_end(world):
    sent = world.feedback.send(contact={"name": "Maija"})
    until = lambda: world.rows("select retain_until::text from feedback_contact where feedback_id = %s", sent["id"])[0][0]  # noqa: E731
    world.feedback.track(sent, "/withdraw")
    assert until() == str(world.rows("select (%s::date + interval '6 months')::date", TODAY)[0][0])


# --- the sender's link ------------------------------------------------------------------------------------
def test_only_the_hash_of_the_secret_is_stored(world):
    sent = world.feedback.send()
    kept = world.rows("select encode(token_hash, 'hex') from feedback_link where feedback_id = %s", sent["id"])
    assert kept == world.rows("select encode(sha256(%s::bytea), 'hex')", sent["tracking_token"])
    assert sent["tracking_token"] not in stored(world, sent)


def test_sender_reads_by_the_secret_and_nobody_without_it(world):
    sent = world.feedback.send()
    read = world.feedback.track(sent)
    assert (read["id"], read["text"], read["moves"][0]["status"], read["messages"]) == (sent["id"], sent["text"], "assigned", [])
    assert read.headers["Cache-Control"] == "no-store"
    for token in ("0" * 32, sent["tracking_token"].upper(), sent["tracking_token"][:-1], sent["id"]):
        world.feedback.track(token, status=404)
    other = world.of().post("/v1/508/feedback/by-token", {"token": sent["tracking_token"]})
    other.expect(404)


def test_dry_run_makes_nothing_to_come_back_to(world):
    before = world.count("feedback")
    answer = world.of().post(world.path("feedback"), world.feedback.body(), headers={"Prefer": "tx=rollback"}).expect(201)
    assert answer["tracking_token"] is None and world.count("feedback") == before


def test_sender_adds_and_what_is_added_is_looked_at_too(world):
    sent = world.feedback.send()
    added = world.feedback.track(sent, "/add", text=f"Soita 0401234567, hetu {IDENTITY}.")
    assert [(m["kind"], m["text"]) for m in added["messages"]] == [("addition", "Soita 0401234567, hetu ******-****.")]
    assert added["findings"] == ["identity_code", "phone"]
    world.feedback.track(sent, "/withdraw")
    assert world.feedback.track(sent, "/add", 409, text="vielä").code == "wrong_state"


@pytest.mark.parametrize("state", ["closed", "rejected", "merged", "transferred"])
def test_nothing_is_added_to_what_has_ended(world, state):
    sent = world.feedback.send()
    world.feedback.set(sent, status=state)
    assert world.feedback.track(sent, "/add", 409, text="vielä").code == "wrong_state"


def test_feedback_can_be_added_to_fifty_times(world):
    sent = world.feedback.send()
    world.rows("insert into feedback_message (municipality, feedback_id, kind, text) select %s, %s, kind, 'x' "
               "from generate_series(1, 49) cross join unnest(array['addition', 'note']) as kind", "743", sent["id"])
    world.feedback.track(sent, "/add", text="viidestoista kymmenes")
    assert "50" in world.feedback.track(sent, "/add", 409, text="vielä").json["detail"]


def test_withdrawn_item_is_closed_and_public_no_more(world):
    sent = world.feedback.send(permits_publication=True)
    world.feedback.set(sent, publication="published", published_text="Polku on pimeä.")
    gone = world.feedback.track(sent, "/withdraw", text="erehdyin")
    assert (gone["status"], gone["publication"], gone["permits_publication"]) == ("closed", "withdrawn", False)
    assert gone["messages"][0]["kind"] == "withdrawal" and gone["withdrawn_at"]
    world.of().get(world.path("feedback", sent["id"])).expect(404)
    world.feedback.track(sent, "/withdraw", 409)
    world.feedback.track(sent, "/reopen", 409, text="sittenkin")


def closed(world, days):
    sent = world.feedback.send()
    world.feedback.set(sent, status="answered", answered_at=f"{TODAY}T09:00:00Z", reply="Korjattiin.")
    world.feedback.set(sent, status="closed")
    world.rows("update feedback set closed_at = (%s::date - %s)::timestamp at time zone 'Europe/Helsinki' where id = %s", TODAY, days, sent["id"])
    return sent


def test_example_56_sender_reopens_within_thirty_days(world):
    sent = closed(world, 10)
    world.feedback.set(sent, due_on="2020-01-01", target_on="2020-01-02", take_up_on="2020-01-03")
    again = world.feedback.track(sent, "/reopen", text="Lamppu sammui taas.")
    assert (again["status"], again["responsible_party_id"], again["due_on"]) == ("assigned", sent["responsible_party_id"], sent["due_on"])
    assert [move["status"] for move in again["moves"]][-2:] == ["reopened", "assigned"]
    assert world.rows("select target_on::text, take_up_on = working_days_after(%s, 5) from feedback where id = %s", TODAY, sent["id"]) == [
        (sent["due_on"], True)]
    world.feedback.track(closed(world, 30), "/reopen", text="vielä ehtii")
    late = world.feedback.track(closed(world, 31), "/reopen", 409, text="liian myöhään")
    assert late.code == "reopening_late" and "uusi palaute" in late["detail"]


def test_what_is_still_open_is_not_reopened(world):
    assert world.feedback.track(world.feedback.send(), "/reopen", 409, text="?").code == "wrong_state"
    unrouted = world.feedback.send(topic_id=world.feedback.other["id"])
    world.feedback.set(unrouted, status="assigned")
    world.feedback.set(unrouted, status="answered", answered_at=f"{TODAY}T09:00:00Z")
    assert world.feedback.track(unrouted, "/reopen", text="?")["status"] == "received"
