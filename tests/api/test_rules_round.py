"""Rounds made from a rule: on the rule's day, once for a programme and year, by the worker at a time of the test's choice."""
import datetime
import signal
import subprocess
import time

import pytest
import server
import world as world_module
from stage import Stage
from test_calendar import DAY, is_free
from test_examples_calendar import messages, midnight_after, noon, work, written
from world import ISSUER, TODAY, YEAR, text

NAME = {"fi": "Raportointi {year}", "sv": "Rapportering {year}"}
DEFAULT = {"invite_on": (2, 1), "due_on": (3, 31), "assessment_starts_on": (4, 1), "assessment_ends_on": (5, 31),
           "onward_report_on": (5, 31), "publish_on": (6, 30)}


@pytest.fixture(scope="module")
def clockwork(make_service):
    return make_service("rules")


@pytest.fixture(scope="module")
def world(clockwork):
    return world_module.World(clockwork)


@pytest.fixture
def stage(world):
    """A programme in force with one measure."""
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    return stage


def shifted(day, step=DAY):
    while is_free(day):
        day += step
    return day


def planning_day(year=YEAR):
    """60 days before early February of the year after, or the next working day."""
    return shifted(datetime.date(year + 1, 2, 1)) - 60 * DAY


def rule(stage, **more):
    return stage.world.make("coordinator", "round-rules", {"programme_id": stage.programme["id"], "name": NAME, **more})


def rounds(stage, **query):
    return stage.world.of("coordinator").get_all(
        stage.world.path("reporting-rounds"), query={"programme_id": stage.programme["id"], **query})


def made(stage):
    return ("createReportingRound", stage.programme["id"])


def drop(world, ruled):
    path = world.path("round-rules", ruled["id"])
    world.of("coordinator").delete(path, etag="*").expect(204)


# --- the round ------------------------------------------------------------------------------------------
def test_a_round_is_planned_on_the_rules_day_once(world, clockwork, stage):
    ruled = rule(stage, onward_report_body_id=world.board["id"])
    start = midnight_after(planning_day() - DAY)
    assert made(stage) not in work(clockwork, start - datetime.timedelta(seconds=1))
    assert rounds(stage) == []
    assert made(stage) in work(clockwork, start)
    one, = rounds(stage)
    assert {member: one[member] for member in (
        "year", "name", "status", "programme_version_id", "assessing_body_id", "onward_report_body_id", "start_decision_id",
        "round_rule_id", "grace_days")} == {
        "year": YEAR, "name": {"fi": f"Raportointi {YEAR}", "sv": f"Rapportering {YEAR}"}, "status": "planned",
        "programme_version_id": stage.version["id"], "assessing_body_id": stage.body["id"],
        "onward_report_body_id": world.board["id"], "start_decision_id": None, "round_rule_id": ruled["id"], "grace_days": 14}
    assert {member: one[member] for member in DEFAULT} == {
        member: shifted(datetime.date(YEAR + 1, *day)).isoformat() for member, day in DEFAULT.items()}
    assert world.rows("select from_status, to_status, reason, actor_id from transition where resource_id = %s", one["id"]) == [
        (None, "planned", "kierrossäännön päivä on tullut", None)]
    told, = messages(world, one, "planning")
    assert (told["responsible_party_id"], told["measures"]) == (None, [])
    assert one["invite_on"].split("-")[0] in told["text"]["fi"]

    assert made(stage) not in work(clockwork, start), "twice is once"
    stage.move("coordinator", one, "cancel", {"reason": text("siirtyi")})
    assert made(stage) not in work(clockwork, start), "what the coordinator has cancelled is not made again"
    assert made(stage) in work(clockwork, midnight_after(planning_day(YEAR + 1) - DAY))
    assert sorted(found["year"] for found in rounds(stage)) == [YEAR, YEAR + 1]


def test_the_coordinating_party_is_told_of_it(world, clockwork, stage):
    path = world.path("programmes", stage.programme["id"])
    world.of("coordinator").patch(path, {"coordinating_party_id": world.parties[0]["id"]}, etag="*").expect(200)
    rule(stage)
    work(clockwork, noon(planning_day()))
    one, = rounds(stage)
    assert [m["responsible_party_id"] for m in messages(world, one, "planning")] == [world.parties[0]["id"]]
    assert messages(world, stage.plan(YEAR + 5), "planning") == [], "a coordinator's own round tells nobody"


