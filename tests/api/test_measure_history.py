"""The history of a measure: one story, told to each as far as they may see it."""
import datetime
import types
import zoneinfo

import pytest

from stage import Stage
from world import DUE, ISSUER, TODAY, goal, text, unknown_id


def midnight(day):
    """The start of a day in Helsinki, as the service writes times."""
    at = datetime.datetime.combine(day, datetime.time(), zoneinfo.ZoneInfo("Europe/Helsinki"))
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def clerk(stage):
    """A coordinator who holds an office of its own."""
    world = stage.world
    office = stage.party(title=text("ohjelmatoimisto"))
    subject = stage.subject_of(office["id"])
    world.make("admin", "grants", {"issuer": ISSUER, "subject": subject, "role": "programme_coordinator",
                                   "programme_id": stage.programme["id"]})
    return subject


@pytest.fixture(scope="module")
def story(world):
    stage = Stage(world)
    lead, heir = stage.party(), stage.party()
    office = clerk(stage)
    measure = stage.measure([lead])
    stage.enter()
    made = stage.open()
    stage.submit(made, measure, lead)
    stage.review(made)
    stage.assess(made, measure, "yellow", justification=text("myöhässä"))
    before = told(world, measure, None)
    decision = world.decision(stage.body)
    stage.move("secretary", made, "assess", {"decision_id": decision["id"]})
    stage.move("presenter", made, "present", {"decision_id": world.decision(world.board)["id"]})
    stage.move("coordinator", made, "publish")
    world.make(office, "errata", {"measure_id": measure["id"], "member": "title", "text": text("oikea"), "reason": text("lyöntivirhe")})
    line = {"id": measure["measure_line_id"]}
    world.move(office, "measure-lines", line, "replace", {
        "from_party_id": lead["id"], "to_party_id": heir["id"], "reason": text("organisaatio muuttui")})
    world.move(office, "measure-lines", line, "change-status", {"status": "stopped", "reason": "rahat loppuivat"})
    draft = world.make("coordinator", "programme-versions", {
        "programme_id": stage.programme["id"], "number": "1.1", "source": "archive", "external_id": f"{stage.tag}-2"})
    theme = world.make("coordinator", "themes", {"programme_version_id": draft["id"], "number": "1", "name": text("teema")})
    second = world.make("coordinator", "measures", {
        "programme_version_id": draft["id"], "theme_id": theme["id"], "number": "1.7", "title": text("uusi otsikko"),
        "measure_line_id": line["id"], "goals": [goal()], "change_reason": text("selkeytettiin")})
    return types.SimpleNamespace(stage=stage, lead=lead, heir=heir, measure=measure, round=made, decision=decision, draft=draft,
                                 second=second, before=before)


def told(world, measure, subject, **query):
    return world.of(subject).get_all(world.path("measures", measure["id"], "history"), query=query)


def of_kind(world, story, kind, subject="coordinator"):
    entries = told(world, story.measure, subject, kind=kind)
    assert {entry["kind"] for entry in entries} == {kind}
    return entries


def test_statuses_are_told_with_office_and_reason(world, story):
    office = text("ohjelmatoimisto")
    assert [(s["before"], s["after"], s["acting_role"], s["acting_office"], s["reason"]) for s in of_kind(world, story, "status")] == [
        (None, {"status": "not_started"}, "programme_coordinator", None, None),
        ({"status": "not_started"}, {"status": "in_progress"}, "programme_coordinator", None, None),
        ({"status": "in_progress"}, {"status": "stopped"}, "programme_coordinator", office, {"fi": "rahat loppuivat"})]
    public = of_kind(world, story, "status", None)
    assert [s["after"]["status"] for s in public] == ["not_started", "in_progress", "stopped"]
    assert [s["reason"] for s in public] == [None, None, None]


def test_assignments_begin_and_end_with_their_day_in_helsinki(world, story):
    def state(party):
        return {"responsible_party_id": party["id"], "responsible_party_title": party["title"], "role": "lead"}

    first, *change = of_kind(world, story, "assignment", None)
    assert (first["at"], first["before"], first["after"]) == ("2019-12-31T22:00:00.000Z", None, state(story.lead))
    end, begin = sorted(change, key=lambda entry: entry["before"] is None)
    assert end["at"] == begin["at"] == midnight(TODAY)
    assert (end["before"], end["after"], end["reason"]) == (state(story.lead), None, {"fi": "organisaatio muuttui"})
    assert (begin["before"], begin["after"], begin["reason"]) == (None, state(story.heir), None)
    assert [entry["acting_office"] for entry in (first, end, begin)] == [None, text("ohjelmatoimisto"), text("ohjelmatoimisto")]


def test_lights_and_reports_are_told_with_body_party_and_decision(world, story):
    light, = of_kind(world, story, "light", None)
    assert (light["before"], light["after"]) == (None, {"light": "yellow", "light_label": text("keltainen")})
    assert (light["reporting_round_id"], light["decision_id"]) == (story.round["id"], story.decision["id"])
    assert (light["acting_role"], light["acting_office"], light["reason"]) == (
        "body_secretary", story.stage.body["name"], text("myöhässä"))
    report, = of_kind(world, story, "report", None)
    assert (report["before"], report["after"]["reported_status"], report["after"]["summary"]) == (None, "in_progress", text("tehtiin"))
    assert (report["acting_role"], report["acting_office"]) == ("party_reporter", story.lead["title"])


