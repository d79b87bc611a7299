"""Two rounds beside each other. One story, every figure below counted by hand:

Version 1.0 has nine measures of one party, the first with a second party. The earlier round asked about all of them.
Version 1.1 goes on with 1, 2, 3, 4 and 9, drops 7, merges 5 and 6, splits 8, adds one in a new theme. Measure 4 was for
the earlier year only, so the later round does not ask about it.

            earlier: report, light      later: report, light
    1       in_progress, green          completed, green
    2       completed, green            none, yellow
    3       none, unassessed            in_progress, red
    4       in_progress, yellow         not asked about
    5, 6    in_progress, green; excused, red        merged: in_progress, green
    7       in_progress, yellow         dropped
    8       not_started late, grey      split: none, unassessed; none, grey
    9       in_progress, yellow         in_progress, green
    added                               none, green
The second party of 1 reported only the second time.
"""
import types

import pytest

from stage import Stage
from world import TODAY, YEAR, goal, text, unknown_id

EARLIER = {1: ("in_progress", "green"), 2: ("completed", "green"), 3: (None, None), 4: ("in_progress", "yellow"),
           5: ("in_progress", "green"), 6: (None, "red"), 7: ("in_progress", "yellow"), 8: (None, "grey"), 9: ("in_progress", "yellow")}
LATER = {1: ("completed", "green"), 2: (None, "yellow"), 3: ("in_progress", "red"), 9: ("in_progress", "green"),
         "merged": ("in_progress", "green"), "split 1": (None, None), "split 2": (None, "grey"), "added": (None, "green")}


def give_lights(stage, made, measures, story):
    for key, (_, light) in story.items():
        given = {"light": light} if light else {"light": None, "is_unassessed": True}
        stage.world.make("secretary", "assessments", {"reporting_round_id": made["id"], "measure_id": measures[key]["id"],
                                                      "justification": text("syy"), **given})


def earlier_round(stage, lead, other):
    measures = {n: stage.measure([lead, other] if n == 1 else [lead],
                                 [goal(1, "fixed", start_year=YEAR - 1, end_year=YEAR - 1)] if n == 4 else None) for n in EARLIER}
    stage.enter()
    made = stage.open(YEAR - 1)
    for n, (status, _) in EARLIER.items():
        if status:
            stage.submit(made, measures[n], lead, status)
    excused = stage.request_of(made, measures[6], lead)
    stage.world.move("coordinator", "report-requests", excused, "excuse", {"reason": text("yhdistyy")})
    stage.accept_all(made)
    stage.move("coordinator", made, "close")
    stage.submit(made, measures[8], lead, "not_started")
    stage.accept_all(made)
    stage.move("coordinator", made, "start-review")
    give_lights(stage, made, measures, EARLIER)
    return measures, stage.end(made)


def second_version(stage, old, lead):
    world = stage.world
    stage.version = world.make("coordinator", "programme-versions", {
        "programme_id": stage.programme["id"], "number": "1.1", "source": "archive", "external_id": f"{stage.tag}-2"})
    themes = [world.make("coordinator", "themes", {
        "programme_version_id": stage.version["id"], "number": number, "name": text(name)})
        for number, name in (("1", "teema uudistui"), ("2", "uusi teema"))]
    measures = {}

    def add(key, line, theme=themes[0]):
        measures[key] = world.make("coordinator", "measures", {
            "programme_version_id": stage.version["id"], "theme_id": theme["id"], "number": f"1.{len(measures) + 1}",
            "title": text(f"toimenpide {key}"), "measure_line_id": line, "goals": [
                goal(1, "fixed", start_year=YEAR - 1, end_year=YEAR - 1) if key == 4 else goal()]})

    def line(*origins, kind="merged"):
        return world.make("coordinator", "measure-lines", {
            "programme_id": stage.programme["id"],
            "assignments": [{"responsible_party_id": lead["id"], "role": "lead", "starts_on": "2020-01-01"}],
            "origins": [{"measure_line_id": old[n]["measure_line_id"], "kind": kind} for n in origins]})["id"]

    for n in (1, 2, 3, 4, 9):
        add(n, old[n]["measure_line_id"])
    add("merged", line(5, 6))
    add("split 1", line(8, kind="split"))
    add("split 2", line(8, kind="split"))
    add("added", line(), themes[1])
    world.move("secretary", "programme-versions", stage.version, "enter-into-force",
               {"decision_id": world.decision(world.board)["id"], "valid_from": TODAY.isoformat()})
    return measures