def test_a_planned_round_is_opened_by_the_coordinator_after_the_bodys_decision(world, clockwork, stage):
    rule(stage)
    work(clockwork, noon(planning_day()))
    one, = rounds(stage)
    path = world.path("reporting-rounds", one["id"])
    world.of("coordinator").post(f"{path}/open").expect(409, "decision_missing")
    world.of("coordinator").patch(path, {"start_decision_id": stage.start["id"]}, etag="*").expect(200)
    assert stage.move("coordinator", one, "open")["status"] == "open"


def test_a_round_is_planned_late_but_not_after_its_due_date(clockwork, stage):
    ruled = rule(stage, calendar={"plan_ahead_days": 0})
    due = shifted(datetime.date(YEAR + 1, 3, 31))
    assert made(stage) not in work(clockwork, noon(due + DAY))
    assert made(stage) in work(clockwork, noon(due))
    drop(stage.world, ruled)


def test_nothing_is_planned_for_a_year_before_the_programme_was_in_force(clockwork, stage):
    rule(stage)
    assert made(stage) not in work(clockwork, noon(datetime.date(YEAR, 3, 1)))
    assert rounds(stage) == []


def test_nothing_is_planned_without_a_version_in_force_or_a_body(world, clockwork):
    stage = Stage(world)
    stage.measure([stage.party()])
    rule(stage)
    assert made(stage) not in work(clockwork, noon(planning_day()))
    stage.enter()
    path = world.path("programmes", stage.programme["id"])
    world.of("coordinator").patch(path, {"managing_body_id": None}, etag="*").expect(200)
    assert made(stage) not in work(clockwork, noon(planning_day()))
    world.of("coordinator").patch(path, {"managing_body_id": stage.body["id"]}, etag="*").expect(200)
    assert made(stage) in work(clockwork, noon(planning_day()))


def test_a_round_made_by_hand_is_not_made_again(clockwork, stage):
    stage.plan(YEAR)
    rule(stage)
    assert made(stage) not in work(clockwork, noon(planning_day()))


# --- which rule, which days -------------------------------------------------------------------------------
def test_the_nearest_rule_counts_and_an_inactive_one_shields(world, clockwork, stage):
    wide = world.make("coordinator", "round-rules", {"name": NAME, "calendar": {"grace_days": 1}})
    kind = world.make("coordinator", "round-rules", {
        "name": NAME, "programme_kind": "vitality_programme", "calendar": {"grace_days": 2}})
    own = rule(stage, calendar={"grace_days": 3}, is_active=False)
    grace = "select (round_calendar(%s, %s) ->> 'grace_days')::integer"
    try:
        assert made(stage) not in work(clockwork, noon(planning_day()))
        assert world.rows(grace, world_module.HOME, stage.programme["id"]) == [(3,)]
        drop(world, own)
        assert world.rows(grace, world_module.HOME, stage.programme["id"]) == [(2,)]
        assert made(stage) in work(clockwork, noon(planning_day()))
        one, = rounds(stage)
        assert (one["round_rule_id"], one["grace_days"]) == (kind["id"], 2)
    finally:
        drop(world, kind)
    assert world.rows(grace, world_module.HOME, stage.programme["id"]) == [(1,)]
    drop(world, wide)
    assert world.rows(grace, world_module.HOME, stage.programme["id"]) == [(14,)]


def test_a_rule_has_its_own_days(clockwork, stage):
    rule(stage, calendar={"invite_on": "09-01", "due_on": "10-15", "grace_days": 7, "plan_ahead_days": 10,
                          "assessment_starts_on": "10-20", "assessment_ends_on": "11-20", "shift": "none"})
    plan = datetime.date(YEAR + 1, 9, 1) - 10 * DAY
    assert made(stage) not in work(clockwork, noon(plan - DAY))
    assert made(stage) in work(clockwork, noon(plan))
    one, = rounds(stage)
    assert [one[member] for member in ("year", "invite_on", "due_on", "grace_days", "assessment_starts_on", "assessment_ends_on")] == [
        YEAR, f"{YEAR + 1}-09-01", f"{YEAR + 1}-10-15", 7, f"{YEAR + 1}-10-20", f"{YEAR + 1}-11-20"]


@pytest.mark.parametrize("shift, day", [("next", "2029-04-03"), ("previous", "2029-03-29"), ("none", "2029-03-31")])
def test_a_due_date_in_the_easter_weekend_gives_way(service, shift, day):
    """31 March 2029 is Holy Saturday: Good Friday before it, Easter Monday after it."""
    (found,), = service.rows("select due_on from round_days(%s::jsonb, 2028)", f'{{"due_on": "03-31", "shift": "{shift}"}}')
    assert found.isoformat() == day


