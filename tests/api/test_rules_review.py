"""What an attacking reader found: each was possible once."""
import concurrent.futures
import uuid

import pytest

import server
from stage import Stage
from world import HOME, ISSUER, THIRD, TODAY, YEAR, text

HOME_PATH = f"/v1/{HOME}"


# --- writing ------------------------------------------------------------------------------------------
def test_a_null_inside_a_patch_does_not_empty_a_text(world):
    made = world.body()
    client, path = world.of("admin"), world.path("bodies", made["id"])
    refused = client.patch(path, {"name": {"fi": None, "sv": None}}, etag="*").expect(422, "invalid_body")
    assert refused.faults() == {"/name": "too_few_items"}
    assert client.patch(path, {"name": {"sv": None}}, etag="*").expect(200)["name"] == {"fi": "toimielin"}
    assert client.get(path)["name"] == {"fi": "toimielin"}


def test_an_object_that_begins_with_a_patch_is_whole(world):
    refused = world.of("admin").patch(HOME_PATH, {"population_15_plus": {"value": 5}}, etag="*").expect(422, "invalid_body")
    assert refused.faults() == {"/population_15_plus/as_of": "required"}
    assert world.rows("select population_15_plus from municipality where code = %s", HOME) == [(None,)]


def test_a_put_replaces_inside_of_objects_too(world):
    client, path = world.of("admin"), world.path("bodies", "by-source", "review", uuid.uuid4())
    client.put(path, {"kind": "committee", "name": text("ensin"), "task": text("työ")}).expect(201)
    again = client.put(path, {"kind": "committee", "name": {"fi": "sitten"}}).expect(200)
    assert (again["name"], again["task"]) == ({"fi": "sitten"}, None)


def test_a_field_asked_twice_is_refused(world):
    refused = world.of().get(world.path("bodies"), query={"fields": "id,kind,id"}).expect(400, "invalid_parameter")
    assert refused.faults() == {"fields": "not_unique"}


@pytest.mark.parametrize("day", ["02-29", "02-30", "04-31", "13-01", "00-10"])
def test_a_day_that_not_every_year_has_is_no_due_date(world, day):
    world.of("admin").patch(HOME_PATH, {"calendar": {"due_on": day}}, etag="*").expect(422, "invalid_body")


def test_a_register_number_pattern_is_one(world):
    refused = world.of("admin").patch(HOME_PATH, {"register_number_pattern": "(\\d"}, etag="*").expect(422, "format")
    assert refused.faults() == {"/register_number_pattern": "format"}


def test_what_was_deleted_is_not_referred_to(world):
    coordinator, admin = world.of("coordinator"), world.of("admin")
    party, body = world.party(), world.body()
    coordinator.delete(world.path("responsible-parties", party["id"]), etag="*").expect(204)
    admin.delete(world.path("bodies", body["id"]), etag="*").expect(204)
    assert coordinator.post(world.path("measure-lines", world.line["id"], "assign"), {
        "responsible_party_id": party["id"], "role": "party"}).expect(422).code == "reference_not_found"
    assert coordinator.post(world.path("programmes"), {
        "kind": "events", "name": text("x"), "managing_body_id": body["id"]}).expect(422).code == "reference_not_found"
    stage = Stage(world)
    theme = world.make("coordinator", "themes", {
        "programme_version_id": stage.version["id"], "number": "2", "name": text("poistuva")})
    coordinator.delete(world.path("themes", theme["id"]), etag="*").expect(204)
    body = {"programme_version_id": stage.version["id"], "theme_id": theme["id"], "number": "2.1", "title": text("x"),
            "goals": [{"n": 1, "text": text("x"), "window": {"kind": "continuous"}}]}
    assert coordinator.post(world.path("measures"), body).expect(422).faults() == {"/theme_id": "reference_not_found"}


