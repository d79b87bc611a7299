"""Acceptance examples of the domain brief: programmes, decisions, languages, formats."""
import csv
import io

import pytest
import server
from stage import Stage
from world import OTHER, THIRD, TODAY, YEAR, goal, text


def test_example_02_a_measure_with_two_leads_is_refused(world):
    stage = Stage(world)
    before = world.count("measure"), world.count("measure_line"), world.count("assignment")
    refused = world.of("coordinator").post(world.path("measures"), {
        "programme_version_id": stage.version["id"], "theme_id": stage.theme["id"], "number": "1.1",
        "title": text("kaksi"), "goals": [goal()],
        "assignments": [{"responsible_party_id": party["id"], "role": "lead"} for party in world.parties[:2]]})
    refused.expect(422, "lead_not_unique")
    assert refused.faults() == {"/assignments": "lead_not_unique"}
    assert (world.count("measure"), world.count("measure_line"), world.count("assignment")) == before


def test_example_02_a_second_lead_is_refused_later_too(world):
    stage = Stage(world)
    made = stage.measure(world.parties[:1])
    line = world.path("measure-lines", made["measure_line_id"], "assign")
    world.of("coordinator").post(line, {"responsible_party_id": world.parties[1]["id"], "role": "lead"}).expect(
        422, "lead_not_unique")
    stored = world.rows("select role from assignment where measure_line_id = %s", made["measure_line_id"])
    assert stored == [("lead",)]


def test_example_20_a_register_number_may_be_older_than_its_decision(world):
    body = world.body()
    record = {"body_id": body["id"], "meeting_on": "2024-09-23", "section_number": 34,
              "register_number": "1193/00.01.00/2023", "title": text("seuranta"), "decision": text("käynnistyy"),
              "outcome": "approved_amended"}
    made = world.make("secretary", "decisions", record)
    assert (made["section_number"], made["register_number"]) == (34, "1193/00.01.00/2023")
    again = world.of("secretary").post(world.path("decisions"), {**record, "meeting_on": "2024-12-02"})
    again.expect(409, "decision_exists")
    assert again.faults() == {"/section_number": "decision_exists"}
    stored = world.rows("select section_number, meeting_year from decision where body_id = %s", body["id"])
    assert stored == [(34, 2024)]
    world.make("secretary", "decisions", {**record, "meeting_on": "2025-01-13"})  # § runs per calendar year


def test_example_20_a_register_number_of_another_form_is_refused(world):
    refused = world.of("secretary").post(world.path("decisions"), {
        "body_id": world.committee["id"], "meeting_on": "2024-09-23", "register_number": "HEL 2026-000197",
        "title": text("asia"), "decision": text("päätettiin"), "outcome": "approved"})
    assert refused.expect(422, "register_number_form").faults() == {"/register_number": "register_number_form"}


def test_example_24_a_bilingual_municipality_publishes_in_both_languages(service, world):
    for subject, role in (("helena", "admin"), ("helena", "body_secretary"), ("helena", "programme_coordinator")):
        server.run("grant", THIRD, subject, role, settings=service.settings)
    helena = service.client("helena")

    def make(resource, body):
        return helena.post(f"/v1/{THIRD}/{resource}", body).expect(201).json

    def body(kind):
        return make("bodies", {"kind": kind, "name": {"fi": "toimielin", "sv": "organ"}, "makes_decisions": True})

    def notice(of_body):
        made = make("decisions", {"body_id": of_body["id"], "meeting_on": "2026-01-12", "title": {"fi": "kuulutus"},
                                  "decision": {"fi": "päätettiin", "sv": "beslöts"}, "outcome": "approved"})
        helena.post(f"/v1/{THIRD}/decisions/{made['id']}/inspect", {"inspected_on": "2026-01-13"}).expect(200)
        return helena.post(f"/v1/{THIRD}/decisions/{made['id']}/publish"), made

    refused, made = notice(body("council"))
    assert refused.expect(422, "locale_missing").faults() == {"/title": "locale_missing"}
    assert "sv" in refused["errors"][0]["detail"]
    assert service.rows("select status, published_at from decision where id = %s", made["id"]) == [("inspected", None)]

    committee = body("committee")
    notice(committee)[0].expect(422, "locale_missing")
    municipality = helena.get(f"/v1/{THIRD}").expect(200)
    helena.patch(f"/v1/{THIRD}", {"minutes_languages": ["fi"]}, etag=municipality.etag).expect(200)
    assert notice(committee)[0].expect(200)["status"] == "published"
    notice(body("council"))[0].expect(422, "locale_missing")  # a council's notices always in both

    programme = make("programmes", {"kind": "vitality_programme", "name": {"fi": "ohjelma"}})
    version = make("programme-versions", {"programme_id": programme["id"], "number": "1.0", "source": "archive", "external_id": "1"})
    theme = make("themes", {"programme_version_id": version["id"], "number": "1", "name": {"fi": "teema", "sv": "tema"}})
    approved = make("decisions", {"body_id": committee["id"], "meeting_on": "2026-01-13", "title": {"fi": "ohjelma"},
                                  "decision": {"fi": "hyväksyttiin"}, "outcome": "approved"})
    refused = helena.post(f"/v1/{THIRD}/programme-versions/{version['id']}/enter-into-force",
                          {"decision_id": approved["id"], "valid_from": "2026-02-01"}).expect(422, "locale_missing")
    assert refused.faults() == {"/programme/name": "locale_missing"}
    assert service.rows("select status from programme_version where id = %s", version["id"]) == [("draft",)]
    assert theme["published_at"] is None


