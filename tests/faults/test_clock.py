"""hardening row 15: the wall clock jumps. What is waited for goes by the monotonic clock, rows by the database's."""
import datetime
import time

import drill
import pytest
import server
import world

pytestmark = pytest.mark.xdist_group("faults_clock")
HOUR = 3600


class Clock:
    """The wall clock of one service, as many seconds beside the real one as the file says."""

    def __init__(self, folder):
        self.file = folder / "clock"
        self.jump(0)

    def jump(self, seconds):
        self.seconds = seconds
        self.file.write_text(f"{seconds:+d}s\n")

    def environment(self):
        more = {name: value for name, value in server.fake_clock("").items() if name != "FAKETIME"}
        return {**more, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}

    def token(self, service, lives=HOUR):
        now = int(time.time()) + self.seconds
        return service.client_with(service.keys.mint("admin", iat=now, exp=now + lives))


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def instance(run, clock):
    made = drill.own_service(run, run.cluster, "clock", more=clock.environment(), idle_timeout_s=20, database_wait_ms=1000,
                             statement_timeout_ms=5000)
    yield made
    made.stop()


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR])
def test_row_15_tokens_go_by_the_wall_clock_at_once(instance, clock, jump):
    before, unseen = clock.token(instance), clock.token(instance, lives=HOUR + 1)
    before.post(drill.BODIES, drill.body_named("ennen")).expect(201)
    kept = before.connection
    clock.jump(jump)
    # expired though it was believed a moment ago; issued in what is the future now
    (before if jump > 0 else unseen).post(drill.BODIES, drill.body_named("ei")).expect(401)
    clock.token(instance).post(drill.BODIES, drill.body_named("hypyn jälkeen")).expect(201)
    clock.jump(0)
    before.post(drill.BODIES, drill.body_named("takaisin")).expect(201)
    assert before.connection is kept and kept.sock, "the connection was taken for an idle one"


def test_row_15_waits_go_by_the_monotonic_clock(instance, clock):
    made = drill.make_body(instance)
    with drill.Held(instance, "select from body where id = %s for update", made["id"]):
        client = clock.token(instance, lives=10 * HOUR)
        patch = drill.Call(lambda: client.patch(f"{drill.BODIES}/{made['id']}", {"makes_decisions": False}, etag=made.etag,
                                                is_failure_expected=True))
        drill.until(lambda: drill.are_waiting(instance), 10, "the patch waits")
        clock.jump(2 * HOUR)
        drill.until(lambda: drill.is_ready(instance), 5, "ready")
        patch.answer().expect(503, "unavailable")
    assert 0.9 < patch.seconds < 4, "it waited by another clock"


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR])
def test_row_15_pages_miss_nothing_when_the_clock_jumps_between_them(instance, clock, jump):
    def write(count):
        client = clock.token(instance)
        return {client.post(drill.BODIES, drill.body_named("sivu")).expect(201)["id"] for _ in range(count)}

    def read(sort, between):
        """The ids of all pages; `between` is done after the first."""
        page = instance.client().get(f"{drill.BODIES}?limit=4&sort={sort}").expect(200)
        seen = [item["id"] for item in page["items"]]
        between()
        while page["next"]:
            page = instance.client().get(page["next"]).expect(200)
            seen += [item["id"] for item in page["items"]]
        assert len(seen) == len(set(seen)), "an item came twice"
        return seen

    first = write(10)
    later = set()
    for sort in ("id", "updated_at"):
        def jump_and_write():
            clock.jump(jump)
            later.update(write(3))
        assert first <= set(read(sort, jump_and_write)), "an item that was there was missed"
        clock.jump(0)
    # ids are the database's: in the order in which the rows were made, whatever the service took for now
    made = read("id", lambda: None)
    assert set(made[:10]) == first and set(made[10:]) == later


def test_row_15_the_worker_does_an_act_once_though_its_clock_jumps(instance, run):
    one = world.World(instance)
    programme, year = one.programme["id"], datetime.date.today().year + 7
    made = one.make("coordinator", "reporting-rounds", {
        "programme_id": programme, "programme_version_id": one.version["id"], "year": year, "name": world.text("kierros"),
        "due_on": world.DUE, "grace_days": 0, "assessing_body_id": one.committee["id"],
        "onward_report_body_id": one.board["id"], "start_decision_id": one.decision(one.committee)["id"]})
    one.move("coordinator", "reporting-rounds", made, "open")
    lines = []
    for jump in ("+0", "+60d", "-1d", "+60d"):
        result = server.run("worker", "--once", settings=instance.settings, more=server.fake_clock(jump))
        lines.append([line for line in result.splitlines() if line.endswith(made["id"]) and "close" in line])
    assert [len(found) for found in lines] == [0, 1, 0, 0]
    assert instance.rows("select count(*) from transition where resource_id = %s and to_status = 'closed'", made["id"]) == [(1,)]
