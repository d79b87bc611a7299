"""The scripts of examples/, and the demo they stand on, against the real server."""
import json
import os
import subprocess

import pytest

import server

STATUSES = {"withdrawn": 1, "merged": 1, "not_feasible": 4, "not_selected": 8, "completed": 8, "in_progress": 4, "cancelled": 1}

FEEDBACK = {"closed": 37, "assigned": 8, "in_progress": 5, "merged": 3, "transferred": 3, "answered": 2, "in_moderation": 1,
            "rejected": 1}


def run_script(name, service, folder, programs=None, mints=False):
    """`programs`: a folder of programs that come before the system's. `mints`: the script makes its tokens itself."""
    tokens = folder / "tokens.json"
    subjects = {item["subject"] for file in ("grants", "holders")
                for item in json.loads((server.ROOT / "demo" / f"{file}.json").read_text())}
    tokens.write_text(json.dumps({
        **{subject: service.token(subject) for subject in subjects},
        "demo-resident": service.token("demo-resident", birthdate="2013-05-06", municipality="743")}))
    own = {member: service.settings[member] for member in ("token_key_file", "token_issuer", "token_audience")}
    settings = {"url": f"http://127.0.0.1:{service.port}", **(own if mints else {"tokens": tokens})}
    path = f"{programs}:{os.environ['PATH']}" if programs else os.environ["PATH"]
    return subprocess.run([server.ROOT / "examples" / name], capture_output=True, text=True, timeout=600,
                          env={**server.environment(settings), "ELINVOIMA": str(server.PROGRAM), "PATH": path})


def test_demo_loaded_again_changes_nothing(demo_service):
    assert "as the facts have them" in demo_service.demo_said
    before = demo_service.rows("select count(*) from change")
    server.run("demo", settings=demo_service.settings)
    assert demo_service.rows("select count(*) from change") == before


def demo_cycle(service):
    """The demo's one budget cycle, and how many of its proposals are in which status."""
    cycle = service.client().get_all("/v1/743/budget-cycles", query={"sort": "id"})[0]
    return cycle, dict(service.rows(
        "select status, count(*) from proposal where budget_cycle_id = %s group by status", cycle["id"]))


def test_demo_has_a_counted_budget_cycle_whose_voters_came_on_many_days(demo_service):
    assert "2480 ballots counted as the facts have them" in demo_service.demo_said
    cycle, statuses = demo_cycle(demo_service)
    assert (cycle["source"], cycle["status"], statuses) == ("demo", "implementation", STATUSES)
    turnout = demo_service.client().get_all(f"/v1/743/budget-cycles/{cycle['id']}/turnout")
    days = [row["voters"] for row in turnout if row["part"] == "day"]
    assert (len(days), sum(days)) == (21, 2480) and max(days) - min(days) <= 1
    assert {row["name"]: row["voters"] for row in turnout if row["part"] == "channel"} == {"code": 2480}


def test_demo_without_a_key_of_votes_has_no_vote_and_is_finished_when_there_is_one(make_service):
    service = make_service("demo-unsealed")
    server.run("municipality", server.ROOT / "demo" / "municipalities.json", settings=service.settings)
    without = {name: value for name, value in service.settings.items() if name != "vote_key_file"}
    assert "no vote is opened" in server.run("demo", settings=without)
    cycle, statuses = demo_cycle(service)
    assert cycle["status"] == "development" and statuses == {"published": 26, "withdrawn": 1}
    assert "2480 ballots counted" in server.run("demo", settings=service.settings)
    assert demo_cycle(service)[1] == STATUSES


def count_by(service, what):
    return dict(service.rows(f"select {what}, count(*) from feedback where source = 'demo' group by 1"))


def test_demo_has_feedback_that_went_its_ways(demo_service):
    assert "60 items of feedback as the facts have them" in demo_service.demo_said
    assert count_by(demo_service, "status") == FEEDBACK
    assert count_by(demo_service, "publication") == {"published": 38, "proposed": 2, "not_public": 20}
    public = demo_service.client().get_all("/v1/743/feedback")
    assert {item["number"] for item in public} == {
        row[0] for row in demo_service.rows("select number from feedback where publication = 'published'")}
    assert all(item["reply"] for item in public)
    assert count_by(demo_service, "channel") == {"web": 52, "staff": 5, "phone": 3}
    numbers = [row[0] for row in demo_service.rows("select number from feedback where source = 'demo' order by created_at")]
    assert numbers == sorted(numbers)
    reachable = demo_service.rows(
        "select c.retain_until is not null, count(*) from feedback_contact c join feedback f on f.id = c.feedback_id"
        " where f.source = 'demo' group by 1 order by 1")
    assert reachable == [(False, 11), (True, 17)]
    found = demo_service.rows("select text from feedback where source = 'demo' and findings <> '[]' order by number")
    assert len(found) == 2 and found[0][0].endswith("040 000 0000, tunnukseni on ******-****.")
    moved = demo_service.rows(
        "select f.external_id, q.external_id, p.external_id from feedback_assignment a join feedback f on f.id = a.feedback_id"
        " join responsible_party q on q.id = a.from_party_id left join responsible_party p on p.id = a.to_party_id"
        " where f.source = 'demo' order by 1")
    assert moved == [("sei-fb-032", "sei-p14", None), ("sei-fb-034", "sei-p06", "sei-p08"), ("sei-fb-049", "sei-p14", "sei-p09")]


