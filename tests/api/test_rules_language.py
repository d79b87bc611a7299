"""Which languages a text needs is data: by what it belongs to, by body and by kind of body (Language Act 423/2003)."""
import pytest
import server
from world import DUE, HOME, ISSUER, THIRD, TODAY, YEAR, text, unknown_id


@pytest.fixture(scope="module")
def sinikka(service):
    """The people of a bilingual municipality, in one person."""
    for role in ("admin", "body_secretary", "programme_coordinator", "participation_coordinator"):
        server.run("grant", THIRD, "sinikka", role, settings=service.settings)
    return service.client("sinikka")


@pytest.fixture
def rule(sinikka):
    """Makes rules and takes them back."""
    made = []

    def make(resource, languages, **scope):
        made.append(sinikka.post(f"/v1/{THIRD}/language-rules", {"resource": resource, "languages": languages, **scope}).expect(201).json)
        return made[-1]

    yield make
    for item in made:
        sinikka.delete(f"/v1/{THIRD}/language-rules/{item['id']}", etag="*").expect(204)


def make(sinikka, resource, body):
    return sinikka.post(f"/v1/{THIRD}/{resource}", body).expect(201).json


def body_of(sinikka, kind):
    return make(sinikka, "bodies", {"kind": kind, "name": text("toimielin"), "makes_decisions": True})


def publishing(sinikka, body, *languages):
    """The languages that publishing a decision with a title in these finds missing."""
    title = {language: "asia" for language in languages}
    made = make(sinikka, "decisions", {"body_id": body["id"], "meeting_on": TODAY.isoformat(), "title": title, "decision": title,
                                       "outcome": "approved"})
    sinikka.post(f"/v1/{THIRD}/decisions/{made['id']}/inspect", {"inspected_on": TODAY.isoformat()}).expect(200)
    answer = sinikka.post(f"/v1/{THIRD}/decisions/{made['id']}/publish")
    if answer.status == 200:
        return set()
    assert set(answer.expect(422, "locale_missing").faults()) == {"/title", "/decision"}
    return {error["detail"].removeprefix("Teksti puuttuu kielellä ").rstrip(".") for error in answer["errors"]}


def test_example_24_a_committees_minutes_are_as_the_municipality_decided(sinikka, rule):
    decided, neighbour, council = (body_of(sinikka, kind) for kind in ("committee", "committee", "council"))
    rule("decision", ["fi", "sv"], body_kind="committee")
    rule("decision", ["fi"], body_id=decided["id"])
    assert publishing(sinikka, decided, "fi") == set(), "the body's rule goes before its kind's"
    assert publishing(sinikka, neighbour, "fi") == {"sv"}
    assert publishing(sinikka, council, "fi") == {"sv"}


def test_a_rule_of_a_kind_of_bodies_goes_before_the_minutes_languages(sinikka, rule):
    tenant = f"/v1/{THIRD}"
    before = sinikka.get(tenant).expect(200)["minutes_languages"]
    executive, committee = body_of(sinikka, "executive"), body_of(sinikka, "committee")
    try:
        sinikka.patch(tenant, {"minutes_languages": ["fi"]}, etag="*").expect(200)
        rule("decision", ["sv"], body_kind="executive")
        assert publishing(sinikka, executive, "fi") == {"sv"}
        assert publishing(sinikka, executive, "sv") == set()
        assert publishing(sinikka, committee, "fi") == set()
    finally:
        sinikka.patch(tenant, {"minutes_languages": before}, etag="*").expect(200)


def test_a_correction_needs_the_languages_of_its_record(sinikka, rule):
    body = body_of(sinikka, "committee")
    rule("decision", ["se"], body_id=body["id"])
    said = {"se": "ášši"}
    made = make(sinikka, "decisions", {"body_id": body["id"], "meeting_on": TODAY.isoformat(), "title": said, "decision": said,
                                       "outcome": "approved"})
    sinikka.post(f"/v1/{THIRD}/decisions/{made['id']}/inspect", {"inspected_on": TODAY.isoformat()}).expect(200)
    correction = {"decision_id": made["id"], "text": said, "reason": {"fi": "virhe"}}
    refused = sinikka.post(f"/v1/{THIRD}/decision-corrections", correction).expect(422)
    assert refused.faults() == {"/reason": "locale_missing"}
    sinikka.post(f"/v1/{THIRD}/decision-corrections", {**correction, "reason": said}).expect(201)


@pytest.mark.parametrize("resource, scope", [
    ("programme_version", {}), ("decision", {"body_kind": "council"}), ("decision", "a council")])
def test_no_rule_leaves_a_language_out_where_all_are_needed(sinikka, rule, resource, scope):
    scope = {"body_id": body_of(sinikka, "council")["id"]} if scope == "a council" else scope
    path = f"/v1/{THIRD}/language-rules"
    refused = sinikka.post(path, {"resource": resource, "languages": ["fi", "se"], **scope}).expect(422)
    assert refused.faults() == {"/languages": "language_required"} and "sv" in refused["errors"][0]["detail"]
    made = rule(resource, ["fi", "sv", "se"], **scope)
    refused = sinikka.patch(f"{path}/{made['id']}", {"languages": ["sv"]}, etag="*").expect(422)
    assert refused.faults() == {"/languages": "language_required"}
    other = sinikka.put(f"{path}/by-source/test/{unknown_id()}", {"resource": resource, "languages": ["sv"], **scope})
    assert other.expect(422).faults() == {"/languages": "language_required"}


