"""hardening row 16: a migration is killed midway, two migrate at once, program and schema are of different versions."""
import re
import subprocess

import drill
import pytest
import server
from service import Service

pytestmark = pytest.mark.xdist_group("faults_migrations")
COUNT = len(list((server.ROOT / "migrations").glob("*.sql")))
# Says aloud when the table named is made, and waits there for whoever holds the lock.
STOP = """
create function stop_there() returns event_trigger language plpgsql as $$
begin
  if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.{table}' and command_tag = 'CREATE TABLE') then
    raise warning 'midway';
    perform pg_advisory_lock(42);
  end if;
end $$;
create event trigger stop_there on ddl_command_end execute function stop_there()"""


def settings_of(run, database):
    return {"database_url": run.cluster.url(database), "token_key_file": run.keys.own_file,
            "migration_database_url": run.cluster.url(database, "elinvoima_owner")}


def begin_migration(run, database):
    return subprocess.Popen([server.PROGRAM, "migrate"], env=server.environment(settings_of(run, database)), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def applied(run, database):
    return [number for number, in run.cluster.ask(database, "select number from schema_migration order by 1")]


def check(run, database):
    assert applied(run, database) == list(range(1, COUNT + 1))
    server.run("check", settings=settings_of(run, database))


@pytest.mark.parametrize("table, whole", [("idempotency", 0), ("measure", 2), ("reminder", 5)])
def test_row_16_killed_midway_it_is_as_if_that_migration_never_ran(run, table, whole):
    database = run.cluster.create("midway", "template1")
    run.cluster.ask(database, STOP.format(table=table))
    holder = run.cluster.connect(database, "postgres")
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(42)")
        process = begin_migration(run, database)
        assert any("midway" in line for line in process.stderr), "it ended before"
        process.kill()
        process.communicate()
    finally:
        holder.close()
    # what was killed may still hold the lock of migrations: the next one waits for it
    said = server.run("migrate", settings=settings_of(run, database))
    assert f"{COUNT} migrations, {COUNT - whole} new" in said
    check(run, database)


def test_row_16_killed_at_any_moment_it_goes_on(run, request):
    for number in range(drill.times(request, 2, 20)):
        database = run.cluster.create("any_moment", "template1")
        process = begin_migration(run, database)
        try:
            process.wait(0.02 + 0.015 * number)  # one moment after another
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        server.run("migrate", settings=settings_of(run, database))
        check(run, database)


def test_row_16_two_at_once_run_each_migration_once(run):
    database = run.cluster.create("both", "template1")
    both = [begin_migration(run, database) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    new = [int(re.search(r"(\d+) new", out)[1]) for out, _ in said]
    assert sorted(new) == [0, COUNT]
    check(run, database)


@pytest.mark.parametrize("change, words", [
    ("insert into schema_migration (number, name, checksum) values (%(next)s, 'later', 'x')", "newer than this program"),
    ("delete from schema_migration where number = %(last)s", "run elinvoima migrate"),
    ("update schema_migration set checksum = 'other' where number = %(last)s", "another text"),
])
def test_row_16_a_schema_of_another_version_is_told(run, change, words):
    database = run.cluster.create("other_version")
    service = Service(run.cluster, database, run.keys, run.folder / "reports")
    try:
        assert drill.is_ready(service)
        mark = service.server.mark
        run.cluster.ask(database, change % {"next": COUNT + 1, "last": COUNT})
        service.server.wait_for_line(lambda line: line["message"] == "readiness: the database has another version", since=mark)
        assert drill.admin_get(service, "/readyz") == (503, '{"status":"database of another version"}\n')
        assert drill.admin_get(service, "/livez")[0] == 200
        begun = subprocess.run([server.PROGRAM, "serve"], capture_output=True, text=True, timeout=30, env=server.environment(
            {**service.settings, "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0"}))
        assert begun.returncode == 1 and words in begun.stderr and "listening" not in begun.stderr
    finally:
        service.stop()
