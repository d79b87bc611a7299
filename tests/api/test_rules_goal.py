"""The chain strategic goal → yearly operational goal → metric, and what a kind of programme asks for."""
import datetime
import uuid

import pytest
from stage import Stage
from test_examples_version import approve_body, attempt, consult, draft, end_consultation, move, submit
from world import ISSUER, THIRD, TODAY, YEAR, text


def make(world, resource, body, who="coordinator"):
    return world.make(who, resource, body)


def strategic(world, **more):
    return make(world, "strategic-goals", {"council_term_year": 2025, "title": text("elinvoima kasvaa"), **more})


def operational(world, above, **more):
    return make(world, "operational-goals", {"strategic_goal_id": above["id"], "year": YEAR, "title": text("vuoden tavoite"), **more})


def metric(world, above, **more):
    return make(world, "metrics", {"operational_goal_id": above["id"], "name": text("itsearviointi"), **more})


def value(world, of, year=YEAR, **more):
    return make(world, "metric-values", {"metric_id": of["id"], "year": year, "value": "3.90", **more})


def chain(world, programme, who=None):
    return world.of(who).get(world.path("programmes", programme["id"], "goal-chain")).expect(200)["strategic_goals"]


@pytest.fixture
def stage(world):
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.measure([stage.party()])
    stage.enter()
    return stage


def patched(world, resource, item, body, who="coordinator"):
    return world.of(who).patch(world.path(resource, item["id"]), body, etag="*")


# --- the chain --------------------------------------------------------------------------------------------
def test_the_chain_of_a_programme_is_one_call(world, stage):
    named, carried, other = (strategic(world, position=n, covers=["vitality"]) for n in (2, 1, 0))
    patched(world, "programmes", stage.programme, {"strategic_goal_ids": [named["id"].upper()]}).expect(200)
    line = stage.measures[1]["measure_line_id"]
    last, first = operational(world, named, year=YEAR), operational(world, named, year=YEAR - 1)
    operational(world, carried, measure_line_ids=[line], responsible_party_id=world.parties[0]["id"])
    operational(world, other)
    measured = metric(world, first, method=text("kysely"), unit=text("1–5"), baseline="3.5", baseline_year=2024, target="4", target_year=2029)
    value(world, measured, YEAR, data_source=text("jaoston kysely"), as_of="2026-01-15")
    value(world, measured, YEAR - 1, value=None, missing_reason=text("ei kysytty"))
    found = chain(world, stage.programme)
    assert [g["id"] for g in found] == [carried["id"], named["id"]], "by position; what serves neither stays out"
    assert found[0]["operational_goals"][0]["measures"] == [{"measure_line_id": line, "number": "1.2", "title": stage.measures[1]["title"]}]
    assert [o["id"] for o in found[1]["operational_goals"]] == [first["id"], last["id"]]
    shown, = found[1]["operational_goals"][0]["metrics"]
    assert {k: shown[k] for k in ("baseline", "baseline_year", "target", "target_year", "unit")} == {
        "baseline": "3.5", "baseline_year": 2024, "target": "4", "target_year": 2029, "unit": text("1–5")}
    assert shown["values"] == [
        {"year": YEAR - 1, "value": None, "missing_reason": text("ei kysytty"), "data_source": None, "as_of": None},
        {"year": YEAR, "value": "3.90", "missing_reason": None, "data_source": text("jaoston kysely"), "as_of": "2026-01-15"}]

    for resource, item in (("metric-values", None), ("metrics", measured)):
        items = [item] if item else world.of("coordinator").get_all(world.path(resource), query={"metric_id": measured["id"]})
        for one in items:
            world.of("coordinator").delete(world.path(resource, one["id"]), etag="*").expect(204)
    assert chain(world, stage.programme)[1]["operational_goals"][0]["metrics"] == []


def test_a_strategy_shows_its_own_goals_and_hides_them_with_itself(world):
    strategy = make(world, "programmes", {"kind": "city_strategy", "name": text("strategia")})
    own = strategic(world, programme_id=strategy["id"])
    below = operational(world, own)
    measured = metric(world, below)
    number = value(world, measured)
    assert [g["id"] for g in chain(world, strategy, "coordinator")] == [own["id"]]
    world.of().get(world.path("programmes", strategy["id"], "goal-chain")).expect(404)
    for resource, item in (("strategic-goals", own), ("operational-goals", below), ("metrics", measured), ("metric-values", number)):
        world.of().get(world.path(resource, item["id"])).expect(404)
        assert item["id"] not in {one["id"] for one in world.of().get_all(world.path(resource))}
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    patched(world, "programmes", stage.programme, {"strategic_goal_ids": [own["id"]]}).expect(200)
    assert chain(world, stage.programme) == [] and len(chain(world, stage.programme, "coordinator")) == 1
    world.rows("update programme set published_at = now() where id = %s", strategy["id"])
    assert len(chain(world, stage.programme)) == 1
    world.of().get(world.path("metric-values", number["id"])).expect(200)