def test_demo_whose_feedback_comes_out_otherwise_ends_with_a_failure(demo_service):
    """An item that seems never to have been sent is sent, and is due a day later than the facts say."""
    target = "update feedback_topic set target_working_days = %s where source = 'demo' and code = 'green_areas'"
    demo_service.rows("update feedback set source = null, external_id = null where external_id = 'sei-fb-060'")
    demo_service.rows(target, 6)
    with pytest.raises(RuntimeError, match=r'sei-fb-060: due_on is "2026-08-18", the facts say "2026-08-17"\n.*1 differences'):
        server.run("demo", settings=demo_service.settings)
    demo_service.rows(target, 5)
    assert count_by(demo_service, "status") == FEEDBACK


def test_areas_of_the_demo_lie_in_the_areas_of_participatory_budgeting(demo_service):
    """Seinäjoki's four areas below the whole city, as its participatory budgeting has them, and their parts below these."""
    areas = demo_service.client().get_all("/v1/743/areas", query={"limit": 10})
    by_id = {area["id"]: area for area in areas}
    kinds = [(area["kind"], by_id[area["parent_area_id"]]["kind"] if area["parent_area_id"] else None) for area in areas]
    assert kinds[:5] == [("whole", None)] + [("pb_area", "whole")] * 4
    assert {parent for _, parent in kinds[5:]} == {"pb_area"} and len(kinds) == 26
    assert sum(area["population"]["value"] for area in areas[1:5]) == areas[0]["population"]["value"]


def test_whole_round_by_curl_gives_the_numbers_of_the_facts(demo_service, tmp_path):
    result = run_script("reporting-round.sh", demo_service, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    lights = demo_service.rows(
        "select count(*) filter (where a.light = 'green'), count(*) filter (where a.is_unassessed), count(*)"
        " from assessment a join reporting_round r on r.municipality = a.municipality and r.id = a.reporting_round_id"
        " where r.source like %s and r.status = 'published'", "example-%")
    assert lights == [(10, 1, 18)]
    # the script's due date is not past: only closing can have made reports late
    late = demo_service.rows(
        "select p.is_late, p.submitted_at > r.closed_at, p.submitted_at::date <= q.due_on"
        " from report p join report_request q on q.municipality = p.municipality and q.id = p.report_request_id"
        " join reporting_round r on r.municipality = q.municipality and r.id = q.reporting_round_id"
        " where r.source like %s and q.is_late", "example-%")
    assert late == [(True, True, True)] * 2


def test_whole_budget_cycle_by_curl_gives_the_results_of_the_facts(demo_service, tmp_path):
    result = run_script("participatory-budget.sh", demo_service, tmp_path, mints=True)
    assert result.returncode == 0, result.stdout + result.stderr
    cycle, status = demo_service.rows("select id, status from budget_cycle where source like %s", "example-%")[0]
    assert status == "implementation"
    assert demo_service.rows(
        "select (select count(*) from ballot where budget_cycle_id = %s), (select count(*) from voter_mark where budget_cycle_id = %s),"
        " (select count(*) from budget_result where budget_cycle_id = %s)", cycle, cycle, cycle) == [(2480, 2480, 5)]
    statuses = dict(demo_service.rows(
        "select status, count(*) from proposal where budget_cycle_id = %s group by status", cycle))
    assert statuses == STATUSES


def test_life_of_feedback_by_curl(demo_service, tmp_path):
    before = demo_service.rows("select coalesce(max(number), 0) from feedback")[0][0]
    mark = len(demo_service.server.log)
    result = run_script("feedback.sh", demo_service, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    made = demo_service.rows(
        "select f.status, f.withdrawn_at is not null, array_agg(m.kind order by m.id) from feedback f"
        " join feedback_message m on m.feedback_id = f.id where f.number > %s group by f.municipality, f.id order by f.number", before)
    assert made == [("closed", True, ["interim", "reply", "reopening", "addition", "withdrawal"]), ("closed", True, ["withdrawal"])]
    assert not [line for line in demo_service.server.log[mark:] if b"010101-950B" in line]


@pytest.mark.parametrize("what", ["/responsible-parties?", "/publish"])
def test_a_curl_that_fails_ends_the_script(demo_service, tmp_path, what):
    """No answer to one of its requests: nothing is asked after it."""
    calls, curl = tmp_path / "calls", tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text(f'#!/bin/bash\nprintf "%s\\n" "${{*: -1}}" >>{calls}\n'
                    f'[[ ${{*: -1}} != *"{what}"* ]] || exit 7\nexec /usr/bin/curl "$@"\n')
    curl.chmod(0o755)
    result = run_script("participatory-budget.sh", demo_service, tmp_path, curl.parent)
    assert result.returncode != 0 and what in calls.read_text().splitlines()[-1], result.stdout + result.stderr