def test_errata_and_texts_over_versions_are_told_drafts_to_the_programmes_people(world, story):
    erratum, = of_kind(world, story, "erratum", None)
    assert (erratum["before"], erratum["after"]) == ({"title": story.measure["title"]}, {"title": text("oikea")})
    assert (erratum["reason"], erratum["acting_office"]) == (text("lyöntivirhe"), text("ohjelmatoimisto"))
    public, = of_kind(world, story, "text", None)
    assert (public["before"], public["after"]["title"], public["acting_role"]) == (None, story.measure["title"], "body_secretary")
    first, draft = of_kind(world, story, "text")
    assert first == public
    assert (draft["before"], draft["after"]["title"], draft["after"]["number"]) == (first["after"], text("uusi otsikko"), "1.7")
    assert (draft["programme_version_id"], draft["reason"]) == (story.draft["id"], text("selkeytettiin"))


def test_before_publication_the_public_is_told_of_no_light_and_no_report(world, story):
    assert {entry["kind"] for entry in story.before} == {"assignment", "status", "text"}


def test_second_lights_and_reports_are_told_with_what_was_before(world):
    stage = Stage(world)
    lead = stage.party()
    measure = stage.measure([lead])
    stage.enter()
    for year, status, light in ((2031, "in_progress", "green"), (2032, "on_hold", "yellow")):
        made = stage.open(year)
        stage.submit(made, measure, lead, status)
        stage.review(made)
        stage.assess(made, measure, "red", justification=text("erehdys"))  # replaced by the next
        stage.assess(made, measure, light, justification=text("syy"))
        stage.end(made)
    story = types.SimpleNamespace(measure=measure)
    assert [(e["before"] and e["before"]["light"], e["after"]["light"]) for e in of_kind(world, story, "light", None)] == [
        (None, "green"), ("green", "yellow")]
    assert [(e["before"] and e["before"]["reported_status"], e["after"]["reported_status"])
            for e in of_kind(world, story, "report", None)] == [(None, "in_progress"), ("in_progress", "on_hold")]


def test_a_report_that_is_not_accepted_is_told_to_its_party_and_those_who_run_the_round(world):
    stage = Stage(world)
    lead, other = stage.party(), stage.party()
    measure = stage.measure([lead, other])
    stage.enter()
    made = stage.open()
    draft = world.report(stage.request_of(made, measure, lead), stage.subject_of(lead["id"]))
    assert told(world, measure, "coordinator", kind="report") == []
    world.move(stage.subject_of(lead["id"]), "reports", draft, "submit")
    reporter = stage.subject_of(lead["id"])
    for subject, count in (("coordinator", 1), (reporter, 1), ("reporter", 0), (None, 0)):
        assert len(told(world, measure, subject, kind="report")) == count, subject
    world.move("coordinator", "report-requests", {"id": draft["report_request_id"]}, "return", {"question": text("mitä?"), "due_on": DUE})
    again = world.of(reporter).get(world.path("reports"), query={"report_request_id": draft["report_request_id"], "sort": "id"}).expect(200)["items"][-1]
    world.move(reporter, "reports", again, "submit")
    stage.review(made)
    never_accepted = stage.submit(made, measure, other)
    stage.assess(made, measure, "green")
    stage.end(made)
    assert [entry["id"] for entry in told(world, measure, "coordinator", kind="report")] == [draft["id"], again["id"], never_accepted["id"]]
    assert [entry["id"] for entry in told(world, measure, None, kind="report")] == [again["id"]]


def test_entries_are_in_order_paged_and_bounded_by_time(world, story):
    entries = told(world, story.measure, "coordinator")
    assert [e["at"] for e in entries] == sorted(e["at"] for e in entries) and len(entries) == 11
    assert len({e["id"] for e in entries}) == 11
    assert told(world, story.measure, "coordinator", sort="-at") == entries[::-1]
    path = world.path("measures", story.measure["id"], "history")
    page = world.of("coordinator").get(path, query={"limit": 4}).expect(200)
    assert page["items"] == entries[:4] and page["next"]
    assert told(world, story.measure, "coordinator", limit=4) == entries
    assert told(world, story.measure, "coordinator", at_to="2020-06-01T00:00:00Z") == entries[:1]
    assert told(world, story.measure, "coordinator", at_from="2020-06-01T00:00:00Z") == entries[1:]


def test_what_is_planned_is_no_history_yet(world, story):
    world.of("coordinator").post(world.path("measure-lines", story.measure["measure_line_id"], "assign"), {
        "responsible_party_id": story.lead["id"], "role": "party", "starts_on": "2090-01-01", "ends_on": "2090-12-31"}).expect(200)
    assert len(told(world, story.measure, "coordinator")) == 11


def test_the_history_of_a_line_is_the_same_from_each_of_its_measures(world, story):
    assert told(world, story.second, "coordinator") == told(world, story.measure, "coordinator")
    world.of().get(world.path("measures", story.second["id"], "history")).expect(404, "not_found")
    world.of("coordinator").get(world.path("measures", unknown_id(), "history")).expect(404, "not_found")
