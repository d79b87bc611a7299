"""Overview and board pack as pages and as a feed: the same facts as the JSON, in one language, escaped."""
import json
import re

import contract
import markup
import pytest
from stage import Stage
from world import goal, text, YEAR

LANGUAGES = ("fi", "sv", "en")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
FORMS = {"getProgrammeOverview": ("application/json", "text/html", "application/atom+xml"),
         "getReportingRoundBoardPack": ("application/json", "text/csv", "text/html")}


def overview_of(world, programme=None):
    return world.path("programmes", (programme or world.programme)["id"], "overview")


def pack_of(world, made=None):
    return world.path("reporting-rounds", (made or world.round)["id"], "board-pack")


@pytest.fixture(params=["overview", "board-pack"])
def path(request, world):
    return overview_of(world) if request.param == "overview" else pack_of(world)


def page_of(client, path, language="fi", **more):
    """The answer, with its tree."""
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language}, **more).expect(200)
    return markup.read_html(answer.text)


def articles(page):
    return {element.get("id"): element for element in page.iter("article")}


def lights_in(element):
    return [(markup.text_of(light), light.get("class")) for light in element.iter("span")
            if (light.get("class") or "").startswith("light ")]


# --- which form and which language ----------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_that_was_asked_for(anonymous, path, language):
    answer = anonymous.get(path, headers={"Accept": "text/html", "Accept-Language": f"de, {language};q=0.9"}).expect(200)
    assert answer.media_type == "text/html" and answer.headers["Content-Language"] == language
    page = markup.read_html(answer.text)
    assert page.get("lang") == language
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
    words = {"fi": "Liikennevalot", "sv": "Trafikljus", "en": "raffic lights"}
    found = [other for other in LANGUAGES if words[other] in markup.text_of(page.find("body"))]
    assert found == [language]


def test_lang_and_format_go_before_the_headers(anonymous, path):
    answer = anonymous.get(path, query={"format": "html", "lang": "sv"},
                           headers={"Accept": "application/json", "Accept-Language": "en"}).expect(200)
    assert answer.media_type == "text/html" and answer.headers["Content-Language"] == "sv"
    current, = [link for link in markup.read_html(answer.text).iter("a") if link.get("aria-current")]
    assert current.get("lang") == "sv"
    anonymous.get(path, query={"lang": "de"}).expect(400)
    anonymous.get(path, query={"format": "pdf"}).expect(400)


@pytest.mark.parametrize("accept, expected", [
    (BROWSER, "text/html"), ("*/*", "application/json"), ("text/html;q=0.4, application/json;q=0.5", "application/json"),
    ("text/html, application/json;q=0.9", "text/html"), ("application/json;q=0, text/html;q=0.1", "text/html")])
def test_accept_weighs_the_forms(anonymous, path, accept, expected):
    assert anonymous.get(path, headers={"Accept": accept}).expect(200).media_type == expected


def test_what_is_not_on_offer_is_406_and_says_what_is(anonymous, world):
    for where, operation in ((overview_of(world), "getProgrammeOverview"), (pack_of(world), "getReportingRoundBoardPack")):
        assert set(contract.BY_ID[operation].responses["200"]["content"]) == set(FORMS[operation])
        answer = anonymous.get(where, headers={"Accept": "image/png, text/html;q=0"}).expect(406, "not_acceptable")
        assert all(form in answer["detail"] for form in FORMS[operation])
    anonymous.get(pack_of(world), headers={"Accept": "application/atom+xml"}).expect(406, "not_acceptable")
    anonymous.get(world.path("bodies"), headers={"Accept": "text/html"}).expect(406, "not_acceptable")


def test_each_form_and_language_has_its_own_tag(anonymous, world):
    tags = set()
    for query in [{}, *({"format": form, "lang": language} for form in ("html", "atom") for language in LANGUAGES)]:
        answer = anonymous.get(overview_of(world), query=query).expect(200)
        assert answer.etag.startswith('W/"') and answer.headers["Cache-Control"].startswith("public, max-age=")
        tags.add(answer.etag)
        again = anonymous.get(overview_of(world), query=query, headers={"If-None-Match": answer.etag}).expect(304)
        assert again.etag == answer.etag
    assert len(tags) == 7


