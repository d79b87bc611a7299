"""A vote goes on while the service is killed and while a backend of PostgreSQL is: every ballot that was acknowledged is in
the box once, a key without an answer can be sent again, and the log's heads only grow."""
import base64
import threading
import uuid

import drill
import pytest
import world as world_module
from test_rules_evidence import leaf, root_of

VOTERS = 24

pytestmark = pytest.mark.xdist_group("faults_votes")


@pytest.fixture(scope="module")
def moments(request):
    return drill.times(request, 2, 20)


@pytest.fixture(scope="module")
def cluster(run):
    """As durable as in production."""
    made = drill.own_cluster(run, fsync="on", full_page_writes="on")
    yield made
    made.stop()


@pytest.fixture
def vote(run, cluster, request):
    service = drill.own_service(run, cluster, f"votes_{request.node.originalname}", workers=8)
    world = world_module.World(service)
    made = world.budget.vote()
    made["world"] = world
    yield made
    service.stop()


class Voters:
    """Threads that cast one ballot each and say when so many were acknowledged."""

    def __init__(self, vote, count=VOTERS):
        self.vote, self.world = vote, vote["world"]
        self.casts = [(f"voter-{uuid.uuid4()}", f"key-{uuid.uuid4()}", vote["ids"]["koko"][n % 2]) for n in range(count)]
        self.told, self.unknown = {}, []
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self._cast, args=(self.casts[at::8],)) for at in range(8)]

    def send(self, cast):
        subject, key, choice = cast
        path = self.world.path("budget-cycles", self.vote["id"], "ballots")
        return self.world.voter(subject).request(
            "POST", path, {"choices": [{"proposal_id": choice}]}, headers={"Idempotency-Key": key}, is_failure_expected=True)

    def _cast(self, casts):
        for cast in casts:
            try:
                answer = self.send(cast)
                known = answer.status == 201
                assert known or answer.status == 503, answer
            except drill.LOST:
                known = False
            with self.changed:
                if known:
                    self.told[cast] = answer
                else:
                    self.unknown.append(cast)
                self.changed.notify_all()

    def start(self):
        for thread in self.threads:
            thread.start()

    def reach(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) + len(self.unknown) >= count, 60), "nobody was answered"

    def join(self):
        for thread in self.threads:
            thread.join()


def insist(voters, cast):
    """As a client does that is told 503: sends the same again."""
    answers = []
    drill.until(lambda: answers.append(voters.send(cast)) or answers[-1].status != 503, 10, "an answer to a ballot")
    return answers[-1].expect(201)


def settle(voters):
    """What got no answer is sent again, and what got one gets the same receipt again."""
    for cast in voters.unknown:
        voters.told[cast] = insist(voters, cast)
    for cast, answer in voters.told.items():
        again = insist(voters, cast)
        assert again["token"] == answer["token"]
        assert {**again["receipt"], "checkpoint": 0} == {**answer["receipt"], "checkpoint": 0}
        assert again.headers["Idempotency-Replayed"] == "true"


def check_books(vote, told):
    rows = vote["world"].rows
    lines = [line for line, in rows("select line from evidence_leaf where budget_cycle_id = %s order by position", vote["id"])]
    ballots = [line.split()[1] for line in lines[1:]]
    assert sorted(ballots) == sorted(answer["receipt"]["commitment"] for answer in told.values())
    [(marks, boxed)] = rows("select (select count(*) from voter_mark where budget_cycle_id = %s),"
                            " (select count(*) from ballot_box where budget_cycle_id = %s)", vote["id"], vote["id"])
    assert marks == boxed == len(told)
    hashes = [leaf(line) for line in lines]
    for answer in told.values():  # every head that was ever signed is of these very leaves
        _, size, root = answer["receipt"]["checkpoint"].partition("\n\n")[0].split("\n")
        assert base64.b64decode(root) == root_of(hashes[:int(size)])
    heads = rows("select size from evidence_head where budget_cycle_id = %s order by size", vote["id"])
    assert heads[-1] == (len(lines),)


def test_ballots_survive_kills_of_the_service(vote, moments):
    server, told = vote["world"].service.server, {}
    for number in range(moments):
        voters = Voters(vote)
        voters.start()
        voters.reach(2 + 5 * number % (VOTERS - 6))  # each time at another moment
        server.kill()
        voters.join()
        server.start()
        drill.until(lambda: drill.is_ready(vote["world"].service), 10, "ready")
        settle(voters)
        told.update(voters.told)
    assert len(told) == moments * VOTERS
    check_books(vote, told)


def test_ballots_survive_kills_of_a_database_backend(vote, cluster, moments):
    service, told = vote["world"].service, {}
    for number in range(moments):
        voters = Voters(vote)
        service.disconnect()
        voters.start()
        voters.reach(2 + 5 * number % (VOTERS - 6))
        drill.kill_one_backend(cluster, service.database)
        voters.join()
        drill.until(lambda: drill.is_ready(service), 20, "ready")
        settle(voters)
        told.update(voters.told)
    assert len(told) == moments * VOTERS
    check_books(vote, told)
