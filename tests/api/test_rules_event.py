"""Events, and the list of everything one can take part in now."""
import pytest

from world import ISSUER, TODAY, at, text


def move(world, event, verb, body=None, status=200, subject="planner"):
    return world.of(subject).post(world.path("events", event["id"], verb), body).expect(status)


def patch(world, event, change, subject="planner"):
    return world.of(subject).patch(world.path("events", event["id"]), change, etag="*")


def codes(answer):
    return {fault["code"] for fault in answer["errors"]}


def held(world, **more):
    return world.event("held", at(days=-2), at(days=-1), **more)


# --- the life of an event -----------------------------------------------------------------------------------
def test_event_is_public_from_publication_on_and_stays_when_cancelled(world):
    event = world.event()
    path = world.path("events", event["id"])
    world.of().get(path).expect(404)
    assert move(world, event, "publish")["published_at"]
    assert world.of().get(path).expect(200)["status"] == "published"
    move(world, event, "cancel", {"reason": text("sairastuttiin")})
    shown = world.of().get(path).expect(200)
    assert (shown["status"], shown["cancelled_reason"]) == ("cancelled", text("sairastuttiin"))
    never_shown = world.event()
    move(world, never_shown, "cancel", {"reason": text("ei järjestetä")})
    world.of().get(world.path("events", never_shown["id"])).expect(404)


def test_event_is_held_after_it_has_begun_and_then_summarised(world):
    event = world.event("published")
    move(world, event, "hold", None, 409).expect(409, "not_yet_begun")
    event = held(world)
    patch(world, event, {"summary": text("sovittiin")}).expect(409, "wrong_state")
    assert move(world, event, "summarise", {"summary": text("sovittiin")})["status"] == "summarised"
    assert patch(world, event, {"summary": text("tarkennettiin")}).expect(200)["summary"] == text("tarkennettiin")
    assert patch(world, event, {"summary": None}).expect(422).faults() == {"/summary": "required"}
    move(world, event, "cancel", {"reason": text("syy")}, 409).expect(409, "wrong_state")
    steps = world.of("coordinator").get_all(world.path("transitions"), query={"resource_id": event["id"]})
    assert [step["to_status"] for step in steps] == ["planned", "published", "held", "summarised"]


def test_an_event_takes_its_states_one_after_another(world):
    planned, published = world.event(starts_at=at(days=-2), ends_at=at(days=-1)), world.event("published", at(days=-2), at(days=-1))
    move(world, planned, "hold", None, 409).expect(409, "wrong_state")
    for event in (planned, published):
        move(world, event, "summarise", {"summary": text("sovittiin")}, 409).expect(409, "wrong_state")
    move(world, published, "publish", None, 409).expect(409, "wrong_state")


def test_what_was_held_is_not_rewritten(world):
    event = held(world, place=text("kirjasto"))
    for change in ({"place": text("teatteri")}, {"starts_at": at(days=-3)}, {"kind": "training"}):
        patch(world, event, change).expect(409, "wrong_state")
    patch(world, event, {"place": text("kirjasto")}).expect(200)


def test_training_tells_how_many_came_from_each_sector(world):
    event = held(world, kind="training")
    for attendance in ({}, {"attendance": []}):
        answer = move(world, event, "summarise", {"summary": text("opittiin"), **attendance}, 422)
        assert answer.faults() == {"/attendance": "attendance_missing"}
    answer = move(world, event, "summarise", {"summary": text("opittiin"), "attendance": [{"sector": "anna@example.fi", "people": 1}]}, 422)
    assert answer.faults() == {"/attendance": "personal_data"}
    came = [{"sector": "sivistys", "people": 12}, {"sector": "tekninen", "people": 7}]
    assert move(world, event, "summarise", {"summary": text("opittiin"), "attendance": came})["attendance"] == came
    assert patch(world, event, {"attendance": came[:1]}).expect(200)["attendance"] == came[:1]
    assert patch(world, event, {"attendance": [{"sector": "131052-308T", "people": 1}]}).expect(422).faults() == {"/attendance": "personal_data"}
    patch(world, world.planned_event, {"attendance": came}).expect(409, "wrong_state")


def test_published_event_is_in_the_municipalitys_languages(world):
    event = world.event(name={"sv": "verkstad"}, place={"sv": "biblioteket"})
    answer = move(world, event, "publish", None, 422)
    assert answer.faults() == {"/name": "locale_missing", "/place": "locale_missing"}
    patch(world, event, {"name": text("työpaja"), "place": None}).expect(200)
    move(world, event, "publish")
    assert patch(world, event, {"how_to_take_part": {"sv": "kom"}}).expect(422).faults() == {"/how_to_take_part": "locale_missing"}


