"""A matter from public preparation to the end of its appeal time: domain brief 4.4 and L15."""
import datetime

import pytest
import world as world_module
from stage import Stage
from test_calendar import DAY, is_free
from test_examples_calendar import midnight_after, noon, work, written
from world import HOME, TODAY, text, unknown_id

SECOND = datetime.timedelta(seconds=1)
ENDED = "muutoksenhakuaika on päättynyt"
IN_TIME = {"proposed_decision", "presenter_title", "section_number", "discussion", "decision", "outcome", "personal_details"}


@pytest.fixture(scope="module")
def clockwork(make_service):
    """A service whose appeal times no other module's tests look at."""
    return make_service("appeals")


@pytest.fixture(scope="module")
def world(clockwork):
    return world_module.World(clockwork)


def path(world, made, *parts):
    return world.path("decisions", made["id"], *parts)


def as_read(world, made, subject=None):
    return world.of(subject).get(path(world, made)).expect(200)


def shown(decision):
    """Which of the members that wait for their time are there."""
    return {member for member in IN_TIME if decision[member] is not None}


def decide(world, made, **more):
    return world.move("secretary", "decisions", made, "decide", {
        "decision": text("päätettiin"), "outcome": "approved", "section_number": next(world.sections), **more})


def inspect(world, made, day=TODAY):
    return world.move("secretary", "decisions", made, "inspect", {"inspected_on": day.isoformat()})


def published(world, body, **more):
    """A decision whose minutes are online."""
    return world.publish(world.decision(body, **more))


def last_day(start, days):
    """Counted by hand: the first day is not counted, a free last day gives way to the next working day."""
    day = start + days * DAY
    while is_free(day):
        day += DAY
    return day


# --- the course -----------------------------------------------------------------------------------------
def test_a_matter_is_public_from_its_beginning_member_by_member(world):
    body = world.body()
    dialogue = [{"with_whom": text("kylätoimikunta"), "how": text("kävely"), "changed": text("reitti"), "held_on": "2026-03-02"}]
    made = world.matter(body, meeting_on="2027-02", register_number="7/00.01.02/2026", dialogue=dialogue,
                        influence_until="2027-01-31", presenter_title=text("johtaja"))
    seen = as_read(world, made)
    assert (seen["status"], seen["meeting_on"], seen["influence_until"]) == ("initiated", "2027-02", "2027-01-31")
    assert (seen["preparer_title"], seen["dialogue"]) == (text("virasto"), dialogue)
    assert (seen["plain_summary"], seen["how_to_influence"]) == (text("lyhyesti"), text("kirjoita kirjaamo@example.fi"))
    assert seen["initiated_at"] and shown(seen) == set() and seen["appeal"] is None
    assert shown(as_read(world, made, "secretary")) == {"proposed_decision", "presenter_title"}

    world.move("secretary", "decisions", made, "start-preparation")
    seen = as_read(world, made)
    assert seen["status"] == "in_preparation" and shown(seen) == set()

    world.move("secretary", "decisions", made, "put-on-agenda", {"meeting_on": TODAY.isoformat()})
    seen = as_read(world, made)
    assert (seen["status"], seen["meeting_on"]) == ("on_agenda", TODAY.isoformat())
    assert shown(seen) == {"proposed_decision", "presenter_title"} and seen["agenda_published_at"]

    decide(world, made, discussion=text("keskustelu"), personal_details=text("läsnä: A. Niemi"))
    inspect(world, made)
    for subject, members in ((None, {"proposed_decision", "presenter_title"}), ("secretary", IN_TIME)):
        seen = as_read(world, made, subject)
        assert seen["status"] == "inspected" and shown(seen) == members
    world.move("secretary", "decisions", made, "publish")
    seen = as_read(world, made)
    assert (seen["status"], shown(seen), seen["online_on"]) == ("published", IN_TIME, TODAY.isoformat())


