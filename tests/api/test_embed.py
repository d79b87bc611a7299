"""Rows within items (`embed`): what the list of those rows answers, its first twenty, in one statement."""
import pytest

import contract
from calls import Call
from stage import Stage
from world import OTHER, text

EMBEDS = [(operation, parameter["x-embeds"]) for operation in contract.OPERATIONS
          for parameter in operation.query() if parameter["name"] == "embed"]
SUBJECTS = [None, "coordinator", "secretary", "reporter", "reporter2"]


def rows_of(client, world, embed, item):
    """What `next` and `items` must be, by asking the list itself."""
    value = item[embed.get("by", "id")]
    listed = contract.BY_ID[embed["list"]]
    path = listed.path.format(municipality=world.path().split("/")[2])
    if embed["filter"] == "id":
        answer = client.get(f"{path}/{value}")
        return ([answer.json] if answer.status == 200 else []), False
    page = client.get(path, query={embed["filter"]: value, "limit": 20}).expect(200)
    return page["items"], page["next"] is not None


def test_what_embeds_is_tested_below():
    assert {operation.id for operation, _ in EMBEDS} >= {"listMeasures", "getMeasure", "listProgrammes", "getReportingRound"}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("operation, embeds", EMBEDS, ids=lambda value: getattr(value, "id", ""))
def test_rows_are_those_their_list_answers(world, operation, embeds, subject):
    client, call = world.of(subject), Call(operation, world)
    names = ",".join(embeds)
    if operation.has_id:
        items = [client.get(call.path(item_id=item["id"]), query={"embed": names}).expect(200).json
                 for item in client.get(call.path().rpartition("/")[0], query={"limit": 3}).expect(200)["items"]]
    else:
        items = client.get(call.path(), query={"embed": names, "limit": 3}).expect(200)["items"]
    for item in items:
        assert list(item["embedded"]) == list(embeds)
        for name, embed in embeds.items():
            within = item["embedded"][name]
            assert (within["items"], within["next"] is not None) == rows_of(client, world, embed, item), name


def test_after_twenty_the_rest_is_a_link_that_gives_exactly_the_rest(world):
    stage = Stage(world)
    coordinator, path = world.of("coordinator"), world.path("themes", stage.theme["id"])
    for count in (20, 21, 43):
        while len(stage.measures) < count:
            stage.measure(world.parties[:1])
        for within in (coordinator.get(path, query={"embed": "measures"}).expect(200)["embedded"]["measures"],
                       coordinator.get(world.path("themes"), query={"programme_version_id": stage.version["id"], "embed": "measures"})
                       .expect(200)["items"][0]["embedded"]["measures"]):
            rest = coordinator.get_all(within["next"]) if within["next"] else []
            numbers = [measure["number"] for measure in within["items"] + rest]
            assert numbers == [f"1.{n}" for n in range(1, count + 1)] and len(within["items"]) == min(count, 20)
            assert (within["next"] is None) == (count == 20)
    assert coordinator.get(within["next"] + "&sort=-number").expect(400, "cursor_mismatch")


def test_a_draft_and_what_was_deleted_stay_out(world):
    stage = Stage(world)
    kept, gone = stage.measure(world.parties[:1]), stage.measure(world.parties[:1])
    coordinator = world.of("coordinator")
    path = world.path("measures", gone["id"])
    coordinator.delete(path, etag=coordinator.get(path).etag).expect(204)
    stage.enter()
    draft = world.make("coordinator", "programme-versions", {"programme_id": stage.programme["id"], "number": "2.0"})
    theme = world.path("themes", stage.theme["id"])
    assert [m["id"] for m in world.of().get(theme, query={"embed": "measures"}).expect(200)["embedded"]["measures"]["items"]] == [kept["id"]]
    programme = world.path("programmes", stage.programme["id"])
    shown = {subject: [v["id"] for v in world.of(subject).get(programme, query={"embed": "programme_versions"})
                       .expect(200)["embedded"]["programme_versions"]["items"]] for subject in (None, "other-coordinator", "coordinator")}
    assert shown == {None: [stage.version["id"]], "other-coordinator": [stage.version["id"]],
                     "coordinator": [stage.version["id"], draft["id"]]}
    world.of("other-coordinator").get(world.path("programmes", stage.programme["id"], municipality=OTHER),
                                      query={"embed": "programme_versions"}).expect(404)


