"""Areas: a tree that has a shape for every day."""
import datetime
import uuid

import pytest

from world import ISSUER, TODAY, text

YESTERDAY, TOMORROW = ((TODAY + datetime.timedelta(days=days)).isoformat() for days in (-1, 1))


def refused(world, body, status=422, subject="admin"):
    return world.of(subject).post(world.path("areas"), {
        "kind": "district", "code": uuid.uuid4().hex, "name": text("alue"), **body}).expect(status)


def replace(world, area, status=200, day=TODAY, **body):
    answer = world.of("admin").post(world.path("areas", area["id"], "replace"), {
        "valid_from": str(day), "successors": [{}], **body}).expect(status)
    return answer.json if status == 200 else answer


def get(world, area_id):
    return world.of().get(world.path("areas", area_id)).expect(200).json


def on(world, day=None, **query):
    """The ids of a day's areas."""
    return [item["id"] for item in world.of().get_all(world.path("areas"), query={**({"on": str(day)} if day else {}), **query})]


def test_list_gives_the_areas_of_a_day_and_by_default_of_today(world):
    gone, here, coming = (world.area(valid_from=first, valid_to=last) for first, last in [
        ("2020-01-01", YESTERDAY), ("2020-01-01", TODAY.isoformat()), (TOMORROW, None)])
    mine = {area["id"] for area in (gone, here, coming)}
    assert mine & set(on(world)) == {here["id"]}
    assert mine & set(on(world, YESTERDAY)) == {gone["id"], here["id"]}
    assert mine & set(on(world, TOMORROW)) == {coming["id"]}
    assert mine & set(on(world, "2019-12-31")) == set()
    assert mine & set(on(world, all_times="true")) == mine


def test_default_order_goes_from_the_whole_to_its_parts(world):
    made = {kind: world.area(kind, valid_from="1990-01-01", valid_to="1990-12-31") for kind in
            ("village", "district", "urban_area", "pb_area", "major_district", "whole")}
    assert on(world, "1990-06-30") == [area["id"] for area in reversed(made.values())]


def test_renamed_area_is_followed_by_one_and_its_parts_go_along(world):
    top = world.area("pb_area", source="gis", external_id=uuid.uuid4().hex, population={"value": 7400, "as_of": "2024-12-31"})
    part = world.area(parent_area_id=top["id"], source="gis", external_id=uuid.uuid4().hex)
    leaf = world.area("village", parent_area_id=part["id"])
    ended = world.area("village", parent_area_id=part["id"], valid_to=YESTERDAY)
    old = replace(world, top, successors=[{"name": text("uusi nimi")}])
    assert (old["name"], old["valid_to"], old["source"], old["external_id"]) == (top["name"], YESTERDAY, None, None)
    new = get(world, old["successor_ids"][0])
    assert new == {**top, "id": new["id"], "name": text("uusi nimi"), "valid_from": TODAY.isoformat(), "predecessor_ids": [top["id"]],
                   "created_at": new["created_at"], "updated_at": new["updated_at"], "version": 1}
    new_part = get(world, get(world, part["id"])["successor_ids"][0])
    assert (new_part["parent_area_id"], new_part["name"], new_part["external_id"]) == (new["id"], part["name"], part["external_id"])
    new_leaf = get(world, get(world, leaf["id"])["successor_ids"][0])
    assert new_leaf["parent_area_id"] == new_part["id"]
    assert get(world, ended["id"])["successor_ids"] == []
    before, after = set(on(world, YESTERDAY)), set(on(world))
    assert {top["id"], part["id"], leaf["id"], ended["id"]} <= before and {new["id"], new_part["id"], new_leaf["id"]} <= after
    assert not {top["id"], part["id"], leaf["id"], ended["id"]} & after and not {new["id"], new_part["id"], new_leaf["id"]} & before


def test_area_moves_below_another_and_what_begins_later_goes_along_unchanged(world):
    here, there = world.area("pb_area"), world.area("pb_area")
    area = world.area("urban_area", parent_area_id=here["id"])
    later = world.area("village", parent_area_id=area["id"], valid_from=TOMORROW)
    moved = get(world, replace(world, area, successors=[{"parent_area_id": there["id"]}])["successor_ids"][0])
    assert (moved["parent_area_id"], moved["code"]) == (there["id"], area["code"])
    assert get(world, later["id"])["parent_area_id"] == moved["id"] and get(world, later["id"])["successor_ids"] == []
    free = get(world, replace(world, moved, day=TOMORROW, successors=[{"parent_area_id": None}])["successor_ids"][0])
    assert free["parent_area_id"] is None


