"""Text search (`q`): stems, beginnings, numbers, several words; never an operator, never more than may be seen."""
import random
import uuid

import pytest

import contract
from calls import Call
from stage import Stage
from world import DUE, HOME, OTHER, TODAY, goal, text

SEARCHES = [operation for operation in contract.OPERATIONS
            if any(parameter.get("x-use") == "search" for parameter in operation.query())]


@pytest.fixture(scope="module")
def stage(world):
    return Stage(world)


def found(world, stage, q, subject="coordinator", **query):
    """The numbers of the stage's measures that `q` finds."""
    items = world.of(subject).get_all(world.path("measures"), query={"theme_id": stage.theme["id"], "q": q, **query})
    return [item["number"] for item in items]


# --- words --------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def worded(world, stage):
    """One measure for each text; their numbers by text."""
    texts = {
        "koulussa": {"fi": "Kerhot koulussa"}, "kadulla": {"fi": "Soitto kadulla"}, "skolorna": {"sv": "Skolorna öppnas"},
        "children": {"en": "Playgrounds for children"}, "väylä": {"fi": "Kevyenliikenteenväylä Vöyrille"},
        "hanke": {"fi": "EU-hanke 2020-luvulla; asianumero SJK/123/00.01/2024"}, "å": {"sv": "Ån vid Åbo"}, "yritys": {"fi": "Yrityksille oikeutta"}}
    return {key: stage.measure(world.parties[:1], title=words)["number"] for key, words in texts.items()}


@pytest.mark.parametrize("q, key", [
    ("koulu", "koulussa"), ("kouluille", "koulussa"), ("koulujen", "koulussa"), ("KOULUSSA", "koulussa"), ("kou", "koulussa"),
    ("kerho", "koulussa"), ("kadu", "kadulla"), ("skola", "skolorna"), ("skolan", "skolorna"), ("skolor", "skolorna"),
    ("öppna", "skolorna"), ("playground", "children"), ("kevyenliikenteen", "väylä"), ("kevyenliikenteenväylien", "väylä"),
    ("vöyri", "väylä"), ("eu", "hanke"), ("hanke EU", "hanke"), ("EU-hankkeita", "hanke"), ("2020", "hanke"), ("2020-luvulla", "hanke"),
    ("2020-luvulle", "hanke"), ("SJK/123/00.01/2024", "hanke"), ("sjk/123", "hanke"), ("123", "hanke"), ("123/00.01", None),
    ("skolans", "skolorna"), ("yritykset", "yritys"), ("yritysten", "yritys"), ("oikeudet", "yritys"),
    ("åbo", "å"), ("A\u030abo", "å"), ("\"Åbo\"", "å"), ("-åbo", "å"), ("koulussa ja", "koulussa"),
    # what the stemmers do not do: gradation, the partitive of nouns in -s; another vowel; the inside of a compound
    ("katu", None), ("yritystä", None), ("abo", None), ("vayla", None), ("väylä", None), ("koulussa kadulla", None), ("23", None)])
def test_a_word_is_found_by_its_stem_and_its_beginning(world, stage, worded, q, key):
    assert found(world, stage, q) == ([worded[key]] if key else [])


def test_all_words_must_be_there_wherever_they_stand(world, stage):
    made = stage.measure(world.parties[:1], title={"fi": "Kaupunkipyöriä keskustaan"}, description={"sv": "Stadscyklar i centrum"},
                         goals=[{**goal(), "text": {"fi": "Sata pyörätelinettä"}}])
    for q in ("kaupunkipyörät pyöräteline", "pyörätelineet stadscyklarna", "centrum keskusta", f"{made['number']} sata"):
        assert found(world, stage, q) == [made["number"]], q
    assert found(world, stage, "kaupunkipyörät lentokone") == []


def test_a_number_is_found_whole_and_by_its_beginning(world):
    stage = Stage(world)
    for number in ("2.4.6", "2.4.7", "2.46", "6.4.2"):
        world.measure(stage.version, stage.theme, number, world.parties[:1], title={"fi": "toimi"}, goals=[{**goal(), "text": {"fi": "x"}}])
    assert found(world, stage, "2.4.6") == ["2.4.6"]
    assert found(world, stage, "2.4") == ["2.4.6", "2.4.7", "2.46"]
    assert found(world, stage, "2.4. toimi") == ["2.4.6", "2.4.7", "2.46"]