def test_days_of_every_year_are_shifted_as_the_printed_table_says(service):
    for year in range(2020, 2040):
        for shift, step in (("next", DAY), ("previous", -DAY)):
            (found,), = service.rows("select due_on from round_days(%s::jsonb, %s)", f'{{"due_on": "05-01", "shift": "{shift}"}}', year)
            assert found == shifted(datetime.date(year + 1, 5, 1), step), (year, shift)


def test_a_round_by_hand_takes_the_rules_days_when_it_names_no_due_date(world, stage):
    rule(stage, calendar={"due_on": "04-15", "grace_days": 5})
    body = {"programme_id": stage.programme["id"], "programme_version_id": stage.version["id"], "year": YEAR,
            "name": text("kierros"), "assessing_body_id": stage.body["id"]}
    one = world.make("coordinator", "reporting-rounds", body)
    assert (one["due_on"], one["grace_days"]) == (shifted(datetime.date(YEAR + 1, 4, 15)).isoformat(), 5)
    assert one["publish_on"] == shifted(datetime.date(YEAR + 1, 6, 30)).isoformat()
    other = world.make("coordinator", "reporting-rounds", {**body, "year": YEAR + 1, "due_on": "2099-01-15"})
    assert [other[member] for member in ("due_on", "invite_on", "publish_on", "round_rule_id")] == ["2099-01-15", None, None, None]
    overview = world.of().get(world.path("programmes", stage.programme["id"], "overview")).expect(200)
    due = shifted(datetime.date(TODAY.year, 4, 15))
    due = due if due >= TODAY else shifted(datetime.date(TODAY.year + 1, 4, 15))
    assert overview["themes"][0]["measures"][0]["next_due_on"] == due.isoformat()


def test_the_days_of_a_round_stand_in_order(world, stage):
    one = stage.plan()
    patch = lambda body: world.of("coordinator").patch(world.path("reporting-rounds", one["id"]), body, etag="*")  # noqa: E731
    after = (datetime.date.fromisoformat(one["due_on"]) + DAY).isoformat()
    assert patch({"invite_on": after}).expect(422).faults() == {"/invite_on": "rule_broken"}
    assert patch({"assessment_starts_on": "2099-02-01", "assessment_ends_on": "2099-01-01"}).expect(422).faults() == {
        "/assessment_ends_on": "rule_broken"}
    patch({"invite_on": one["due_on"], "assessment_starts_on": "2099-01-01", "assessment_ends_on": "2099-01-01"}).expect(200)


# --- a planned round and the next version ---------------------------------------------------------------
def test_a_planned_round_goes_with_the_next_version_and_an_open_one_stays(world, stage):
    opened = stage.open(YEAR)
    planned = stage.plan(YEAR + 1, added_measure_ids=[stage.measures[0]["id"]])
    version = world.make("coordinator", "programme-versions", {
        "programme_id": stage.programme["id"], "number": "2.0", "source": "archive", "external_id": f"{stage.tag}-2"})
    version = world.move("coordinator", "programme-versions", version, "copy", {"from_version_id": stage.version["id"]})
    world.move("secretary", "programme-versions", version, "enter-into-force",
               {"decision_id": world.decision(world.board)["id"], "valid_from": TODAY.isoformat()})
    read = lambda made: world.of("coordinator").get(world.path("reporting-rounds", made["id"])).expect(200).json  # noqa: E731
    assert read(opened)["programme_version_id"] == stage.version["id"]
    after = read(planned)
    copied, = world.of("coordinator").get_all(world.path("measures"), query={"programme_version_id": version["id"]})
    assert (after["programme_version_id"], after["added_measure_ids"]) == (version["id"], [copied["id"]])


# --- the rule's own rules ---------------------------------------------------------------------------------
def test_a_rule_needs_the_municipalitys_languages(world):
    body = {"programme_kind": "international", "name": {"sv": "runda {year}"}}
    assert world.of("coordinator").post(world.path("round-rules"), body).expect(422).faults() == {"/name": "locale_missing"}
    ruled = world.make("coordinator", "round-rules", {**body, "name": NAME})
    patch = world.of("coordinator").patch(world.path("round-rules", ruled["id"]), {"name": {"fi": None}}, etag="*")
    assert patch.expect(422).faults() == {"/name": "locale_missing"}
    drop(world, ruled)