def test_split_area_says_where_each_part_goes(world):
    area = world.area("pb_area", population={"value": 100, "as_of": "2024-12-31"})
    parts = [world.area(parent_area_id=area["id"]) for _ in range(2)]
    codes = [uuid.uuid4().hex, uuid.uuid4().hex]
    successors = [{"code": code, "part_ids": [part["id"]]} for code, part in zip(codes, parts)]
    for wrong in ([successors[0], {"code": codes[1]}],
                  [successors[0], {"code": codes[1], "part_ids": [part["id"] for part in parts]}]):
        assert replace(world, area, 422, successors=wrong).faults() == {"/successors": "area_part_unplaced"}
    stranger = {**successors[1], "part_ids": [parts[1]["id"], world.district["id"]]}
    assert replace(world, area, 422, successors=[successors[0], stranger]).faults() == {"/successors/1/part_ids": "reference_not_found"}
    assert get(world, area["id"]) == area
    old = replace(world, area, successors=successors)
    new = {item["code"]: item for item in (get(world, successor) for successor in old["successor_ids"])}
    assert set(new) == set(codes) and all(item["population"] is None for item in new.values())
    for code, part in zip(codes, parts):
        assert get(world, get(world, part["id"])["successor_ids"][0])["parent_area_id"] == new[code]["id"]


def test_merged_areas_have_one_successor(world):
    areas = [world.area(source="gis", external_id=uuid.uuid4().hex) for _ in range(2)]
    parts = [world.area("village", parent_area_id=area["id"]) for area in areas]
    assert replace(world, areas[0], 422, merged_area_ids=[str(uuid.uuid4())]).faults() == {"/merged_area_ids": "reference_not_found"}
    old = replace(world, areas[0], merged_area_ids=[areas[1]["id"]], successors=[{"population": {"value": 5, "as_of": "2024-12-31"}}])
    new = get(world, old["successor_ids"][0])
    assert new["predecessor_ids"] == sorted(area["id"] for area in areas)
    assert (new["code"], new["source"], new["population"]["value"]) == (areas[0]["code"], None, 5)
    assert get(world, areas[1]["id"])["external_id"] == areas[1]["external_id"]
    for part in parts:
        assert get(world, get(world, part["id"])["successor_ids"][0])["parent_area_id"] == new["id"]


def test_part_that_ends_with_its_area_is_no_part_of_the_successor(world):
    area = world.area("pb_area")
    part = world.area(parent_area_id=area["id"])
    old = replace(world, area, merged_area_ids=[part["id"]])
    assert get(world, part["id"])["successor_ids"] == old["successor_ids"]
    assert on(world, parent_area_id=old["successor_ids"][0]) == []


@pytest.mark.parametrize("first, last", [(TODAY.isoformat(), None), ("2020-01-01", YESTERDAY), (TOMORROW, None)])
def test_only_an_area_of_that_day_and_the_day_before_is_replaced(world, first, last):
    area = world.area(valid_from=first, valid_to=last)
    assert replace(world, area, 422).faults() == {"/valid_from": "area_not_valid"}
    assert replace(world, world.district, 422, merged_area_ids=[area["id"]]).faults() == {"/valid_from": "area_not_valid"}


def test_successor_lies_in_something_that_goes_on(world):
    top = world.area("pb_area", valid_to=TODAY.isoformat())
    area = world.area()
    for parent in (top, area):
        answer = replace(world, area, 422, successors=[{"parent_area_id": parent["id"]}])
        assert answer.faults() == {"/parent_area_id": "area_outside_parent"}


def test_deleted_area_is_not_replaced(world):
    area = world.area()
    world.of("admin").delete(world.path("areas", area["id"]), etag="*").expect(204)
    replace(world, area, 410)
    assert replace(world, world.district, 422, merged_area_ids=[area["id"]]).faults() == {"/merged_area_ids": "reference_not_found"}
    assert refused(world, {"parent_area_id": area["id"]}).faults() == {"/parent_area_id": "reference_not_found"}


def test_area_with_history_is_not_deleted(world):
    area = world.area()
    successor = replace(world, area)["successor_ids"][0]
    for area_id in (area["id"], successor):
        world.of("admin").delete(world.path("areas", area_id), etag="*").expect(409, "in_use")


def test_area_of_a_participatory_budget_is_not_deleted(world):
    for share in world.cycle["shares"]:
        world.of("admin").delete(world.path("areas", share["area_id"]), etag="*").expect(409, "in_use")


def test_part_is_there_only_while_what_it_lies_in_is(world):
    top = world.area("pb_area", valid_from="2021-01-01", valid_to="2030-12-31")
    for period in ({"valid_from": "2020-12-31", "valid_to": "2025-01-01"}, {"valid_from": "2025-01-01", "valid_to": "2031-01-01"},
                   {"valid_from": "2025-01-01"}):
        assert refused(world, {"parent_area_id": top["id"], **period}).faults() == {"/parent_area_id": "area_outside_parent"}
    world.area(parent_area_id=top["id"], valid_from="2021-01-01", valid_to="2030-12-31")
    shorter = world.of("admin").patch(world.path("areas", top["id"]), {"valid_to": "2029-12-31"}, etag="*")
    assert shorter.expect(422).faults() == {"/parent_area_id": "area_outside_parent"}