def test_a_line_with_a_renamed_party_is_another_state(world):
    stage = Stage(world)
    party = stage.party()
    path = world.path("measure-lines", stage.measure([party])["measure_line_id"])
    coordinator = world.of("coordinator")
    tag = coordinator.get(path).etag
    coordinator.patch(world.path("responsible-parties", party["id"]), {"title": text("uusi nimi")}, etag="*").expect(200)
    again = coordinator.get(path, headers={"If-None-Match": tag}).expect(200)
    assert again["assignments"][0]["responsible_party_title"] == text("uusi nimi")


def test_expired_answers_are_let_go(world):
    world.rows("""insert into idempotency (municipality, caller, operation, key, body_hash, status, body, created_at)
                  values (%s, 'gone', 'POST /x', 'old', '', 201, 'name@example.fi', '2020-01-01')""", HOME)
    world.of("admin").post(world.path("bodies"), {"kind": "committee", "name": text("x")},
                           headers={"Idempotency-Key": str(uuid.uuid4())}).expect(201)
    assert world.rows("select count(*) from idempotency where caller = 'gone'") == [(0,)]


# --- who may ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def limited(world):
    """An administrator of one body, a coordinator of one programme and one of a sector."""
    for subject, more in (("limited-admin", {"role": "admin", "body_id": world.board["id"]}),
                          ("limited-coordinator", {"role": "programme_coordinator",
                                                   "programme_id": world.draft_programme["id"]}),
                          ("sector-coordinator", {"role": "programme_coordinator", "sector": "tekninen"})):
        world.make("admin", "grants", {"issuer": ISSUER, "subject": subject, **more})
    return world


def test_a_limited_administrator_stays_within_the_limit(limited):
    client = limited.of("limited-admin")
    grant = {"issuer": ISSUER, "subject": "limited-admin", "role": "admin"}
    client.post(limited.path("grants"), grant).expect(403, "not_your_body")
    path = limited.path("grants", limited.grant["id"])
    client.patch(path, {"ends_on": "2099-01-01"}, etag="*").expect(403, "not_your_body")
    client.delete(path, etag="*").expect(403, "not_your_body")
    client.patch(HOME_PATH, {"designation": "city"}, etag="*").expect(403, "not_your_body")
    client.post(limited.path("bodies"), {"kind": "committee", "name": text("x")}).expect(403, "not_your_body")
    other = limited.path("bodies", limited.body()["id"])
    client.patch(other, {"meetings_per_year": 3}, etag="*").expect(403, "not_your_body")
    client.delete(other, etag="*").expect(403, "not_your_body")
    own = limited.path("bodies", limited.board["id"])
    assert client.patch(own, {"meetings_per_year": 30}, etag="*").expect(200)["meetings_per_year"] == 30


def test_a_limited_coordinator_names_no_holder(limited):
    client = limited.of("limited-coordinator")
    holder = {"responsible_party_id": limited.parties[0]["id"], "issuer": ISSUER, "subject": "limited-coordinator",
              "starts_on": "2020-01-01"}
    client.post(limited.path("holders"), holder).expect(403, "not_your_body")
    own = limited.holder(limited.party(), "limited-coordinator", ends_on="2099-12-31")
    path = limited.path("holders", own["id"])
    client.patch(path, {"ends_on": None}, etag="*").expect(403, "not_your_body")
    client.delete(path, etag="*").expect(403, "not_your_body")


def test_a_limited_coordinator_keeps_to_the_parties_of_the_sector(limited):
    coordinator, client = limited.of("limited-coordinator"), limited.of("sector-coordinator")
    unit = {"kind": "unit", "title": text("x")}
    coordinator.post(limited.path("responsible-parties"), unit).expect(403, "not_your_body")
    client.post(limited.path("responsible-parties"), {**unit, "sector": "muu"}).expect(403, "not_your_body")
    own = client.post(limited.path("responsible-parties"), {**unit, "sector": "tekninen"}).expect(201)
    client.patch(limited.path("responsible-parties", own["id"]), {"position": 2}, etag="*").expect(200)
    other = limited.path("responsible-parties", limited.party(sector="muu")["id"])
    client.patch(other, {"position": 2}, etag="*").expect(403, "not_your_body")
    client.delete(other, etag="*").expect(403, "not_your_body")


