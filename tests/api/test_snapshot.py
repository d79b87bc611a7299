"""Snapshots: plain documents whose hash anybody can compute, and the canonical form the hash is taken of."""
import hashlib
import json

import pytest

from stage import Stage
from world import text


# --- RFC 8785 ---------------------------------------------------------------------------------------------
def canonical(value):
    """RFC 8785 for documents of whole numbers, written anew: json escapes texts as the RFC wants them."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(member)}" for name, member in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    assert not isinstance(value, float)
    return json.dumps(value, ensure_ascii=False)


def in_database(world, value):
    return world.rows("select canonical_json(%s::jsonb)", value)[0][0]


# The RFC's own examples, 3.2.2 (without its numbers, which are no whole ones) and 3.2.3.
RFC_TEXTS = (r'{"string": "\u20ac$\u000F\u000aA' + r"'" + r'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}',
             r'{"literals":[null,true,false],"string":"€$\u000f\nA' + r"'" + r'B\"\\\\\"/"}')
RFC_ORDER = r'''{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
                 "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}'''
RFC_ORDERED = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
               "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"]


def test_canonical_form_is_that_of_the_rfcs_examples(world):
    assert in_database(world, RFC_TEXTS[0]) == RFC_TEXTS[1]
    written = in_database(world, RFC_ORDER)
    assert list(json.loads(written).values()) == RFC_ORDERED and '"\\r":"Carriage Return"' in written


@pytest.mark.parametrize("value", [
    {}, [], {"b": [], "a": {}}, [[1], {"z": 0, "aa": 1, "a": -7}], 9007199254740991, -9007199254740991, 1000,
    {"ä": 1, "z": 2, "å": 3, "Z": 4, "aa": 5}, "\b\f\n\r\t\x00\x1f\x7f\u2028\\\"/".replace("\x00", ""), {"\n\ue000\uffff": "\U0010fffd", "\n\U00010000": 1},
], ids=repr)
def test_canonical_form_is_that_of_an_independent_writer(world, value):
    assert in_database(world, json.dumps(value)) == canonical(value)


def test_whole_numbers_have_one_form_whatever_they_came_in(world):
    assert in_database(world, "[1.0, 1e3, -0, 0.0]") == "[1,1000,0,0]"


@pytest.mark.parametrize("number", ["0.5", "9007199254740992", "1e400"])
def test_numbers_without_a_canonical_form_are_refused(world, number):
    with pytest.raises(Exception, match="has no canonical form"):
        in_database(world, number)


# --- the documents ----------------------------------------------------------------------------------------
def snapshots(world, made, subject="coordinator", **query):
    return world.of(subject).get_all(world.path("snapshots"), query={"reporting_round_id": made["id"], **query})


def hash_of(document):
    return hashlib.sha256(canonical(document).encode()).hexdigest()


@pytest.fixture
def played(world):
    """Two parties, one late after closing and accepted, one never; a light against the suggestion; published."""
    stage = Stage(world)
    stage.lead, stage.other = stage.party(title=text("johtaja \"€\"")), stage.party()
    stage.judged = stage.measure([stage.lead, stage.other], description=text("kuvaus\nkahdella rivillä"))
    stage.enter()
    stage.round = stage.open()
    stage.move("coordinator", stage.round, "close")
    report = stage.submit(stage.round, stage.judged, stage.lead, "completed")
    stage.move("coordinator", stage.round, "start-review")
    world.move("coordinator", "report-requests", {"id": report["report_request_id"]}, "accept")
    stage.assess(stage.round, stage.judged, "yellow", justification=text("vielä kesken"))
    world.make("secretary", "priorities", {"reporting_round_id": stage.round["id"], "reason": text("tärkeä"),
                                           "measure_line_id": stage.judged["measure_line_id"]})
    stage.decision = world.decision(stage.body, is_published=True)
    stage.move("secretary", stage.round, "assess", {"decision_id": stage.decision["id"]})
    stage.move("presenter", stage.round, "present", {"decision_id": world.decision(world.board)["id"]})
    return stage


def test_closing_report_and_publication_leave_one_each_and_anybody_can_compute_the_hash(world, played):
    assert [s["occasion"] for s in snapshots(world, played.round)] == ["closing", "report"]
    played.move("coordinator", played.round, "publish")
    taken = snapshots(world, played.round)
    assert [s["occasion"] for s in taken] == ["closing", "report", "publication"]
    for item in taken:
        answer = world.of("coordinator").get(world.path("snapshots", item["id"])).expect(200)
        assert answer["sha256"] == hash_of(answer["document"]) == item["sha256"]
        # the bytes of the answer are the hashed ones: nobody needs to write them anew
        assert hashlib.sha256(answer.body.split(b'"document":', 1)[1].rsplit(b',"created_at"', 1)[0]).hexdigest() == answer["sha256"]
    assert len({s["sha256"] for s in taken}) == 3
    found = world.of().get(world.path("snapshots"), query={"sha256": taken[2]["sha256"]}).expect(200)["items"]
    assert [s["id"] for s in found] == [taken[2]["id"]]


def test_publication_tells_all_that_was_published(world, played):
    played.move("coordinator", played.round, "publish")
    document = snapshots(world, played.round, None)[0]["document"]
    assert document["round"]["id"] == played.round["id"] and document["measure_line_id"] == played.judged["measure_line_id"]
    assert document["measure"]["description"] == played.judged["description"]
    assert document["measure"]["goals"][0]["window"]["kind"] == "continuous" and document["measure"]["theme_name"] == text("teema")
    assert [(p["title"], p["role"]) for p in document["parties"]] == [(played.lead["title"], "lead"), (played.other["title"], "party")]
    assert [(r["request_status"], r["is_late"], r["reported_status"], r["summary"]) for r in document["reports"]] == [
        ("accepted", True, "completed", text("tehtiin")), ("missing", False, None, None)]
    assert document["status"] == "completed"
    light = document["assessment"]
    assert (light["suggested_light"], light["light"], light["is_overridden"]) == ("green", "yellow", True)
    assert light["justification"] == text("vielä kesken") and light["light_label"] == text("keltainen")
    assert document["priorities"] == [{"of": "measure", "reason": text("tärkeä")}]
    assert document["assessment_decision"] == {
        "decision_id": played.decision["id"], "body_id": played.body["id"], "meeting_on": played.decision["meeting_on"],
        "section_number": played.decision["section_number"], "register_number": played.decision["register_number"]}
    # the board's decision is not published yet: that there is one is told, what stands in it is not
    assert document["onward_decision"]["decision_id"] and document["onward_decision"]["section_number"] is None


def test_what_was_not_accepted_is_in_no_public_document(world):
    stage = Stage(world)
    lead, other = stage.party(), stage.party()
    measure = stage.measure([lead, other])
    stage.enter()
    made = stage.open()
    stage.submit(made, measure, lead)
    stage.submit(made, measure, other)
    first = stage.request_of(made, measure, lead)
    world.move("coordinator", "report-requests", first, "accept")
    stage.move("coordinator", made, "close")
    stage.move("coordinator", made, "start-review")
    assert snapshots(world, made, None) == []
    stage.assess(made, measure, "green")
    stage.end(made)
    frozen = stage.round_measures(made, None)[measure["id"]]["snapshot"]
    assert [(r["status"], r["summary"]) for r in frozen["requests"]] == [("accepted", text("tehtiin")), ("submitted", None)]
    public = snapshots(world, made, None)
    assert [s["occasion"] for s in public] == ["publication"]
    assert [(r["request_status"], r["summary"]) for r in public[0]["document"]["reports"]] == [
        ("accepted", text("tehtiin")), ("submitted", None)]
    closing = snapshots(world, made, occasion="closing")[0]
    assert [r["summary"] for r in closing["document"]["reports"]] == [text("tehtiin"), text("tehtiin")]
    world.of().get(world.path("snapshots", closing["id"])).expect(404, "not_found")


def test_report_before_closing_leaves_none_and_a_dry_publication_neither(world):
    stage = Stage(world)
    lead = stage.party()
    measure = stage.measure([lead])
    stage.enter()
    made = stage.open()
    stage.submit(made, measure, lead)
    assert snapshots(world, made) == []
    stage.review(made)
    stage.assess(made, measure, "green")
    stage.move("secretary", made, "assess", {"decision_id": world.decision(stage.body)["id"]})
    stage.move("presenter", made, "present", {"decision_id": world.decision(world.board)["id"]})
    world.of("coordinator").post(world.path("reporting-rounds", made["id"], "publish"),
                                 headers={"Prefer": "tx=rollback"}).expect(200)
    assert [s["occasion"] for s in snapshots(world, made)] == ["closing"]


def test_the_service_cannot_change_snapshots(world):
    assert world.rows("select has_table_privilege('elinvoima_service', 'snapshot', what) from unnest(%s) as what",
                      ["select", "insert", "update", "delete"]) == [(True,), (True,), (False,), (False,)]
