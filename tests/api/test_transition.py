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