def test_a_limited_coordinator_does_not_change_what_lights_mean(limited):
    scale = limited.of().get(limited.path("light-scales", limited.scale["id"]))
    body = {"valid_from": TODAY.isoformat(), "lights": scale["lights"]}
    limited.of("limited-coordinator").post(limited.path("light-scales"), body).expect(403, "not_your_body")


# --- rules --------------------------------------------------------------------------------------------
def test_an_excused_request_takes_no_report(world):
    request = world.fresh_request()
    draft = world.report(request)
    world.move("coordinator", "report-requests", request, "excuse", {"reason": text("syy")})
    world.of("reporter").post(world.path("reports", draft["id"], "submit")).expect(409, "wrong_state")
    assert world.rows("select status from report_request where id = %s", request["id"]) == [("excused",)]


@pytest.mark.parametrize("outcome", ["rejected", "returned", "tabled", "noted"])
def test_only_an_approval_brings_a_version_into_force(world, outcome):
    stage = Stage(world)
    stage.measure([stage.party()])
    decision = world.decision(world.board, outcome=outcome)
    world.of("secretary").post(world.path("programme-versions", stage.version["id"], "enter-into-force"), {
        "decision_id": decision["id"], "valid_from": TODAY.isoformat()}).expect(409, "decision_missing")


@pytest.mark.parametrize("which", ["rejected", "another body's"])
def test_only_the_assessing_body_starts_a_round(world, which):
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    decision = world.decision(stage.body, outcome="rejected") if which == "rejected" else world.decision(world.board)
    made = stage.plan(start_decision_id=decision["id"])
    world.of("coordinator").post(world.path("reporting-rounds", made["id"], "open")).expect(409, "decision_missing")


def test_added_measures_are_known_in_capitals_too(world):
    stage = Stage(world)
    party = stage.party()
    stage.measure([party])
    past = stage.measure([party], goals=[{"n": 1, "text": text("x"), "window": {
        "kind": "fixed", "start_year": YEAR - 5, "end_year": YEAR - 4}}])
    stage.enter()
    made = stage.open(added_measure_ids=[past["id"].upper()])
    assert stage.round_measures(made)[past["id"]]["is_added"] is True


def test_every_text_of_what_is_published_is_in_both_languages(service):
    for role in ("admin", "body_secretary", "programme_coordinator"):
        server.run("grant", THIRD, "hilma", role, settings=service.settings)
    hilma = service.client("hilma")

    def make(resource, body):
        return hilma.post(f"/v1/{THIRD}/{resource}", body).expect(201)

    council = make("bodies", {"kind": "council", "name": text("valtuusto"), "makes_decisions": True})
    decision = make("decisions", {"body_id": council["id"], "meeting_on": "2026-01-12", "title": text("asia"),
                                  "decision": text("hyväksyttiin"), "discussion": {"fi": "keskustelu"}, "outcome": "approved"})
    hilma.post(f"/v1/{THIRD}/decisions/{decision['id']}/inspect", {"inspected_on": "2026-01-13"}).expect(200)
    refused = hilma.post(f"/v1/{THIRD}/decisions/{decision['id']}/publish").expect(422, "locale_missing")
    assert refused.faults() == {"/discussion": "locale_missing"}

    programme = make("programmes", {"kind": "vitality_programme", "name": text("ohjelma")})
    version = make("programme-versions", {"programme_id": programme["id"], "number": "1.0", "source": "archive", "external_id": "r1"})
    theme = make("themes", {"programme_version_id": version["id"], "number": "1", "name": text("teema"),
                            "description": {"fi": "kuvaus"}})
    party = make("responsible-parties", {"kind": "unit", "title": text("yksikkö")})
    make("measures", {
        "programme_version_id": version["id"], "theme_id": theme["id"], "number": "1.1", "title": text("toimenpide"),
        "description": {"fi": "kuvaus"}, "assignments": [{"responsible_party_id": party["id"], "role": "lead"}],
        "goals": [{"n": 1, "text": {"fi": "tavoite"}, "window": {"kind": "continuous"}}]})
    refused = hilma.post(f"/v1/{THIRD}/programme-versions/{version['id']}/enter-into-force", {
        "decision_id": decision["id"], "valid_from": "2026-02-01"}).expect(422, "locale_missing")
    assert set(refused.faults()) == {
        "/themes/1/description", "/measures/1.1/description", "/measures/1.1/goals/1/text"}


