"""What officials find out about a proposal, who of them does, and until when. Domain brief 4.6."""
import concurrent.futures

import pytest

import world as world_module
from budget import both
from test_rules_proposal import evaluate, feasible, ideas, in_evaluation, messages, path, refused_for_personal_data, world
from test_writing import wait_until_blocked


def test_example_28_an_idea_below_the_least_cost_is_refused_with_a_public_reason(world, ideas):
    proposal = in_evaluation(world, ideas)
    answer = evaluate(world, proposal, result="feasible", cost_cents=4_500_00).expect(422, "below_min_cost")
    assert answer.faults() == {"/cost_cents": "below_min_cost"}
    evaluate(world, proposal, result="not_feasible", cost_cents=4_500_00, refusal_code="below_min_cost").expect(200)
    shown = world.of().get(path(world, proposal)).expect(200)
    assert (shown["status"], shown["refusal_code"], shown["evaluation"]) == ("not_feasible", "below_min_cost", both("näin todettiin"))
    assert [m["kind"] for m in messages(world.of("author"), world, proposal)] == ["published", "in_evaluation", "not_feasible"]
    evaluate(world, in_evaluation(world, ideas), result="feasible", cost_cents=5_000_00).expect(200)


def test_example_29_an_idea_over_its_areas_share_is_refused(world, ideas):
    proposal = in_evaluation(world, ideas)
    answer = evaluate(world, proposal, result="feasible", cost_cents=85_000_00).expect(422, "over_area_budget")
    assert "7000000" in answer["errors"][0]["detail"]
    evaluate(world, proposal, result="feasible", cost_cents=70_000_00).expect(200)
    capped = world.budget.open(rules={"max_cost_cents": 30_000_00})
    evaluate(world, in_evaluation(world, capped), result="feasible", cost_cents=30_000_01).expect(422, "over_area_budget")
    evaluate(world, in_evaluation(world, capped, area="koko"), result="feasible", cost_cents=20_000_01).expect(422, "over_area_budget")


def test_example_29_what_was_refused_as_over_its_areas_share_is_split_until_the_list_is_confirmed(world):
    cycle, parts = world.budget.open(), [{"title": both(part), "description": both(part)} for part in ("keinu", "liuku")]
    refused = {"result": "not_feasible", "cost_cents": 85_000_00, "refusal_code": "over_area_budget"}
    proposals = [in_evaluation(world, cycle) for _ in range(3)]
    for proposal in proposals:
        evaluate(world, proposal, **refused).expect(200)
    unlawful = evaluate(world, in_evaluation(world, cycle), result="not_feasible", refusal_code="unlawful").expect(200)
    world.of("author").post(path(world, unlawful, "split"), {"parts": parts}).expect(409, "wrong_state")
    world.of("author").post(path(world, proposals[0], "split"), {"parts": parts}).expect(200)
    world.budget.pass_days(cycle, 40)
    world.budget.move(cycle, "develop")
    world.of("evaluator").post(path(world, proposals[1], "split"), {"parts": parts}).expect(200)
    made = world.of("planner").get_all(world.path("proposals"), query={"budget_cycle_id": cycle["id"], "status": "submitted"})
    for part in made:
        world.budget.carry(part, "publish", "take-up")
        evaluate(world, part, result="feasible", cost_cents=42_500_00).expect(200)
    assert [part["split_from_id"] for part in made] == [proposals[0]["id"]] * 2 + [proposals[1]["id"]] * 2
    for area in world.budget.areas:
        world.budget.proposal(cycle, area, 100)
    world.budget.move(cycle, "confirm-ballot", {"decision_id": world.decision(world.committee)["id"]})
    for subject in ("author", "evaluator"):
        world.of(subject).post(path(world, proposals[2], "split"), {"parts": parts}).expect(409, "ballot_confirmed")


def test_what_was_hidden_is_not_published_again_once_the_list_is_confirmed(world):
    cycle = world.budget.develop()
    for area in world.budget.areas:
        world.budget.proposal(cycle, area, 100)
    hidden, _ = world.budget.proposal(cycle, "koko", 100, status="published")
    world.of("moderator").post(world.path("proposals", hidden, "hide"), {"reason": both("asiaton")}).expect(200)
    world.budget.move(cycle, "confirm-ballot", {"decision_id": world.decision(world.committee)["id"]})
    world.of("moderator").post(world.path("proposals", hidden, "publish")).expect(409, "ballot_confirmed")


