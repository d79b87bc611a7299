"""What became of things, and who answered for it."""
from stage import Stage
from world import text


def test_every_move_is_told_with_role_office_reason_and_decision(world):
    stage = Stage(world)
    owner = stage.party()
    measure = stage.measure([owner])
    stage.enter()
    made = stage.open()
    report = stage.submit(made, measure, owner)
    stage.review(made)
    stage.assess(made, measure, "green", justification=text("syy"))
    decision = world.decision(stage.body)
    stage.move("secretary", made, "assess", {"decision_id": decision["id"]})
    told = world.of("coordinator").get_all(world.path("transitions"), query={"resource_id": made["id"]})
    assert [(t["from_status"], t["to_status"], t["acting_role"]) for t in told] == [
        (None, "planned", "programme_coordinator"), ("planned", "open", "programme_coordinator"),
        ("open", "closed", "programme_coordinator"), ("closed", "in_review", "programme_coordinator"),
        ("in_review", "assessed", "body_secretary")]
    assert told[-1]["decision_id"] == decision["id"] and {t["resource"] for t in told} == {"reporting_round"}
    mine = world.of("coordinator").get_all(world.path("transitions"), query={
        "resource": "report_request", "resource_id": report["report_request_id"], "to_status": "submitted"})
    assert [(t["acting_role"], t["acting_office"]) for t in mine] == [("party_reporter", owner["title"])]
    item = world.of("admin").get(world.path("transitions", told[0]["id"])).expect(200)
    assert item.json == told[0]


def test_transitions_are_not_public_and_not_another_municipalitys(world):
    path = world.path("transitions")
    world.of().get(path).expect(401)
    world.of("reporter").get(path).expect(403, "insufficient_scope")
    world.of("other-admin").get(path).expect(403, "insufficient_scope")
    first = world.of("admin").get(path, query={"limit": 1}).expect(200)["items"][0]
    world.of("other-admin").get(world.path("transitions", first["id"], municipality="508")).expect(404)


def test_those_of_feedback_are_seen_by_who_sees_the_item(world):
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "registrar-of-unit", "role": "registrar"})
    unit = world.party("unit")
    world.holder(unit, "registrar-of-unit")
    sent, held = world.feedback.send(), world.feedback.send(text="soita 0401234567")
    reasons = {}
    for item in (sent, held):
        world.feedback.set(item, responsible_party_id=unit["id"])
        world.feedback.set(item, publication="proposed")
        world.feedback.set(item, publication="withdrawn")
        reasons[item["id"]] = {row[0] for row in world.rows("select id::text from transition where resource_id = %s", item["id"])}
    told = lambda subject, item: {t["id"] for t in world.of(subject).get_all(  # noqa: E731
        world.path("transitions"), query={"resource_id": item["id"]})}
    for subject in ("coordinator", "secretary", "presenter"):
        assert told(subject, sent) == told(subject, held) == set(), subject
        world.of(subject).get(world.path("transitions", next(iter(reasons[sent["id"]])))).expect(404)
    for subject in ("admin", "privacy"):
        assert (told(subject, sent), told(subject, held)) == (reasons[sent["id"]], reasons[held["id"]])
    assert (told("registrar-of-unit", sent), told("registrar-of-unit", held)) == (reasons[sent["id"]], set())
    assert len(reasons[sent["id"]]) == 3
