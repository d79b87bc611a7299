"""hardening row 1: nothing acknowledged is lost when the service is killed while reports are being submitted."""
import threading
import time
import uuid

import drill
import pytest
import world as world_module
from stage import Stage

WRITERS, EACH = 8, 3
BACK_S = 5  # 2 for the program as it is shipped: the sanitizers and a busy machine have their share


class Ledger:
    """What the writers were told. `reaches` tells when enough was acknowledged to pull the plug."""

    def __init__(self):
        self.acknowledged, self.unknown = {}, []
        self.changed = threading.Condition()

    def note(self, call, answer):
        with self.changed:
            self.acknowledged[call] = (answer.status, answer.body)
            self.changed.notify_all()

    def note_unknown(self, call):
        with self.changed:
            self.unknown.append(call)
            self.changed.notify_all()

    def reaches(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= count, 60), "nothing was acknowledged"


@pytest.fixture(scope="module")
def kills(request):
    return drill.times(request, 3, 20)


@pytest.fixture(scope="module")
def stage(make_service, kills):
    world = world_module.World(make_service("kill"))
    stage = Stage(world)
    stage.owner = stage.party()
    for _ in range(kills * WRITERS * EACH):
        stage.measure([stage.owner])
    stage.enter()
    stage.made = stage.open()
    return stage


def create(request):
    """(path, body, key) of the first step."""
    return ("reports", (("report_request_id", request["id"]), ("reported_status", "completed"),
                        ("summary", (("fi", "valmis"),))), str(uuid.uuid4()))


def send(client, world, call):
    path, members, key = call
    body = {name: dict(value) if isinstance(value, tuple) else value for name, value in members} if members else None
    return client.post(world.path(path), body, headers={"Idempotency-Key": key})


def write(stage, requests, ledger):
    world = stage.world
    client = world.service.client(stage.subject_of(stage.owner["id"]))
    for request in requests:
        call = create(request)
        try:
            made = send(client, world, call)
            ledger.note(call, made)
            call = (f"reports/{made['id']}/submit", None, str(uuid.uuid4()))
            ledger.note(call, send(client, world, call))
        except drill.LOST:
            ledger.note_unknown(call)
            return


def test_row_01_what_was_acknowledged_is_there_once_after_kills(stage, kills):
    world, server = stage.world, stage.world.service.server
    requests = stage.requests(stage.made)
    told = {}
    for number in range(kills):
        ledger = Ledger()
        mine = requests[number * WRITERS * EACH:][:WRITERS * EACH]
        writers = [threading.Thread(target=write, args=(stage, mine[at::WRITERS], ledger)) for at in range(WRITERS)]
        for writer in writers:
            writer.start()
        ledger.reaches(4 + 3 * number % 30)  # each time a little later in the course of things
        server.kill()
        for writer in writers:
            writer.join()
        started = time.monotonic()
        server.start()
        drill.until(lambda: drill.is_ready(world.service), 10, "ready")
        assert time.monotonic() - started < BACK_S, "it takes too long to be back"
        assert ledger.unknown, "the kill came after everything was done"
        client = world.service.client(stage.subject_of(stage.owner["id"]))
        for call in ledger.unknown:
            ledger.note(call, send(client, world, call).expect(201 if call[1] else 200))
        for call, (status, body) in ledger.acknowledged.items():
            again = send(client, world, call).expect(status)
            assert again.body == body and again.headers["Idempotency-Replayed"] == "true"
        told.update(ledger.acknowledged)
    stored = dict(world.rows("select report_request_id::text, count(*) from report r join report_request q"
                             " on q.id = r.report_request_id where q.reporting_round_id = %s group by 1", stage.made["id"]))
    begun = {dict(call[1])["report_request_id"] for call in told if call[1]}
    assert stored == dict.fromkeys(begun, 1), "a report is missing, or there twice"
    submitted = {call[0].split("/")[1] for call in told if not call[1]}
    kept = world.rows("select r.id::text from report r join report_request q on q.id = r.report_request_id"
                      " where q.reporting_round_id = %s and r.submitted_at is not null", stage.made["id"])
    assert {row[0] for row in kept} == submitted
    moves = world.rows("select count(*) from transition t join report_request q on q.id = t.resource_id"
                       " where q.reporting_round_id = %s and t.to_status = 'submitted'", stage.made["id"])
    assert moves == [(len(submitted),)]
    unmatched = world.rows("select r.id, r.version, count(c) from report r left join change c on c.resource = 'report' and c.id = r.id"
                           " where r.id::text = any(%s) group by r.id, r.version having count(c) <> r.version", list(submitted))
    assert not unmatched, "a change of a report is missing, or there twice"
    assert len(begun) >= kills * 4
