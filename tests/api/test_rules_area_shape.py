"""Borders of areas: GeoJSON in and out, what is wrong with one, and which areas hold a point."""
import uuid

import pytest

from world import TODAY, text


def square(west, south, size=0.1):
    """A ring around a square, anticlockwise."""
    east, north = round(west + size, 6), round(south + size, 6)
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def border(world, area):
    return world.of().get(world.path("areas", area["id"], "geometry")).expect(200).json


def holding(world, lat, lon, **query):
    return {item["id"] for item in world.of().get_all(world.path("areas"), query={"lat": lat, "lon": lon, **query})}


def test_border_comes_back_as_a_multipolygon_with_its_outer_ring_anticlockwise(world):
    ring, hole = square(22.0, 62.0), square(22.02, 62.02, 0.01)
    made = world.area(geometry=polygon(ring[::-1], hole))
    assert made["has_geometry"] and "geometry" not in made
    shown = border(world, made)
    assert shown["type"] == "MultiPolygon" and len(shown["coordinates"]) == 1
    outer, inner = shown["coordinates"][0]
    assert sorted(map(tuple, outer)) == sorted(map(tuple, ring)) and sorted(map(tuple, inner)) == sorted(map(tuple, hole))
    assert sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in zip(outer, outer[1:])) < 0


def test_area_without_a_border_has_none_to_show(world):
    made = world.area()
    assert made["has_geometry"] is False
    world.of().get(world.path("areas", made["id"], "geometry")).expect(404)


@pytest.mark.parametrize("geometry, code", [
    (polygon(square(22.0, 62.0)[:3]), "geometry_unreadable"),
    (polygon(square(22.0, 62.0)[:-1]), "geometry_unreadable"),
    (polygon(), "too_few_items"),
    ({"type": "Polygon", "coordinates": ["x"]}, "geometry_unreadable"),
    ({"type": "Polygon", "coordinates": [[]]}, "geometry_unreadable"),
    ({"type": "MultiPolygon", "coordinates": [square(22.0, 62.0)]}, "geometry_unreadable"),
    (polygon([[y, x] for x, y in square(22.0, 62.0)]), "geometry_outside"),
    (polygon([[22, 62], [22.1, 62.1], [22.1, 62], [22, 62.1], [22, 62]]), "geometry_invalid"),
    (polygon(square(22.0, 62.0), square(24.0, 62.0)), "geometry_invalid"),
], ids=["three_positions", "not_closed", "no_ring", "no_numbers", "empty_ring", "too_shallow", "latitude_first", "bow_tie", "hole_outside"])
def test_what_is_no_border_is_422_and_says_why(world, geometry, code):
    body = {"kind": "district", "code": uuid.uuid4().hex, "name": text("alue"), "geometry": geometry}
    answer = world.of("admin").post(world.path("areas"), body).expect(422)
    assert [fault["code"] for fault in answer["errors"] if fault["pointer"].startswith("/geometry")] == [code]


def test_faults_name_the_place(world):
    bow_tie = polygon([[22, 62], [22.1, 62.1], [22.1, 62], [22, 62.1], [22, 62]])
    made = world.area()
    answer = world.of("admin").patch(world.path("areas", made["id"]), {"geometry": bow_tie}, etag="*").expect(422, "geometry_invalid")
    assert "22.050000, 62.050000" in answer["errors"][0]["detail"]


def test_border_is_changed_kept_and_taken_away(world):
    made = world.area(geometry=polygon(square(22.0, 62.0)))
    patch = lambda body: world.of("admin").patch(world.path("areas", made["id"]), body, etag="*").expect(200).json  # noqa: E731
    assert patch({"valid_to": "2099-12-31"})["has_geometry"]
    patch({"geometry": {"type": "MultiPolygon", "coordinates": [[square(23.0, 62.0)], [square(24.0, 62.0)]]}})
    assert len(border(world, made)["coordinates"]) == 2
    assert patch({"geometry": None})["has_geometry"] is False


def test_put_without_a_border_takes_it_away(world):
    external = uuid.uuid4().hex
    path = world.path("areas/by-source/gis", external)
    body = {"kind": "district", "code": external, "name": text("alue"), "geometry": polygon(square(22.0, 62.0))}
    assert world.of("admin").put(path, body).expect(201)["has_geometry"]
    assert world.of("admin").put(path, body).expect(200)["has_geometry"]
    assert world.of("admin").put(path, {**body, "geometry": None}).expect(200)["has_geometry"] is False


def test_point_is_held_by_the_areas_of_the_day_around_it(world):
    here = world.area(geometry=polygon(square(25.0, 63.0), square(25.04, 63.04, 0.02)), valid_from="2021-01-01")
    around = world.area("village", geometry=polygon(square(24.9, 62.9, 0.4)), valid_from="2021-01-01")
    ended = world.area(geometry=polygon(square(25.0, 63.0)), valid_from="2020-01-01", valid_to="2020-12-31")
    assert holding(world, 63.01, 25.01) == {here["id"], around["id"]}
    assert holding(world, 63.05, 25.05) == {around["id"]}, "a hole is no part of it"
    assert holding(world, 63.0, 25.0) == {here["id"], around["id"]}, "the border is"
    assert holding(world, 63.01, 25.01, kind="district") == {here["id"]}
    assert holding(world, 63.01, 25.01, on="2020-06-01") == {ended["id"]}
    assert holding(world, 65.01, 25.01) == set()


@pytest.mark.parametrize("given, missing", [("lat", "lon"), ("lon", "lat")])
def test_half_a_point_is_400(world, given, missing):
    answer = world.of().get(world.path("areas"), query={given: "25"}).expect(400, "invalid_parameter")
    assert answer.faults() == {missing: "required"}


def replace(world, area, **body):
    return world.of("admin").post(world.path("areas", area["id"], "replace"), {"valid_from": TODAY.isoformat(), **body}).expect(200).json


def test_successor_of_several_has_the_place_of_all_and_parts_keep_theirs(world):
    first, second = (world.area("pb_area", geometry=polygon(square(west, 64.0))) for west in (26.0, 26.1))
    part = world.area("village", parent_area_id=first["id"], geometry=polygon(square(26.0, 64.0, 0.05)))
    new = replace(world, first, merged_area_ids=[second["id"]], successors=[{"code": uuid.uuid4().hex}])["successor_ids"][0]
    assert {new} == holding(world, 64.05, 26.15, kind="pb_area") == holding(world, 64.05, 26.01, kind="pb_area")
    moved = world.of().get(world.path("areas", part["id"])).expect(200)["successor_ids"][0]
    assert holding(world, 64.02, 26.02, kind="village") == {moved}


def test_successors_of_a_split_have_the_borders_that_are_given(world):
    old = world.area("pb_area", geometry=polygon(square(27.0, 64.0)))
    west = {"code": uuid.uuid4().hex, "geometry": polygon(square(27.0, 64.0, 0.05))}
    new = replace(world, old, successors=[west, {"code": uuid.uuid4().hex}])["successor_ids"]
    assert len(holding(world, 64.02, 27.02, kind="pb_area") & set(new)) == 1
    assert holding(world, 64.08, 27.08, kind="pb_area") & set(new) == set()
    faulty = {"code": uuid.uuid4().hex, "geometry": polygon([])}
    answer = world.of("admin").post(world.path("areas", world.area("pb_area")["id"], "replace"), {
        "valid_from": TODAY.isoformat(), "successors": [faulty]}).expect(422)
    assert answer.faults() == {"/successors/0/geometry": "geometry_unreadable"}
