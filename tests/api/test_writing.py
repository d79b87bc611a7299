"""Writes: versions, merge-patch, retries, dry runs, by-source PUT, and what they leave behind."""
import concurrent.futures
import threading
import uuid

import psycopg2
import pytest
from stage import Stage
from world import text


def new_body(**more):
    return {"kind": "committee", "name": text("toimielin"), "makes_decisions": True, **more}


def stored(world):
    return world.rows("select count(*), max(position) from change")


def test_what_is_made_is_answered_whole(world):
    made = world.of("admin").post(world.path("bodies"), new_body(task=text("tehtävä"))).expect(201)
    read = world.of().get(made.headers["Location"]).expect(200)
    assert read.json == made.json and read.etag == made.etag == '"1"'


def test_patch_merges_nested_objects_and_null_clears(world):
    admin = world.of("admin")
    made = admin.post(world.path("bodies"), new_body(task=text("tehtävä", "uppgift"), meetings_per_year=4)).expect(201)
    path = made.headers["Location"]
    changed = admin.patch(path, {"task": {"sv": None, "en": "task"}, "meetings_per_year": None}, etag=made.etag).expect(200)
    assert changed["task"] == {"fi": "tehtävä", "en": "task"} and changed["meetings_per_year"] is None
    assert changed["name"] == made["name"] and changed["version"] == 2 and changed.etag == '"2"'
    cleared = admin.patch(path, {"task": None}, etag=changed.etag).expect(200)
    assert cleared["task"] is None


def test_of_two_writers_with_one_version_one_wins(world):
    path = world.of("admin").post(world.path("bodies"), new_body()).expect(201).headers["Location"]
    clients = [world.service.client("admin") for _ in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: clients[n].patch(path, {"meetings_per_year": n}, etag='"1"'), range(8)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [412] * 7
    winner = next(answer for answer in answers if answer.status == 200)
    assert world.of().get(path).expect(200).json == winner.json
    assert all(answer.etag == '"2"' for answer in answers if answer.status == 412)


@pytest.mark.parametrize("tags, status", [('"1"', 200), ('"7", "1"', 200), ("*", 200), ('W/"1"', 412), ('"2"', 412), ("1", 400)])
def test_if_match_compares_strongly(world, tags, status):
    path = world.of("admin").post(world.path("bodies"), new_body()).expect(201).headers["Location"]
    world.of("admin").patch(path, {"meetings_per_year": 3}, etag=tags).expect(status)


def test_a_retry_gets_the_first_answer_and_has_no_second_effect(world):
    admin, key = world.of("admin"), {"Idempotency-Key": str(uuid.uuid4())}
    body = new_body(name=text("kerran"))
    first = admin.post(world.path("bodies"), body, headers=key).expect(201)
    before = stored(world)
    again = admin.post(world.path("bodies"), body, headers=key).expect(201)
    assert (again.body, again.headers["Location"], again.etag) == (first.body, first.headers["Location"], first.etag)
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert stored(world) == before
    admin.post(world.path("bodies"), new_body(name=text("toinen")), headers=key).expect(422, "idempotency_key_reused")
    assert stored(world) == before


def test_a_key_belongs_to_its_caller_and_path(world):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    party = {"kind": "unit", "title": text("yksikkö")}
    answers = [world.of(who).post(world.path("responsible-parties"), party, headers=key).expect(201)
               for who in ("admin", "coordinator")]
    assert answers[0]["id"] != answers[1]["id"]
    world.of("admin").post(world.path("bodies"), new_body(), headers=key).expect(201)


def test_what_failed_may_be_tried_again_with_its_key(world):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    world.of("admin").post(world.path("bodies"), new_body(kind="no such"), headers=key).expect(422)
    world.of("admin").post(world.path("bodies"), new_body(), headers=key).expect(201)


def test_a_request_that_is_still_running_is_not_run_twice(world, service):
    """The first is held by a lock on what it writes; the second with the same key is told to come back."""
    stage = Stage(world)
    line = stage.measure(world.parties[:1])["measure_line_id"]
    path, key = world.path("measure-lines", line, "change-status"), {"Idempotency-Key": str(uuid.uuid4())}
    holder = service.cluster.connect(service.database)
    with holder.cursor() as cursor:
        cursor.execute("select from measure_line where id = %s for update", (line,))
    answers = []
    client, *others = [world.service.client("coordinator") for _ in range(4)]
    first = threading.Thread(target=lambda: answers.append(client.post(path, {"status": "in_progress"}, headers=key)))
    first.start()
    wait_until_blocked(world)
    # a connection stays with one thread, and one of these may share the first's: whoever answers first counts
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        tries = [pool.submit(other.post, path, {"status": "in_progress"}, headers=key) for other in others]
        waiting = next(concurrent.futures.as_completed(tries)).result()
        holder.rollback()
    assert int(waiting.expect(409, "idempotency_in_progress").headers["Retry-After"]) >= 1
    first.join()
    holder.close()
    assert answers[0].status == 200
    again = world.of("coordinator").post(path, {"status": "in_progress"}, headers=key).expect(200)
    assert again.body == answers[0].body
    assert world.rows("select count(*) from transition where resource_id = %s and to_status = 'in_progress'", line) == [(1,)]


def wait_until_blocked(world):
    """Somebody of the service waits for a row: asked until it is so."""
    for _ in range(10000):
        if world.rows("select 1 from pg_locks join pg_stat_activity using (pid)"
                      " where not granted and datname = current_database()"):
            return
    raise AssertionError("nobody waits for a row")


def test_a_dry_run_checks_everything_and_leaves_nothing(world):
    before, head = stored(world), {"Prefer": "tx=rollback", "Idempotency-Key": str(uuid.uuid4())}
    tried = world.of("admin").post(world.path("bodies"), new_body(), headers=head).expect(201)
    assert tried.headers["Preference-Applied"] == "tx=rollback"
    world.of().get(world.path("bodies", tried["id"])).expect(404)
    refused = world.of("admin").post(world.path("responsible-parties"), {"kind": "body", "title": text("x")}, headers=head)
    refused.expect(422)
    assert stored(world) == before
    assert world.rows("select count(*) from idempotency where key = %s", head["Idempotency-Key"]) == [(0,)]


def test_minimal_gives_an_empty_answer_with_its_place(world):
    made = world.of("admin").post(world.path("bodies"), new_body(), headers={"Prefer": "return=minimal"}).expect(201)
    assert made.body == b"" and made.headers["Preference-Applied"] == "return=minimal"
    world.of().get(made.headers["Location"]).expect(200)


def test_put_by_source_creates_then_replaces_whole(world):
    admin, path = world.of("admin"), world.path("bodies/by-source/registry", uuid.uuid4())
    made = admin.put(path, new_body(task=text("tehtävä"), meetings_per_year=4)).expect(201)
    assert (made["source"], made["external_id"]) == ("registry", path.rpartition("/")[2])
    replaced = admin.put(path, new_body(kind="council")).expect(200)
    assert (replaced["id"], replaced["kind"], replaced["task"], replaced["meetings_per_year"]) == (made["id"], "council", None, None)
    admin.put(path, new_body(), headers={"If-None-Match": "*"}).expect(412)
    assert world.rows("select kind, version from body where id = %s", made["id"]) == [("council", 2)]
    taken = admin.post(world.path("bodies"), new_body(source="registry", external_id=made["external_id"]))
    assert taken.expect(409, "already_exists").faults() == {"/external_id": "already_exists"}


def test_two_puts_at_once_make_one(world):
    path = world.path("bodies/by-source/registry", uuid.uuid4())
    clients = [world.service.client("admin") for _ in range(6)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda client: client.put(path, new_body()), clients))
    assert sorted(answer.status for answer in answers) == [200] * 5 + [201]
    assert world.rows("select count(*), max(version) from body where external_id = %s", path.rpartition("/")[2]) == [(1, 6)]


