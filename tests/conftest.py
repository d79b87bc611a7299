"""Fixtures: one PostgreSQL cluster and one migrated template a run, a database and a sanitized server a
worker, and the check that every documented answer was seen."""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "api"))

import client  # noqa: E402
import contract  # noqa: E402
import server  # noqa: E402
import tokens  # noqa: E402
import world as world_module  # noqa: E402
from cluster import TEMPLATE, Cluster, Running  # noqa: E402
from service import Service  # noqa: E402

RUN = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--whole-suite", action="store_true",
                     help="fail when a documented (operation, status) was never seen; needs all tests")
    parser.addoption("--long", action="store_true", help="the fault drills as often as tests/faults/README.md tells of")


class Run:
    """What one process of the run shares with all: the cluster and a folder."""

    def __init__(self, folder=None, cluster_folder=None):
        self.is_ours = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="elinvoima-run-"))
        self.cluster = Running(cluster_folder) if cluster_folder else None
        if self.is_ours:
            (self.folder / "reports").mkdir()
            tokens.Keys.make(self.folder)
            try:
                self.cluster = Cluster()
                self._fill_template()
            except BaseException:
                self.stop()
                raise
        self.keys = tokens.Keys(self.folder)

    def _fill_template(self):
        keys = tokens.Keys(self.folder)
        settings = {"database_url": self.cluster.url(TEMPLATE), "token_issuer": world_module.ISSUER,
                    "migration_database_url": self.cluster.url(TEMPLATE, "elinvoima_owner"),
                    "token_key_file": keys.own_file}
        server.run("migrate", settings=settings)
        world_module.prepare(settings, self.folder)

    def stop(self):
        if self.cluster:
            self.cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def pytest_sessionstart(session):
    config = session.config
    if config.option.collectonly:
        return
    if hasattr(config, "workerinput"):
        config.stash[RUN] = Run(config.workerinput["run"], config.workerinput["cluster"])
    else:
        config.stash[RUN] = Run()


class Distribution:
    """With xdist: what the workers are told, and what they bring back."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        run = node.config.stash[RUN]
        node.workerinput.update(run=str(run.folder), cluster=str(run.cluster.folder))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        client.SEEN.update(map(tuple, getattr(node, "workeroutput", {}).get("seen", [])))


def pytest_configure(config):
    config.pluginmanager.register(Distribution())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["seen"] = sorted(client.SEEN)
        return
    run = config.stash.get(RUN, None)
    if not run:
        return
    reports = server.read_reports(run.folder / "reports")
    if reports:
        fail_run(session, "the sanitizers found nothing", reports)
    if config.option.whole_suite:
        documented = {(operation.id, status) for operation in contract.ALL for status in operation.statuses}
        missing = sorted(documented - client.SEEN)
        if missing:
            fail_run(session, "every documented answer was seen",
                     f"{len(missing)} never seen:\n" + "\n".join(f"  {name} {status}" for name, status in missing))
    run.stop()


def fail_run(session, name, words):
    """A failure of the run as a whole, counted in the closing line like a test's."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    report = pytest.TestReport(nodeid=name, location=(name, None, name), keywords={}, outcome="failed",
                               longrepr=words, when="call")
    reporter.stats.setdefault("failed", []).append(report)
    session.exitstatus = pytest.ExitCode.TESTS_FAILED


# --- fixtures -----------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def run(request):
    return request.config.stash[RUN]


@contextlib.contextmanager
def services(run):
    """Makes services, each over a database of its own; ends them and deletes their databases."""
    made = []
    prefix = os.environ.get("PYTEST_XDIST_WORKER", "master")

    def make(name, template=TEMPLATE, **settings):
        database = run.cluster.create(f"{prefix}_{name}", template)
        service = Service(run.cluster, database, run.keys, run.folder / "reports", **settings)
        made.append(service)
        return service

    yield make
    failures = []
    for service in made:
        try:
            service.stop()
        except AssertionError as failure:
            failures.append(str(failure))
        run.cluster.delete(service.database)
    assert not failures, "\n".join(failures)


@pytest.fixture(scope="module")
def make_service(run):
    """make_service("name", setting=value, …): a service of the module's own, which ends with it."""
    with services(run) as make:
        yield make


@pytest.fixture(scope="session")
def service(run):
    """The worker's own."""
    with services(run) as make:
        yield make("main")


@pytest.fixture(scope="session")
def world(service):
    """One of everything in 743; shared, so a test that changes something makes its own."""
    return world_module.World(service)


@pytest.fixture(scope="session")
def demo_service(run):
    """A server whose database holds the demo; municipalities that are there the demo leaves as they are."""
    with services(run) as make:
        service = make("demo")
        server.run("municipality", server.ROOT / "demo" / "municipalities.json", settings=service.settings)
        service.demo_said = server.run("demo", settings=service.settings)
        yield service


@pytest.fixture
def anonymous(service):
    return service.client()


@pytest.fixture(autouse=True)
def survives(request):
    """No test may leave the worker's server dead, whatever it asserted itself."""
    yield
    if "service" in request.fixturenames:
        request.getfixturevalue("service").server.assert_alive()