@pytest.fixture(scope="module")
def story(world):
    stage = Stage(world)
    lead, other = stage.party(), stage.party()
    old, earlier = earlier_round(stage, lead, other)
    new = second_version(stage, old, lead)
    later = stage.open()
    for key, (status, _) in LATER.items():
        if status:
            stage.submit(later, new[key], lead, status)
    stage.submit(later, new[1], other)
    stage.review(later)
    give_lights(stage, later, new, LATER)
    for subject in (None, "reporter", "other-coordinator"):
        for kind in ("transition-matrix", "comparison"):
            world.of(subject).get(world.path("reporting-rounds", earlier["id"], kind, later["id"])).expect(404, "not_found")
    in_review = read(world, earlier, later, "comparison")
    later = stage.end(later)
    lines = {**{n: old[n]["measure_line_id"] for n in old}, **{key: new[key]["measure_line_id"] for key in new}}
    return types.SimpleNamespace(stage=stage, lead=lead, other=other, earlier=earlier, later=later, lines=lines, in_review=in_review)


def read(world, earlier, later, kind, subject="coordinator"):
    return world.of(subject).get(world.path("reporting-rounds", earlier["id"], kind, later["id"])).expect(200).json


def cells(listed, lines):
    """{(before, after): (explicit lines, inherited lines)}, by the story's names; the counts are those of the lines."""
    names = {line: key for key, line in lines.items()}
    for cell in listed:
        assert (cell["explicit"], cell["inherited"]) == (len(cell["explicit_line_ids"]), len(cell["inherited_line_ids"]))
    return {(cell["before"], cell["after"]): ({names[line] for line in cell["explicit_line_ids"]},
                                              {names[line] for line in cell["inherited_line_ids"]}) for cell in listed}


def test_matrix_counts_statuses_and_lights_by_line_explicit_ones_apart(world, story):
    matrix = read(world, story.earlier, story.later, "transition-matrix", None)
    assert [(matrix[side]["year"], matrix[side]["programme_version_number"]) for side in ("from_round", "to_round")] == [
        (YEAR - 1, "1.0"), (YEAR, "1.1")]
    assert cells(matrix["statuses"], story.lines) == {
        ("in_progress", "completed"): ({1}, set()), ("completed", "completed"): (set(), {2}),
        ("not_started", "in_progress"): (set(), {3}), ("in_progress", "in_progress"): ({9}, {4})}
    assert cells(matrix["lights"], story.lines) == {
        ("green", "green"): ({1}, set()), ("green", "yellow"): ({2}, set()), ("unassessed", "red"): ({3}, set()),
        ("yellow", "yellow"): (set(), {4}), ("yellow", "green"): ({9}, set())}


def test_matrix_shows_what_was_merged_split_added_and_dropped_apart(world, story):
    matrix = read(world, story.earlier, story.later, "transition-matrix", None)
    assert matrix["lines"] == {"both": 5, "added": 1, "dropped": 1, "merged": 3, "split": 3}
    names = {line: key for key, line in story.lines.items()}
    apart = {names[a["measure_line_id"]]: (a["lineage"], a["is_after"], a["status"], a["is_status_inherited"], a["light"],
                                           {names[kin] for kin in a["kin_line_ids"]}) for a in matrix["apart"]}
    assert apart == {
        5: ("merged", False, "in_progress", False, "green", {"merged"}),
        6: ("merged", False, "not_started", True, "red", {"merged"}),
        7: ("dropped", False, "in_progress", False, "yellow", set()),
        8: ("split", False, "not_started", False, "grey", {"split 1", "split 2"}),
        "merged": ("merged", True, "in_progress", False, "green", {5, 6}),
        "split 1": ("split", True, "not_started", True, None, {8}),
        "split 2": ("split", True, "not_started", True, "grey", {8}),
        "added": ("added", True, "not_started", True, "green", set())}


def test_a_status_changed_after_the_assessment_is_not_the_earlier_rounds(world, story):
    """1 was in progress when the earlier round was assessed; what it became later does not reach back."""
    line = {"id": story.lines[2]}
    reason = {"status": "in_progress", "reason": "jatkuu"}
    world.of("coordinator").post(world.path("measure-lines", line["id"], "change-status"), reason).expect(200)
    matrix = read(world, story.earlier, story.later, "transition-matrix")
    assert cells(matrix["statuses"], story.lines)[("completed", "completed")] == (set(), {2})