def test_head_says_what_get_would(anonymous, path):
    asked = {"headers": {"Accept": "text/html"}}
    head, get = anonymous.head(path, **asked).expect(200), anonymous.get(path, **asked).expect(200)
    for name in ("Content-Type", "ETag", "Content-Language", "Content-Security-Policy", "Vary", "Cache-Control"):
        assert head.headers[name] == get.headers[name], name


def test_what_may_not_be_seen_is_a_problem_in_every_form(anonymous, world):
    for where in (pack_of(world, world.review_round), overview_of(world, world.draft_programme)):
        for form in ("html", "json"):
            answer = anonymous.get(where, query={"format": form}, headers={"Accept": BROWSER}).expect(404, "not_found")
            assert "Content-Security-Policy" not in answer.headers
    anonymous.get(overview_of(world, world.draft_programme), query={"format": "atom"}).expect(404, "not_found")
    page_of(world.of("coordinator"), pack_of(world, world.review_round))


# --- the facts -------------------------------------------------------------------------------------------
def pick(localised, language="fi"):
    return next(localised[code] for code in (language, *LANGUAGES) if localised.get(code))


def test_the_overview_page_shows_every_light_as_word_symbol_and_colour(demo_service):
    client = demo_service.client()
    programme = demo_service.rows("select id::text from programme where external_id = 'man-vitality-programme'")[0][0]
    path = f"/v1/508/programmes/{programme}/overview"
    facts, page = client.get(path).expect(200).json, page_of(client, path, "sv")
    shown, symbols = articles(page), {row["light"]: row["symbol"] for row in facts["light_scale"]}
    measures = [measure for theme in facts["themes"] for measure in theme["measures"]]
    assert len(shown) == len(measures) == facts["counts"]["total"] > 10
    for measure in measures:
        article = shown[f"measure-{measure['measure_line_id']}"]
        words = markup.text_of(article)
        light, = lights_in(article)
        expected = (f"{symbols[measure['light']]}\u00a0{pick(measure['light_label'], 'sv')}" if measure["light"]
                    else "?\u00a0inte bedömd")
        assert light == (expected, f"light {measure['light'] or 'unassessed'}")
        for member in ("title", "justification", "change_message"):
            assert not measure[member] or pick(measure[member], "sv") in words
        for party in [measure["lead"], *measure["parties"]]:
            assert pick(party["title"], "sv") in words
        assert ("Prioritet" in words) == measure["is_priority"]
    rows = {markup.text_of(row.find("th")): [markup.text_of(cell) for cell in row.findall("td")] for row in page.iter("tr")}
    for row in [*facts["themes"], *facts["by_party"]]:
        name = pick(row.get("name") or row.get("title"), "sv")
        counts = [str(row["counts"][light]) for light in ("green", "yellow", "red", "grey", "unassessed", "total")]
        assert rows[f"{row['number']} {name}" if "number" in row else name] == counts


def test_the_board_pack_page_has_what_a_board_member_needs(demo_service):
    client = demo_service.client()
    made = demo_service.rows("select id::text from reporting_round where external_id = 'man-round-2024'")[0][0]
    path = f"/v1/508/reporting-rounds/{made}/board-pack"
    facts, page = client.get(path).expect(200).json, page_of(client, path, "en")
    words = markup.text_of(page.find("body"))
    for decision in (facts["assessment_decision"], facts["onward_decision"]):
        assert f"§\u00a0{decision['section_number']}" in words and pick(decision["decision"], "en") in words
    assert "28 April 2025" in words and pick(facts["assessing_body"]["name"], "en") in words
    assert pick(facts["onward_report_body"]["name"], "en") in words and pick(facts["programme"]["name"], "en") in words
    for priority in facts["priorities"]:
        assert pick(priority["name"], "en") in words and pick(priority["reason"], "en") in words
    shown = articles(page)
    assert len(shown) == len(facts["measures"]) > 10
    for measure in facts["measures"]:
        article = shown[f"measure-{measure['measure_id']}"]
        given = markup.text_of(article)
        assert [kind.partition(" ")[2] for _, kind in lights_in(article)] == [
            light or "unassessed" for light in (measure["light"], measure["suggested_light"],
                                                *(view["own_light"] for view in measure["own_views"] if view["own_light"]))]
        for view in measure["own_views"]:
            assert pick(view["title"], "en") in given
            assert not view["summary"] or pick(view["summary"], "en") in given
        assert ("differs from the suggestion" in given) == measure["is_overridden"]
        assert not measure["justification"] or pick(measure["justification"], "en") in given
    for party in facts["missing_reports"]:
        assert pick(party["title"], "en") in words
    contents = [link.get("href") for link in page.find("body/main/nav").iter("a")]
    headings = {f"#{head.get('id')}" for head in page.iter() if head.tag in ("h2", "h3") and head.get("id")}
    assert set(contents) <= headings and len(contents) > 8