def test_example_30_what_stands_in_a_plan_already_is_refused_with_a_link_to_it(world, ideas):
    proposal = in_evaluation(world, ideas)
    answer = evaluate(world, proposal, result="not_feasible", refusal_code="already_planned").expect(422)
    assert answer.faults() == {"/link": "required"}
    done = evaluate(world, proposal, result="not_feasible", refusal_code="already_planned", link="https://example.fi/plan").expect(200)
    assert (done["refusal_code"], done["evaluation_link"], done["exclusive_group"]) == ("already_planned", "https://example.fi/plan", None)
    grouped = evaluate(world, in_evaluation(world, ideas), result="feasible", cost_cents=10_000_00, exclusive_group="tontti 5").expect(200)
    assert grouped["exclusive_group"] == "tontti 5"


def test_example_31_a_proposal_without_the_young_is_refused_or_returned(world):
    cycle = world.budget.open(rules={"target_group_must_be_involved": True, "target_group": both("lapset ja nuoret")})
    proposal = in_evaluation(world, cycle)
    answer = evaluate(world, proposal, result="feasible", cost_cents=100).expect(422, "target_group_not_involved")
    assert "lapset ja nuoret" in answer["errors"][0]["detail"]
    returned = world.budget.carry(proposal, "return", **{"return": {"question": both("Miten nuoret olivat mukana?")}})
    assert (returned["status"], returned["completion_request"]) == ("published", both("Miten nuoret olivat mukana?"))
    world.of("author").patch(path(world, proposal), {"involvement": both("matti@example.fi")}, etag="*").expect(422, "personal_data")
    world.of("author").patch(path(world, proposal), {"involvement": both("Koulun 5B teki sen")}, etag="*").expect(200)
    assert world.budget.carry(proposal, "take-up")["completion_request"] is None
    done = evaluate(world, proposal, result="feasible", cost_cents=100, target_group_involved=True).expect(200)
    assert done["target_group_involved"] is True
    assert [m["kind"] for m in messages(world.of("author"), world, proposal)] == ["published", "in_evaluation", "returned", "in_evaluation", "feasible"]
    other = in_evaluation(world, cycle)
    assert evaluate(world, other, result="not_feasible", refusal_code="target_group_not_involved").expect(200)["status"] == "not_feasible"


def test_a_result_has_what_it_needs_and_holds_no_personal_data(world, ideas):
    proposal = in_evaluation(world, ideas)
    assert evaluate(world, proposal, result="feasible").expect(422).faults() == {"/cost_cents": "required"}
    assert evaluate(world, proposal, result="not_feasible").expect(422).faults() == {"/refusal_code": "required"}
    answer = evaluate(world, proposal, result="not_feasible", refusal_code="unlawful", reason=both("ks. matti@example.fi"))
    assert answer.expect(422, "personal_data").faults() == {"/reason": "personal_data"}
    answer = evaluate(world, proposal, result="not_feasible", refusal_code="unlawful", reason={"sv": "strider mot lagen"})
    assert answer.expect(422, "locale_missing").faults() == {"/reason": "locale_missing"}
    evaluator, told = world.of("evaluator"), both("soita 131052-308T")
    refused_for_personal_data(evaluator.post(path(world, proposal, "return"), {"question": told}), "/question")
    estimate = {"cost_cents": 10_000_00, "reason": told}
    refused_for_personal_data(evaluator.post(path(world, feasible(world, ideas), "estimate"), estimate), "/reason")
    refused_for_personal_data(evaluator.post(path(world, proposal, "merge"), {"into_id": in_evaluation(world, ideas)["id"], "consent": told}),
                              "/consent")
    for subject in ("moderator", "author"):
        world.of(subject).post(path(world, proposal, "evaluate"), {"result": "feasible", "reason": both("x")}).expect(403)


def test_an_evaluation_is_done_anew_until_the_ballot_is_confirmed(world):
    cycle = world.budget.open()
    proposals = [feasible(world, cycle, area=area) for area in world.budget.areas]
    world.budget.carry(proposals[0], "take-up")
    evaluate(world, proposals[0], result="feasible", cost_cents=7).expect(200)
    world.budget.pass_days(cycle, 31)
    world.budget.move(cycle, "develop")
    refused = world.budget.proposal(cycle, "koko", 1, status="not_feasible")
    world.budget.move(cycle, "confirm-ballot", {"decision_id": world.decision(world.committee)["id"]})
    world.of("evaluator").post(world.path("proposals", refused[0], "take-up")).expect(409, "ballot_confirmed")
    assert [m["kind"] for m in messages(world.of("author"), world, proposals[1])][-1] == "on_ballot"