def test_a_matter_is_not_found_by_words_that_are_not_public_yet(world):
    body = world.body()
    made = world.matter(body, plain_summary=text("uimahalli"), proposed_decision=text("rakennetaan silta"))

    def finding():
        return {word for word in ("uimahalli", "silta", "erimielisyys", "hylätään")
                if world.of().get_all(world.path("decisions"), query={"q": word, "body_id": body["id"]})}

    world.move("secretary", "decisions", made, "start-preparation")
    assert finding() == {"uimahalli"}
    world.move("secretary", "decisions", made, "put-on-agenda", {"meeting_on": TODAY.isoformat()})
    assert finding() == {"uimahalli", "silta"}
    decide(world, made, decision=text("hylätään"), discussion=text("erimielisyys"))
    inspect(world, made)
    assert finding() == {"uimahalli", "silta"}
    world.move("secretary", "decisions", made, "publish")
    assert finding() == {"uimahalli", "silta", "erimielisyys", "hylätään"}


def test_every_move_says_who_acted(world):
    made = world.matter(world.committee, "on_agenda")
    decide(world, made)
    inspect(world, made)
    world.move("secretary", "decisions", made, "publish")
    steps = world.of("secretary").get_all(world.path("transitions"), query={"resource_id": made["id"]})
    assert [step["to_status"] for step in steps] == [
        "initiated", "in_preparation", "on_agenda", "decided", "inspected", "published"]
    assert {step["acting_role"] for step in steps} == {"body_secretary"}


MOVES = {"start-preparation": None, "put-on-agenda": {"meeting_on": TODAY.isoformat()},
         "decide": {"decision": text("x"), "outcome": "noted"}, "inspect": {"inspected_on": TODAY.isoformat()},
         "publish": None, "close-appeal": None}
NEXT = {"initiated": "start-preparation", "in_preparation": "put-on-agenda", "on_agenda": "decide", "decided": "inspect",
        "inspected": "publish", "published": "close-appeal"}
AFTER = {"initiated": "in_preparation", "in_preparation": "on_agenda", "on_agenda": "decided", "decided": "inspected",
         "inspected": "published", "published": "appeal_closed", "appeal_closed": None}


@pytest.mark.parametrize("status", AFTER)
def test_only_the_next_move_is_allowed(world, status):
    if status in ("initiated", "in_preparation", "on_agenda"):
        made = world.matter(world.committee, status if status != "initiated" else None)
    else:
        made = world.decision(world.committee, outcome="noted" if status == "appeal_closed" else "approved")
        made = made if status == "decided" else inspect(world, made)
        if status in ("published", "appeal_closed"):
            made = world.move("secretary", "decisions", made, "publish")
    assert as_read(world, made, "secretary")["status"] == status
    for verb, body in MOVES.items():
        if verb != NEXT.get(status):
            refused = world.of("secretary").post(path(world, made, verb), body).expect(409, "wrong_state")
            assert refused["allowed"] == ([AFTER[status]] if AFTER[status] else [])
    assert as_read(world, made, "secretary")["status"] == status


def test_moves_of_another_bodys_secretary_are_refused(world):
    for subject, role, limit in (("narrow", "body_secretary", {"body_id": world.board["id"]}), ("narrow", "registrar", {})):
        world.make("admin", "grants", {"issuer": world_module.ISSUER, "subject": subject, "role": role, **limit})
    items = {"start-preparation": world.initiated, "put-on-agenda": world.prepared, "decide": world.on_agenda,
             "inspect": world.start, "publish": world.inspected, "close-appeal": published(world, world.committee)}
    for verb, item in items.items():
        world.of("narrow").post(path(world, item, verb), MOVES[verb]).expect(403, "not_your_body")
    refused = world.of("narrow").post(world.path("decision-corrections"), {
        "decision_id": world.inspected["id"], "text": text("x"), "reason": text("x")})
    refused.expect(403, "not_your_body")


def test_preparation_tells_who_prepares_what_it_is_about_and_how_to_influence(world):
    bare = world.make("secretary", "decisions", {
        "body_id": world.committee["id"], "meeting_on": "2027", "title": {"sv": "ärende"}})
    refused = world.of("secretary").post(path(world, bare, "start-preparation")).expect(422)
    assert refused.faults() == {"/title": "locale_missing", "/preparer_title": "required", "/plain_summary": "required",
                                "/how_to_influence": "required"}


