"""hardening row 18: two instances of one database answer as one."""
import time
import uuid

import contract
import drill
import pytest
import world as world_module
from service import Service

pytestmark = pytest.mark.xdist_group("faults_two")


@pytest.fixture(scope="module")
def pair(run):
    """A world and both instances."""
    first = drill.own_service(run, run.cluster, "pair")
    second = Service(run.cluster, first.database, run.keys, run.folder / "reports")
    yield world_module.World(first), first, second
    second.stop()
    first.stop()


def test_row_18_one_key_at_both_is_one_write(pair):
    _, first, second = pair
    for _ in range(10):
        key, name = {"Idempotency-Key": str(uuid.uuid4())}, uuid.uuid4().hex
        calls = [drill.Call(lambda service=service: service.client("admin").post(drill.BODIES, drill.body_named(name), headers=key))
                 for service in (first, second) * 3]
        answers = [call.answer() for call in calls]
        made = [answer for answer in answers if answer.status == 201]
        assert made and {answer.status for answer in answers} <= {201, 409}
        assert all(answer.code == "idempotency_in_progress" for answer in answers if answer.status == 409)
        again = [service.client("admin").post(drill.BODIES, drill.body_named(name), headers=key).expect(201)
                 for service in (first, second)]
        assert len({answer.body for answer in made + again}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in made) == 1
        drill.stored_once(first, {name})


def test_row_18_what_is_taken_away_at_one_is_gone_at_the_other_within_five_seconds(pair):
    world, first, second = pair
    subject = uuid.uuid4().hex
    grant = first.client("admin").post(world.path("grants"), {
        "issuer": world_module.ISSUER, "subject": subject, "role": "programme_coordinator"}).expect(201)
    path, body = world.path("responsible-parties"), {"kind": "office", "title": world_module.text("virka")}
    second.client(subject).post(path, body).expect(201)
    first.client("admin").delete(world.path("grants", grant["id"]), etag=grant.etag).expect(204)
    gone = time.monotonic()
    first.client(subject).post(path, body).expect(403)
    client = second.client(subject)
    drill.until(lambda: client.post(path, body).status == 403, 8, "refused at the other")
    assert time.monotonic() - gone < 6


def test_row_18_both_give_the_same_answers_and_take_each_others_cursors(pair):
    world, first, second = pair
    lists = [operation.path for operation in contract.OPERATIONS
             if operation.method == "GET" and operation.is_tenant and operation.path.count("{") == 1]
    assert len(lists) > 20
    asked = 0
    for path in lists:
        has_pages = any(parameter["name"] == "limit" for parameter in contract.find_operation("GET", path).query())
        target = path.replace("{municipality}", world_module.HOME) + ("?limit=1" if has_pages else "")
        while target:
            one, other = (service.client("coordinator").get(target) for service in (first, second))
            assert (one.status, one.etag) == (other.status, other.etag)
            asked += 1
            target = None
            if one.status == 200:
                assert one.body == other.body
                target = one.json.get("next")  # of the one, asked of both
    assert asked > 3 * len(lists)