def test_a_council_term_is_four_years_from_june(world):
    made = strategic(world)
    assert (made["term_starts_on"], made["term_ends_on"]) == ("2025-06-01", "2029-05-31")
    refused = world.of("coordinator").post(world.path("strategic-goals"), {"council_term_year": 2026, "title": text("x")})
    assert refused.expect(422).faults() == {"/council_term_year": "rule_broken"}


# --- numbers ---------------------------------------------------------------------------------------------
def test_a_missing_number_has_a_reason_and_a_number_has_none(world):
    measured = metric(world, operational(world, strategic(world)))
    path, body = world.path("metric-values"), {"metric_id": measured["id"], "year": 2025}
    post = lambda **more: world.of("coordinator").post(path, {**body, **more})  # noqa: E731
    assert post().expect(422, "value_missing").faults() == {"/missing_reason": "value_missing"}
    assert post(value="1", missing_reason=text("x")).expect(422).faults() == {"/missing_reason": "rule_broken"}
    for wrong in ("1,5", "1e3", "", "1.", "abc", "1.1234567", "0x10"):
        assert set(post(value=wrong).expect(422).faults()) == {"/value"}, wrong
    post(value=1.5).expect(422, "invalid_body")
    made = post(missing_reason=text("ei kysytty")).expect(201).json
    assert made["value"] is None
    assert patched(world, "metric-values", made, {"value": "-0.50"}).expect(422).faults() == {"/missing_reason": "rule_broken"}
    assert patched(world, "metric-values", made, {"value": "-0.50", "missing_reason": None}).expect(200)["value"] == "-0.50"
    assert patched(world, "metric-values", made, {"value": None}).expect(422).faults() == {"/missing_reason": "value_missing"}


def test_numbers_can_be_had_as_csv(world):
    measured = metric(world, operational(world, strategic(world)))
    value(world, measured, 2024, value="0")
    value(world, measured, 2025, value=None, missing_reason=text("ei kysytty"))
    answer = world.of().get(world.path("metric-values"), query={"metric_id": measured["id"], "fields": "year,value"},
                            headers={"Accept": "text/csv"}).expect(200)
    assert answer.text.replace("\r", "").splitlines() == ["year,value", "2024,0", "2025,"], "missing is not 0"


# --- rules -----------------------------------------------------------------------------------------------
def test_goals_have_the_municipalitys_languages(world):
    above = strategic(world)
    below = operational(world, above)
    measured = metric(world, below)
    swedish = {"sv": "mål"}
    for resource, item, member, body in (
            ("strategic-goals", above, "title", {"council_term_year": 2025}),
            ("operational-goals", below, "title", {"strategic_goal_id": above["id"], "year": 2026}),
            ("metrics", measured, "name", {"operational_goal_id": below["id"]})):
        refused = world.of("coordinator").post(world.path(resource), {**body, member: swedish})
        assert refused.expect(422).faults() == {f"/{member}": "locale_missing"}
        assert patched(world, resource, item, {member: {"fi": None, "sv": "mål"}}).expect(422).faults() == {f"/{member}": "locale_missing"}


def test_goals_name_what_is_there_and_public(world, stage):
    above = strategic(world)
    for line in (world.line["id"], str(uuid.uuid4())):
        refused = world.of("coordinator").post(world.path("operational-goals"), {
            "strategic_goal_id": above["id"], "year": 2026, "title": text("x"), "measure_line_ids": [line]})
        assert refused.expect(422).faults() == {"/measure_line_ids": "reference_not_found"}
    refused = world.of("coordinator").post(world.path("operational-goals"), {
        "strategic_goal_id": above["id"], "year": 2026, "title": text("x"), "responsible_party_id": str(uuid.uuid4())})
    assert refused.expect(422).faults() == {"/responsible_party_id": "reference_not_found"}
    gone = strategic(world)
    world.of("coordinator").delete(world.path("strategic-goals", gone["id"]), etag="*").expect(204)
    for unknown in (gone["id"], str(uuid.uuid4())):
        refused = patched(world, "programmes", stage.programme, {"strategic_goal_ids": [above["id"], unknown]})
        assert refused.expect(422).faults() == {"/strategic_goal_ids": "reference_not_found"}
        refused = world.of("coordinator").post(world.path("programmes"), {
            "kind": "events", "name": text("x"), "strategic_goal_ids": [unknown]})
        assert refused.expect(422).faults() == {"/strategic_goal_ids": "reference_not_found"}