def test_an_agenda_shows_what_is_proposed_in_the_languages_it_needs(world):
    made = world.matter(world.committee, "in_preparation", proposed_decision=None)
    world.of("secretary").patch(path(world, made), {"dialogue": [{"with_whom": {"sv": "byn"}, "how": text("ilta")}]}, etag="*").expect(200)
    refused = world.of("secretary").post(path(world, made, "put-on-agenda"), {"meeting_on": TODAY.isoformat()}).expect(422)
    assert refused.faults() == {"/proposed_decision": "required", "/dialogue/0/with_whom": "locale_missing"}


def test_a_body_decides_in_its_meeting_not_before(world):
    made = world.matter(world.committee, "in_preparation")
    meeting = TODAY + DAY
    world.move("secretary", "decisions", made, "put-on-agenda", {"meeting_on": meeting.isoformat()})
    body = {"decision": text("x"), "outcome": "approved"}
    refused = world.of("secretary").post(path(world, made, "decide"), body).expect(422)
    assert refused.faults() == {"/meeting_on": "rule_broken"}
    done = world.of("secretary").post(path(world, made, "decide"), {**body, "meeting_on": TODAY.isoformat()}).expect(200)
    assert done["meeting_on"] == TODAY.isoformat()


@pytest.mark.parametrize("day", [TODAY - DAY, TODAY + DAY])
def test_minutes_are_inspected_after_the_meeting_and_not_ahead_of_time(world, day):
    made = world.decision(world.committee)
    refused = world.of("secretary").post(path(world, made, "inspect"), {"inspected_on": day.isoformat()}).expect(422)
    assert refused.faults() == {"/inspected_on": "rule_broken"}


def test_what_belongs_to_the_record_waits_for_the_decision(world):
    secretary, body = world.of("secretary"), {"body_id": world.committee["id"], "meeting_on": "2027-01", "title": text("asia")}
    for more, faults in (({"section_number": 9001}, {"/decision": "required"}), ({"discussion": text("x")}, {"/decision": "required"}),
                         ({"decision": text("x")}, {"/outcome": "rule_broken"}), ({"outcome": "noted"}, {"/outcome": "rule_broken"})):
        assert secretary.post(world.path("decisions"), {**body, **more}).expect(422).faults() == faults
    for made, change in ((world.matter(world.committee), {"decision": text("x"), "outcome": "noted"}),
                         (world.decision(world.committee), {"decision": None, "outcome": None, "section_number": None})):
        refused = secretary.patch(path(world, made), change, etag="*").expect(422)
        assert refused.faults() == {"/decision": "rule_broken"}
    section = world.decision(world.committee)["section_number"]
    refused = secretary.post(path(world, world.matter(world.committee, "on_agenda"), "decide"), {
        "decision": text("x"), "outcome": "noted", "section_number": section})
    refused.expect(409, "decision_exists")


def test_a_matter_is_edited_until_it_is_inspected(world):
    secretary, made = world.of("secretary"), world.matter(world.committee, meeting_on="2027")
    changed = secretary.patch(path(world, made), {"plain_summary": text("selvemmin"), "meeting_on": "2027-03"}, etag="*").expect(200)
    assert (changed["plain_summary"], changed["meeting_on"], changed["title"]) == (text("selvemmin"), "2027-03", made["title"])
    record = inspect(world, world.decision(world.committee))
    refused = secretary.patch(path(world, record), {"title": text("toinen")}, etag="*").expect(409, "wrong_state")
    assert refused["allowed"] == ["published"]
    with pytest.raises(Exception, match="does not change"):
        world.rows("update decision set title = '{}' where id = %s", record["id"])


def test_an_influence_body_prepares_no_decisions(world):
    refused = world.of("secretary").post(world.path("decisions"), {
        "body_id": world.youth["id"], "meeting_on": "2027", "title": text("asia")})
    refused.expect(422, "body_not_competent")