def test_a_text_in_another_language_says_which(world, anonymous):
    page = page_of(anonymous, overview_of(world), "en")
    assert page.find("body/main/h1").get("lang") == "fi"
    assert page_of(anonymous, overview_of(world), "sv").find("body/main/h1").get("lang") is None


def test_dates_are_written_as_people_of_the_language_write_them(demo_service):
    client = demo_service.client()
    programme = demo_service.rows("select id::text from programme where external_id = 'man-vitality-programme'")[0][0]
    published = client.get(f"/v1/508/programmes/{programme}/overview").expect(200)["round"]["published_on"]
    year, month, day = map(int, published.split("-"))
    for language, written in (("fi", f"{day}.{month}.{year}"), ("sv", f"{day}.{month}.{year}"), ("en", f" {year}")):
        page = page_of(client, f"/v1/508/programmes/{programme}/overview", language)
        first = next(page.iter("time"))
        assert first.get("datetime") == published and markup.text_of(first).endswith(written)


def test_a_programme_without_a_published_round_says_so(world):
    page = page_of(world.of("coordinator"), overview_of(world, world.draft_programme), "en")
    assert "No reporting round has been published yet." in markup.text_of(page.find("body"))


def test_every_code_of_the_contract_has_its_words():
    words = set(re.findall(r'^CODE\("(\w+)", "(\w+)"', (contract.ROOT / "api" / "page.def").read_text(), re.MULTILINE))
    pack = contract.resolve({"$ref": "#/components/schemas/BoardPack"})["properties"]
    view = contract.resolve(pack["measures"]["items"])["properties"]["own_views"]["items"]["properties"]
    expected = {"round": pack["status"], "request": view["status"], "role": view["role"], "reported_status": view["reported_status"]}
    assert words == {(member, code) for member, schema in expected.items() for code in schema["enum"] if code}


# --- hostile texts ---------------------------------------------------------------------------------------
HOSTILE = "</title></style><script>alert(1)</script> \"'><img src=x onerror=alert(1)> &amp; &#60; ]]> <!-- {{7*7}} 𝕏😀é"


def hostile_stage(world):
    """A published round whose every text is hostile."""
    stage = Stage(world)
    lead = stage.party(title=text(HOSTILE))
    measure = stage.measure([lead], title=text(HOSTILE))
    stage.world.of("coordinator").patch(world.path("themes", stage.theme["id"]), {"name": text(HOSTILE)}, etag="*").expect(200)
    world.of("coordinator").patch(world.path("programmes", stage.programme["id"]), {"name": text(HOSTILE)}, etag="*").expect(200)
    stage.enter()
    made = stage.open(name=text(HOSTILE))
    stage.submit(made, measure, lead)
    stage.review(made)
    stage.assess(made, measure, "red", justification=text(HOSTILE))
    world.make("secretary", "priorities", {"reporting_round_id": made["id"], "measure_line_id": measure["measure_line_id"],
                                           "reason": text(HOSTILE)})
    return stage, stage.end(made)


def test_markup_in_texts_stays_text(world, anonymous):
    stage, made = hostile_stage(world)
    overview, pack = overview_of(world, stage.programme), pack_of(world, made)
    for path, least in ((overview, 6), (pack, 7)):
        page = page_of(anonymous, path)
        assert HOSTILE in markup.text_of(page.find("head/title"))
        assert sum(HOSTILE in (element.text or "") for element in page.find("body").iter()) >= least
    feed = anonymous.get(overview, query={"format": "atom"}).expect(200)
    entry, = markup.entries_of(feed).values()
    assert markup.part(entry, "content") == HOSTILE and HOSTILE in markup.part(entry, "title")