def test_area_does_not_lie_in_its_own_part(world):
    top = world.area("pb_area", is_old=False)
    part = world.area("urban_area", parent_area_id=top["id"])
    leaf = world.area("village", parent_area_id=part["id"])
    for parent in (top, part, leaf):
        answer = world.of("admin").patch(world.path("areas", top["id"]), {"parent_area_id": parent["id"]}, etag="*")
        assert answer.expect(422).faults() == {"/parent_area_id": "area_cycle"}


def test_there_is_one_whole_at_a_time_and_it_lies_in_nothing(world):
    period = {"kind": "whole", "valid_from": "1980-01-01", "valid_to": "1980-12-31"}
    world.area(**period)
    assert refused(world, period, 409).code == "already_exists"
    answer = refused(world, {"kind": "whole", "valid_from": "1981-01-01", "valid_to": "1981-12-31",
                             "parent_area_id": world.district["id"]})
    assert answer.faults() == {"/parent_area_id": "rule_broken"}


def test_code_is_unique_among_those_of_a_kind_at_a_time(world):
    area = world.area(valid_to="2025-12-31")
    assert refused(world, {"code": area["code"], "valid_from": "2025-12-31"}, 409).code == "already_exists"
    world.area(code=area["code"], valid_from="2026-01-01")
    world.area("village", code=area["code"])


def test_last_day_is_not_before_the_first(world):
    assert refused(world, {"valid_from": "2025-01-02", "valid_to": "2025-01-01"}).faults() == {"/valid_to": "rule_broken"}


def test_name_has_the_municipalitys_languages(world):
    assert refused(world, {"name": {"sv": "by"}}).faults() == {"/name": "locale_missing"}
    young = world.area(is_old=False)
    answer = world.of("admin").patch(world.path("areas", young["id"]), {"name": {"fi": None}}, etag="*").expect(422)
    assert answer.faults() == {"/name": "locale_missing"}
    answer = replace(world, world.area(), 422, successors=[{"code": "a"}, {"code": "b", "name": {"sv": "by"}}])
    assert answer.faults() == {"/successors/1/name": "locale_missing"}


@pytest.mark.parametrize("change", [{"code": "x"}, {"kind": "village"}, {"valid_from": "2019-01-01"}, {"name": {"fi": "toinen"}},
                                    {"name": {"sv": None}}], ids=lambda change: next(iter(change)))
def test_what_has_begun_is_history_from_the_next_day(world, change):
    area, young, coming = world.area(), world.area(is_old=False), world.area(valid_from=TOMORROW)
    patch = lambda area: world.of("admin").patch(world.path("areas", area["id"]), change, etag="*")  # noqa: E731
    patch(area).expect(409, "area_begun")
    patch(young).expect(200)
    if "code" not in change:
        patch(coming).expect(200)


def test_begun_area_does_not_move_but_gains_languages_and_people(world):
    area = world.area()
    patch = lambda change: world.of("admin").patch(world.path("areas", area["id"]), change, etag="*")  # noqa: E731
    patch({"parent_area_id": world.area("pb_area")["id"]}).expect(409, "area_begun")
    changed = patch({"name": {"en": "area"}, "population": {"value": 10, "as_of": "2025-12-31"}}).expect(200)
    assert changed["name"] == {**area["name"], "en": "area"} and changed["population"] == {"value": 10, "as_of": "2025-12-31"}


def test_one_who_keeps_only_a_body_does_not_keep_areas(world):
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "area-outsider", "role": "admin", "body_id": world.committee["id"]})
    client, area = world.of("area-outsider"), world.path("areas", world.district["id"])
    assert refused(world, {}, 403, "area-outsider").code == "not_your_body"
    client.patch(area, {"valid_to": "2099-12-31"}, etag="*").expect(403, "not_your_body")
    client.delete(area, etag="*").expect(403, "not_your_body")
    client.post(f"{area}/replace", {"valid_from": TODAY.isoformat(), "successors": [{}]}).expect(403, "not_your_body")


def test_interaction_planner_keeps_areas(world):
    world.make("admin", "grants", {"issuer": ISSUER, "subject": "area-planner", "role": "participation_coordinator"})
    made = world.make("area-planner", "areas", {"kind": "village", "code": uuid.uuid4().hex, "name": text("kylä")})
    assert made["valid_from"] == TODAY.isoformat()