def test_it_goes_with_members_search_order_and_pages(world):
    coordinator, path = world.of("coordinator"), world.path("measures")
    query = {"programme_version_id": world.version["id"], "fields": "number", "embed": "measure_lines", "sort": "-number", "limit": 1,
             "q": "toimenpide"}
    page = coordinator.get(path, query=query, headers={"Prefer": "count=exact"}).expect(200)
    items = page["items"] + coordinator.get_all(page["next"])
    assert page["total"] == 2 and [set(item) for item in items] == [{"number", "embedded"}] * 2
    lines = [item["embedded"]["measure_lines"]["items"][0]["id"] for item in items]
    assert lines == [measure["measure_line_id"] for measure in reversed(world.measures)]
    one = coordinator.get(world.path("measures", world.measures[0]["id"]), query={"fields": "title", "embed": "assessments"}).expect(200)
    assert set(one.json) == {"title", "embedded"} and set(one["embedded"]) == {"assessments"}
    assert "embedded" not in coordinator.get(world.path("measures", world.measures[0]["id"])).expect(200).json


def test_the_tag_is_weak_follows_the_rows_and_changes_nothing(world):
    stage = Stage(world)
    coordinator, path = world.of("coordinator"), world.path("themes", stage.theme["id"])
    before = coordinator.get(path, query={"embed": "measures"}).expect(200)
    assert before.etag.startswith("W/")
    coordinator.get(path, query={"embed": "measures"}, headers={"If-None-Match": before.etag}).expect(304)
    coordinator.patch(path, {"name": text("uusi")}, etag=before.etag).expect(412, "precondition_failed")
    stage.measure(world.parties[:1])
    after = coordinator.get(path, query={"embed": "measures"}, headers={"If-None-Match": before.etag}).expect(200)
    assert len(after["embedded"]["measures"]["items"]) == 1


@pytest.mark.parametrize("operation, embeds", EMBEDS, ids=lambda value: getattr(value, "id", ""))
def test_what_is_not_on_the_list_is_refused_by_name(world, operation, embeds):
    path = Call(operation, world).path()
    for asked, code in (("holders", "enum"), ("embedded", "enum"), (f"{next(iter(embeds))},secret", "enum"),
                        (",".join([next(iter(embeds))] * 2), "not_unique"), ("", "too_short")):
        answer = world.of("coordinator").get(path, query={"embed": asked}).expect(400, "invalid_parameter")
        assert answer.faults() == {"embed": code}
        if code == "enum":
            assert all(name in answer["errors"][0]["detail"] for name in embeds)
    world.of("coordinator").get(path, query={"fields": "embedded"}).expect(400, "invalid_parameter")


@pytest.mark.parametrize("operation, embeds", [(operation, embeds) for operation, embeds in EMBEDS if not operation.has_id],
                         ids=lambda value: getattr(value, "id", ""))
def test_csv_has_no_place_for_rows(world, operation, embeds):
    path, query = Call(operation, world).path(), {"embed": next(iter(embeds))}
    for more in ({"headers": {"Accept": "text/csv"}}, {"query": {**query, "format": "csv"}}):
        answer = world.of("coordinator").get(path, **{"query": query, **more}).expect(400, "invalid_parameter")
        assert answer.faults() == {"embed": "not_flat"}


def test_one_statement_whatever_the_page(world, service):
    coordinator = world.of("coordinator")

    def statements(path, **query):
        """The less of two: a caller's grants are read again every five seconds, but not twice in a row."""
        once, again = count(path, **query), count(path, **query)
        return min(once, again, key=lambda pair: pair[0])

    def count(path, **query):
        mark = len(service.server.log)
        answer = coordinator.get(path, query=query).expect(200)
        line = service.server.wait_for_line(
            lambda entry: entry.get("request_id") == answer.headers["X-Request-Id"] and "statements" in entry, mark)
        return line["statements"], answer

    path, every = world.path("programme-versions"), "consultation_inputs,dropped_measures,measures,statement_requests,themes"
    plain = statements(path, limit=1)[0]
    for limit in (1, 50):
        number, answer = statements(path, limit=limit, embed=every)
        assert number == plain and len(answer["items"]) == limit
    assert statements(world.path("programme-versions", world.version["id"]), embed=every)[0] == plain
