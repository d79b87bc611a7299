"""Feedback that comes together is written together: each is answered for itself, and what was acknowledged is there once
when the service or its sessions in PostgreSQL end midway."""
import threading
import uuid

import drill
import pytest
import world as world_module

SENDERS, EACH, WAIT_MS = 8, 4, 2500


@pytest.fixture(scope="module")
def moments(request):
    return drill.times(request, 2, 20)


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("intake", workers=16, database_wait_ms=20000))


def send(world, key=None, **more):
    return world.service.client().request("POST", world.path("feedback"), world.feedback.body(contact={"name": "Maija"}, **more),
                                          headers={"Idempotency-Key": key}, is_failure_expected=True)


def together(world, *sent):
    """All of them while two that came first wait for a lock, so that the rest become one batch or two."""
    with drill.Held(world.service, "lock table feedback in share row exclusive mode"):
        first = [drill.Call(lambda: send(world)) for _ in range(12)]
        drill.until(lambda: drill.are_waiting(world.service, 2), 20, "both writers wait")
        calls = [drill.Call(lambda more=more: send(world, **more)) for more in sent]
    made = [call.answer().expect(201) for call in first]
    answers = [call.answer() for call in calls]
    return made, answers


def transactions(world, made):
    return world.rows("select distinct transaction::text from change where resource = 'feedback' and id::text = any(%s)",
                      [answer["id"] for answer in made])


def faults(answer):
    return {(fault["code"], fault["pointer"]) for fault in answer["errors"]}


def test_each_of_a_batch_is_answered_for_itself(world):
    asking = world.feedback.topic(questions=[{
        "variable": True, "code": "where", "datatype": "string", "required": True, "order": 1, "description": {"fi": "missä"}}])
    unknown, key = str(uuid.uuid4()), str(uuid.uuid4())
    made, (good, lost, twice, elsewhere, once, again) = together(
        world, {"text": "Lamppu on rikki."}, {"topic_id": unknown}, {"topic_id": asking["id"], "latitude": "10", "longitude": "10"},
        {"channel": "phone"}, {"key": key}, {"key": key})
    assert faults(lost.expect(422)) == {("reference_not_found", "/topic_id")}
    assert faults(twice.expect(422)) == {("required", "/answers/where"), ("geometry_outside", "/latitude")}
    elsewhere.expect(403, "insufficient_scope")
    assert once.expect(201)["id"] == again.expect(201)["id"] and once["tracking_token"] == again["tracking_token"]
    assert [answer.headers.get("Idempotency-Replayed") for answer in (once, again)].count("true") == 1
    made += [good.expect(201), once]
    assert good["text"] == "Lamppu on rikki."
    assert len({answer["id"] for answer in made}) == len({answer["tracking_token"] for answer in made}) == len(made)
    for answer in made:
        assert world.feedback.track(answer.json)["number"] == answer["number"]
    assert len(transactions(world, made)) < len(made)


def test_what_a_batch_writes_names_the_request_of_each(world):
    made, answers = together(world, {}, {}, {})
    for answer in made + [answer.expect(201) for answer in answers]:
        told = world.rows("select resource, request_id from change where id = %s union all"
                          " select 'transition', request_id from transition where resource_id = %s order by 1", answer["id"], answer["id"])
        request = answer.headers["X-Request-Id"]
        assert told == [("feedback", request), ("feedback_contact", request), ("transition", request)]


def test_what_breaks_a_constraint_leaves_the_others_of_its_batch_be(world):
    made, (broken, *good) = together(world, {"latitude": "62.7"}, {}, {}, {})
    assert faults(broken.expect(422)) == {("rule_broken", "/longitude")}
    made += [answer.expect(201) for answer in good]
    assert world.rows("select count(*) from feedback where id::text = any(%s)", [answer["id"] for answer in made]) == [(len(made),)]


def test_a_lock_that_does_not_come_is_waited_for_once(make_service):
    world = world_module.World(make_service("impatient_intake", workers=16, database_wait_ms=WAIT_MS))
    before = world.count("feedback")
    with drill.Held(world.service, "lock table feedback in share row exclusive mode"):
        calls = [drill.Call(lambda: send(world)) for _ in range(14)]
        for call in calls:
            assert int(call.answer().expect(503, "unavailable").headers["Retry-After"]) >= 1
        assert max(call.seconds for call in calls) < 1.5 * WAIT_MS / 1000 + 1, "who queued has not waited for it as well"
    assert drill.nothing_open(world.service) and world.count("feedback") == before
    send(world).expect(201)


class Senders:
    """Threads that send one item after the other, and say when so many were acknowledged."""

    def __init__(self, world):
        self.world, self.told, self.unknown = world, {}, []
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def _send(self):
        for _ in range(EACH):
            key = str(uuid.uuid4())
            try:
                answer = send(self.world, key, text=key)
                assert answer.status in (201, 503), answer
            except drill.LOST:
                answer = None
            with self.changed:
                if answer and answer.status == 201:
                    self.told[key] = answer["id"]
                else:
                    self.unknown.append(key)
                self.changed.notify_all()

    def reach(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) + len(self.unknown) >= count, 60), "nobody was answered"

    def settle(self):
        """What got no answer is sent again, and what got one gets it again."""
        for thread in self.threads:
            thread.join()
        for key in self.unknown + list(self.told):
            answers = []
            drill.until(lambda: answers.append(send(self.world, key, text=key)) or answers[-1].status != 503, 10, "an answer")
            made = answers[-1].expect(201)["id"]
            assert self.told.setdefault(key, made) == made


def stored_once(world, told):
    rows = world.rows("select f.text, f.id::text, (select count(*) from feedback_contact c where c.feedback_id = f.id),"
                      " (select count(*) from feedback_link l where l.feedback_id = f.id),"
                      " (select count(*) from change g where g.id = f.id and g.resource = 'feedback')"
                      " from feedback f where f.text = any(%s)", list(told))
    assert sorted(rows) == sorted((text, made, 1, 1, 1) for text, made in told.items()), "something is missing, or there twice"


def test_feedback_survives_kills_of_the_service(world, moments):
    server, told = world.service.server, {}
    for number in range(moments):
        senders = Senders(world)
        senders.reach(1 + 5 * number % (SENDERS * EACH // 2))  # each time at another moment
        server.kill()
        for thread in senders.threads:
            thread.join()
        server.start()
        drill.until(lambda: drill.is_ready(world.service), 10, "ready")
        assert senders.unknown, "the kill came after everything was done"
        senders.settle()
        told.update(senders.told)
    assert len(told) == moments * SENDERS * EACH
    stored_once(world, told)


def test_feedback_survives_the_end_of_database_sessions(world, moments):
    service, told = world.service, {}
    for number in range(moments):
        senders = Senders(world)
        senders.reach(1 + 5 * number % (SENDERS * EACH // 2))
        service.cluster.ask(service.database, f"select pg_terminate_backend(pid) {drill.SESSIONS}")
        senders.settle()
        told.update(senders.told)
    assert len(told) == moments * SENDERS * EACH
    stored_once(world, told)
