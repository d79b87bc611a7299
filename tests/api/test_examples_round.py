"""Acceptance examples of the domain brief: the reporting round."""
import csv
import io

import pytest
import world as world_module
from stage import Stage
from world import DUE, YEAR, goal, text


def window(kind, start=None, end=None):
    return {"n": 1, "text": text("tavoite"), "window": {"kind": kind, "start_year": start, "end_year": end}}


def test_example_08_the_scope_is_what_meets_the_year_or_has_no_years(world):
    stage = Stage(world)
    parties = world.parties[:1]
    meets = stage.measure(parties, [window("fixed", 2023, 2025)])
    later = stage.measure(parties, [window("fixed", 2025, 2026)])
    continuous = stage.measure(parties, [window("continuous")])
    undated = stage.measure(parties, [window("undated")])
    both = stage.measure(parties, [window("undated"), {**window("fixed", 2024, 2024), "n": 2}])
    stage.enter()
    made = stage.open(2024)
    stored = world.rows("select measure_id::text from round_measure where reporting_round_id = %s", made["id"])
    assert sorted(row[0] for row in stored) == sorted(m["id"] for m in (meets, continuous, undated, both))
    assert later["id"] not in stage.round_measures(made)
    assert len(stage.requests(made)) == 4, "a measure with two goals in the year is in once"


def test_example_08_a_round_without_measures_does_not_open(world):
    stage = Stage(world)
    stage.measure(world.parties[:1], [window("fixed", 2025, 2026)])
    stage.enter()
    made = stage.plan(2024)
    world.of("coordinator").post(world.path("reporting-rounds", made["id"], "open")).expect(409, "scope_empty")
    assert world.rows("select status from reporting_round where id = %s", made["id"]) == [("planned",)]


def test_example_09_each_party_gets_one_request_a_measure_and_one_message(world):
    stage = Stage(world)
    parties = [world.party() for _ in range(17)]
    pairs = set()
    for number in range(20):
        sharing = [parties[number % 17]] + ([parties[(number * 5 + 1) % 17]] if number % 3 == 0 else [])
        made = stage.measure(sharing)
        pairs |= {(made["id"], party["id"]) for party in sharing}
    stage.enter()
    opened = stage.open()
    assert opened["status"] == "open" and opened["light_scale_id"]
    stored = world.rows("select measure_id::text, responsible_party_id::text from report_request"
                        " where reporting_round_id = %s", opened["id"])
    assert len(stored) == len(pairs) and set(stored) == pairs
    messages = world.of("coordinator").get_all(world.path("messages"), query={"reporting_round_id": opened["id"]})
    assert sorted(m["responsible_party_id"] for m in messages) == sorted(p["id"] for p in parties)
    told = {(measure["measure_id"], m["responsible_party_id"]) for m in messages for measure in m["measures"]}
    assert told == pairs
    assert {m["delivery"] for m in messages} == {"stored"}


def test_example_12_a_successor_takes_over_the_draft_and_the_due_date(world):
    stage = Stage(world)
    former, successor = stage.party(), stage.party()
    measure = stage.measure([former])
    stage.enter()
    first = stage.open(YEAR - 1)
    earlier = stage.submit(first, measure, former)
    stage.accept_all(first)
    second = stage.open(YEAR)
    request = stage.request_of(second, measure, former)
    draft = world.report(request, stage.subject_of(former["id"]), summary=text("kesken"))
    old, new = (world.of(stage.subject_of(party["id"])) for party in (former, successor))
    old.get(world.path("reports", draft["id"])).expect(200)
    new.get(world.path("reports", draft["id"])).expect(404)

    world.move("coordinator", "measure-lines", {"id": measure["measure_line_id"]}, "replace", {
        "from_party_id": former["id"], "to_party_id": successor["id"], "reason": text("tehtävä siirtyi")})

    assert new.get(world.path("reports", draft["id"])).expect(200)["summary"] == text("kesken")
    old.get(world.path("reports", draft["id"])).expect(404)
    moved = stage.request_of(second, measure, successor)
    assert (moved["due_on"], moved["status"], moved["reassigned_from_id"]) == (DUE, "draft", request["id"])
    duties = new.get(world.path("me/duties")).expect(200)["items"]
    assert [(d["id"], d["report_id"], d["due_on"]) for d in duties] == [(moved["id"], draft["id"], DUE)]
    assert old.get(world.path("me/duties")).expect(200)["items"] == []
    stored = world.rows("select responsible_party_id::text, status from report_request where reporting_round_id = %s"
                        " order by id", second["id"])
    assert stored == [(former["id"], "reassigned"), (successor["id"], "draft")]
    kept = world.of("coordinator").get(world.path("reports", earlier["id"])).expect(200)
    assert kept["responsible_party_id"] == former["id"]
    line = world.of("coordinator").get(world.path("measure-lines", measure["measure_line_id"])).expect(200)
    assert [(a["responsible_party_id"], a["role"]) for a in line["assignments"]] == [
        (former["id"], "lead"), (successor["id"], "lead")]
    assert line["assignments"][0]["ends_on"] < line["assignments"][1]["starts_on"]


