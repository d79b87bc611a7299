"""Lists and items: pages, filters, order, members, counts, entity tags, forms."""
import csv
import io
import uuid

import pytest
from stage import Stage
from world import YEAR, goal, text


@pytest.fixture(scope="module")
def stage(world):
    """A draft with measures 1.1 … 1.12, whose numbers sort by parts and not by letters."""
    stage = Stage(world)
    for _ in range(12):
        stage.measure(world.parties[:1])
    return stage


def measures(stage, **query):
    return {"theme_id": stage.theme["id"], **query}


def numbers(items):
    return [item["number"] for item in items]


@pytest.mark.parametrize("sort, expected", [
    ("number", list(range(1, 13))), ("-number", list(range(12, 0, -1))), ("id", list(range(1, 13))),
    ("-id", list(range(12, 0, -1)))])
@pytest.mark.parametrize("limit", [1, 5, 12, 200])
def test_pages_give_every_item_once_in_order(world, stage, sort, expected, limit):
    items = world.of("coordinator").get_all(world.path("measures"), query=measures(stage, sort=sort, limit=limit))
    assert numbers(items) == [f"1.{n}" for n in expected]


def test_pages_are_stable_while_items_come_and_go(world):
    stage = Stage(world)
    for _ in range(6):
        stage.measure(world.parties[:1])
    coordinator = world.of("coordinator")
    first = coordinator.get(world.path("measures"), query=measures(stage, limit=3, sort="id")).expect(200)
    last_seen = first["items"][-1]
    path = world.path("measures", last_seen["id"])
    coordinator.delete(path, etag=coordinator.get(path).etag).expect(204)  # the cursor's own row
    stage.measure(world.parties[:1])
    rest = coordinator.get_all(first["next"])
    assert numbers(rest) == ["1.4", "1.5", "1.6", "1.7"]


def test_next_stands_in_the_body_and_in_link(world, stage):
    page = world.of("coordinator").get(world.path("measures"), query=measures(stage, limit=5)).expect(200)
    links = dict(reversed(link.strip().split("; ")) for link in page.headers["Link"].split(","))
    assert links['rel="next"'] == f"<{page['next']}>"
    assert "cursor=" not in links['rel="first"'] and f"theme_id={stage.theme['id']}" in links['rel="first"']


def test_a_cursor_belongs_to_its_question(world, stage):
    coordinator = world.of("coordinator")
    page = coordinator.get(world.path("measures"), query=measures(stage, limit=5)).expect(200)
    coordinator.get(page["next"].replace("limit=5", "limit=6")).expect(200)
    coordinator.get(page["next"] + "&sort=-number").expect(400, "cursor_mismatch")
    coordinator.get(page["next"] + "&number=1.7").expect(400, "cursor_mismatch")
    assert coordinator.get(page["next"][:-1] + ("A" if page["next"][-1] != "A" else "B")).status == 400


def test_filters_narrow_and_comma_means_or(world, stage):
    coordinator = world.of("coordinator")
    both = coordinator.get_all(world.path("measures"), query=measures(stage, number="1.2,1.11"))
    assert numbers(both) == ["1.2", "1.11"]
    assert coordinator.get_all(world.path("measures"), query=measures(stage, number='1.2"},{"')) == []
    none = coordinator.get(world.path("measures"), query=measures(stage, measure_line_id=str(uuid.uuid4()))).expect(200)
    assert none["items"] == [] and none["next"] is None


def test_updated_since_gives_what_has_changed(world):
    stage = Stage(world)
    stage.measure(world.parties[:1])
    coordinator = world.of("coordinator")
    made = stage.measure(world.parties[:1])
    etag = coordinator.get(world.path("measures", made["id"])).etag
    changed = coordinator.patch(world.path("measures", made["id"]), {"links": ["https://example.fi/"]}, etag=etag).expect(200)
    since = coordinator.get_all(world.path("measures"), query=measures(stage, updated_since=changed["updated_at"]))
    assert numbers(since) == ["1.2"]


def test_fields_trim_items_and_lists(world, stage):
    coordinator = world.of("coordinator")
    page = coordinator.get(world.path("measures"), query=measures(stage, fields="number,id", limit=3)).expect(200)
    assert [set(item) for item in page["items"]] == [{"id", "number"}] * 3
    assert numbers(coordinator.get(page["next"]).expect(200)["items"]) == ["1.4", "1.5", "1.6"]
    item = coordinator.get(world.path("measures", stage.measures[0]["id"]), query={"fields": "title"}).expect(200)
    assert set(item.json) == {"title"} and item.etag.startswith("W/")
    coordinator.get(world.path("measures"), query={"fields": "title,secret"}).expect(400, "invalid_parameter")
    path = world.path("measures", stage.measures[0]["id"])
    coordinator.patch(path, {"links": []}, etag=item.etag).expect(412, "precondition_failed")


def test_count_is_given_when_asked(world, stage):
    path, query = world.path("measures"), measures(stage, limit=5)
    plain = world.of("coordinator").get(path, query=query).expect(200)
    assert "total" not in plain.json
    counted = world.of("coordinator").get(path, query=query, headers={"Prefer": "count=exact"}).expect(200)
    assert counted["total"] == 12 and counted.headers["Preference-Applied"] == "count=exact"
    assert world.of("coordinator").get(counted["next"], headers={"Prefer": "count=exact"}).expect(200)["total"] == 12