def figures(green=0, yellow=0, red=0, grey=0, unassessed=0, *, completed=0, on_time=0, late=0, missing=0, excused=0, percent):
    return {"lights": {"green": green, "yellow": yellow, "red": red, "grey": grey, "unassessed": unassessed,
                       "total": green + yellow + red + grey + unassessed},
            "completed": completed,
            "reports": {"on_time": on_time, "late": late, "missing": missing, "due": on_time + late + missing, "pending": 0,
                        "excused": excused, "punctuality_percent": percent}}


def changes(better, worse, same, not_comparable):
    return {"better": better, "worse": worse, "same": same, "not_comparable": not_comparable}


def test_comparison_counts_the_whole(world, story):
    compared = read(world, story.earlier, story.later, "comparison", None)
    # on time 1, 2, 4, 5, 7, 9; late 8; missing 3 and the second party's; excused 6: 6 of 9
    assert compared["before"] == figures(3, 3, 1, 1, 1, completed=1, on_time=6, late=1, missing=2, excused=1, percent=66.7)
    # on time 1 twice, 3, merged, 9; missing 2, both halves, added: 5 of 9
    assert compared["after"] == figures(4, 1, 1, 1, 1, completed=2, on_time=5, missing=4, percent=55.6)
    # 9 better, 2 worse, 1 the same; 3 had no light before, four lines are new
    assert compared["changes"] == changes(1, 1, 1, 5)


def test_comparison_counts_by_theme_and_names_it_as_the_later_version_does(world, story):
    one, two = read(world, story.earlier, story.later, "comparison", None)["by_theme"]
    assert (one["number"], one["name"]) == ("1", text("teema uudistui"))
    assert one["before"] == figures(3, 3, 1, 1, 1, completed=1, on_time=6, late=1, missing=2, excused=1, percent=66.7)
    assert one["after"] == figures(3, 1, 1, 1, 1, completed=2, on_time=5, missing=3, percent=62.5)
    assert one["changes"] == changes(1, 1, 1, 4)
    assert two == {"number": "2", "name": text("uusi teema"), "before": None,
                   "after": figures(green=1, missing=1, percent=0.0), "changes": changes(0, 0, 0, 1)}


def test_comparison_counts_each_partys_own_reports_and_measures(world, story):
    parties = {p["responsible_party_id"]: p for p in read(world, story.earlier, story.later, "comparison", None)["by_party"]}
    lead, other = parties.pop(story.lead["id"]), parties.pop(story.other["id"])
    assert parties == {} and lead["title"] == story.lead["title"]
    assert lead["before"] == figures(3, 3, 1, 1, 1, completed=1, on_time=6, late=1, missing=1, excused=1, percent=75.0)
    assert lead["after"] == figures(4, 1, 1, 1, 1, completed=2, on_time=4, missing=4, percent=50.0)
    assert lead["changes"] == changes(1, 1, 1, 5)
    assert other["before"] == figures(green=1, missing=1, percent=0.0)
    assert other["after"] == figures(green=1, completed=1, on_time=1, percent=100.0)
    assert other["changes"] == changes(0, 0, 1, 0)


def test_coordinators_compare_before_publication_and_the_public_only_what_is_published(world, story):
    assert story.in_review["to_round"]["status"] == "in_review"
    assert story.in_review["after"] == read(world, story.earlier, story.later, "comparison", None)["after"]


@pytest.mark.parametrize("kind", ["transition-matrix", "comparison"])
def test_rounds_of_two_programmes_or_none_are_404(world, story, kind):
    client = world.of("coordinator")
    for other in (world.round["id"], unknown_id()):
        client.get(world.path("reporting-rounds", story.earlier["id"], kind, other)).expect(404, "not_found")
        client.get(world.path("reporting-rounds", other, kind, story.later["id"])).expect(404, "not_found")
    world.of("other-coordinator").get(world.path(
        "reporting-rounds", story.earlier["id"], kind, story.later["id"], municipality="508")).expect(404, "not_found")