def test_example_24_in_a_unilingual_municipality_finnish_is_enough(world):
    council = world.body("council")
    made = world.decision(council, title={"fi": "kuulutus"}, decision={"fi": "päätettiin"})
    assert world.publish(made)["status"] == "published"


@pytest.mark.parametrize("written, precision", [("2020-01", "month"), ("2020", "year"), ("2020-01-27", "day")])
def test_example_25_an_inexact_day_keeps_its_precision(world, written, precision):
    made = world.decision(world.body("council"), meeting_on=written)
    assert made["meeting_on"] == written
    assert world.rows("select date_precision from decision where id = %s", made["id"]) == [(precision,)]
    read = world.of("secretary").get(world.path("decisions", made["id"])).expect(200)
    assert read["meeting_on"] == written, "a day was invented"


def test_example_80_an_unpublished_round_of_another_municipality_does_not_exist(world):
    path = world.path("reporting-rounds", world.planned_round["id"])
    world.of("coordinator").get(path).expect(200)
    answer = world.of("other-coordinator").get(path).expect(404, "not_found")
    unknown = world.of("other-coordinator").get(path[:-12] + "0" * 12).expect(404, "not_found")
    assert {**answer.json, "instance": ""} == {**unknown.json, "instance": ""}
    world.of("other-coordinator").get(world.path("reporting-rounds", world.planned_round["id"], municipality=OTHER)).expect(404)
    assert world.rows("select status from reporting_round where id = %s", world.planned_round["id"]) == [("planned",)]


def test_example_81_a_municipality_code_keeps_its_zeros(service, anonymous, tmp_path):
    assert anonymous.get("/v1/091").expect(200)["code"] == "091"
    anonymous.get("/v1/91").expect(404, "not_found")
    anonymous.get("/v1/0091").expect(404, "not_found")
    file = tmp_path / "municipality.json"
    file.write_text('[{"code": "91", "name": {"fi": "Helsinki"}, "languages": ["fi", "sv"]}]')
    with pytest.raises(RuntimeError, match="failed"):
        server.run("municipality", file, settings=service.settings)
    assert service.rows("select count(*) from municipality where code in ('91', '0091')") == [(0,)]


def test_example_84_a_swedish_title_is_given_as_it_is_and_chosen_where_the_answer_is_flat(world):
    """As http.md has it: JSON always carries the object; only flat answers choose a language."""
    stage = Stage(world)
    made = stage.measure(world.parties[:1], title={"sv": "Åtgärd"}, description={"fi": "Kuvaus"})
    coordinator = world.of("coordinator")
    item = coordinator.get(world.path("measures", made["id"]), headers={"Accept-Language": "sv"}).expect(200)
    assert item["title"] == {"sv": "Åtgärd"} and item["description"] == {"fi": "Kuvaus"}
    assert world.rows("select title from measure where id = %s", made["id"]) == [({"sv": "Åtgärd"},)]
    flat = coordinator.get(world.path("measures"), query={"theme_id": stage.theme["id"]},
                           headers={"Accept": "text/csv", "Accept-Language": "sv"}).expect(200)
    assert flat.headers["Content-Language"].startswith("sv")
    row, = csv.DictReader(io.StringIO(flat.text))
    assert (row["title"], row["description"]) == ("Åtgärd", "Kuvaus")


def test_a_version_in_force_is_superseded_by_the_next(world):
    stage = Stage(world)
    stage.measure(world.parties[:1])
    stage.enter()
    following = world.make("coordinator", "programme-versions", {
        "programme_id": stage.programme["id"], "number": "2.0", "source": "archive", "external_id": stage.tag + "-2"})
    decision = world.decision(world.board)
    world.move("secretary", "programme-versions", following, "enter-into-force",
               {"decision_id": decision["id"], "valid_from": f"{TODAY}"})
    stored = world.rows("select number, status from programme_version where programme_id = %s order by number",
                        stage.programme["id"])
    assert stored == [("1.0", "superseded"), ("2.0", "in_force")]
    assert world.of().get(world.path("programme-versions", stage.version["id"])).expect(200)["status"] == "superseded"


def test_a_version_in_force_does_not_change(world):
    stage = Stage(world)
    made = stage.measure(world.parties[:1])
    stage.enter()
    read = world.of("coordinator").get(world.path("measures", made["id"])).expect(200)
    world.of("coordinator").patch(world.path("measures", made["id"]), {"number": "9.9"}, etag=read.etag).expect(
        409, "version_frozen")
    assert world.rows("select number from measure where id = %s", made["id"]) == [("1.1",)]


def test_a_version_enters_only_by_a_competent_body_and_with_a_lead(world):
    stage = Stage(world)
    council = world.body("youth_council", makes_decisions=False)
    without_lead = stage.measure([])
    enter = world.path("programme-versions", stage.version["id"], "enter-into-force")
    world.of("secretary").post(enter, {"valid_from": f"{YEAR}"}).expect(409, "decision_missing")
    refused = world.of("secretary").post(world.path("decisions"), {
        "body_id": council["id"], "meeting_on": "2026-01-12", "title": text("asia"), "decision": text("päätettiin"),
        "outcome": "approved"})
    assert refused.expect(422, "body_not_competent").faults() == {"/body_id": "body_not_competent"}
    decision = world.decision(world.board)
    refused = world.of("secretary").post(enter, {"decision_id": decision["id"], "valid_from": f"{YEAR}"})
    assert refused.expect(422, "lead_missing").faults() == {f"/measures/{without_lead['number']}": "lead_missing"}
    assert world.rows("select status from programme_version where id = %s", stage.version["id"]) == [("draft",)]