@pytest.mark.parametrize("member", ["title", "plain_summary", "dialogue"])
def test_personal_data_do_not_become_public(world, member):
    said = text("131052-308T")
    value = [{"with_whom": said, "how": text("x")}] if member == "dialogue" else said
    secretary = world.of("secretary")
    refused = secretary.post(world.path("decisions"), {
        "body_id": world.committee["id"], "meeting_on": "2027", "title": text("asia"), member: value}).expect(422)
    assert refused.faults() == {f"/{member}": "personal_data"}
    refused = secretary.patch(path(world, world.matter(world.committee)), {member: value}, etag="*").expect(422)
    assert refused.faults() == {f"/{member}": "personal_data"}


def test_personal_data_do_not_come_with_the_decision_or_a_correction(world):
    made, said = world.matter(world.committee, "on_agenda"), text("matti@example.fi")
    refused = world.of("secretary").post(path(world, made, "decide"), {"decision": said, "outcome": "noted"}).expect(422)
    assert refused.faults() == {"/decision": "personal_data"}
    refused = world.of("secretary").post(world.path("decision-corrections"), {
        "decision_id": world.inspected["id"], "text": text("x"), "reason": said}).expect(422)
    assert refused.faults() == {"/reason": "personal_data"}


# --- what is not decided yet --------------------------------------------------------------------------
def test_a_matter_that_is_not_decided_is_no_decision(world):
    """Neither to start a round by, nor to assess, present, approve or return by."""
    open_matter = {"decision_id": world.matter(world.committee, "on_agenda")["id"]}
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    stage.enter()
    secretary, rounds = world.of("secretary"), "reporting-rounds"
    planned = stage.plan(start_decision_id=open_matter["decision_id"])
    world.of("coordinator").post(world.path(rounds, planned["id"], "open")).expect(409, "decision_missing")
    world.of("coordinator").patch(world.path(rounds, planned["id"]), {"start_decision_id": stage.start["id"]}, etag="*").expect(200)
    stage.move("coordinator", planned, "open")
    stage.review(planned)
    stage.assess(planned, measure, "green", justification=text("aikataulussa"))
    secretary.post(world.path(rounds, planned["id"], "assess"), open_matter).expect(409, "decision_missing")
    stage.move("secretary", planned, "assess", {"decision_id": world.decision(stage.body)["id"]})
    of_board = {"decision_id": world.matter(world.board, "on_agenda")["id"]}
    world.of("presenter").post(world.path(rounds, planned["id"], "present"), of_board).expect(409, "decision_missing")

    version = world.make("coordinator", "programme-versions", {
        "programme_id": stage.programme["id"], "number": "2.0", "source": "archive", "external_id": unknown_id()})
    world.rows("update programme_version set status = 'submitted' where id = %s", version["id"])
    for verb, body in (("approve", {**open_matter, "valid_from": TODAY.isoformat()}), ("return", {**open_matter, "reason": text("x")})):
        secretary.post(world.path("programme-versions", version["id"], verb), body).expect(409, "decision_missing")
    world.rows("update programme_version set status = 'draft' where id = %s", version["id"])
    secretary.post(world.path("programme-versions", version["id"], "enter-into-force"), {
        **open_matter, "valid_from": TODAY.isoformat()}).expect(409, "decision_missing")


# --- appeal -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind, more, appeal, days", [
    ("council", {}, "municipal_appeal", 30),
    ("committee", {}, "rectification_claim", 14),
    ("executive", {}, "rectification_claim", 14),
    ("office_holder", {}, "rectification_claim", 14),
    ("committee", {"decision_type": "on_rectification_claim"}, "municipal_appeal", 30),
    ("council", {"decision_type": "preparation_or_execution"}, "none", None),
    ("committee", {"outcome": "noted"}, "none", None),
])
def test_body_and_type_decide_how_a_decision_is_appealed(world, kind, more, appeal, days):
    done = published(world, world.body(kind), **more)
    informed = TODAY + 7 * DAY
    if appeal == "none":
        assert done["appeal"] == {"kind": "none", "route": None, "informed_on": None, "ends_on": None}
        assert done["status"] == "appeal_closed", "nothing to wait for"
    else:
        assert done["appeal"] == {"kind": appeal, "route": None, "informed_on": informed.isoformat(),
                                  "ends_on": last_day(informed, days).isoformat()}
        assert done["status"] == "published"