# --- what is told -------------------------------------------------------------------------------------
def test_the_board_pack_shows_a_decision_to_those_who_may_see_it(world):
    path = world.path("reporting-rounds", world.round["id"], "board-pack")
    world.of().get(world.path("decisions", world.assessing["id"])).expect(404)
    pack = world.of().get(path).expect(200)
    assert (pack["assessment_decision"], pack["onward_decision"]) == (None, None)
    pack = world.of("presenter").get(path).expect(200)
    assert pack["assessment_decision"]["decision_id"] == world.assessing["id"]
    assert pack["onward_decision"]["decision_id"] == world.onward["id"]


def test_the_board_packs_csv_names_parties_in_the_asked_language(world):
    stage = Stage(world)
    stage.measure([stage.party(title={"fi": "rehtori", "sv": "rektor"})])
    stage.enter()
    made = stage.open()
    stage.move("coordinator", made, "close")
    pack = world.of("coordinator").get(world.path("reporting-rounds", made["id"], "board-pack"),
                                       headers={"Accept": "text/csv", "Accept-Language": "sv"}).expect(200)
    assert pack.text.splitlines()[1].endswith(",rektor")


def test_an_accepted_report_does_not_revive_what_was_stopped(world):
    stage = Stage(world)
    party = stage.party()
    measure = stage.measure([party])
    stage.enter()
    line = {"id": measure["measure_line_id"]}
    world.move("coordinator", "measure-lines", line, "change-status", {"status": "stopped", "reason": "lakkautettiin"})
    made = stage.open()
    stage.submit(made, measure, party, "in_progress")
    path = world.path("report-requests", stage.request_of(made, measure, party)["id"], "accept")
    world.of("coordinator").post(path).expect(409, "wrong_state")
    assert world.rows("select status from measure_line where id = %s", line["id"]) == [("stopped",)]


ADDRESS = text("kysy osoitteesta matti.meikalainen@example.fi")


def test_personal_data_is_refused_while_the_text_can_still_be_changed(world):
    stage = Stage(world)
    former, party = stage.party(), stage.party()
    measure = stage.measure([former, party])
    stage.enter()
    made = stage.open()
    coordinator = world.of("coordinator")
    coordinator.post(world.path("measure-lines", measure["measure_line_id"], "replace"), {
        "from_party_id": former["id"], "to_party_id": stage.party()["id"], "reason": ADDRESS}).expect(422, "personal_data")
    request = world.path("report-requests", stage.request_of(made, measure, former)["id"])
    coordinator.post(f"{request}/excuse", {"reason": ADDRESS}).expect(422, "personal_data")

    request = stage.request_of(made, measure, party)
    path, subject = world.path("report-requests", request["id"]), stage.subject_of(party["id"])
    first = world.report(request, subject, summary=ADDRESS)
    world.move(subject, "reports", first, "submit")
    assert coordinator.post(f"{path}/accept").expect(422, "personal_data").faults() == {"/summary": "personal_data"}
    question = {"question": ADDRESS, "due_on": "2099-12-31"}
    coordinator.post(f"{path}/return", question).expect(422, "personal_data")
    coordinator.post(f"{path}/return", {**question, "question": text("ilman osoitetta")}).expect(200)
    second = world.of(subject).get_all(world.path("reports"), query={"report_request_id": request["id"], "sort": "-id"})[0]
    world.of(subject).patch(world.path("reports", second["id"]), {"summary": text("kysy toimistosta")}, etag="*").expect(200)
    world.move(subject, "reports", second, "submit")
    made = stage.review(made)
    stage.assess(made, measure, "red", justification=text("syy"))
    priority = world.make("secretary", "priorities", {
        "reporting_round_id": made["id"], "theme_id": stage.theme["id"], "reason": ADDRESS})
    refused = world.of("secretary").post(world.path("reporting-rounds", made["id"], "assess"),
                                         {"decision_id": world.decision(stage.body)["id"]}).expect(422, "personal_data")
    assert refused.faults() == {f"/priorities/{priority['id']}/reason": "personal_data"}
    world.of("secretary").delete(world.path("priorities", priority["id"]), etag="*").expect(204)
    stage.end(made)
    world.of().get(world.path("reports", first["id"])).expect(404)
    assert world.of().get(world.path("reports", second["id"])).expect(200)["summary"] == text("kysy toimistosta")