def test_example_12_what_was_given_away_may_come_back(world):
    stage = Stage(world)
    first, second = stage.party(), stage.party()
    measure = stage.measure([first])
    stage.enter()
    made = stage.open()
    line = {"id": measure["measure_line_id"]}
    tomorrow = (world_module.TODAY + world_module.datetime.timedelta(days=1)).isoformat()
    world.move("coordinator", "measure-lines", line, "replace", {
        "from_party_id": first["id"], "to_party_id": second["id"], "reason": text("siirtyi")})
    world.move("coordinator", "measure-lines", line, "replace", {
        "from_party_id": second["id"], "to_party_id": first["id"], "on": tomorrow, "reason": text("palasi")})
    stored = world.rows("select responsible_party_id::text, status from report_request where reporting_round_id = %s order by id",
                        made["id"])
    assert stored == [(first["id"], "reassigned"), (second["id"], "reassigned"), (first["id"], "invited")]


def test_example_13_a_late_report_is_usable_and_punctuality_falls(world):
    stage = Stage(world)
    party = stage.party()
    measures = [stage.measure([party]), stage.measure([party])]
    stage.enter()
    made = stage.open()
    stage.submit(made, measures[0], party)
    # three days late: the due date is moved into the past where the tables' owner may do so
    world.rows("update report_request set due_on = %s where reporting_round_id = %s and status <> 'submitted'",
               world_module.TODAY - world_module.datetime.timedelta(days=3), made["id"])
    late = stage.submit(made, measures[1], party, "completed")
    assert late["is_late"] is True
    stage.review(made)
    stored = world.rows("select status, is_late from report_request where reporting_round_id = %s order by is_late",
                        made["id"])
    assert stored == [("accepted", False), ("accepted", True)]
    assessed = stage.assess(made, measures[1], "green", justification=text("valmis"))
    assert assessed["suggested_light"] == "green", "the late report counts"
    pack = world.of("coordinator").get(world.path("reporting-rounds", made["id"], "board-pack")).expect(200)
    mine, = (p for p in pack["by_party"] if p["responsible_party_id"] == party["id"])
    assert (mine["requests"], mine["on_time"], mine["late"], mine["missing"]) == (2, 1, 1, 0)


@pytest.mark.parametrize("kind", ["continuous", "undated"])
def test_example_15_without_a_report_a_measure_is_unassessed_never_grey(world, kind):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party], [window(kind)])
    stage.enter()
    made = stage.open()
    stage.move("coordinator", made, "close")
    assert stage.request_of(made, measure, party)["status"] == "missing"
    assert world.rows("select status from report_request where reporting_round_id = %s", made["id"]) == [("missing",)]
    shown = stage.round_measures(made)[measure["id"]]
    assert (shown["light"], shown["suggested_light"], shown["is_unassessed"]) == (None, None, True)
    pack = world.of("coordinator").get(world.path("reporting-rounds", made["id"], "board-pack")).expect(200)
    assert pack["counts"] == {"green": 0, "yellow": 0, "red": 0, "grey": 0, "unassessed": 1, "total": 1}
    stage.move("coordinator", made, "start-review")
    given = stage.assess(made, measure, "green", justification=text("lautakunta tietää"))
    assert (given["light"], given["suggested_light"]) == ("green", None)
    assert stage.round_measures(made)[measure["id"]]["light"] == "green"