def test_what_was_edited_is_found_by_its_new_words_only(world, stage):
    made = stage.measure(world.parties[:1], title={"fi": "sahalaitos"}, goals=[{**goal(), "text": {"fi": "tukkilautta"}}])
    path = world.path("measures", made["id"])
    coordinator = world.of("coordinator")
    lines = {"programme_id": stage.programme["id"]}
    for change, old, new in (({"title": {"fi": "paperitehdas"}}, "sahalaitos", "paperitehdas"),
                             ({"goals": [{**goal(), "text": {"fi": "sellukattila"}}]}, "tukkilautta", "sellukattila")):
        assert found(world, stage, old) == [made["number"]]
        coordinator.patch(path, change, etag=coordinator.get(path).etag).expect(200)
        assert (found(world, stage, old), found(world, stage, new)) == ([], [made["number"]])
    line, = coordinator.get_all(world.path("measure-lines"), query={**lines, "q": "paperitehdas"})
    assert line["id"] == made["measure_line_id"]
    coordinator.delete(path, etag=coordinator.get(path).etag).expect(204)
    assert found(world, stage, "paperitehdas") == []
    assert coordinator.get_all(world.path("measure-lines"), query={**lines, "q": "paperitehdas"}) == []


@pytest.mark.parametrize("language, words, q", [
    ("sv", "Cykelvägarna mellan byarna", "cykelväg"), ("fi", "Kirjastojen kunnossapito", "kirjastossa"), ("en", "More benches", "bench")])
def test_residents_words_are_searched_in_their_language(world, language, words, q):
    coordinator = world.of("coordinator")
    made = world.make("coordinator", "consultation-inputs", {
        "programme_version_id": world.consulted["id"], "kind": "resident", "text": words, "language": language})
    query = {"programme_version_id": world.consulted["id"], "q": q}
    assert [item["id"] for item in coordinator.get_all(world.path("consultation-inputs"), query=query)] == [made["id"]]
    assert world.of().get(world.path("consultation-inputs"), query=query).expect(200)["items"] == []


def test_a_decision_is_found_by_its_register_number(world):
    number = f"{uuid.uuid4().int % 10**6}/00.01.02/{TODAY.year}"
    made = world.decision(world.committee, register_number=number)
    for q in (number, number[:-2], number.split("/", maxsplit=1)[0]):
        items = world.of("coordinator").get_all(world.path("decisions"), query={"q": q})
        assert [item["id"] for item in items] == [made["id"]], q


# --- never an operator -----------------------------------------------------------------------------------
SIGNS = "&|!():*<>'\"\\-+~%_$.,;/?#@[]{}=^` \t\u00a0\u2028\u202e\u0301\u0130ß\U0001f6b2ŋ٣aä1"


def test_nothing_written_is_an_operator(world, stage):
    made = stage.measure(world.parties[:1], title={"fi": "metsäpolku järvelle"})
    for q in ("metsäpolku & järvelle", "metsäpolku | järvelle", "!metsäpolku järvelle", "'metsäpolku' <-> järvelle", "metsäpolku:* (järvelle",
              "metsäpolku\\' järvelle''", "metsäpolku:ABCD", "*metsäpolku*", "metsäpolku%"):
        expected = [made["number"]] if "ABCD" not in q else []
        assert found(world, stage, q) == expected, q
    assert found(world, stage, "metsäpolku | lentokone") == []


def test_no_text_makes_it_fail(world):
    chance = random.Random(20261122)
    texts = [*SIGNS, *(sign * 100 for sign in SIGNS), "''", ":*", "a:*b", "1.2.3.4", "-1e10", "http://x.fi/a?b=c", "a@b.fi",
             *("".join(chance.choices(SIGNS, k=chance.randint(1, 60))) for _ in range(300))]
    for q in texts:
        answer = world.of().get(world.path("measures"), query={"q": q, "limit": 1})
        assert answer.status == 200 or answer.expect(400, "invalid_parameter").faults() == {"q": "text_not_allowed"}, answer