def evaluator_of(world, subject, **limits):
    """Somebody who evaluates, of one sector where the grant says so."""
    world.make("admin", "grants", {"issuer": world_module.ISSUER, "subject": subject, "role": "evaluator", **limits})
    return world.of(subject)


def test_whoever_a_proposal_is_assigned_to_evaluates_it_and_the_coordinator(world):
    cycle, planner = world.budget.open(), world.of("planner")
    assigned, other = evaluator_of(world, "assigned-evaluator"), evaluator_of(world, "other-evaluator")
    proposal, target = (world.budget.carry(world.budget.send(cycle), "publish") for _ in range(2))
    person = {"issuer": world_module.ISSUER, "subject": "assigned-evaluator"}
    given = planner.post(path(world, proposal, "assign"), {"evaluator": person}).expect(200)
    assert (given["evaluator"], given["is_mine"]) == (person, False)
    other.post(path(world, proposal, "assign"), {"evaluator": person}).expect(403, "insufficient_scope")
    mine = lambda client: [row["id"] for row in client.get_all(world.path("proposals"), query={"is_mine": "true"})]  # noqa: E731
    assert (mine(assigned), mine(other), mine(world.of())) == ([proposal["id"]], [], [])
    assert world.of().get(path(world, proposal)).expect(200)["evaluator"] is None
    parts = [{"title": both(part), "description": both(part)} for part in ("keinu", "liuku")]
    result = {"result": "feasible", "cost_cents": 100, "reason": both("näin todettiin")}
    for verb, body in (("take-up", None), ("evaluate", result), ("estimate", {"cost_cents": 5, "reason": both("x")}),
                       ("return", {"question": both("kenelle?")}), ("merge", {"into_id": target["id"], "consent": both("x")})):
        other.post(path(world, proposal, verb), body).expect(403, "not_your_evaluation")
    other.post(path(world, proposal, "split"), {"parts": parts}).expect(403, "not_your_proposal")
    assigned.post(path(world, proposal, "take-up")).expect(200)
    planner.post(path(world, proposal, "evaluate"), result).expect(200)
    assigned.post(path(world, proposal, "estimate"), {"cost_cents": 5, "reason": both("x")}).expect(200)
    planner.post(path(world, proposal, "assign"), {}).expect(200)
    other.post(path(world, proposal, "take-up")).expect(200)
    for nobody in ({**person, "subject": "moderator"}, {**person, "subject": "nobody-at-all"}):
        answer = planner.post(path(world, proposal, "assign"), {"evaluator": nobody}).expect(422)
        assert answer.faults() == {"/evaluator": "reference_not_found"}


def test_what_is_assigned_to_nobody_is_evaluated_by_its_sector(world):
    cycle, planner = world.budget.open(), world.of("planner")
    streets, schools = evaluator_of(world, "streets", sector="tekniikka"), evaluator_of(world, "schools", sector="sivistys")
    proposal = world.budget.carry(world.budget.send(cycle), "publish")
    streets.post(path(world, proposal, "take-up")).expect(403, "not_your_evaluation")
    assert planner.post(path(world, proposal, "assign"), {"sector": "tekniikka"}).expect(200)["sector"] == "tekniikka"
    assert [row["id"] for row in schools.get_all(world.path("proposals"), query={"sector": "tekniikka"})] == [proposal["id"]]
    schools.post(path(world, proposal, "take-up")).expect(403, "not_your_evaluation")
    streets.post(path(world, proposal, "take-up")).expect(200)
    person = {"issuer": world_module.ISSUER, "subject": "schools"}
    planner.post(path(world, proposal, "assign"), {"sector": "tekniikka", "evaluator": person}).expect(422, "reference_not_found")
    planner.post(path(world, proposal, "assign"), {"sector": "sivistys", "evaluator": person}).expect(200)
    streets.post(path(world, proposal, "return"), {"question": both("kenelle?")}).expect(403, "not_your_evaluation")
    schools.post(path(world, proposal, "return"), {"question": both("kenelle?")}).expect(200)


def test_example_46_the_estimate_is_frozen_when_voting_opens(world):
    vote = world.budget.vote()
    chosen = vote["ids"]["koko"][0]
    body = {"cost_cents": 12_000_00, "reason": both("hinta nousi")}
    world.of("evaluator").post(world.path("proposals", chosen, "estimate"), body).expect(409, "cost_frozen")
    world.of("evaluator").post(world.path("proposals", chosen, "evaluate"), {"result": "feasible", "cost_cents": 1, "reason": both("x")}).expect(
        409, "cost_frozen")
    assert world.of().get(world.path("proposals", chosen)).expect(200)["cost_cents"] == 10_000_00
    before = world.budget.open(rules={"min_cost_cents": 5_000_00})
    proposal = feasible(world, before)
    assert world.budget.carry(proposal, "estimate", estimate=body)["cost_cents"] == 12_000_00
    for cents, code in ((4_999_99, "below_min_cost"), (70_000_01, "over_area_budget")):
        world.of("evaluator").post(path(world, proposal, "estimate"), {**body, "cost_cents": cents}).expect(422, code)