def test_a_rule_adds_a_language_to_a_councils_minutes(sinikka, rule):
    council = body_of(sinikka, "council")
    rule("decision", ["fi", "sv", "se"], body_id=council["id"])
    assert publishing(sinikka, council, "fi") == {"sv", "se"}


def test_programmes_and_rounds_have_rules_of_their_own(sinikka, rule):
    body = body_of(sinikka, "committee")
    programme = make(sinikka, "programmes", {"kind": "events", "name": text("ohjelma"), "managing_body_id": body["id"]})
    version = make(sinikka, "programme-versions", {"programme_id": programme["id"], "number": "1.0", "source": "archive",
                                                   "external_id": unknown_id()})
    enter = f"/v1/{THIRD}/programme-versions/{version['id']}/enter-into-force"
    entry = {"approved_on": "2020-01", "valid_from": "2020-02"}
    rule("programme_version", ["fi", "sv", "se"])
    assert sinikka.post(enter, entry).expect(422).faults() == {"/programme/name": "locale_missing"}
    sinikka.patch(f"/v1/{THIRD}/programmes/{programme['id']}", {"name": {"se": "prográmma"}}, etag="*").expect(200)
    sinikka.post(enter, entry).expect(200)

    made = make(sinikka, "reporting-rounds", {
        "programme_id": programme["id"], "programme_version_id": version["id"], "year": YEAR, "name": {"fi": "kierros"},
        "due_on": DUE, "assessing_body_id": body["id"]})
    opening = f"/v1/{THIRD}/reporting-rounds/{made['id']}/open"
    assert sinikka.post(opening)["errors"][-1]["pointer"] == "/name"
    rule("reporting_round", ["fi"], body_id=body["id"])
    assert "/name" not in sinikka.post(opening).faults()


def test_a_cycle_of_participatory_budgeting_needs_the_languages_of_its_confirming_body(sinikka, rule):
    body = body_of(sinikka, "committee")
    cycle = make(sinikka, "budget-cycles", {"name": {"fi": "asukasbudjetti"}, "start_year": YEAR, "end_year": YEAR,
                                            "appropriation_cents": 100, "confirming_body_id": body["id"]})
    opening = f"/v1/{THIRD}/budget-cycles/{cycle['id']}/open-ideas"
    assert "/name" in sinikka.post(opening).faults()
    rule("budget_cycle", ["fi"], body_id=body["id"])
    assert "/name" not in sinikka.post(opening).faults()


@pytest.mark.parametrize("resource, scope", [
    ("decision", {}), ("programme_version", {"body_kind": "council"}),
    ("decision", {"body_kind": "committee", "body_id": "any"}), ("reporting_round", {"body_kind": "committee", "body_id": "any"})])
def test_a_rule_says_for_whom_it_is(world, resource, scope):
    scope = {**scope, "body_id": world.committee["id"]} if "body_id" in scope else scope
    refused = world.of("admin").post(world.path("language-rules"), {"resource": resource, "languages": ["fi"], **scope})
    assert refused.expect(422).faults() == {"/body_id": "rule_broken"}


def test_two_rules_for_the_same_are_refused(world):
    made = world.make("admin", "language-rules", {"resource": "decision", "body_kind": "office_holder", "languages": ["fi"]})
    body = {"resource": "decision", "body_kind": "office_holder", "languages": ["sv"]}
    refused = world.of("admin").post(world.path("language-rules"), body).expect(409, "already_exists")
    assert refused.faults() == {"/resource": "already_exists"}
    world.of("admin").delete(world.path("language-rules", made["id"]), etag="*").expect(204)
    world.make("admin", "language-rules", body)


def test_an_administrator_of_one_body_rules_its_languages_only(world):
    own, other = world.body(), world.body()
    for role, limit in (("admin", {"body_id": own["id"]}),):
        world.make("admin", "grants", {"issuer": ISSUER, "subject": "clerk", "role": role, **limit})
    clerk, path = world.of("clerk"), f"/v1/{HOME}/language-rules"
    clerk.post(path, {"resource": "decision", "body_id": other["id"], "languages": ["fi"]}).expect(403, "not_your_body")
    made = clerk.post(path, {"resource": "decision", "body_id": own["id"], "languages": ["fi"]}).expect(201)
    foreign = world.language_rule["id"]
    clerk.patch(f"{path}/{foreign}", {"languages": ["sv"]}, etag="*").expect(403, "not_your_body")
    clerk.delete(f"{path}/{foreign}", etag="*").expect(403, "not_your_body")
    assert world.of().get(f"{path}/{made['id']}").expect(200)["languages"] == ["fi"]