@pytest.mark.parametrize("online, kind, informed, ends", [
    ("2025-12-16", "committee", "2025-12-23", "2026-01-07"),  # the 14th day is Epiphany
    ("2025-12-03", "committee", "2025-12-10", "2025-12-29"),  # Christmas Eve, two holidays, a weekend
    ("2025-11-17", "council", "2025-11-24", "2025-12-29"),  # the 30th day is Christmas Eve
    ("2025-11-05", "council", "2025-11-12", "2025-12-12"),  # nothing in the way
    ("2026-05-29", "committee", "2026-06-05", "2026-06-22"),  # Midsummer Eve is a Friday
    ("2025-10-12", "committee", "2025-10-19", "2025-11-03"),  # a Sunday is deemed a day like others; it ends on a Sunday
])
def test_the_last_day_is_a_working_day(world, online, kind, informed, ends):
    """Minutes that were online before the service had them."""
    day = datetime.date.fromisoformat(informed)
    assert last_day(day, 30 if kind == "council" else 14).isoformat() == ends, "the test's own reckoning"
    done = published(world, world.body(kind), meeting_on="2025-10-01", online_on=online)
    assert (done["online_on"], done["appeal"]["informed_on"], done["appeal"]["ends_on"]) == (online, informed, ends)


def test_of_a_record_carried_over_without_its_day_the_last_day_is_not_known(world):
    made = world.decision(world.body("council"), meeting_on="2020-01", source="archive", external_id=unknown_id())
    done = world.move("secretary", "decisions", made, "publish")  # it was inspected where it came from
    assert done["appeal"] == {"kind": "municipal_appeal", "route": None, "informed_on": None, "ends_on": None}
    assert done["online_on"] is None
    assert world.move("secretary", "decisions", done, "close-appeal")["status"] == "appeal_closed"


def test_a_day_online_is_not_ahead_of_time(world):
    refused = world.of("secretary").patch(path(world, world.start), {"online_on": (TODAY + DAY).isoformat()}, etag="*")
    assert refused.expect(422).faults() == {"/online_on": "rule_broken"}


def test_another_route_is_a_rule_of_the_municipality(world):
    admin, tenant = world.of("admin"), f"/v1/{HOME}"
    rules = admin.get(tenant).expect(200)["appeal_rules"]
    assert rules[-1] == {"kind": "rectification_claim", "days": 14, "informed_days": 7}
    plan = {"decision_type": "land_use_plan", "kind": "other", "days": 30, "informed_days": 7, "route": text("hallinto-oikeus")}
    try:
        admin.patch(tenant, {"appeal_rules": [plan, *rules]}, etag="*").expect(200)
        appeal = published(world, world.body(), decision_type="land_use_plan")["appeal"]
        assert (appeal["kind"], appeal["route"], appeal["ends_on"]) == (
            "other", text("hallinto-oikeus"), last_day(TODAY + 7 * DAY, 30).isoformat())
        admin.patch(tenant, {"appeal_rules": [plan]}, etag="*").expect(200)
        made = inspect(world, world.decision(world.committee))
        world.of("secretary").post(path(world, made, "publish")).expect(409, "appeal_rule_missing")
    finally:
        admin.patch(tenant, {"appeal_rules": rules}, etag="*").expect(200)


def test_the_appeal_time_ends_by_itself_and_takes_personal_data_off_the_net(world, clockwork):
    done = published(world, world.body(), personal_details=text("hakija: A. Niemi"))
    assert as_read(world, done)["personal_details"] == text("hakija: A. Niemi")
    end = midnight_after(datetime.date.fromisoformat(done["appeal"]["ends_on"]))
    world.of("secretary").post(path(world, done, "close-appeal")).expect(409, "appeal_open")
    act = ("closeDecisionAppeal", done["id"])
    assert act not in work(clockwork, end - SECOND)
    assert as_read(world, done)["status"] == "published"
    assert act in work(clockwork, end)
    assert act not in work(clockwork, end), "twice is once"
    seen = as_read(world, done)
    assert (seen["status"], seen["personal_details"], seen["decision"]) == ("appeal_closed", None, text("päätettiin"))
    assert as_read(world, done, "secretary")["personal_details"] == text("hakija: A. Niemi")
    assert world.rows("select from_status, reason, actor_id, at from transition where resource_id = %s and to_status = 'appeal_closed'",
                      done["id"]) == [("published", ENDED, None, end)]