def test_summary_is_in_the_languages_and_free_of_personal_data(world):
    event = held(world)
    wrong = {"summary": {"sv": "anna@example.fi"}}
    assert codes(move(world, event, "summarise", wrong, 422)) == {"locale_missing", "personal_data"}
    move(world, event, "summarise", {"summary": text("sovittiin")})
    assert codes(patch(world, event, {"summary": {"fi": None, "sv": "anna@example.fi"}}).expect(422)) == {"locale_missing", "personal_data"}


def test_times_of_an_event_are_in_order(world):
    body = {"kind": "workshop", "name": text("työpaja"), "starts_at": at(days=3), "ends_at": at(days=2)}
    assert world.of("planner").post(world.path("events"), body).expect(422).faults() == {"/ends_at": "rule_broken"}
    body.update(ends_at=at(days=4), registration_closes_at=at(days=5))
    assert world.of("planner").post(world.path("events"), body).expect(422).faults() == {"/registration_closes_at": "rule_broken"}


@pytest.mark.parametrize("member, find", [
    ("reporting_round_id", lambda w: w.round["id"]), ("programme_version_id", lambda w: w.version["id"]), ("theme_id", lambda w: w.theme["id"])])
def test_coordinator_of_a_programme_keeps_the_events_linked_to_it(world, member, find):
    subject = f"own-{member}"
    world.make("admin", "grants", {"issuer": ISSUER, "subject": subject, "role": "programme_coordinator", "programme_id": world.programme["id"]})
    body = {"kind": "followup_seminar", "name": text("seminaari"), "starts_at": at(days=3), "ends_at": at(days=4)}
    client = world.of(subject)
    client.post(world.path("events"), body).expect(403, "not_your_body")
    mine = client.post(world.path("events"), {**body, member: find(world)}).expect(201).json
    patch(world, mine, {member: None}, subject).expect(403, "not_your_body")
    move(world, mine, "publish", None, 200, subject)
    for event, verb, sent in ((world.published_event, "hold", None), (world.published_event, "cancel", {"reason": text("syy")}),
                              (held(world), "summarise", {"summary": text("sovittiin")})):
        move(world, event, verb, sent, 403, subject).expect(403, "not_your_body")
    patch(world, world.published_event, {"place": None}, subject).expect(403, "not_your_body")


def test_one_who_sees_an_event_does_not_publish_it(world):
    """A member of the body sees what is planned; with a limited coordinator's role it still is not theirs."""
    for role, limit in (("body_member", {}), ("programme_coordinator", {"programme_id": world.programme["id"]})):
        world.make("admin", "grants", {"issuer": ISSUER, "subject": "looks-on", "role": role, **limit})
    move(world, world.event(), "publish", None, 403, "looks-on").expect(403, "not_your_body")


def test_area_and_theme_of_an_event_are_not_deleted(world):
    area = world.area()
    theme = world.make("coordinator", "themes", {"programme_version_id": world.draft_version["id"], "number": "E1", "name": text("teema")})
    world.event(area_id=area["id"], theme_id=theme["id"])
    world.of("admin").delete(world.path("areas", area["id"]), etag="*").expect(409, "in_use")
    world.of("coordinator").delete(world.path("themes", theme["id"]), etag="*").expect(409, "in_use")


# --- open now -----------------------------------------------------------------------------------------------
def opportunities(world, **query):
    return {item["id"]: item for item in world.of().get_all(world.path("participation-opportunities"), query=query)}


def test_published_event_is_open_until_its_end(world):
    event = world.event()
    assert event["id"] not in opportunities(world)
    move(world, event, "publish")
    assert opportunities(world)[event["id"]] == {
        "id": event["id"], "kind": "event", "programme_kind": None, "event_kind": "workshop", "name": event["name"],
        "description": None, "how_to_take_part": None, "place": None, "area_id": None, "starts_at": event["starts_at"],
        "ends_at": event["ends_at"], "closes_at": event["ends_at"], "closes_on": event["ends_at"][:10], "registration_url": None,
        "href": world.path("events", event["id"]), "updated_at": world.of().get(world.path("events", event["id"]))["updated_at"]}
    world.rows("update event set starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' where id = %s", event["id"])
    assert event["id"] in opportunities(world)
    world.rows("update event set ends_at = now() where id = %s", event["id"])
    assert event["id"] not in opportunities(world)


def test_event_one_registers_for_is_open_until_registration_closes(world):
    event = world.event("published", registration_url="https://example.fi/ilmoittaudu", registration_closes_at=at(days=49))
    shown = opportunities(world)[event["id"]]
    assert (shown["closes_at"], shown["ends_at"], shown["registration_url"]) == (at(days=49), at(days=51), "https://example.fi/ilmoittaudu")
    world.rows("update event set registration_closes_at = now() where id = %s", event["id"])
    assert event["id"] not in opportunities(world)


def test_cancelled_and_held_events_are_not_open(world):
    event, begun = world.event("published"), world.event("held", at(days=-2), at(days=2))
    move(world, event, "cancel", {"reason": text("syy")})
    assert not {event["id"], begun["id"]} & set(opportunities(world))