@pytest.mark.parametrize("q, code", [("", "too_short"), ("x" * 101, "too_long"), ("ä" * 101, "too_long")])
def test_its_length_is_limited(world, q, code):
    assert world.of().get(world.path("measures"), query={"q": q}).expect(400, "invalid_parameter").faults() == {"q": code}
    world.of().get(world.path("measures"), query={"q": "ä" * 100}).expect(200)


@pytest.mark.parametrize("q", ["---", "?", "\u00a0", "''"])
def test_without_a_letter_or_digit_nothing_is_found(world, q):
    assert world.of().get(world.path("bodies"), query={"q": q}).expect(200)["items"] == []


# --- with the rest of a list -------------------------------------------------------------------------------
def test_it_narrows_what_filter_order_pages_count_members_and_csv_work_on(world):
    stage, tag = Stage(world), f"hakusana{uuid.uuid4().hex[:6]}"
    for n in range(7):
        stage.measure(world.parties[:1], title={"fi": tag if n % 2 else "muu"})
    coordinator, path = world.of("coordinator"), world.path("measures")
    assert found(world, stage, tag, sort="-number", limit=2) == ["1.6", "1.4", "1.2"]
    assert found(world, stage, tag, number="1.1,1.2") == ["1.2"]
    page = coordinator.get(path, query={"q": tag, "limit": 2, "fields": "number"}, headers={"Prefer": "count=exact"}).expect(200)
    assert page["total"] == 3 and page["items"] == [{"number": "1.2"}, {"number": "1.4"}]
    coordinator.get(page["next"].replace(f"q={tag}", "q=muu")).expect(400, "cursor_mismatch")
    coordinator.get(page["next"].replace(f"q={tag}&", "")).expect(400, "cursor_mismatch")
    flat = coordinator.get(path, query={"q": tag, "fields": "number", "format": "csv"}).expect(200)
    assert flat.text.split("\r\n") == ["number", "1.2", "1.4", "1.6", ""]


def test_it_finds_only_what_may_be_seen(world):
    stage, tag = Stage(world), f"salaisuus{uuid.uuid4().hex[:6]}"
    made = stage.measure(world.parties[:1], title={"fi": tag})
    assert found(world, stage, tag) == [made["number"]]
    for client, municipality in ((world.of(), "743"), (world.of("reporter2"), "743"), (world.of("other-coordinator"), OTHER), (world.of(), OTHER)):
        for resource in ("measures", "measure-lines"):
            answer = client.get(world.path(resource, municipality=municipality), query={"q": tag}, headers={"Prefer": "count=exact"}).expect(200)
            assert answer["items"] == [] and answer["total"] == 0


# --- every list that has it ---------------------------------------------------------------------------------
def made(operation, **members):
    """A new row by the sample of an operation, with words of its own."""
    def make(w):
        call = Call(contract.BY_ID[operation], w)
        return call.send(body={**call.body, **members}).expect(201).json
    return make