def test_example_15_closing_freezes_the_state_of_each_measure(world):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    stage.enter()
    made = stage.open()
    stage.submit(made, measure, party)
    stage.accept_all(made)
    stage.move("coordinator", made, "close")
    frozen = stage.round_measures(made)[measure["id"]]["snapshot"]
    assert (frozen["number"], frozen["status"]) == ("1.1", "in_progress")
    assert [r["status"] for r in frozen["requests"]] == ["accepted"]
    world.move("coordinator", "measure-lines", {"id": measure["measure_line_id"]}, "change-status",
               {"status": "stopped", "reason": "loppui"})
    assert stage.round_measures(made)[measure["id"]]["snapshot"] == frozen


PAST, FUTURE = (YEAR - 3, YEAR - 1), (YEAR + 3, YEAR + 4)
LIGHTS = {
    # domain brief 4.3, the table: status, window, start_due_on → light
    "in_progress past its window is yellow": ("in_progress", window("fixed", *PAST), None, "yellow"),
    "in_progress inside its window is green": ("in_progress", window("fixed", YEAR, YEAR + 1), None, "green"),
    "in_progress before its window is green": ("in_progress", window("fixed", *FUTURE), None, "green"),
    "not_started before its window is grey": ("not_started", window("fixed", *FUTURE), None, "grey"),
    "not_started before start_due_on is grey": ("not_started", window("continuous"), f"{YEAR + 2}-01-01", "grey"),
    "not_started after start_due_on is red": ("not_started", window("fixed", YEAR, YEAR), f"{YEAR}-01-02", "red"),
    "not_started past its window is red": ("not_started", window("fixed", *PAST), None, "red"),
    "not_started and undated is grey": ("not_started", window("undated"), None, "grey"),
    "not_started as applicable is grey": ("not_started", window("as_applicable"), None, "grey"),
    "not_started pilot without years is grey": ("not_started", window("pilot"), None, "grey"),
    "not_started and continuous is red": ("not_started", window("continuous"), None, "red"),
    "not_started cyclic without years is red": ("not_started", window("cyclic"), None, "red"),
    "stopped is red": ("stopped", window("undated"), None, "red"),
    "on hold is yellow": ("on_hold", window("continuous"), None, "yellow"),
    "completed is green": ("completed", window("fixed", *PAST), None, "green"),
}


def test_example_16_the_suggested_light_follows_status_and_window(world):
    stage = Stage(world)
    party = stage.party()
    cases = [(name, stage.measure([party], [aim], start_due_on=start), status, light)
             for name, (status, aim, start, light) in LIGHTS.items()]
    stage.enter()
    made = stage.plan(added_measure_ids=[measure["id"] for _, measure, _, _ in cases])
    stage.move("coordinator", made, "open")
    views = {name: stage.submit(made, measure, party, status)["own_light"] for name, measure, status, _ in cases}
    assert views == {name: light for name, _, _, light in cases}
    stage.review(made)
    given = {name: stage.assess(made, measure, "green", justification=text("syy")) for name, measure, _, _ in cases}
    assert {name: item["suggested_light"] for name, item in given.items()} == views
    stored = world.rows("select measure_id::text, suggested_light from assessment where reporting_round_id = %s", made["id"])
    assert dict(stored) == {measure["id"]: light for _, measure, _, light in cases}


def test_example_17_the_suggestion_is_the_worst_and_the_body_may_differ_with_a_reason(world):
    stage = Stage(world)
    parties = [stage.party() for _ in range(3)]
    measure = stage.measure(parties, [window("undated")])
    stage.enter()
    made = stage.open()
    views = [stage.submit(made, measure, party, status)["own_light"]
             for party, status in zip(parties, ("completed", "stopped", "not_started"))]
    assert views == ["green", "red", "grey"]
    stage.review(made)
    given = stage.assess(made, measure, "yellow", justification=text("siirto tapahtui vasta tammikuussa"))
    assert (given["suggested_light"], given["light"], given["is_overridden"]) == ("red", "yellow", True)
    assert sorted(row["light"] for row in given["suggestion"]) == ["green", "grey", "red"]
    stage.end(made)
    public = world.of().get(world.path("assessments", given["id"])).expect(200)
    assert (public["suggested_light"], public["light"]) == ("red", "yellow")
    assert public["justification"] == text("siirto tapahtui vasta tammikuussa")
    stored = world.rows("select suggested_light, light, is_overridden from assessment where id = %s", given["id"])
    assert stored == [("red", "yellow", True)]
    pack = world.of().get(world.path("reporting-rounds", made["id"], "board-pack")).expect(200)
    assert sorted(view["own_light"] for view in pack["measures"][0]["own_views"]) == ["green", "grey", "red"]