def test_an_appeal_time_that_ends_at_epiphany_ends_the_day_after(world, clockwork):
    done = published(world, world.body(), meeting_on="2025-12-10", online_on="2025-12-16")
    act = ("closeDecisionAppeal", done["id"])
    epiphany = datetime.date(2026, 1, 6)
    assert act not in work(clockwork, midnight_after(epiphany))
    assert act not in work(clockwork, noon(epiphany + DAY))
    assert written(midnight_after(epiphany + DAY)) == "2026-01-07T22:00:00Z"
    assert act in work(clockwork, midnight_after(epiphany + DAY))


# --- corrections --------------------------------------------------------------------------------------
def test_an_inspected_record_is_corrected_beside_it(world):
    world.holder(world.party(title=text("hallintosihteeri")), "secretary")
    done = published(world, world.committee)
    before = as_read(world, done)
    body = {"decision_id": done["id"], "text": text("200 000 euroa"), "reason": text("kirjoitusvirhe")}
    made = world.make("secretary", "decision-corrections", body)
    assert (made["acting_role"], made["acting_office"]) == ("body_secretary", text("hallintosihteeri"))
    after = as_read(world, done)
    assert after["decision"] == before["decision"] and before["corrections"] == []
    assert after["corrections"] == [{name: made[name] for name in (
        "id", "text", "reason", "acting_role", "acting_office", "created_at")}]
    assert after.etag != before.etag
    listed = world.of().get_all(world.path("decision-corrections"), query={"decision_id": done["id"]})
    assert listed == [made]


def test_a_correction_is_seen_with_the_record_only(world):
    matter = inspect(world, decide(world, world.matter(world.committee, "on_agenda")))
    made = world.make("secretary", "decision-corrections", {"decision_id": matter["id"], "text": text("x"), "reason": text("y")})
    assert as_read(world, matter)["corrections"] == []
    assert [c["id"] for c in as_read(world, matter, "presenter")["corrections"]] == [made["id"]]
    world.of().get(world.path("decision-corrections", made["id"])).expect(404)


def test_what_is_not_inspected_is_edited_not_corrected(world):
    refused = world.of("secretary").post(world.path("decision-corrections"), {
        "decision_id": world.start["id"], "text": text("x"), "reason": text("x")})
    assert refused.expect(409, "not_inspected")["detail"].startswith("Päätös on tilassa decided")
    refused = world.of("secretary").post(world.path("decision-corrections"), {
        "decision_id": world.inspected["id"], "text": {"sv": "x"}, "reason": text("x")})
    assert refused.expect(422).faults() == {"/text": "locale_missing"}
    refused = world.of("secretary").post(world.path("decision-corrections"), {
        "decision_id": unknown_id(), "text": text("x"), "reason": text("x")})
    assert refused.expect(422).faults() == {"/decision_id": "reference_not_found"}


# --- what became of it --------------------------------------------------------------------------------
def effects(decision):
    return {(effect["effect"], effect["resource"], effect["id"], effect["status"]) for effect in decision["effects"]}


