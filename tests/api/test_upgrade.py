"""A database that a released program filled migrates, and everything reads the same."""
import collections
import datetime
import hashlib
import re

import pytest
import recording
import server

pytestmark = pytest.mark.xdist_group("upgrade")


def test_released_migrations_are_as_they_were_released():
    for version in recording.releases():
        for line in (recording.FOLDER / f"{version}.sha256").read_text().splitlines():
            digest, name = line.split()
            now = hashlib.sha256((server.ROOT / name).read_bytes()).hexdigest()
            assert now == digest, f"{name} was released with {version} and is never edited: add a migration"


def test_the_version_is_after_every_release():
    version = re.search(r"version : '([\d.]+)'", (server.ROOT / "meson.build").read_text())[1]
    assert recording.as_number(version) > max(map(recording.as_number, recording.releases()))


@pytest.fixture(scope="module", params=recording.releases())
def upgraded(request, run, tmp_path_factory):
    """The database of a release under the present program, at the time of the recording; and the recording."""
    recorded = recording.load(request.param)
    name = f"upgrade_{request.param}"
    recording.restore(run.cluster, request.param, name)
    speaker = recording.Speaker(run.cluster, name, tmp_path_factory.mktemp("upgrade"),
                                datetime.datetime.fromisoformat(recorded["clock"]), reports=run.folder / "reports")
    speaker.run("migrate")
    speaker.serve()
    yield speaker, recorded
    speaker.server.stop()


def test_everything_reads_as_it_did(upgraded):
    speaker, recorded = upgraded
    asked, found = collections.Counter(), []
    for crawl in recorded["crawls"]:
        client = speaker.client(crawl["subject"])
        for then in crawl["answers"]:
            now = recording.entry_of(then["target"], client.get(then["target"]))
            found += [f"{crawl['subject']} {then['target']} {text}" for text in recording.differences(then, now)]
            asked[then["status"]] += 1
        client.close()
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:20])
    # a recording of refusals alone would prove nothing
    assert asked[200] > 300 and asked[200] > 2 * asked.total() / 3, asked


def test_differences_are_seen():
    then = {"content": {"a": 1, "items": [{"b": [1, 2]}], "next": "/x"}, "status": 200}
    assert recording.differences(then, {**then, "new": 1, "content": {**then["content"], "next": "/y", "c": 2}}) == []
    for change in ({"a": 2}, {"items": []}, {"items": [{"b": [1, 3]}]}, {"items": [{}]}, {"next": None}):
        assert recording.differences(then, {**then, "content": {**then["content"], **change}}), change
    assert recording.differences(then, {"status": 200}) and recording.differences(then, {**then, "status": 404})