@pytest.mark.parametrize("light", ["yellow", "red"])
@pytest.mark.parametrize("justification, faults", [(None, {"/justification": "justification_required"}), ({"fi": "  "}, {"/justification/fi": "pattern"})])
def test_example_18_yellow_and_red_need_a_justification(world, light, justification, faults):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party], [window("fixed", *PAST)])
    stage.enter()
    made = stage.open(added_measure_ids=[measure["id"]])
    stage.submit(made, measure, party, "in_progress" if light == "yellow" else "stopped")
    stage.review(made)
    refused = world.of("secretary").post(world.path("assessments"),
                                         stage.assess_body(made, measure, light, justification=justification))
    assert refused.expect(422).faults() == faults
    assert world.rows("select count(*) from assessment where reporting_round_id = %s", made["id"]) == [(0,)]
    stage.assess(made, measure, light, justification=text("syy"))


def test_example_18_a_green_that_is_suggested_needs_none_but_an_override_does(world):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    stage.enter()
    made = stage.open()
    stage.submit(made, measure, party, "not_started")
    stage.review(made)
    body = stage.assess_body(made, measure, "green")
    world.of("secretary").post(world.path("assessments"), body).expect(422, "justification_required")
    stage.assess(made, measure, "green", justification=text("alkoi juuri"))


@pytest.mark.parametrize("body", [{"light": None}, {"light": "green", "is_unassessed": True}])
def test_a_measure_has_a_light_or_is_unassessed_never_both(world, body):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    given = {**stage.assess_body(made, measure, None, justification=text("syy")), **body}
    world.of("secretary").post(world.path("assessments"), given).expect(422, "light_missing")
    given = {**given, "light": None, "is_unassessed": True}
    world.of("secretary").post(world.path("assessments"), {**given, "justification": None}).expect(422, "justification_required")
    assert world.make("secretary", "assessments", given)["is_unassessed"] is True


def test_example_19_a_body_that_is_itself_responsible_is_marked(world):
    stage = Stage(world)
    own = world.party("body", body_id=stage.body["id"])
    of_itself, of_other = stage.measure([own]), stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    lights = [stage.assess(made, measure, "green", justification=text("syy")) for measure in (of_itself, of_other)]
    assert [given["is_self_assessed"] for given in lights] == [True, False]
    stored = world.rows("select is_self_assessed from assessment where reporting_round_id = %s order by id", made["id"])
    assert stored == [(True,), (False,)]
    stage.end(made)
    overview = world.of().get(world.path("programmes", stage.programme["id"], "overview")).expect(200)
    shown = {m["measure_id"]: m["is_self_assessed"] for m in overview["themes"][0]["measures"]}
    assert shown == {of_itself["id"]: True, of_other["id"]: False}