def test_an_estimate_that_meets_the_opening_of_the_vote_comes_too_late(world):
    cycle = world.budget.open()
    proposal = feasible(world, cycle)
    body = {"cost_cents": 12_000_00, "reason": both("hinta nousi")}
    opening = world.service.cluster.connect(world.service.database)
    with opening.cursor() as cursor, concurrent.futures.ThreadPoolExecutor(1) as pool:
        cursor.execute("update budget_cycle set status = 'voting' where id = %s", (cycle["id"],))
        answer = pool.submit(lambda: world.of("evaluator").post(path(world, proposal, "estimate"), body))
        wait_until_blocked(world)
        opening.commit()
        answer.result().expect(409, "cost_frozen")
    opening.close()


def test_example_47_an_author_withdraws_until_the_list_is_confirmed(world):
    cycle = world.budget.open()
    proposals = [feasible(world, cycle, area=area) for area in world.budget.areas]
    spare = feasible(world, cycle)
    world.budget.pass_days(cycle, 31)
    world.budget.move(cycle, "develop")
    assert world.of("author").post(path(world, spare, "withdraw")).expect(200)["status"] == "withdrawn"
    world.budget.move(cycle, "confirm-ballot", {"decision_id": world.decision(world.committee)["id"]})
    world.of("author").post(path(world, proposals[0], "withdraw")).expect(409, "wrong_state")


@pytest.mark.parametrize("subject, verb, body", [
    ("author", "withdraw", None), ("evaluator", "merge", {"consent": both("puhelimessa")}), ("moderator", "hide", {"reason": both("asiaton")})])
def test_a_proposal_that_goes_while_the_list_is_confirmed_comes_too_late(world, subject, verb, body):
    """Confirming holds the cycle; whoever waits for it finds the list confirmed."""
    cycle = world.budget.open()
    proposal, other = feasible(world, cycle), feasible(world, cycle)
    body = {**body, "into_id": other["id"]} if verb == "merge" else body
    confirming = world.service.cluster.connect(world.service.database)
    with confirming.cursor() as cursor, concurrent.futures.ThreadPoolExecutor(1) as pool:
        cursor.execute("select from budget_cycle where id = %s for update", (cycle["id"],))
        answer = pool.submit(lambda: world.of(subject).post(path(world, proposal, verb), body))
        wait_until_blocked(world)
        cursor.execute("update budget_cycle set status = 'voting', ballot_confirmed_at = now() where id = %s", (cycle["id"],))
        cursor.execute("update proposal set status = 'on_ballot' where budget_cycle_id = %s", (cycle["id"],))
        confirming.commit()
        answer.result().expect(409, "wrong_state")
    confirming.close()


def test_no_vote_opens_on_an_area_without_a_project(world):
    cycle = world.budget.develop()
    for area in world.budget.areas:
        world.budget.proposal(cycle, area, 1_000_00, status="in_evaluation" if area == "koko" else "feasible")
    listing = {"decision_id": world.decision(world.committee)["id"]}
    answer = world.of("planner").post(world.path("budget-cycles", cycle["id"], "confirm-ballot"), listing).expect(409)
    assert answer.faults() == {"/proposals/5": "evaluation_missing", "/shares": "area_without_proposals"}
    world.rows("update proposal set status = 'feasible' where budget_cycle_id = %s", cycle["id"])
    world.budget.move(cycle, "confirm-ballot", listing)
    world.rows("update proposal set status = 'withdrawn' where budget_cycle_id = %s and area_id = %s", cycle["id"], world.budget.areas["koko"]["id"])
    world.budget.pass_days(cycle, 25)
    where, body = world.path("budget-cycles", cycle["id"], "open-voting"), {"officers": ["a", "b"]}
    answer = world.of("officer").post(where, body).expect(409, "area_without_proposals")
    assert [fault["detail"] for fault in answer["errors"] if "koko kaupunki" in fault["detail"]] and len(answer["errors"]) == 1
    world.budget.proposal(cycle, "koko", 1_000_00, status="on_ballot")
    world.of("officer").post(where, body).expect(200)