def test_a_register_number_shows_what_was_decided_and_what_became_of_it(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    number, body = "77/00.01.02/2026", stage.body

    def decision(of_body, day, **more):
        return published(world, of_body, register_number=number, meeting_on=day, **more)

    approval = decision(world.board, "2026-01-12")
    start, assessing = decision(body, "2026-02-02"), decision(body, "2026-05-04")
    onward = decision(world.board, "2026-05-18", outcome="noted")
    other = published(world, world.board, register_number="78/00.01.02/2026")
    stage.version = world.move("secretary", "programme-versions", stage.version, "enter-into-force",
                               {"decision_id": approval["id"], "valid_from": TODAY.isoformat()})
    made = stage.open(start_decision_id=start["id"])
    stage.review(made)
    stage.assess(made, measure, "green", justification=text("aikataulussa"))
    priority = world.make("secretary", "priorities", {
        "reporting_round_id": made["id"], "measure_line_id": measure["measure_line_id"], "reason": text("tärkeä")})
    stage.move("secretary", made, "assess", {"decision_id": assessing["id"]})

    def matter(subject=None):
        found = world.of(subject).get_all(world.path("decisions"), query={"register_number": number, "sort": "meeting_on"})
        assert [item["id"] for item in found] == [item["id"] for item in (approval, start, assessing, onward)]
        return [effects(item) for item in found]

    in_force = ("in_force", "programme_version", stage.version["id"], "in_force")
    assert matter() == [{in_force}, set(), set(), set()], "the round is not public yet"
    assert matter("coordinator") == [{in_force}, {("started", "reporting_round", made["id"], "assessed")}, {
        ("assessed", "reporting_round", made["id"], "assessed"), ("prioritised", "priority", priority["id"], None)}, set()]
    before = as_read(world, start)
    stage.move("presenter", made, "present", {"decision_id": onward["id"]})
    stage.move("coordinator", made, "publish")
    assert matter() == [{in_force}, {("started", "reporting_round", made["id"], "published")}, {
        ("assessed", "reporting_round", made["id"], "published"), ("prioritised", "priority", priority["id"], None)},
        {("presented", "reporting_round", made["id"], "published")}]
    after = as_read(world, start)
    assert after.etag != before.etag and after["effects"][0]["name"] == made["name"]
    assert as_read(world, approval)["effects"][0]["name"]["fi"] == "ohjelma 1.0"
    for effect in as_read(world, assessing)["effects"]:
        assert world.of().get(effect["url"]).expect(200)["id"] == effect["id"]
    assert as_read(world, other)["effects"] == []


def test_a_returned_version_is_seen_in_its_decision_by_its_people(world):
    version = world.make("coordinator", "programme-versions", {"programme_id": world.programme["id"], "number": "7.0"})
    world.rows("update programme_version set status = 'submitted' where id = %s", version["id"])
    decision = published(world, world.board, outcome="returned")
    world.move("secretary", "programme-versions", version, "return", {"decision_id": decision["id"], "reason": text("kesken")})
    assert effects(as_read(world, decision)) == set()
    seen = as_read(world, decision, "coordinator")
    assert effects(seen) == {("returned", "programme_version", version["id"], "returned")}
    world.move("coordinator", "programme-versions", version, "revise")
    again = as_read(world, decision, "coordinator")
    assert effects(again) == {("returned", "programme_version", version["id"], "draft")} and again.etag != seen.etag


def test_a_cycle_of_participatory_budgeting_is_seen_in_its_decisions(world):
    decision = published(world, world.committee)
    cycle = world.budget.plan(decision_id=decision["id"])
    assert effects(as_read(world, decision)) == set()
    assert effects(as_read(world, decision, "planner")) == {("started", "budget_cycle", cycle["id"], "planned")}
    before = as_read(world, decision)
    world.budget.move(cycle, "open-ideas")
    after = as_read(world, decision)
    assert effects(after) == {("started", "budget_cycle", cycle["id"], "ideas")} and after.etag != before.etag


def test_a_matter_that_is_not_decided_opens_and_ends_no_cycle(world):
    undecided = world.matter(world.committee, "on_agenda")
    cycle = world.budget.plan(decision_id=undecided["id"])
    for verb, body in (("open-ideas", None), ("cancel", {"decision_id": undecided["id"], "reason": text("x")})):
        world.of("planner").post(world.path("budget-cycles", cycle["id"], verb), body).expect(409, "decision_missing")


def test_matters_are_found_by_state_and_by_what_can_still_be_influenced(world):
    body = world.body()
    closing = [world.matter(body, influence_until=day) for day in ("2026-01-31", "2026-02-28")]
    closing.append(published(world, body))

    def found(**query):
        return [item["id"] for item in world.of().get_all(world.path("decisions"), query={"body_id": body["id"], **query})]

    assert found(status="initiated,in_preparation") == [item["id"] for item in closing[:2]]
    assert found(influence_until_from="2026-02-01") == [closing[1]["id"]]