def test_consultation_is_open_to_the_end_of_its_last_day_in_helsinki(world):
    version = world.consulted
    shown = opportunities(world, kind="consultation")[version["id"]]
    assert (shown["name"], shown["programme_kind"]) == (world.programme["name"], "vitality_programme")
    assert shown["href"] == world.path("programme-versions", version["id"])
    assert world.rows("select %s::timestamptz = day_end(consultation_closes_on) from programme_version where id = %s",
                      shown["closes_at"], version["id"]) == [(True,)]
    [(today,)] = world.rows("select consultation_closes_on from programme_version where id = %s", version["id"])
    assert shown["closes_on"] == today.isoformat()
    try:
        world.rows("update programme_version set consultation_closes_on = %s - 1 where id = %s", today, version["id"])
        assert version["id"] not in opportunities(world)
    finally:
        world.rows("update programme_version set consultation_closes_on = %s where id = %s", today, version["id"])
    assert version["id"] in opportunities(world)
    assert world.draft_version["id"] not in opportunities(world)


def test_phases_of_participatory_budgeting_are_open_in_their_time(world):
    cycle = world.budget.open()
    shown = opportunities(world, kind="budget_ideas")[cycle["id"]]
    assert (shown["name"], shown["starts_at"], shown["closes_at"]) == (cycle["name"], cycle["ideas_start_at"], cycle["ideas_end_at"])
    change = lambda words: world.rows(f"update budget_cycle set {words} where id = %s", cycle["id"])  # noqa: E731
    change("ideas_end_at = now()")
    assert cycle["id"] not in opportunities(world)
    change("status = 'voting', voting_starts_at = now(), voting_ends_at = now() + interval '1 hour'")
    assert opportunities(world)[cycle["id"]]["kind"] == "budget_vote"
    change("voting_starts_at = now() + interval '10 minutes'")
    assert cycle["id"] not in opportunities(world)
    assert world.cycle["id"] not in opportunities(world)


def test_matter_is_open_until_the_last_day_to_influence_it(world):
    matter = world.matter(world.committee, influence_until=TODAY.isoformat(), title=text("kaava"))
    shown = opportunities(world, kind="decision")[matter["id"]]
    assert (shown["name"], shown["how_to_take_part"], shown["closes_on"]) == (text("kaava"), matter["how_to_influence"], TODAY.isoformat())
    assert shown["href"] == world.path("decisions", matter["id"])
    change = lambda words: world.rows(f"update decision set {words} where id = %s", matter["id"])  # noqa: E731
    change("influence_until = influence_until - 1")
    assert matter["id"] not in opportunities(world)
    change("influence_until = influence_until + 2, initiated_at = null")
    assert matter["id"] not in opportunities(world)
    open_matter = world.matter(world.committee, influence_until=TODAY.isoformat())
    world.rows("update decision set status = 'decided', decision = title, outcome = 'approved' where id = %s", open_matter["id"])
    assert open_matter["id"] not in opportunities(world)


def test_open_things_by_area_kind_programme_and_time(world):
    top = world.area("pb_area")
    part = world.area(parent_area_id=top["id"])
    here = world.event("published", area_id=part["id"], programme_version_id=world.version["id"], kind="exhibition")
    there = world.event("published", area_id=world.area()["id"])
    anywhere = world.event("published")
    mine = {event["id"] for event in (here, there, anywhere)}
    assert mine & set(opportunities(world, area_id=top["id"])) == {here["id"]}
    assert mine & set(opportunities(world, area_id=part["id"])) == {here["id"]}
    renamed = world.of("admin").post(world.path("areas", top["id"], "replace"), {
        "valid_from": at()[:10], "successors": [{"name": text("uusi")}]}).expect(200)["successor_ids"][0]
    assert mine & set(opportunities(world, area_id=renamed)) == {here["id"]}
    assert mine & set(opportunities(world, event_kind="exhibition,training")) == {here["id"]}
    assert mine & set(opportunities(world, programme_kind="vitality_programme")) == {here["id"]}
    assert mine & set(opportunities(world, kind="consultation,budget_ideas")) == set()
    assert mine & set(opportunities(world, closes_from=at(days=51), closes_to=at(days=51))) == mine
    assert mine & set(opportunities(world, closes_from=at(days=51, seconds=1))) == set()
    assert mine & set(opportunities(world, closes_to=at(days=50))) == set()


def test_what_closes_first_comes_first_and_the_kind_of_a_hidden_programme_stays_hidden(world):
    event = world.event("published", programme_version_id=next(world.spare_versions))
    items = list(opportunities(world, limit=5).values())
    assert [item["closes_at"] for item in items] == sorted(item["closes_at"] for item in items)
    assert opportunities(world)[event["id"]]["programme_kind"] is None