def test_characters_the_service_refuses_are_shown_as_unknown(world, anonymous):
    """No request can store them; a file of an operator or a restored dump might."""
    stage, _ = hostile_stage(world)
    bad = "a\u0001b\u001bc\u0085d\u202ee\u2067f\ufffeg"
    world.rows("update programme set name = %s where id = %s", json.dumps({"fi": bad}), stage.programme["id"])
    shown = re.sub(r"[^a-g]", "\ufffd", bad)
    page = page_of(anonymous, overview_of(world, stage.programme))
    assert page.find("body/main/h1").text == shown and shown in page.get("data-running")
    feed = anonymous.get(overview_of(world, stage.programme), query={"format": "atom"}).expect(200)
    assert f"<title>{shown}</title>" in feed.text


# --- the feed --------------------------------------------------------------------------------------------
def test_the_feed_has_an_entry_for_each_light_and_a_new_one_when_it_changes(world, anonymous):
    stage = Stage(world)
    lead = stage.party()
    measure, other = stage.measure([lead]), stage.measure([lead])
    stage.enter()

    def publish(year, *lights):
        made = stage.open(year)
        stage.review(made)
        for judged, light in zip((measure, other), lights):
            stage.assess(made, judged, light, justification=text(f"{light} {year}"))
        return stage.end(made)

    def feed(language="fi"):
        return anonymous.get(overview_of(world, stage.programme), query={"format": "atom", "lang": language}).expect(200)

    assert markup.entries_of(feed()) == {}
    first = publish(YEAR, "yellow", "green")
    before = markup.entries_of(feed())
    assert len(before) == 2 and before.keys() == markup.entries_of(feed("sv")).keys()
    assert {markup.part(entry, "updated") for entry in before.values()} == {first["published_at"]}
    assert [markup.categories(entry) for entry in before.values()] == [["yellow", "first"], ["green", "first"]]
    second = publish(YEAR + 1, "green", "green")
    after = markup.entries_of(feed())
    assert len(after) == 2 and not before.keys() & after.keys()
    assert {markup.part(entry, "updated") for entry in after.values()} == {second["published_at"]}
    assert [markup.categories(entry) for entry in after.values()] == [["green", "better"], ["green", "same"]]
    assert markup.part(next(iter(after.values())), "summary") == "Oli keltainen, nyt vihreä"
    assert markup.part(next(iter(after.values())), "content") == f"green {YEAR + 1}"


def test_a_feed_is_as_new_as_its_newest_light(world, anonymous):
    """A round of an earlier year may be published after the one whose lights count as the last."""
    stage = Stage(world)
    lead = stage.party()
    kept = stage.measure([lead])
    ended = stage.measure([lead], goals=[goal(kind="fixed", start_year=YEAR, end_year=YEAR)])
    stage.enter()
    published = {}
    for year, judged in ((YEAR + 1, [kept]), (YEAR, [kept, ended])):
        made = stage.open(year)
        stage.review(made)
        for measure in judged:
            stage.assess(made, measure, "red", justification=text("syy"))
        published[year] = stage.end(made)["published_at"]
    answer = anonymous.get(overview_of(world, stage.programme), query={"format": "atom"}).expect(200)
    updated = {markup.part(entry, "updated") for entry in markup.entries_of(answer).values()}
    assert updated == set(published.values())
    feed = markup.ElementTree.fromstring(answer.body)
    assert markup.part(feed, "updated") >= max(updated)


def test_the_feeds_links_lead_to_the_feed_and_to_the_place_on_the_page(world, anonymous):
    answer = anonymous.get(overview_of(world), query={"format": "atom", "lang": "sv"}).expect(200)
    feed = markup.ElementTree.fromstring(answer.body)
    address = f"https://api.test{overview_of(world)}"
    assert markup.links(feed) == {"self": f"{address}?format=atom&lang=sv", "alternate": f"{address}?format=html&lang=sv"}
    page = page_of(anonymous, overview_of(world))
    for entry in markup.entries_of(answer).values():
        where, _, fragment = markup.links(entry)["alternate"].partition("#")
        assert where == f"{address}?format=html&lang=sv" and fragment in articles(page)
