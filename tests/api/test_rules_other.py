"""Rules of single resources that no acceptance example names."""
import pytest
from stage import Stage
from world import TODAY, goal, lights, text


def test_an_influence_body_does_not_decide(world):
    refused = world.of("admin").post(world.path("bodies"), {"kind": "youth_council", "name": text("nuvat"), "makes_decisions": True})
    assert refused.expect(422, "rule_broken").faults() == {"/makes_decisions": "rule_broken"}


@pytest.mark.parametrize("kind, has_body", [("body", False), ("office", True)])
def test_a_party_names_a_body_exactly_when_it_is_one(world, kind, has_body):
    body = {"kind": kind, "title": text("taho"), "body_id": world.committee["id"] if has_body else None}
    refused = world.of("coordinator").post(world.path("responsible-parties"), body)
    assert refused.expect(422, "rule_broken").faults() == {"/body_id": "rule_broken"}


@pytest.mark.parametrize("window", [
    {"kind": "fixed"}, {"kind": "continuous", "start_year": 2024, "end_year": 2025}, {"kind": "pilot", "start_year": 2024},
    {"kind": "fixed", "start_year": 2025, "end_year": 2024}])
def test_a_window_has_the_years_of_its_kind(world, window):
    stage = Stage(world)
    refused = world.of("coordinator").post(world.path("measures"), {
        "programme_version_id": stage.version["id"], "theme_id": stage.theme["id"], "number": "1", "title": text("x"),
        "goals": [{"n": 1, "text": text("x"), "window": window}]})
    assert refused.expect(422, "rule_broken").faults() == {"/goals": "rule_broken"}
    assert world.rows("select count(*) from measure where theme_id = %s", stage.theme["id"]) == [(0,)]


@pytest.mark.parametrize("change", [{"light": "green"}, {"precedence": 1}])
def test_a_scale_has_every_light_once(world, change):
    four = lights()
    refused = world.of("coordinator").post(world.path("light-scales"), {
        "valid_from": f"{TODAY}", "lights": [{**four[0]}, {**four[1], **change}, *four[2:3], {**four[3], **change}]})
    assert refused.expect(422, "lights_incomplete").faults() == {"/lights": "lights_incomplete"}


def test_assignments_of_a_line_are_not_changed_through_its_measure(world):
    stage = Stage(world)
    line = stage.measure(world.parties[:1])["measure_line_id"]
    body = {"programme_version_id": stage.version["id"], "theme_id": stage.theme["id"], "number": "7", "title": text("x"),
            "goals": [goal()], "assignments": [{"responsible_party_id": world.parties[0]["id"], "role": "lead"}]}
    refused = world.of("coordinator").post(world.path("measures"), {**body, "measure_line_id": line})
    assert refused.expect(422, "assignments_on_line").faults() == {"/assignments": "assignments_on_line"}
    path = world.path("measures/by-source/test", stage.tag)
    made = world.of("coordinator").put(path, body).expect(201)
    world.of("coordinator").put(path, {**body, "title": text("y")}).expect(200)
    other = {**body, "assignments": [{"responsible_party_id": world.parties[1]["id"], "role": "lead"}]}
    world.of("coordinator").put(path, other).expect(422, "assignments_on_line")
    assert world.rows("select title ->> 'fi' from measure where id = %s", made["id"]) == [("y",)]


@pytest.mark.parametrize("resource", ["holders", "grants"])
def test_a_term_ends_after_it_begins(world, resource):
    body = {"issuer": "https://elinvoima.test", "subject": "nobody", "starts_on": "2024-02-01", "ends_on": "2024-01-01"}
    body |= {"responsible_party_id": world.parties[2]["id"]} if resource == "holders" else {"role": "handler"}
    refused = world.of("admin").post(world.path(resource), body)
    assert refused.expect(422, "rule_broken").faults() == {"/ends_on": "rule_broken"}


def test_what_is_referred_to_is_not_deleted(world):
    admin = world.of("admin")
    body = world.body()
    party = world.party("body", body_id=body["id"])
    stage = Stage(world)
    stage.measure([party])
    for who, path in ((admin, world.path("bodies", body["id"])), (admin, world.path("responsible-parties", party["id"])),
                      (world.of("coordinator"), world.path("themes", stage.theme["id"]))):
        who.delete(path, etag=who.get(path).expect(200).etag).expect(409, "in_use")
        who.get(path).expect(200)


def test_what_a_reference_does_not_find_is_named(world):
    unknown = "00000000-0000-7000-8000-000000000000"
    theme = world.of("coordinator").post(world.path("themes"), {"programme_version_id": unknown, "number": "1", "name": text("x")})
    assert theme.expect(422, "reference_not_found").faults() == {"/programme_version_id": "reference_not_found"}
    measure = world.of("coordinator").post(world.path("measures"), {
        "programme_version_id": unknown, "theme_id": unknown, "number": "1", "title": text("x"), "goals": [goal()]})
    assert measure.expect(422, "reference_not_found").faults() == {"/programme_version_id": "reference_not_found"}
