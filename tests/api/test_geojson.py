"""Lists of what has a place as GeoJSON (RFC 7946), and as CSV: the rows and the secrets of JSON in another form."""
import csv
import io

import pytest

import world as world_module
from budget import both
from client import GEOJSON


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: whole lists are compared."""
    return world_module.World(make_service("maps"))


@pytest.fixture(scope="module")
def placed(world):
    """A published proposal with a place, one without, and one that nobody has published."""
    cycle = world.budget.open()
    there = world.budget.send(cycle, title=both("Keinu, \"iso\""), latitude="62.790278", longitude="022.840278")
    nowhere, hidden = world.budget.send(cycle), world.budget.send(cycle, latitude="1.5", longitude="-0.5")
    return {**cycle, "there": world.budget.carry(there, "publish"), "nowhere": world.budget.carry(nowhere, "publish"), "hidden": hidden}


def layer(world, cycle, subject=None, accept=GEOJSON, **query):
    return world.of(subject).get(world.path("proposals"), query={"budget_cycle_id": cycle["id"], "sort": "number", **query},
                                 headers={"Accept": accept}).expect(200)


def test_a_place_is_a_point_with_longitude_first_and_no_place_is_null(world, placed):
    answer = layer(world, placed)
    assert answer.headers["Content-Type"] == GEOJSON and "Content-Language" not in answer.headers
    assert answer["type"] == "FeatureCollection" and answer["next"] is None
    there, nowhere = answer["features"]
    assert there["geometry"] == {"type": "Point", "coordinates": [22.840278, 62.790278]} and nowhere["geometry"] is None
    assert [feature["id"] for feature in answer["features"]] == [placed["there"]["id"], placed["nowhere"]["id"]]
    negative = layer(world, placed, "moderator")["features"][2]
    assert negative["id"] == placed["hidden"]["id"] and negative["geometry"]["coordinates"] == [-0.5, 1.5]


@pytest.mark.parametrize("subject", [None, "author", "moderator", "coordinator"])
@pytest.mark.parametrize("query", [{}, {"status": "submitted"}, {"q": "keinu"}, {"fields": "title,number"}, {"embed": "images"},
                                   {"fields": "latitude", "embed": "images"}])
def test_properties_are_what_json_answers_the_same_caller(world, placed, subject, query):
    plain = layer(world, placed, subject, "application/json", **query)
    shown = layer(world, placed, subject, **query)
    assert [feature["properties"] for feature in shown["features"]] == plain["items"]
    assert all(feature["id"] for feature in shown["features"])
    if "q" not in query and "status" not in query:
        assert shown["features"][0]["geometry"]["coordinates"] == [22.840278, 62.790278]


def test_pages_follow_each_other_and_are_counted(world, placed):
    first = world.of().get(world.path("proposals"), headers={"Prefer": "count=exact"}, query={
        "budget_cycle_id": placed["id"], "sort": "number", "limit": 1, "format": "geojson"}).expect(200)
    assert first["total"] == 2 and 'rel="next"' in first.headers["Link"]
    second = world.of().get(first["next"]).expect(200)
    assert [page["features"][0]["id"] for page in (first, second)] == [placed["there"]["id"], placed["nowhere"]["id"]]
    assert second["next"] is None
    world.of().get(world.path("proposals"), query={"format": "geojson"}, headers={"If-None-Match": layer(world, placed).etag}).expect(200)
    again = layer(world, placed).etag
    world.of().get(world.path("proposals"), query={"budget_cycle_id": placed["id"], "sort": "number"},
                   headers={"Accept": GEOJSON, "If-None-Match": again}).expect(304)


def test_what_has_no_place_has_no_layer(world):
    world.of().get(world.path("bodies"), headers={"Accept": GEOJSON}).expect(406)
    world.of("planner").get(world.path("proposals"), query={"format": "kml"}).expect(400)


def test_while_voting_is_open_no_form_of_the_projects_tells_how_it_goes(world):
    """Before a ballot and after many, each form is the same to everybody, byte for byte."""
    vote = world.budget.vote()
    askers = [(subject, accept) for subject in (None, "planner", "officer", "admin")
              for accept in (GEOJSON, "application/json", "text/csv")]
    before = [layer(world, vote, *asker).body for asker in askers]
    for project in vote["ids"]["koko"] * 3:
        world.budget.cast(world.voter(), vote, [project]).expect(201)
    assert [layer(world, vote, *asker).body for asker in askers] == before
    for subject in (None, "officer", "admin"):
        rows = world.of(subject).get(world.path("budget-results"), query={"budget_cycle_id": vote["id"]},
                                     headers={"Accept": "text/csv"}).expect(200)
        assert len(rows.text.splitlines()) == 1, "a result while voting is open"


@pytest.mark.parametrize("language, ending", [("fi", ""), ("sv", " (sv)"), ("en", "")])
def test_csv_of_projects_and_results_is_in_the_callers_language(world, language, ending):
    vote = world.counted_cycle
    headers = {"Accept": "text/csv", "Accept-Language": language}
    flat = world.of().get(world.path("proposals"), query={"budget_cycle_id": vote["id"], "fields": "number,title,cost_cents,status"},
                          headers=headers).expect(200)
    rows = list(csv.DictReader(io.StringIO(flat.text)))
    assert len(rows) == sum(map(len, vote["ids"].values())) and {row["title"] for row in rows} == {"ehdotus" + ending}
    assert flat.headers["Content-Language"] == language
    results = world.of().get(world.path("budget-results"), query={"budget_cycle_id": vote["id"], "fields": "area_name,ballots,standing"},
                             headers=headers).expect(200)
    rows = list(csv.DictReader(io.StringIO(results.text)))
    assert {row["area_name"] for row in rows} >= {"koko kaupunki" + ending} and {row["standing"] for row in rows} == {"provisional"}