WORDS = {
    "listAreas": lambda w: (w.area(name={"fi": "Hakunevan kylä"}), "hakuneva"),
    "listBudgetCycles": lambda w: (w.budget.plan(criteria=[{"fi": "Edistää pyöräilyä"}]), "pyöräily"),
    "listEvents": lambda w: (made("createEvent", name={"fi": "Ideaklinikka kirjastossa"})(w), "ideaklinikat"),
    "listFeedback": lambda w: (w.feedback.published, "polku pime"),
    "listFeedbackSummaries": lambda w: (w.feedback.published_summary(actions=[{"text": {"fi": "Hankitaan pylväitä"}}]), "pylväät"),
    "listFeedbackTopics": lambda w: (w.feedback.topic(name={"fi": "Katuvalaistus"}, tags=["own_area"]), "katuvalaistuksen own_area"),
    "listMeetings": lambda w: (made("createMeeting", agenda_note={"fi": "Talousarvion käsittely"})(w), "talousarvio"),
    "listMetrics": lambda w: (made("createMetric", name={"fi": "Uusien yritysten määrä"})(w), "yritykset määrä"),
    "listOperationalGoals": lambda w: (made("createOperationalGoal", title={"fi": "Tonttitarjonta kasvaa"})(w), "tonttitarjonnan"),
    "listStrategicGoals": lambda w: (made("createStrategicGoal", title={"fi": "Vetovoimainen keskusta"})(w), "vetovoimai keskusta"),
    "listAssessments": lambda w: (w.assessments[0], "kesken 1.1"),
    "listBodies": lambda w: (w.body(name={"fi": "Hakulautakunta"}), "hakulautakunnan"),
    "listConsultationInputs": lambda w: (w.input, "hyvä"),
    "listDecisions": lambda w: (w.decision(w.committee, discussion={"fi": "Keskusteltiin sillasta"}), "keskusteltiin silta"),
    "listMeasureLines": lambda w: ({"id": w.measures[0]["measure_line_id"]}, "toimenpide 1.1"),
    "listMeasures": lambda w: (w.measures[0], "toimenpide 1.1"),
    "listProgrammeVersions": lambda w: (w.make("coordinator", "programme-versions", {
        "programme_id": w.draft_programme["id"], "number": "77.0", "change_note": {"fi": "Talviolympialaiset"}}), "talviolympialaisten"),
    "listProgrammes": lambda w: (w.make("coordinator", "programmes", {
        "kind": "events", "name": text("nimi"), "principles": [{"fi": "Yhdenvertaisuus"}]}), "yhdenvertaisuuden"),
    "listProposals": lambda w: (w.budget.carry(w.budget.send(w.ideas_cycle, title={"fi": "Frisbeegolfrata"}), "publish"), "frisbeegolf"),
    "listReportingRounds": lambda w: (w.round, f"kierroksen {w.round['year']}"),
    "listReports": lambda w: (w.report_published, "tehtiin"),
    "listResponsibleParties": lambda w: (w.party(title={"fi": "Hakupäällikkö"}), "hakupäälliköllä"),
    "listStatementRequests": lambda w: (w.make("coordinator", "statement-requests", {
        "programme_version_id": next(w.spare_versions), "body_id": w.youth["id"], "due_on": DUE, "question": {"fi": "Nuorisotila"}}), "nuorisotilan"),
    "listThemes": lambda w: (w.theme, "kokonaisuudet"),
}
# by the words of the row's measure
OF_MEASURE = {"listDuties", "listMyDuties", "listReportRequests", "listReportingRoundMeasures"}


def test_every_list_with_a_search_is_tested_here():
    assert {operation.id for operation in SEARCHES} == set(WORDS) | OF_MEASURE


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_list_finds_its_rows(world, name):
    item, q = WORDS[name](world)
    call = Call(contract.BY_ID[name], world)
    client = world.of("coordinator")
    assert item["id"] in {row["id"] for row in client.get_all(call.path(), query={"q": q, "limit": 200})}
    assert client.get_all(call.path(), query={"q": f"{q} lentotukialus"}) == []


@pytest.mark.parametrize("name", sorted(OF_MEASURE))
def test_rows_of_measures_are_found_by_the_measures_words(world, name):
    call = Call(contract.BY_ID[name], world)
    client = world.of("reporter" if name == "listMyDuties" else "coordinator")
    rows = client.get_all(call.path(), query={"limit": 200})
    found = client.get_all(call.path(), query={"q": "toimenpide 1.2", "limit": 200})
    measures = {measure["id"] for measure in world.of("coordinator").get_all(world.path("measures"), query={"q": "toimenpide 1.2", "limit": 200})}
    assert found == [row for row in rows if row["measure_id"] in measures] and len(found) < len(rows)
    assert world.measures[1]["id"] in {row["measure_id"] for row in found}
    assert client.get_all(call.path(), query={"q": "lentotukialus"}) == []


def test_a_plan_made_while_the_tables_were_small_is_not_kept(make_service):
    """PostgreSQL keeps a plan after five executions, and nothing tells it that the tables have grown."""
    service = make_service("growing", database_connections=1)
    bodies = lambda: service.client("admin").get(f"/v1/{HOME}/bodies", query={"q": "kasvanut 777"})  # noqa: E731
    for _ in range(8):
        assert bodies().expect(200)["items"] == []
    service.rows("insert into body (municipality, kind, name) select %s, 'working_group', jsonb_build_object('fi', 'Kasvanut ' || n)"
                 " from generate_series(1, 1500) as n", HOME)
    assert [item["name"]["fi"] for item in bodies().expect(200)["items"]] == ["Kasvanut 777"]
