"""Acceptance examples of the domain brief that need time to pass: `elinvoima worker` at a time of the test's choice."""
import datetime
import json
import signal
import subprocess
import time

import pytest
import server
import world as world_module
from stage import Stage
from test_calendar import DAY, HELSINKI, PRINTED, is_free
from world import TODAY, YEAR, text

MISSED = "määräpäivä ja lisäaika ovat kuluneet"


@pytest.fixture(scope="module")
def clockwork(make_service):
    """A service whose rounds no other module's tests look at: the worker takes all that is due."""
    return make_service("clockwork")


@pytest.fixture(scope="module")
def world(clockwork):
    return world_module.World(clockwork)


def midnight_after(day):
    """The instant a day is over in Finland."""
    return datetime.datetime.combine(day + DAY, datetime.time(), HELSINKI)


def noon(day):
    return datetime.datetime.combine(day, datetime.time(12), HELSINKI)


def written(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def work(service, moment):
    """What the worker did: [(operation, round)]."""
    lines = server.run("worker", "--once", "--as-of", written(moment), settings=service.settings).splitlines()
    assert lines[-1] == f"{len(lines) - 1} done, 0 failed"
    return [tuple(line.split()[1:]) for line in lines[:-1]]


def plain_due(offsets=(-14, -3, 1, 7)):
    """A due date some weeks ahead with every reminder on a working day."""
    day = TODAY + 40 * DAY
    while any(is_free(day + offset * DAY) for offset in offsets):
        day += DAY
    return day


def following_working_day(day):
    day += DAY
    while is_free(day):
        day += DAY
    return day


def opened(stage, due, **more):
    stage.enter()
    return stage.open(due_on=due.isoformat(), **more)


def messages(world, made, kind="reminder"):
    return world.of("coordinator").get_all(world.path("messages"), query={"reporting_round_id": made["id"], "kind": kind})


def logged(world, made):
    return world.rows("select d.kind, d.sent_on, d.report_request_id::text from reminder d"
                      " join report_request q on q.id = d.report_request_id where q.reporting_round_id = %s"
                      " order by d.created_at, d.kind, d.report_request_id", made["id"])


def told(message):
    return {measure["report_request_id"] for measure in message["measures"]}


def test_example_10_who_has_not_reported_is_reminded_once_and_it_is_logged(world, clockwork):
    stage = Stage(world)
    done, late = stage.party(), stage.party()
    measures = [stage.measure([done, late]), stage.measure([late])]
    due = plain_due()
    made = opened(stage, due)
    stage.submit(made, measures[0], done)
    owed = {stage.request_of(made, measure, late)["id"] for measure in measures}

    assert ("remindReportingRound", made["id"]) not in work(clockwork, noon(due - 15 * DAY))
    assert messages(world, made) == []
    assert ("remindReportingRound", made["id"]) in work(clockwork, noon(due - 14 * DAY))
    one, = messages(world, made)
    assert (one["responsible_party_id"], told(one)) == (late["id"], owed), "one message with all it owes"
    assert logged(world, made) == [("before_14", due - 14 * DAY, request) for request in sorted(owed)]
    assert work(clockwork, noon(due - 14 * DAY)) == [], "once"
    listed = world.of("coordinator").get_all(world.path("reminders"), query={"reporting_round_id": made["id"]})
    assert {(d["report_request_id"], d["responsible_party_id"], d["message_id"]) for d in listed} == {
        (request, late["id"], one["id"]) for request in owed}
    mine, other = (world.of(stage.subject_of(party["id"])) for party in (late, done))
    assert mine.get_all(world.path("reminders"), query={"reporting_round_id": made["id"]}) == listed
    assert other.get_all(world.path("reminders"), query={"reporting_round_id": made["id"]}) == []

    stage.submit(made, measures[0], late)
    stage.accept_all(made)
    left = stage.request_of(made, measures[1], late)["id"]
    for sent, day in enumerate((due - 3 * DAY, due + DAY, due + 7 * DAY), start=2):
        work(clockwork, noon(day))
        found = messages(world, made)
        assert len(found) == sent and [m["responsible_party_id"] for m in found] == [late["id"]] * sent
        assert sorted(told(m) == {left} for m in found) == [False] + [True] * (sent - 1)
    assert [row[0] for row in logged(world, made)][2:] == ["before_3", "after_1", "after_7"]
    stage.submit(made, measures[1], late)
    assert ("remindReportingRound", made["id"]) not in work(clockwork, noon(due + 8 * DAY))


def test_example_10_a_worker_that_was_away_reminds_once_of_all_it_missed(world, clockwork):
    stage = Stage(world)
    party = stage.party()
    stage.measure([party])
    due = plain_due()
    made = opened(stage, due)
    work(clockwork, noon(due + DAY))
    assert len(messages(world, made)) == 1
    assert [row[0] for row in logged(world, made)] == ["after_1", "before_14", "before_3"]


def test_example_10_nobody_is_reminded_of_a_day_before_the_invitation(world, clockwork):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    due = plain_due()
    made = opened(stage, due)
    # as if it had been asked ten days before the due date: where the tables' owner may do so
    world.rows("update transition set at = %s where resource_id = %s", noon(due - 10 * DAY),
               stage.request_of(made, measure, party)["id"])
    work(clockwork, noon(due - 9 * DAY))
    assert messages(world, made) == []
    work(clockwork, noon(due - 3 * DAY))
    assert [row[0] for row in logged(world, made)] == ["before_3"]


def test_example_10_a_returned_report_is_reminded_of_its_new_date(world, clockwork):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    due = plain_due()
    made = opened(stage, due)
    work(clockwork, noon(due - 3 * DAY))
    stage.submit(made, measure, party)
    request = stage.request_of(made, measure, party)
    later = plain_due() + 7 * DAY
    world.move("coordinator", "report-requests", request, "return", {"question": text("?"), "due_on": later.isoformat()})
    work(clockwork, noon(following_working_day(later - 3 * DAY)))
    assert [row[0] for row in logged(world, made)] == ["before_14", "before_3", "before_14", "before_3"]


def test_example_11_a_reminder_of_epiphany_goes_on_the_next_working_day(world, clockwork):
    stage = Stage(world)
    stage.measure([stage.party()])
    epiphany = datetime.date(YEAR + 1, 1, 6)
    made = opened(stage, epiphany + 14 * DAY)
    assert ("remindReportingRound", made["id"]) not in work(clockwork, noon(epiphany))
    assert messages(world, made) == []
    day = following_working_day(epiphany)
    assert ("remindReportingRound", made["id"]) in work(clockwork, noon(day))
    assert [row[:2] for row in logged(world, made)] == [("before_14", day)]


def test_example_11_nothing_goes_on_a_sunday_not_even_what_is_overdue(world, clockwork):
    stage = Stage(world)
    stage.measure([stage.party()])
    friday = TODAY + 40 * DAY
    while friday.weekday() != 4 or is_free(friday) or is_free(friday + 3 * DAY):
        friday += DAY
    made = opened(stage, friday + 14 * DAY)
    work(clockwork, noon(friday + 2 * DAY))
    assert messages(world, made) == []
    work(clockwork, noon(friday + 3 * DAY))
    assert [row[:2] for row in logged(world, made)] == [("before_14", friday + 3 * DAY)]


def test_who_did_not_answer_for_long_is_told_to_the_coordinator(world, clockwork):
    party = world.party()
    stages = [Stage(world), Stage(world)]
    due = plain_due()
    rounds = []
    for stage, coordinating in zip(stages, (None, party["id"])):
        if coordinating:
            etag = world.of("coordinator").get(world.path("programmes", stage.programme["id"])).expect(200).etag
            world.of("coordinator").patch(world.path("programmes", stage.programme["id"]),
                                          {"coordinating_party_id": coordinating}, etag=etag).expect(200)
        stage.measure([stage.party()])
        rounds.append(opened(stage, due))
    day = due + 21 * DAY
    day = day if day.weekday() < 6 and PRINTED.get(day, ("", "eve"))[1] == "eve" else following_working_day(day)
    work(clockwork, noon(day - DAY))
    assert [messages(world, made, "escalation") for made in rounds] == [[], []]
    work(clockwork, noon(day))
    for stage, made, coordinating in zip(stages, rounds, (None, party["id"])):
        one, = messages(world, made, "escalation")
        assert one["responsible_party_id"] == coordinating
        assert told(one) == {request["id"] for request in stage.requests(made, status="missing")}
        assert one["text"]["fi"] == "Raportti puuttuu yhä: virka."
    work(clockwork, noon(day + DAY))
    assert [len(messages(world, made, "escalation")) for made in rounds] == [1, 1]


def test_the_municipality_says_when_the_coordinator_is_told(world, clockwork):
    admin, path = world.of("admin"), f"/v1/{world_module.HOME}"
    stage = Stage(world)
    stage.measure([stage.party()])
    due = plain_due((-14, -3, 1, 7, 9))
    made = opened(stage, due)
    admin.patch(path, {"calendar": {"escalate_after_days": 2}}, etag="*").expect(200)
    try:
        work(clockwork, noon(due + 9 * DAY))
    finally:
        admin.patch(path, {"calendar": {"escalate_after_days": None}}, etag="*").expect(200)
    assert len(messages(world, made, "escalation")) == 1


# --- by hand -------------------------------------------------------------------------------------------
def test_a_coordinator_reminds_by_hand_once_a_day(world, clockwork):
    stage = Stage(world)
    done, late = stage.party(), stage.party()
    measure = stage.measure([done, late])
    made = opened(stage, plain_due())
    stage.submit(made, measure, done)
    path = world.path("reporting-rounds", made["id"], "remind")
    world.of("coordinator").post(path).expect(200)
    world.of("coordinator").post(path).expect(200)
    one, = messages(world, made)
    assert one["responsible_party_id"] == late["id"]
    assert [row[0][:7] for row in logged(world, made)] == ["manual_"]
    world.of("secretary").post(path).expect(403)


def test_only_a_running_round_is_reminded_of(world):
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    made = stage.plan()
    world.of("coordinator").post(world.path("reporting-rounds", made["id"], "remind")).expect(409, "round_wrong_state")
    assert messages(world, made) == []


# --- closing -------------------------------------------------------------------------------------------
def test_a_round_closes_when_due_date_and_grace_are_over_in_helsinki(world, clockwork):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    due = plain_due()
    made = opened(stage, due, grace_days=10)
    end = midnight_after(due + 10 * DAY)
    assert ("closeReportingRound", made["id"]) not in work(clockwork, end - datetime.timedelta(seconds=1))
    assert world.rows("select status from reporting_round where id = %s", made["id"]) == [("open",)]
    assert ("closeReportingRound", made["id"]) in work(clockwork, end)
    assert work(clockwork, end) == [], "twice is once"
    assert world.rows("select status, closed_at from reporting_round where id = %s", made["id"]) == [("closed", end)]
    assert stage.request_of(made, measure, party)["status"] == "missing"
    assert stage.round_measures(made)[measure["id"]]["snapshot"]["number"] == "1.1"
    assert world.rows("select from_status, reason, actor_id, acting_role from transition"
                      " where resource_id = %s and to_status = 'closed'", made["id"]) == [("open", MISSED, None, None)]


def test_two_workers_at_one_act_do_it_once(world, clockwork):
    stage = Stage(world)
    stage.measure([stage.party()])
    due = plain_due()
    made = opened(stage, due)
    moment = written(noon(due - 14 * DAY))
    work(clockwork, noon(due - 15 * DAY))
    holder = clockwork.cluster.connect(clockwork.database)
    try:
        with holder.cursor() as cursor:
            cursor.execute("select from reporting_round where id = %s for update", (made["id"],))
        first = subprocess.Popen([server.PROGRAM, "worker", "--once", "--as-of", moment], stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.PIPE, env=server.environment(clockwork.settings))
        end = time.monotonic() + 30
        while not world.rows("select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid"
                             " where a.datname = %s and not l.granted", clockwork.database):
            assert time.monotonic() < end and first.poll() is None, first.stderr.read()
        second = server.run("worker", "--once", "--as-of", moment, settings=clockwork.settings, timeout=30)
        assert made["id"] not in second
    finally:
        holder.rollback()
        holder.close()
    assert made["id"] in first.communicate(timeout=30)[0] and first.returncode == 0
    assert len(messages(world, made)) == 1


def test_the_worker_wakes_when_a_round_changes_and_ends_when_told(world, clockwork):
    stage = Stage(world)
    stage.measure([stage.party()])
    made = opened(stage, plain_due())
    process = subprocess.Popen([server.PROGRAM, "worker"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env=server.environment(clockwork.settings))
    try:
        wait_for(process, "working")
        world.rows("update reporting_round set due_on = %s, grace_days = 0 where id = %s", TODAY - 2 * DAY, made["id"])
        wait_for(process, f"closeReportingRound {made['id']}")
        process.send_signal(signal.SIGTERM)
        wait_for(process, "stopped")
        assert process.wait(30) == 0, process.stderr.read()
    finally:
        process.kill()
        process.stderr.close()
    assert world.rows("select status from reporting_round where id = %s", made["id"]) == [("closed",)]


def test_a_worker_waits_for_a_database_that_is_away(clockwork):
    settings = {**clockwork.settings, "database_url": f"host={clockwork.cluster.folder}/nowhere dbname=none"}
    process = subprocess.Popen([server.PROGRAM, "worker"], stderr=subprocess.PIPE, text=True, env=server.environment(settings))
    try:
        wait_for(process, "cannot connect")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, process.stderr.read()
    finally:
        process.kill()
        process.stderr.close()
    result = subprocess.run([server.PROGRAM, "worker", "--once"], env=server.environment(settings), capture_output=True)
    assert result.returncode == 1


def wait_for(process, words):
    for line in process.stderr:
        if words in json.loads(line)["message"]:
            return
    raise AssertionError(f"the worker ended without saying {words}")


@pytest.mark.parametrize("arguments", [["--as-of", "2025-01-06T08:00:00Z"], ["--once", "--as-of", "infinity"], ["now"]])
def test_the_worker_refuses_what_it_does_not_understand(clockwork, arguments):
    result = subprocess.run([server.PROGRAM, "worker", *arguments], env=server.environment(clockwork.settings),
                            capture_output=True, text=True)
    assert result.returncode == 2 and "usage: elinvoima worker" in result.stderr


# --- after the assessment --------------------------------------------------------------------------------
class Assessed:
    """A published round in which the one party asked has not answered."""

    def __init__(self, world):
        self.world, self.stage = world, Stage(world)
        self.party = self.stage.party()
        self.measure = self.stage.measure([self.party])
        self.stage.enter()
        self.round = self.stage.open()
        self.request = self.stage.request_of(self.round, self.measure, self.party)
        self.stage.move("coordinator", self.round, "close")
        self.stage.move("coordinator", self.round, "start-review")
        self.stage.assess(self.round, self.measure, "red", justification=text("ei raporttia"))
        self.stage.end(self.round)
        self.reporter = world.of(self.stage.subject_of(self.party["id"]))

    def submit(self, **more):
        drafted = self.world.report(self.request, self.stage.subject_of(self.party["id"]), **more)
        return self.reporter.post(self.world.path("reports", drafted["id"], "submit")).expect(200).json

    def shown(self):
        path = self.world.path("reporting-rounds", self.round["id"])
        anonymous = self.world.of()
        return [anonymous.get(f"{path}/{part}").expect(200).json for part in ("measures", "board-pack")]

    def next_request(self, made):
        return self.stage.request_of(made, self.measure, self.party)


@pytest.fixture
def assessed(world):
    return Assessed(world)


def test_example_14_a_report_after_the_assessment_belongs_to_the_next_round(world, assessed):
    before = assessed.shown()
    sent = assessed.submit(reported_status="completed")
    path = world.path("reports", sent["id"])
    assert (sent["report_request_id"], sent["reporting_round_id"], sent["is_late"]) == (None, None, True)
    assert sent["measure_line_id"] == assessed.measure["measure_line_id"]
    assert world.rows("select status from report_request where id = %s", assessed.request["id"]) == [("missing",)]
    world.of("coordinator").get(path).expect(200)
    world.of("reporter2").get(path).expect(404)
    world.of().get(path).expect(404)

    made = assessed.stage.open(YEAR + 1)
    request = assessed.next_request(made)
    assert (request["status"], request["is_late"], request["submitted_at"]) == ("submitted", True, sent["submitted_at"])
    taken = assessed.reporter.get(path).expect(200).json
    assert (taken["report_request_id"], taken["reporting_round_id"]) == (request["id"], made["id"])
    assert (taken["revision"], taken["own_light"], taken["submitted_at"]) == (1, "green", sent["submitted_at"])
    assert taken["summary"] == sent["summary"]
    assert assessed.shown() == before, "the published light is unchanged"
    assessed.stage.review(made)
    given = assessed.stage.assess(made, assessed.measure, "green", justification=text("valmis"))
    assert given["suggested_light"] == "green", "it counts in the round that took it"


def test_example_14_a_next_round_that_has_asked_already_takes_the_report_at_once(assessed):
    made = assessed.stage.open(YEAR + 1)
    assessed.stage.open(YEAR + 2)
    sent = assessed.submit()
    assert (sent["reporting_round_id"], sent["is_late"]) == (made["id"], True)
    assert assessed.next_request(made)["status"] == "submitted"


def test_example_14_an_earlier_round_takes_nothing(assessed):
    earlier = assessed.stage.open(YEAR - 1)
    assert assessed.submit()["reporting_round_id"] is None
    assert assessed.next_request(earlier)["status"] == "invited"


def test_example_14_the_last_of_several_reports_counts(world, assessed):
    first, last = assessed.submit(reported_status="in_progress"), assessed.submit(reported_status="completed")
    made = assessed.stage.open(YEAR + 1)
    stored = world.rows("select id::text, revision from report where report_request_id = %s order by revision",
                        assessed.next_request(made)["id"])
    assert stored == [(first["id"], 1), (last["id"], 2)]


def test_example_14_what_waits_was_said(world, assessed):
    sent = assessed.submit()
    path = world.path("reports", sent["id"])
    assessed.reporter.post(f"{path}/submit").expect(409, "report_frozen")
    assessed.reporter.patch(path, {"summary": text("toisin")}, etag="*").expect(409, "report_frozen")
    world.of("reporter").post(f"{path}/submit").expect(404)
    assert world.rows("select summary from report where id = %s", sent["id"]) == [(sent["summary"],)]


# --- counting days -------------------------------------------------------------------------------------
def test_example_55_five_working_days_over_midsummer(clockwork):
    assert clockwork.rows("select working_days_after('2026-06-18', 5)") == [(datetime.date(2026, 6, 26),)]


def test_example_62_six_months_from_the_last_of_august(clockwork):
    assert clockwork.rows("select time_limit_end('2025-08-31', months => 6)") == [(datetime.date(2026, 3, 2),)]