def test_a_goal_that_a_programme_names_stays(world, stage):
    above = strategic(world)
    patched(world, "programmes", stage.programme, {"strategic_goal_ids": [above["id"]]}).expect(200)
    path = world.path("strategic-goals", above["id"])
    world.of("coordinator").delete(path, etag="*").expect(409, "in_use")
    patched(world, "programmes", stage.programme, {"strategic_goal_ids": []}).expect(200)
    world.of("coordinator").delete(path, etag="*").expect(204)


def test_a_coordinator_of_one_strategy_writes_its_chain_alone(world):
    strategy = make(world, "programmes", {"kind": "city_strategy", "name": text("strategia")})
    own, others = strategic(world, programme_id=strategy["id"]), strategic(world)
    below, others_below = operational(world, own), operational(world, others)
    measured, others_measured = metric(world, below), metric(world, others_below)
    number, others_number = value(world, measured), value(world, others_measured)
    subject = f"limited-{uuid.uuid4()}"
    make(world, "grants", {"issuer": ISSUER, "subject": subject, "role": "programme_coordinator", "programme_id": strategy["id"]}, "admin")
    limited = world.of(subject)
    for resource, mine, theirs, body, parent in (
            ("strategic-goals", own, others, {"council_term_year": 2025, "title": text("x")}, ("programme_id", strategy["id"], None)),
            ("operational-goals", below, others_below, {"year": 2027, "title": text("x")}, ("strategic_goal_id", own["id"], others["id"])),
            ("metrics", measured, others_measured, {"name": text("x")}, ("operational_goal_id", below["id"], others_below["id"])),
            ("metric-values", number, others_number, {"year": 2027, "value": "1"}, ("metric_id", measured["id"], others_measured["id"]))):
        member, right, wrong = parent
        path = world.path(resource)
        limited.post(path, {**body, member: wrong}).expect(403, "not_your_body")
        made = limited.post(path, {**body, member: right}).expect(201)
        limited.patch(f"{path}/{made['id']}", {member: wrong}, etag="*").expect(403, "not_your_body")
        limited.patch(f"{path}/{theirs['id']}", {member: right}, etag="*").expect(403, "not_your_body")
        limited.delete(f"{path}/{theirs['id']}", etag="*").expect(403, "not_your_body")
        limited.delete(f"{path}/{made['id']}", etag="*").expect(204)


# --- kinds -----------------------------------------------------------------------------------------------
@pytest.fixture
def kind(world):
    """Changes the rules of the vitality programme for one test."""
    item, = world.of().get_all(world.path("programme-kinds"), query={"code": "vitality_programme"})
    yield lambda **rules: patched(world, "programme-kinds", item, rules, "admin").expect(200)
    patched(world, "programme-kinds", item, {name: item[name] for name in (
        "major_body_kinds", "minor_body_kinds", "required_texts", "review_every_months")}, "admin").expect(200)


def test_every_municipality_has_every_kind_and_its_own_rules(world, kind):
    listed = {one["code"]: one for one in world.of().get_all(world.path("programme-kinds"))}
    assert len(listed) == 9 and listed["city_strategy"]["name"]["sv"] == "stadsstrategi"
    assert {code: one["review_every_months"] for code, one in listed.items() if one["review_every_months"] != 12} == {"city_strategy": 48}
    assert {tuple(one["major_body_kinds"] + one["minor_body_kinds"]) for one in listed.values()} == {("council", "managing_body")}
    assert listed["participation_model"]["required_texts"] == ["purpose", "principles"]
    kind(review_every_months=6)
    theirs, = world.of().get_all(world.path("programme-kinds", municipality=THIRD), query={"code": "vitality_programme"})
    assert theirs["review_every_months"] == 12
    world.of("coordinator").patch(world.path("programme-kinds", theirs["id"]), {"review_every_months": 1}, etag="*").expect(403)


def test_only_an_unlimited_admin_changes_a_kind(world, kind):
    subject = f"limited-{uuid.uuid4()}"
    make(world, "grants", {"issuer": ISSUER, "subject": subject, "role": "admin", "body_id": world.committee["id"]}, "admin")
    item = world.of().get(world.path("programme-kinds"), query={"limit": 1}).expect(200)["items"][0]
    world.of(subject).patch(world.path("programme-kinds", item["id"]), {"review_every_months": 1}, etag="*").expect(403, "not_your_body")