def test_a_round_whose_name_lacks_a_language_does_not_open(world):
    """Later its name does not change any more, and it could never be published."""
    stage = Stage(world)
    stage.measure([stage.party()])
    stage.enter()
    made = stage.plan(name={"sv": "runda"})
    refused = world.of("coordinator").post(world.path("reporting-rounds", made["id"], "open"))
    assert refused.expect(422, "locale_missing").faults() == {"/name": "locale_missing"}


# --- at the same time ---------------------------------------------------------------------------------
def test_a_report_is_not_taken_from_the_party_that_submits_it(world):
    """Replacing a party while it submits: the report is either the former party's, submitted, or the successor's draft."""
    for _ in range(6):
        stage = Stage(world)
        former, successor = stage.party(), stage.party()
        measure = stage.measure([former])
        stage.enter()
        made = stage.open()
        draft = world.report(stage.request_of(made, measure, former), stage.subject_of(former["id"]))
        submitting, replacing = world.service.client(stage.subject_of(former["id"])), world.service.client("coordinator")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            submit = pool.submit(submitting.post, world.path("reports", draft["id"], "submit"))
            replace = pool.submit(replacing.post, world.path("measure-lines", measure["measure_line_id"], "replace"), {
                "from_party_id": former["id"], "to_party_id": successor["id"], "reason": text("vaihtui")})
            is_submitted = submit.result().status == 200
            replace.result().expect(200)
        states = world.rows("""select responsible_party_id::text, q.status, p.submitted_at is not null
                               from report_request q left join report p on p.report_request_id = q.id
                               where q.reporting_round_id = %s order by q.id""", made["id"])
        if is_submitted:
            assert states == [(former["id"], "submitted", True)]
        else:
            assert states == [(former["id"], "reassigned", False), (successor["id"], "draft", False)]


def test_closing_and_submitting_do_not_wait_for_each_other(world):
    """Locks are taken round first: no deadlock, which PostgreSQL would notice only after a second."""
    stage = Stage(world)
    party = stage.party()
    measures = [stage.measure([party]) for _ in range(6)]
    stage.enter()
    made = stage.open()
    drafts = [world.report(stage.request_of(made, measure, party), stage.subject_of(party["id"])) for measure in measures]
    clients = [world.service.client(stage.subject_of(party["id"])) for _ in drafts]
    before = world.rows("select deadlocks from pg_stat_database where datname = current_database()")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        submits = [pool.submit(client.post, world.path("reports", draft["id"], "submit"))
                   for client, draft in zip(clients, drafts)]
        closing = pool.submit(world.service.client("coordinator").post, world.path("reporting-rounds", made["id"], "close"))
        assert [submit.result().status for submit in submits] == [200] * 6
        closing.result().expect(200)
    assert world.rows("select deadlocks from pg_stat_database where datname = current_database()") == before
    assert {row[0] for row in world.rows("select status from report_request where reporting_round_id = %s", made["id"])} \
        == {"submitted"}


def test_of_lights_given_at_once_one_is_the_later(world):
    made = world.fresh_review()
    measure = world.measures[0]
    clients = [world.service.client("secretary") for _ in range(6)]
    body = {"reporting_round_id": made["id"], "measure_id": measure["id"], "light": "red", "justification": text("syy")}
    for _ in range(3):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            given = list(pool.map(lambda client: client.post(world.path("assessments"), body).expect(201)["id"], clients))
        seen = world.of("secretary").get_all(world.path("assessments"), query={"reporting_round_id": made["id"]})
        assert [item["id"] for item in seen] == [max(given)]