def test_a_list_is_not_sent_again_when_nothing_changed(world, stage):
    page = world.of("coordinator").get(world.path("measures"), query=measures(stage)).expect(200)
    assert page.etag.startswith("W/")
    same = world.of("coordinator").get(world.path("measures"), query=measures(stage), headers={"If-None-Match": page.etag})
    assert same.expect(304).etag == page.etag


def test_public_answers_may_be_kept_and_private_ones_not(world):
    public = world.of().get(world.path("bodies"), headers={"Origin": "https://anybody.example"}).expect(200)
    assert public.headers["Cache-Control"].startswith("public, max-age=")
    assert "Authorization" in public.headers["Vary"] and public.headers["Access-Control-Allow-Origin"] == "*"
    private = world.of("coordinator").get(world.path("bodies")).expect(200)
    assert private.headers["Cache-Control"] == "private, no-store"


def test_csv_escapes_formulas_quotes_and_lines(world):
    stage = Stage(world)
    nasty = ['=1+1', '+358', '-1', '@sum', 'a,b', 'say "hi"', 'two\nlines', "ä ö å €"]
    for words in nasty:
        stage.measure(world.parties[:1], title={"fi": words})
    query = measures(stage, fields="title,number,published_at", format="csv")
    flat = world.of("coordinator").get(world.path("measures"), query=query).expect(200)
    assert flat.headers["Content-Type"] == "text/csv; charset=utf-8" and not flat.text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(flat.text, newline="")))
    assert rows[0] == ["title", "number", "published_at"]
    shown = [f"'{words}" if words[0] in "=+-@" else words for words in nasty]
    assert rows[1:] == [[words, f"1.{n + 1}", ""] for n, words in enumerate(shown)]
    assert "\r\n" in flat.text
    with_mark = world.of("coordinator").get(world.path("measures"), query={**query, "format": "csv-bom"}).expect(200)
    assert with_mark.text == "\ufeff" + flat.text


@pytest.mark.parametrize("accept, language", [("sv", "sv"), ("en-GB, fi;q=0.5", "en"), ("de", "fi"), ("fi;q=0.1, sv;q=0.9", "sv")])
def test_a_problem_speaks_the_callers_language(world, accept, language):
    titles = {"fi": "Ei löydy", "sv": "Finns inte", "en": "Not found"}
    answer = world.of().get(world.path("bodies", str(uuid.uuid4())), headers={"Accept-Language": accept}).expect(404)
    assert answer["title"] == titles[language] and answer.headers["Content-Language"] == language


def test_the_page_of_a_problem_is_served_for_every_code(world):
    page = world.of().get("/problems/lead_missing").expect(200)
    assert page.media_type == "text/html"
    for words in ("Päävastuutaho puuttuu", "Huvudansvarig saknas", "Lead missing", "lead_missing"):
        assert words in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    world.of().get("/problems/no_such_code").expect(404)


def test_what_was_deleted_is_gone_and_its_id_stays_used(world):
    coordinator = world.of("coordinator")
    stage = Stage(world)
    made = stage.measure(world.parties[:1])
    path = world.path("measures", made["id"])
    coordinator.delete(path, etag=coordinator.get(path).etag).expect(204)
    coordinator.get(path).expect(410, "gone")
    world.of().get(path).expect(404)
    assert coordinator.get_all(world.path("measures"), query=measures(stage)) == []
    assert world.rows("select deleted_at is not null from measure where id = %s", made["id"]) == [(True,)]
    assert world.rows("select what from change where id = %s order by position", made["id"])[-1] == ("deleted",)


def test_the_overview_of_a_programme_says_what_is_known(world):
    stage = Stage(world)
    party = stage.party()
    measures_made = [stage.measure([party]), stage.measure([party], [goal(1, "undated")])]
    stage.enter()
    path = world.path("programmes", stage.programme["id"], "overview")
    before = world.of().get(path).expect(200)
    assert before["round"] is None and before["counts"] == {
        "green": 0, "yellow": 0, "red": 0, "grey": 0, "unassessed": 2, "total": 2}
    for year, lights in ((YEAR - 1, ("red", "green")), (YEAR, ("yellow", "green"))):
        made = stage.open(year)
        stage.review(made)
        for measure, light in zip(measures_made, lights):
            stage.assess(made, measure, light, justification=text("syy"))
        hidden = world.of().get(path).expect(200)
        assert hidden["round"] is None or hidden["round"]["id"] != made["id"], "an unpublished round is shown"
        stage.end(made)
    after = world.of().get(path).expect(200)
    assert after["round"]["year"] == YEAR and after["counts"] == {
        "green": 1, "yellow": 1, "red": 0, "grey": 0, "unassessed": 0, "total": 2}
    shown = {m["number"]: m for m in after["themes"][0]["measures"]}
    assert [shown[n]["change"] for n in ("1.1", "1.2")] == ["better", "same"]
    assert shown["1.1"]["change_message"]["fi"] == "Oli punainen, nyt keltainen"
    assert shown["1.1"]["light_symbol"] == "!" and shown["1.1"]["lead"]["responsible_party_id"] == party["id"]
    mine, = after["by_party"]
    assert mine["responsible_party_id"] == party["id"] and mine["counts"] == after["counts"]
    assert {entry["light"]: (entry["count"], entry["total"]) for entry in after["by_light"]} == {
        "green": (1, 2), "yellow": (1, 2), "red": (0, 2), "grey": (0, 2), "unassessed": (0, 2)}