def test_a_kinds_texts_are_asked_for_before_the_consultation(world, stage, kind):
    version = draft(stage, "1.1")
    kind(required_texts=["purpose", "principles", "strategy_link", "strategic_goals", "theme_description", "measure_description"])
    stage.world.ask_for_statements(version)
    closes = {"closes_on": (TODAY + datetime.timedelta(days=1)).isoformat()}
    wanted = {f"/programme/{name}": "text_missing" for name in ("purpose", "principles", "strategy_link", "strategic_goals")}
    wanted |= {"/themes/1/description": "text_missing", "/measures/1.1/description": "text_missing", "/measures/1.2/description": "text_missing"}
    assert attempt(stage, version, "open-consultation", closes).expect(422, "text_missing").faults() == wanted
    kind(required_texts=["purpose"])
    patched(world, "programmes", stage.programme, {"purpose": [text("miksi")]}).expect(200)
    move(stage, version, "open-consultation", closes)
    end_consultation(stage, version)
    kind(required_texts=["strategy_link"])
    summary = {"summary": text("yhteenveto")}
    refused = attempt(stage, version, "submit", summary).expect(422, "text_missing")
    assert refused.faults() == {"/programme/strategy_link": "text_missing"}
    patched(world, "programmes", stage.programme, {"strategy_link": text("strategia")}).expect(200)
    move(stage, version, "submit", summary)


def test_the_kind_says_which_bodies_approve(world, stage, kind):
    stage.council = world.body("council")
    version = draft(stage, "1.1")
    submit(stage, version)
    attempt(stage, version, "approve", approve_body(stage, world.board), "secretary").expect(422, "body_not_competent")
    kind(minor_body_kinds=["executive"])
    attempt(stage, version, "approve", approve_body(stage, stage.body), "secretary").expect(422, "body_not_competent")
    move(stage, version, "approve", approve_body(stage, world.board), "secretary")
    move(stage, version, "withdraw", {"reason": text("syy")})

    version = draft(stage, "2.0")
    submit(stage, version)
    attempt(stage, version, "approve", approve_body(stage, world.board), "secretary").expect(422, "major_approval_required")
    kind(major_body_kinds=["managing_body"])
    attempt(stage, version, "approve", approve_body(stage, stage.council), "secretary").expect(422, "major_approval_required")
    move(stage, version, "approve", approve_body(stage, stage.body), "secretary")


def test_law_37_a_strategy_covers_vitality_and_participation(world):
    stage = Stage(world)
    patched(world, "programmes", stage.programme, {"kind": "city_strategy", "purpose": [text("miksi")]}).expect(200)
    stage.measure([stage.party()])
    version = stage.version
    consult(stage, version)
    end_consultation(stage, version)
    strategic(world, covers=["vitality", "participation"])
    own = strategic(world, programme_id=stage.programme["id"], covers=["vitality"])
    refused = attempt(stage, version, "submit", {"summary": text("yhteenveto")}).expect(422, "strategy_incomplete")
    assert refused.faults() == {"/strategic_goals": "strategy_incomplete"}
    patched(world, "strategic-goals", own, {"covers": ["vitality", "participation"]}).expect(200)
    move(stage, version, "submit", {"summary": text("yhteenveto")})


def test_a_review_is_due_a_rhythm_after_the_last_one(world, stage, kind):
    read = lambda: world.of().get(world.path("programmes", stage.programme["id"])).expect(200)["review_due_on"]  # noqa: E731
    def after(day, months):
        (found,), = world.rows("select (%s + make_interval(months => %s))::date", day, months)
        return found.isoformat()
    assert read() == after(TODAY, 12)
    kind(review_every_months=6)
    assert read() == after(TODAY, 6)
    listed = lambda day: {p["id"] for p in world.of().get_all(world.path("programmes"), query={"review_due_on_to": day})}  # noqa: E731
    assert stage.programme["id"] in listed(after(TODAY, 6)) and stage.programme["id"] not in listed(TODAY.isoformat())
    made = stage.open()
    stage.review(made)
    for measure in stage.measures:
        stage.assess(made, measure, "yellow", justification=text("kesken"))
    world.rows("update programme_version set valid_from_day = '2024-01-15' where id = %s", stage.version["id"])
    assert read() == "2024-07-15", "an assessment that is not published does not show"
    stage.end(made)
    assert read() == after(TODAY, 6)
    kind(review_every_months=None)
    assert read() is None
    assert world.of("coordinator").get(world.path("programmes", world.draft_programme["id"])).expect(200)["review_due_on"] is None