def test_every_write_leaves_one_change_row_with_names_and_no_values(world):
    admin = world.of("admin")
    made = admin.post(world.path("bodies"), new_body()).expect(201)
    admin.patch(made.headers["Location"], {"name": text("salaisuus")}, etag=made.etag).expect(200)
    rows = world.rows("select resource, version, what, members, actor_id is not null, request_id from change where id = %s"
                      " order by position", made["id"])
    assert [row[:5] for row in rows] == [("body", 1, "created", None, True), ("body", 2, "updated", ["name"], True)]
    assert rows[0][5] == made.headers["X-Request-Id"]


def test_the_services_role_can_neither_define_nor_rewrite(service):
    """Least privilege: no DDL, no deletion of records, no change of what is append-only."""
    connection = psycopg2.connect(service.cluster.url(service.database))
    connection.autocommit = True
    for statement in ("create table x ()", "drop table body", "delete from body", "delete from assessment",
                      "update assessment set light = 'green'", "update change set what = 'x'", "update transition set reason = 'x'",
                      "delete from transition", "truncate report", "update light_meaning set light = 'red'",
                      "update person set subject = 'x'", "alter role elinvoima superuser", "insert into schema_migration values (99, 'x', 'x')"):
        with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from holder")
        assert cursor.fetchone() == (0,), "row-level security shows holders to nobody in particular"
    connection.close()


def test_a_person_behind_a_party_is_restricted(world):
    world.of().get(world.path("holders")).expect(401)
    mine = world.of("reporter").get_all(world.path("holders"))
    assert mine and {item["subject"] for item in mine} == {"reporter"}
    everybody = world.of("coordinator").get_all(world.path("holders"))
    assert {"reporter", "reporter2"} <= {item["subject"] for item in everybody}
