"""examples/reporting-round.sh, and the demo it stands on, against the real server."""
import json
import subprocess

import server

SCRIPT = server.ROOT / "examples" / "reporting-round.sh"


def run_script(service, folder):
    subjects = {item["subject"] for name in ("grants", "holders")
                for item in json.loads((server.ROOT / "demo" / f"{name}.json").read_text())}
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps({subject: service.token(subject) for subject in subjects}))
    settings = {"url": f"http://127.0.0.1:{service.port}", "tokens": tokens}
    return subprocess.run([SCRIPT], env=server.environment(settings), capture_output=True, text=True, timeout=600)


def test_demo_loaded_again_changes_nothing(demo_service):
    assert "as the facts have them" in demo_service.demo_said
    before = demo_service.rows("select count(*) from change")
    server.run("demo", settings=demo_service.settings)
    assert demo_service.rows("select count(*) from change") == before


def test_areas_of_the_demo_lie_in_the_areas_of_participatory_budgeting(demo_service):
    """Seinäjoki's four areas below the whole city, as its participatory budgeting has them, and their parts below these."""
    areas = demo_service.client().get_all("/v1/743/areas", query={"limit": 10})
    by_id = {area["id"]: area for area in areas}
    kinds = [(area["kind"], by_id[area["parent_area_id"]]["kind"] if area["parent_area_id"] else None) for area in areas]
    assert kinds[:5] == [("whole", None)] + [("pb_area", "whole")] * 4
    assert {parent for _, parent in kinds[5:]} == {"pb_area"} and len(kinds) == 26
    assert sum(area["population"]["value"] for area in areas[1:5]) == areas[0]["population"]["value"]


def test_whole_round_by_curl_gives_the_numbers_of_the_facts(demo_service, tmp_path):
    result = run_script(demo_service, tmp_path)
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