def test_example_21_a_round_is_presented_before_it_is_published(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    stage.assess(made, measure, "green", justification=text("syy"))
    stage.move("secretary", made, "assess", {"decision_id": world.decision(stage.body)["id"]})
    refused = world.of("coordinator").post(world.path("reporting-rounds", made["id"], "publish"))
    refused.expect(409, "not_presented")
    assert refused["allowed"] == ["presented"]
    assert world.rows("select status, published_at from reporting_round where id = %s", made["id"]) == [("assessed", None)]
    stage.move("presenter", made, "present", {"decision_id": world.decision(world.board)["id"]})
    assert stage.move("coordinator", made, "publish")["status"] == "published"


def test_example_22_every_light_has_a_code_and_a_word(world):
    stage = Stage(world)
    party = stage.party()
    wanted = {"completed": "green", "on_hold": "yellow", "stopped": "red"}
    measures = {light: stage.measure([party]) for light in wanted.values()}
    stage.enter()
    made = stage.open()
    for status, light in wanted.items():
        stage.submit(made, measures[light], party, status)
    stage.review(made)
    for light, measure in measures.items():
        stage.assess(made, measure, light, justification=text("syy"))
    stage.end(made)
    words = {light["light"]: light["label"] for light in world_module.lights()}
    items = world.of().get_all(world.path("assessments"), query={"reporting_round_id": made["id"]})
    assert {item["light"]: item["light_label"] for item in items} == {light: words[light] for light in measures}
    for language in ("fi", "sv"):
        for path in (world.path("assessments") + f"?reporting_round_id={made['id']}",
                     world.path("reporting-rounds", made["id"], "board-pack")):
            flat = world.of().get(path, headers={"Accept": "text/csv", "Accept-Language": language}).expect(200)
            assert flat.headers["Content-Language"].startswith(language)
            rows = list(csv.DictReader(io.StringIO(flat.text)))
            assert {row["light"]: row["light_label"] for row in rows} == {light: words[light][language] for light in measures}


def test_a_returned_report_is_asked_again_and_the_first_is_kept(world):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    stage.enter()
    made = stage.open()
    first = stage.submit(made, measure, party)
    request = stage.request_of(made, measure, party)
    returned = world.move("coordinator", "report-requests", request, "return", {"question": text("paljonko?"), "due_on": DUE})
    assert (returned["status"], returned["question"]) == ("returned", text("paljonko?"))
    reporter = world.of(stage.subject_of(party["id"]))
    duty, = reporter.get(world.path("me/duties")).expect(200)["items"]
    assert (duty["status"], duty["question"]) == ("returned", text("paljonko?"))
    draft = reporter.get(world.path("reports", duty["report_id"])).expect(200)
    changed = reporter.patch(world.path("reports", draft["id"]), {"spent_cents": 1250000}, etag=draft.etag).expect(200)
    assert changed["spent_cents"] == 1250000
    world.move(stage.subject_of(party["id"]), "reports", draft.json, "submit")
    stored = world.rows("select revision, spent_cents, submitted_at is not null from report where report_request_id = %s"
                        " order by revision", request["id"])
    assert stored == [(1, None, True), (2, 1250000, True)]
    frozen = reporter.get(world.path("reports", first["id"])).expect(200)
    reporter.patch(world.path("reports", first["id"]), {"spent_cents": 1}, etag=frozen.etag).expect(409, "report_frozen")


def test_priorities_are_carried_into_the_next_round(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    first = stage.open(YEAR - 1)
    stage.review(first)
    stage.assess(first, measure, "green", justification=text("syy"))
    for target in ({"measure_line_id": measure["measure_line_id"]}, {"theme_id": stage.theme["id"]}):
        world.make("secretary", "priorities", {"reporting_round_id": first["id"], "reason": text("tärkeä"), **target})
    stage.end(first)
    second = stage.open(YEAR)
    carried = world.of("coordinator").get_all(world.path("priorities"), query={"reporting_round_id": second["id"]})
    assert sorted((p["measure_line_id"] or "", p["theme_id"] or "") for p in carried) == sorted(
        [(measure["measure_line_id"], ""), ("", stage.theme["id"])])
    assert all(p["carried_from_id"] and p["reason"] == text("tärkeä") for p in carried)


def test_a_round_with_personal_data_is_not_assessed_until_another_text_replaces_it(world):
    stage = Stage(world)
    measure = stage.measure([stage.party()])
    stage.enter()
    made = stage.open()
    stage.review(made)
    stage.assess(made, measure, "green", justification=text("kysy osoitteesta matti.meikalainen@example.fi"))
    decided = {"decision_id": world.decision(stage.body)["id"]}
    refused = world.of("secretary").post(world.path("reporting-rounds", made["id"], "assess"), decided)
    assert refused.expect(422, "personal_data").faults() == {"/assessments/1.1/justification": "personal_data"}
    assert world.rows("select status from reporting_round where id = %s", made["id"]) == [("in_review",)]
    stage.assess(made, measure, "green", justification=text("kysy toimistosta"))
    assert stage.end(made)["status"] == "published"


def test_goals_keep_what_was_sent(world):
    stage = Stage(world)
    sent = [{**goal(1, "cyclic"), "window": {"kind": "cyclic", "cycles": [[2023, 2024], [2025, 2026]], "note": text("kaudet")}},
            {**goal(2), "status": "completed"}]
    made = stage.measure(world.parties[:1], sent)
    read = world.of("coordinator").get(world.path("measures", made["id"])).expect(200)
    assert [g["window"]["cycles"] for g in read["goals"]] == [[[2023, 2024], [2025, 2026]], None]
    assert [g["status"] for g in read["goals"]] == [None, "completed"]
    assert read["goals"][0]["window"]["note"] == text("kaudet")