def test_a_round_that_is_not_assessed_takes_the_lights_before_as_inherited(world):
    stage = Stage(world)
    lead, heir = stage.party(), stage.party()
    measure = stage.measure([lead])
    stage.enter()
    first = stage.open(YEAR - 1)
    stage.submit(first, measure, lead)
    stage.review(first)
    stage.assess(first, measure, "green")
    second = stage.open()
    world.move("coordinator", "measure-lines", {"id": measure["measure_line_id"]}, "replace", {
        "from_party_id": lead["id"], "to_party_id": heir["id"], "reason": text("vaihtui")})
    matrix = read(world, first, second, "transition-matrix")
    lines = {"it": measure["measure_line_id"]}
    assert cells(matrix["lights"], lines) == {("green", "green"): (set(), {"it"})}
    assert cells(matrix["statuses"], lines) == {("in_progress", "in_progress"): (set(), {"it"})}
    compared = read(world, first, second, "comparison")
    after = compared["after"]
    assert after["lights"]["unassessed"] == 1
    # the successor's request alone: what was handed over is not asked of two
    assert (after["reports"]["pending"], after["reports"]["due"], after["reports"]["punctuality_percent"]) == (1, 0, None)
    assert {p["responsible_party_id"]: (p["before"] is None, p["after"] is None, p["changes"] is None) for p in compared["by_party"]} == {
        lead["id"]: (False, True, True), heir["id"]: (True, False, False)}
    assert compared["changes"] == changes(0, 0, 0, 1)


def test_explicit_is_the_leads_accepted_report_and_what_the_body_said(world):
    stage = Stage(world)
    lead, other = stage.party(), stage.party()
    x, y, z = stage.measure([lead, other]), stage.measure([lead]), stage.measure([lead])
    stage.enter()
    first = stage.open(YEAR - 1)
    stage.submit(first, x, lead)
    stage.submit(first, y, lead)
    stage.review(first)
    for measure, light in ((x, "yellow"), (y, "green"), (z, "green")):
        stage.assess(first, measure, light, justification=text("syy"))
    first = stage.end(first)
    second = stage.open()
    stage.submit(second, x, other, "on_hold")  # accepted, but not the lead's
    stage.review(second)
    stage.submit(second, y, lead, "completed")  # the lead's, but not accepted
    stage.assess(second, x, "grey", justification=text("syy"))
    stage.assess(second, y, None, is_unassessed=True, justification=text("syy"))
    stage.assess(second, z, "green", justification=text("syy"))
    lines = {name: measure["measure_line_id"] for name, measure in (("x", x), ("y", y), ("z", z))}
    matrix = read(world, first, second, "transition-matrix")
    assert cells(matrix["statuses"], lines) == {
        ("in_progress", "in_progress"): (set(), {"x", "y"}), ("not_started", "not_started"): (set(), {"z"})}
    assert cells(matrix["lights"], lines) == {
        ("yellow", "grey"): ({"x"}, set()), ("green", "unassessed"): ({"y"}, set()), ("green", "green"): ({"z"}, set())}
    compared = read(world, first, second, "comparison")
    assert (compared["changes"], compared["after"]["completed"]) == (changes(0, 0, 1, 2), 0)


def test_an_unpublished_rounds_light_is_no_light_before(world):
    stage = Stage(world)
    lead = stage.party()
    always = stage.measure([lead])
    sometimes = stage.measure([lead], [goal(n, "fixed", start_year=year, end_year=year) for n, year in ((1, YEAR - 2), (2, YEAR))])
    stage.enter()
    hidden, first, second = (stage.open(year) for year in (YEAR - 2, YEAR - 1, YEAR))
    for made, judged in ((hidden, {"red": sometimes, "green": always}), (first, {"green": always}), (second, {"green": sometimes, "red": always})):
        stage.review(made)
        for light, measure in judged.items():
            stage.assess(made, measure, light, justification=text("syy"))
    first, second = stage.end(first), stage.end(second)
    lines = {"always": always["measure_line_id"], "sometimes": sometimes["measure_line_id"]}
    told = cells(read(world, first, second, "transition-matrix", None)["lights"], lines)
    assert told == {("green", "red"): ({"always"}, set()), ("unassessed", "green"): (set(), {"sometimes"})}
    stage.end(hidden)
    told = cells(read(world, first, second, "transition-matrix", None)["lights"], lines)
    assert told == {("green", "red"): ({"always"}, set()), ("red", "green"): (set(), {"sometimes"})}
