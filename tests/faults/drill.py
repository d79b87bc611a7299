"""What the fault drills share: a service over a cluster of its own, and callers that go on while something breaks."""
import http.client
import os
import pathlib
import signal
import threading
import time
import uuid

import server
import world
from client import Client
from cluster import HURRY, TEMPLATE, Cluster
from service import Service

BODIES = f"/v1/{world.HOME}/bodies"
# what only a superuser is shown whole
SESSIONS = "from pg_stat_activity where datname = current_database() and usename = 'elinvoima'"
LOST = (ConnectionError, http.client.HTTPException, TimeoutError)


def times(request, short, long):
    """How often a drill is done: `long` with --long."""
    return long if request.config.option.long else short


def until(condition, seconds, what):
    """Asks again and again what nobody would tell us of; how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"after {seconds} s still not: {what}"
    return time.monotonic() - start


def own_cluster(run, **settings):
    """A cluster that may be broken, with a filled template. What it acknowledges outlives its own crash."""
    settings = {**HURRY, "synchronous_commit": "on", **settings}
    made = Cluster(settings)
    made.settings = settings
    paths = {"database_url": made.url(TEMPLATE), "token_issuer": world.ISSUER, "token_key_file": run.keys.own_file,
             "migration_database_url": made.url(TEMPLATE, "elinvoima_owner")}
    server.run("migrate", settings=paths)
    world.prepare(paths, run.folder)
    return made


def own_service(run, cluster, name, **settings):
    return Service(cluster, cluster.create(name), run.keys, run.folder / "reports", **settings)


def kill_one_backend(cluster, database):
    """PostgreSQL takes a crashed backend for a reason to end all others and to recover."""
    [(pid,)] = cluster.ask(database, f"select pid {SESSIONS} order by random() limit 1")
    os.kill(pid, signal.SIGKILL)


def make_body(service, words="toimielin"):
    return service.client("admin").post(BODIES, body_named(words)).expect(201)


class Held:
    """A session beside the service that holds locks until the block ends."""

    def __init__(self, service, statement, *values):
        self.service, self.statement, self.values = service, statement, values

    def __enter__(self):
        self.connection = self.service.cluster.connect(self.service.database, "postgres")
        self.run(self.statement, *self.values)
        return self

    def run(self, statement, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)

    def __exit__(self, *_):
        self.connection.close()


def are_waiting(service, count=1):
    """So many sessions of the service wait for a lock."""
    [(waiting,)] = service.cluster.ask(service.database, f"select count(*) {SESSIONS} and wait_event_type = 'Lock'")
    return waiting >= count


class Call(threading.Thread):
    """One call of a thread's own: `answer` gives what came, and how long it took stands in `seconds`."""

    def __init__(self, call):
        super().__init__()
        self.call, self.got, self.failure = call, None, None
        self.start()

    def run(self):
        started = time.monotonic()
        try:
            self.got = self.call()
        except (AssertionError, *LOST) as failure:
            self.failure = failure
        self.ended = time.monotonic()
        self.seconds = self.ended - started

    def answer(self):
        self.join()
        if self.failure:
            raise self.failure
        return self.got


def admin_get(service, path):
    """(status, body) of the admin address."""
    connection = http.client.HTTPConnection("127.0.0.1", service.server.admin_port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def metric(service, name):
    return next(float(line.split()[1]) for line in admin_get(service, "/metrics")[1].splitlines()
                if line.startswith(name + " "))


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_ready(service):
    return admin_get(service, "/readyz")[0] == 200


def body_named(words):
    return {"kind": "committee", "name": {"fi": words, "sv": words}, "makes_decisions": True}


class Answer:
    def __init__(self, status, started, headers):
        self.status, self.started, self.ended = status, started, time.monotonic()
        self.retry_after = headers.get("Retry-After")

    @property
    def seconds(self):
        return self.ended - self.started


class Load:
    """Readers and writers, each with a connection of its own, until the block ends. A writer repeats what was not
    acknowledged under the same Idempotency-Key, as clients do; `written` are the names of what was."""

    def __init__(self, make_client, readers=4, writers=4):
        self.make_client, self.answers, self.lost, self.written, self.failures = make_client, [], [], set(), []
        self.is_over = threading.Event()
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self._go, args=(work,))
                        for work, count in ((self._read, readers), (self._write, writers)) for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        if not exception[0]:
            assert not self.failures, self.failures[0]

    def _go(self, work):
        client = self.make_client()
        try:
            while not self.is_over.is_set():
                work(client)
        except AssertionError as failure:
            self.failures.append(failure)
            with self.changed:
                self.changed.notify_all()
        finally:
            client.close()

    def _ask(self, *arguments, **more):
        """The answer's status; None when there was none."""
        started = time.monotonic()
        try:
            got = self._note(started, arguments, more)
        except LOST as loss:
            got = None
            self.lost.append((started, repr(loss)))
        with self.changed:
            self.changed.notify_all()
        return got

    def _note(self, started, arguments, more):
        client, *arguments = arguments
        answer = client.request(*arguments, is_failure_expected=True, **more)
        self.answers.append(Answer(answer.status, started, answer.headers))
        return answer.status

    def _read(self, client):
        self._ask(client, "GET", BODIES + "?limit=5")

    def _write(self, client):
        name, key = uuid.uuid4().hex, str(uuid.uuid4())
        while self._ask(client, "POST", BODIES, body_named(name), headers={"Idempotency-Key": key}) != 201:
            if self.is_over.is_set():
                return
        self.written.add(name)

    # --- what came of it -------------------------------------------------------------------------------
    def wait_for(self, good, since=0.0, seconds=60):
        """Until so many answers that began after `since` were good."""
        def is_enough():
            return self.failures or sum(answer.status < 300 for answer in list(self.answers) if answer.started >= since) >= good
        with self.changed:
            assert self.changed.wait_for(is_enough, seconds), f"no {good} good answers in {seconds} s"
        assert not self.failures, self.failures[0]

    def statuses(self):
        return {answer.status for answer in self.answers}

    def bad(self):
        return [(answer.status, answer.seconds) for answer in self.answers if answer.status >= 300][:5]

    def slowest(self):
        return max(answer.seconds for answer in self.answers)


def stored_once(service, names):
    """Every one of these bodies is stored once, with one row of change."""
    rows = service.rows("select name ->> 'fi', count(*) from body where name ->> 'fi' = any(%s) group by 1", sorted(names))
    assert dict(rows) == dict.fromkeys(names, 1), "something acknowledged is missing, or there twice"
    changes = service.rows("select b.name ->> 'fi', count(*) from change c join body b on b.id = c.id"
                           " where c.resource = 'body' and b.name ->> 'fi' = any(%s) group by 1", sorted(names))
    assert dict(changes) == dict.fromkeys(names, 1), "a change row is missing, or there twice"


def nothing_open(service):
    """No connection of the service is inside a transaction."""
    return not service.cluster.ask(service.database, f"select 1 {SESSIONS} and state like 'idle in transaction%%'")


def client_at(service, port, subject="admin"):
    """Speaks to the service by another address, such as the edge's."""
    return Client(port, service.token(subject))