def test_a_rule_invites_before_it_is_due(world):
    body = {"programme_kind": "international", "name": NAME, "calendar": {"invite_on": "03-31"}}
    refused = world.of("coordinator").post(world.path("round-rules"), body).expect(422)
    assert refused.faults() == {"/calendar/due_on": "rule_broken"}
    ruled = world.make("coordinator", "round-rules", {**body, "calendar": {"invite_on": "03-30"}})
    path = world.path("round-rules", ruled["id"])
    refused = world.of("coordinator").patch(path, {"calendar": {"due_on": "03-01"}}, etag="*").expect(422)
    assert refused.faults() == {"/calendar/due_on": "rule_broken"}
    assert world.of("coordinator").patch(path, {"calendar": {"invite_on": None}}, etag="*").expect(200)["calendar"] == {}
    drop(world, ruled)


def test_a_rule_is_for_one_programme_or_one_kind(world, stage):
    body = {"programme_id": stage.programme["id"], "programme_kind": "events", "name": NAME}
    assert world.of("coordinator").post(world.path("round-rules"), body).expect(422).faults() == {"/programme_kind": "rule_broken"}
    world.of("secretary").post(world.path("round-rules"), body).expect(403, "insufficient_scope")


def test_a_coordinator_of_one_programme_rules_that_one_alone(world, stage):
    subject = f"{stage.tag}-limited"
    world.make("admin", "grants", {"issuer": ISSUER, "subject": subject, "role": "programme_coordinator",
                                   "programme_id": stage.programme["id"]})
    limited, path = world.of(subject), world.path("round-rules")
    limited.post(path, {"name": NAME}).expect(403, "not_your_body")
    limited.post(path, {"name": NAME, "programme_id": world.programme["id"]}).expect(403, "not_your_body")
    ruled = limited.post(path, {"name": NAME, "programme_id": stage.programme["id"]}).expect(201)
    limited.patch(f"{path}/{ruled['id']}", {"programme_id": None}, etag="*").expect(403, "not_your_body")
    limited.patch(f"{path}/{ruled['id']}", {"is_active": False}, etag="*").expect(200)
    limited.patch(f"{path}/{world.rule['id']}", {"programme_id": stage.programme["id"]}, etag="*").expect(403, "not_your_body")
    limited.delete(f"{path}/{world.rule['id']}", etag="*").expect(403, "not_your_body")
    limited.delete(f"{path}/{ruled['id']}", etag="*").expect(204)


# --- workers --------------------------------------------------------------------------------------------
class Blocked:
    """A worker at a programme's round that waits for the programme's row, which this holds."""

    def __init__(self, clockwork, stage, moment):
        self.holder = clockwork.cluster.connect(clockwork.database)
        with self.holder.cursor() as cursor:
            cursor.execute("select from programme where id = %s for update", (stage.programme["id"],))
        self.worker = subprocess.Popen([server.PROGRAM, "worker", "--once", "--as-of", written(moment)], text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=server.environment(clockwork.settings))
        end = time.monotonic() + 30
        while not clockwork.rows("select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid"
                                 " where a.datname = %s and not l.granted", clockwork.database):
            assert time.monotonic() < end and self.worker.poll() is None, self.worker.stderr.read()

    def let_go(self):
        self.holder.rollback()
        self.holder.close()


def test_two_workers_plan_one_round(clockwork, stage):
    rule(stage)
    blocked = Blocked(clockwork, stage, noon(planning_day()))
    try:
        assert made(stage) not in work(clockwork, noon(planning_day())), "the act is leased"
    finally:
        blocked.let_go()
    assert stage.programme["id"] in blocked.worker.communicate(timeout=30)[0] and blocked.worker.returncode == 0
    assert len(rounds(stage)) == 1


def test_what_a_killed_worker_had_begun_is_done_by_the_next(clockwork, stage):
    rule(stage)
    blocked = Blocked(clockwork, stage, noon(planning_day()))
    blocked.worker.send_signal(signal.SIGKILL)
    blocked.worker.communicate(timeout=30)
    blocked.let_go()
    end = time.monotonic() + 30
    while clockwork.rows("select 1 from pg_locks where locktype = 'advisory' and granted"):
        assert time.monotonic() < end, "its lease dies with its connection"
    assert rounds(stage) == []
    assert made(stage) in work(clockwork, noon(planning_day()))
    assert len(rounds(stage)) == 1
