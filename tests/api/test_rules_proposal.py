"""Proposals from the idea to the ballot: who may send one, who sees it, what officials may say of it, and what its
authors are told. Domain brief 4.6."""
import concurrent.futures
import datetime
import json

import pytest

import world as world_module
from budget import both
from world import TODAY, text


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: cycles here have rules of their own, and time goes by."""
    return world_module.World(make_service("proposals", workers=8))


@pytest.fixture(scope="module")
def ideas(world):
    """A cycle of Seinäjoki's: 5 000 € at least, and what an area has at most."""
    return world.budget.open(rules={"min_cost_cents": 5_000_00})


def path(world, proposal, *more):
    return world.path("proposals", proposal["id"], *more)


def send(world, cycle, client=None, area="itäinen", **more):
    return (client or world.of()).post(world.path("proposals"), world.budget.idea(cycle, area, **more))


def in_evaluation(world, cycle, **more):
    return world.budget.carry(world.budget.send(cycle, **more), "publish", "take-up")


def evaluate(world, proposal, **body):
    return world.of("evaluator").post(path(world, proposal, "evaluate"), {"reason": both("näin todettiin"), **body})


def feasible(world, cycle, cents=10_000_00, **more):
    return evaluate(world, in_evaluation(world, cycle, **more), result="feasible", cost_cents=cents).expect(200).json


def refused_for_personal_data(answer, pointer):
    assert answer.expect(422, "personal_data").faults() == {pointer: "personal_data"}


# --- sending -------------------------------------------------------------------------------------------
def test_anybody_sends_an_idea_and_nobody_sees_it_before_it_is_published(world, ideas):
    made = send(world, ideas).expect(201).json
    assert made["status"] == "submitted" and made["authors"] == [{"kind": "resident", "name": None}]
    for subject in (None, "somebody-else", "coordinator"):
        world.of(subject).get(path(world, made)).expect(404)
    assert world.of("moderator").get(path(world, made)).expect(200).json == made
    shown = world.budget.carry(made, "publish")
    assert shown["published_at"] and world.of().get(path(world, made)).expect(200)["status"] == "published"


def test_an_author_signed_in_sees_the_own_draft_sends_and_withdraws_it(world, ideas):
    author = world.voter()
    draft = send(world, ideas, author, is_draft=True).expect(201).json
    assert draft["status"] == "draft" and author.get(path(world, draft)).expect(200).json == draft
    author.patch(path(world, draft), {"title": both("Liukumäki")}, etag="*").expect(200)
    world.voter().post(path(world, draft, "submit")).expect(404)
    assert author.post(path(world, draft, "submit")).expect(200)["status"] == "submitted"
    world.budget.carry(draft, "publish")
    for verb in ("withdraw", "submit"):
        world.voter().post(path(world, draft, verb)).expect(403, "not_your_proposal")
    world.voter().patch(path(world, draft), {"guessed_cost_cents": 1}, etag="*").expect(403, "not_your_proposal")
    assert author.post(path(world, draft, "withdraw")).expect(200)["status"] == "withdrawn"
    send(world, ideas, is_draft=True).expect(401, "unauthenticated")


def test_numbers_run_without_gaps_whoever_sends_at_once(world):
    cycle = world.budget.open()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: send(world, cycle, world.voter(), area="koko" if n % 5 else "itäinen").status, range(24)))
    assert statuses == [201] * 24
    send(world, cycle, latitude="62.79").expect(422, "rule_broken")
    send(world, cycle).expect(201)
    numbers = world.rows("select number from proposal where budget_cycle_id = %s order by number", cycle["id"])
    assert [number for number, in numbers] == list(range(1, 26))


def test_a_point_is_two_numbers_of_six_decimals(world, ideas):
    made = send(world, ideas, latitude="62.790000", longitude="22.84", place="Jouppilanvuori").expect(201).json
    assert (made["latitude"], made["longitude"], made["place"]) == ("62.790000", "22.84", "Jouppilanvuori")
    send(world, ideas, latitude="62.79").expect(422, "rule_broken")
    send(world, ideas, latitude="62.7900001", longitude="22").expect(422, "invalid_body")


def test_example_32_an_idea_one_second_after_the_end_is_phase_closed(world):
    cycle = world.budget.open()
    draft = world.budget.send(cycle, is_draft=True)
    world.rows("update budget_cycle set ideas_end_at = now() + interval '1 minute' where id = %s", cycle["id"])
    send(world, cycle).expect(201)
    world.rows("update budget_cycle set ideas_end_at = date_trunc('milliseconds', now()) - interval '1 second' where id = %s", cycle["id"])
    assert world.of().get(world.path("budget-cycles", cycle["id"])).expect(200)["status"] == "ideas"
    for client, more in ((world.of(), {}), (world.of("planner"), {"channel": "staff"})):
        send(world, cycle, client, **more).expect(409, "phase_closed")
    world.of("author").post(path(world, draft, "submit")).expect(409, "phase_closed")


def test_an_idea_before_its_time_or_to_a_cycle_nobody_sees_is_refused(world):
    cycle = world.budget.open()
    world.rows("update budget_cycle set ideas_start_at = now() + interval '1 hour' where id = %s", cycle["id"])
    send(world, cycle).expect(409, "not_yet_begun")
    answer = send(world, world.cycle).expect(422)
    assert answer.faults() == {"/budget_cycle_id": "reference_not_found"}
    answer = world.of().post(world.path("proposals"), {**world.budget.idea(cycle), "area_id": world.district["id"]})
    assert answer.expect(422).faults()["/area_id"] == "reference_not_found"


def test_example_33_a_child_of_nine_sends_an_idea_where_all_ages_may(world, ideas):
    child = world.voter(birthdate=f"{TODAY.year - 9}-01-01")
    send(world, ideas, child).expect(201)
    cycle = world.budget.open(rules={"idea_age": 10, "age_basis": "on_day"})
    send(world, cycle, child).expect(403, "under_age")
    send(world, cycle, world.voter(birthdate=f"{TODAY.year - 10}-01-01")).expect(201)
    send(world, cycle, world.voter(birthdate=f"{TODAY.year - 10}-12-31")).expect(403 if (TODAY.month, TODAY.day) < (12, 31) else 201)
    send(world, cycle, world.of("author")).expect(403, "claim_missing")
    send(world, cycle).expect(401, "unauthenticated")


@pytest.mark.parametrize("days_to_go, shown", [(33, None), (0, "Lapsi L")])
def test_a_child_under_thirteen_shows_no_name(world, ideas, days_to_go, shown):
    """Consent is given by those who have turned 13, not by those who will."""
    birthday = TODAY.replace(year=TODAY.year - 13, day=min(TODAY.day, 28)) + datetime.timedelta(days=days_to_go)
    sent = send(world, ideas, world.voter(birthdate=birthday.isoformat()),
                authors=[{"kind": "resident", "name": "Lapsi L", "is_name_shown": True, "email": "l@example.fi"}]).expect(201)
    assert sent["authors"] == [{"kind": "resident", "name": shown}]
    kept, = world.of("moderator").get_all(world.path("proposal-authors"), query={"proposal_id": sent["id"]})
    assert (kept["name"], kept["is_name_shown"], kept["email"]) == ("Lapsi L", shown is not None, "l@example.fi")


def test_an_age_reached_in_the_year_counts_from_its_beginning(world):
    cycle = world.budget.open(rules={"idea_age": 10, "age_basis": "turning_in_year"})
    send(world, cycle, world.voter(birthdate=f"{TODAY.year - 10}-12-31")).expect(201)
    send(world, cycle, world.voter(birthdate=f"{TODAY.year - 9}-01-01")).expect(403, "under_age")
    send(world, cycle, world.voter(birthdate="yesterday")).expect(403, "claim_missing")


def test_residents_or_members_alone_send_ideas_where_the_cycle_says_so(world):
    residents = world.budget.open(rules={"ideas_from": "residents"})
    send(world, residents, world.voter()).expect(201)
    send(world, residents, world.voter(municipality="508")).expect(403, "not_resident")
    send(world, residents).expect(401, "unauthenticated")
    members = world.budget.open(rules={"ideas_from": "members"})
    elsewhere = world.voter(municipality="508")
    send(world, members, elsewhere).expect(403, "not_member")
    send(world, members, elsewhere, authors=[{"kind": "resident", "membership": "property_owner"}]).expect(201)
    send(world, members, world.voter()).expect(201)


def test_staff_enter_the_idea_of_somebody_met_and_nobody_else_does_so(world):
    cycle = world.budget.open(rules={"ideas_from": "residents", "idea_age": 10})
    made = send(world, cycle, world.of("planner"), channel="staff").expect(201).json
    assert made["channel"] == "staff"
    assert world.rows("select subject from proposal_author where proposal_id = %s", made["id"]) == [(None,)]
    send(world, cycle, world.voter(), channel="staff").expect(403, "insufficient_scope")


def test_a_proposal_of_another_system_stays_in_its_cycle_and_shows_no_personal_data_once_published(world, ideas):
    where = world.path("proposals", "by-source", "decidim", "17")
    body = {name: value for name, value in world.budget.idea(ideas).items() if name != "authors"}
    made = world.of("planner").put(where, body).expect(201).json
    assert world.of("planner").put(where, {**body, "title": both("uusi")}).expect(200)["title"] == both("uusi")
    other = world.budget.open()
    answer = world.of("planner").put(where, {**body, "budget_cycle_id": other["id"]}).expect(422, "rule_broken")
    assert "/budget_cycle_id" in answer.faults()
    world.budget.carry(made, "publish")
    answer = world.of("planner").put(where, {**body, "title": both("soita matti@example.fi")}).expect(422, "personal_data")
    assert answer.faults() == {"/title": "personal_data"}
    answer = world.of("planner").put(where, {**body, "area_id": world.district["id"]}).expect(422)
    assert answer.faults() == {"/area_id": "reference_not_found"}
    world.of("nobody").put(where, body).expect(403)
    late = world.budget.open()
    world.budget.pass_days(late, 31)
    world.of("planner").put(world.path("proposals", "by-source", "decidim", "18"), {**body, "budget_cycle_id": late["id"]}).expect(
        409, "phase_closed")


# --- authors and moderation ----------------------------------------------------------------------------
def test_contact_data_is_for_moderators_and_names_are_shown_only_when_wanted(world, ideas):
    authors = [{"kind": "resident", "name": "Aino", "email": "aino@example.fi", "phone": "040 1"},
               {"kind": "school", "name": "Koulu", "is_name_shown": True}]
    made = world.budget.carry(send(world, ideas, authors=authors).expect(201).json, "publish")
    shown = world.of().get(path(world, made)).expect(200)
    assert shown["authors"] == [{"kind": "resident", "name": None}, {"kind": "school", "name": "Koulu"}]
    where, query = world.path("proposal-authors"), {"proposal_id": made["id"]}
    for subject in ("moderator", "planner", "privacy"):
        rows = world.of(subject).get_all(where, query=query)
        assert [(row["position"], row["name"], row["email"], row["phone"]) for row in rows] == [
            (1, "Aino", "aino@example.fi", "040 1"), (2, "Koulu", None, None)]
    for subject in ("evaluator", "author", "coordinator"):
        world.of(subject).get(where, query=query).expect(403)
    assert world.of("other-moderator").get(world.path("proposal-authors", municipality="508")).expect(200)["items"] == []
    assert "aino@example.fi" not in world.of("moderator").get(path(world, made)).expect(200).text


def test_rows_of_authors_are_hidden_from_statements_that_forget_to_ask(world, ideas):
    """Row-level security, not the select, keeps them."""
    send(world, ideas).expect(201)
    assert world.rows("select count(*) from proposal_author")[0][0] > 0
    connection = world.service.cluster.connect(world.service.database, "elinvoima")
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from proposal_author")
        assert cursor.fetchone() == (0,)
    connection.close()


def test_what_holds_an_identity_code_or_an_address_is_not_published(world, ideas):
    made = send(world, ideas, title=both("soita 131052-308T"), description=both("matti@example.fi"), place="ok").expect(201).json
    answer = world.of("moderator").post(path(world, made, "publish")).expect(422, "personal_data")
    assert answer.faults() == {"/title": "personal_data", "/description": "personal_data"}
    named = lambda name, shown: {"kind": "resident", "name": name, "is_name_shown": shown}  # noqa: E731
    made = send(world, ideas, categories=["leikki", "131052-308T"], authors=[
        named("Matti 131052-308T", False), named("Maija", True), named("matti@example.fi", True)]).expect(201).json
    answer = world.of("moderator").post(path(world, made, "publish")).expect(422, "personal_data")
    assert answer.faults() == {"/categories": "personal_data", "/authors/2/name": "personal_data"}
    for subject in ("author", "evaluator"):
        world.of(subject).post(path(world, made, "publish")).expect(403)


def test_a_hidden_proposal_is_gone_for_the_public_and_its_author_knows_why(world, ideas):
    author = world.voter()
    made = world.budget.carry(send(world, ideas, author).expect(201).json, "publish")
    world.budget.carry(made, "hide", hide={"reason": text("asiaton")})
    world.of().get(path(world, made)).expect(404)
    listed = world.of().get_all(world.path("proposals"), query={"budget_cycle_id": ideas["id"]})
    assert made["id"] not in {row["id"] for row in listed}
    assert author.get(path(world, made)).expect(200)["hidden_reason"] == text("asiaton")
    assert [(m["kind"], m["reason"]) for m in messages(author, world, made)] == [("published", None), ("hidden", text("asiaton"))]
    assert world.budget.carry(made, "publish")["hidden_reason"] is None
    world.of().get(path(world, made)).expect(200)


@pytest.mark.parametrize("status", [
    "in_evaluation", "feasible", "not_feasible", "merged", "withdrawn", "on_ballot", "selected", "not_selected", "in_progress",
    "completed", "cancelled"])
def test_a_moderator_hides_a_proposal_in_any_state_and_it_returns_to_it(world, ideas, status):
    author = world.voter()
    sent = send(world, ideas, author, title=both("Skeittiramppi"), latitude="62.79", longitude="22.84").expect(201).json
    image = world.budget.image(sent, subject="planner")
    world.budget.describe(image, subject="planner")
    proposal = world.budget.carry(sent, "publish")
    said = world.budget.comment(proposal)
    world.move("moderator", "proposal-comments", said, "publish")
    world.rows("update proposal set status = %s where id = %s", status, proposal["id"])
    items = [path(world, proposal), world.path("proposal-images", image["id"], "full"), world.path("proposal-comments", said["id"])]

    def public():
        queries = [{"budget_cycle_id": ideas["id"]}, {"q": "skeittiramp"}, {"status": status}]
        listed = [proposal["id"] in {row["id"] for row in world.of().get_all(world.path("proposals"), query=query)} for query in queries]
        places = world.of().get(world.path("proposals"), query={"format": "geojson", "budget_cycle_id": ideas["id"], "limit": 200}).text
        return [*listed, proposal["id"] in places, *(world.of().get(item).status == 200 for item in items)]

    assert public() == [True] * 7
    hidden = world.budget.carry(proposal, "hide", hide={"reason": both("asiaton")})
    assert hidden["status"] == "hidden" and public() == [False] * 7
    assert author.get(path(world, proposal)).expect(200)["hidden_reason"] == both("asiaton")
    author.post(path(world, proposal, "withdraw")).expect(409, "wrong_state")
    assert world.budget.carry(proposal, "publish")["status"] == status and public() == [True] * 7
    assert [m["kind"] for m in messages(author, world, proposal)][-2:] == ["hidden", "published"]
    moves = world.rows("select from_status, to_status from transition where resource = 'proposal' and resource_id = %s order by id", proposal["id"])
    assert moves[-2:] == [(status, "hidden"), ("hidden", status)]


def test_what_is_hidden_is_not_voted_on_and_what_is_voted_on_is_not_hidden(world):
    cycle = world.budget.develop()
    kept = [world.budget.proposal(cycle, area, 1_000_00)[0] for area in world.budget.areas]
    unlisted, unopened = (world.budget.proposal(cycle, "koko", 1_000_00)[0] for _ in range(2))
    hide = lambda one: world.of("moderator").post(world.path("proposals", one, "hide"), {"reason": both("asiaton")})  # noqa: E731
    publish = lambda one: world.of("moderator").post(world.path("proposals", one, "publish"))  # noqa: E731
    hide(unlisted).expect(200)
    world.budget.move(cycle, "confirm-ballot", {"decision_id": world.decision(world.committee)["id"]})
    hide(kept[0]).expect(200)
    assert publish(kept[0]).expect(200)["status"] == "on_ballot"
    hide(unopened).expect(200)
    world.budget.pass_days(cycle, 25)
    world.budget.move(cycle, "open-voting", {"officers": ["a", "b"]}, "officer")
    paper = json.loads(world.rows("select frozen from budget_vote where budget_cycle_id = %s", cycle["id"])[0][0])
    assert {project["proposal_id"] for project in paper["projects"]} == set(kept)
    hide(kept[0]).expect(409, "wrong_state")
    for one in (unlisted, unopened):
        publish(one).expect(409, "ballot_confirmed")
        world.of("planner").post(world.path("proposals", one, "cancel-project"), {"reason": both("x")}).expect(409, "wrong_state")


def messages(client, world, proposal):
    return client.get_all(world.path("proposal-messages"), query={"proposal_id": proposal["id"]})


def test_messages_are_their_authors_and_the_offices(world, ideas):
    author = world.voter()
    made = world.budget.carry(send(world, ideas, author).expect(201).json, "publish")
    assert [m["kind"] for m in messages(author, world, made)] == [m["kind"] for m in messages(world.of("planner"), world, made)] == ["published"]
    assert set(messages(author, world, made)[0]["text"]) == {"fi", "sv", "en"}
    assert messages(world.voter(), world, made) == messages(world.of("coordinator"), world, made) == []


def test_authors_are_told_of_a_new_estimate_a_split_and_a_withdrawal(world, ideas):
    author, parts = world.voter(), [{"title": both(part), "description": both(part)} for part in ("keinu", "liuku")]
    estimated, split, withdrawn = (send(world, ideas, author).expect(201).json for _ in range(3))
    world.budget.carry(estimated, "publish", "take-up")
    evaluate(world, estimated, result="feasible", cost_cents=10_000_00).expect(200)
    for cents in (12_000_00, 12_000_00):  # told once, when it changes
        world.budget.carry(estimated, "estimate", estimate={"cost_cents": cents, "reason": both("hinta nousi")})
    told = [(m["kind"], m["reason"]) for m in messages(author, world, estimated)]
    assert told[2:] == [("feasible", both("näin todettiin")), ("estimated", both("hinta nousi"))]
    world.budget.carry(split, "publish", "take-up")
    world.of("evaluator").post(path(world, split, "split"), {"parts": parts}).expect(200)
    assert [m["kind"] for m in messages(author, world, split)] == ["published", "in_evaluation", "split"]
    world.budget.carry(withdrawn, "withdraw")
    assert [m["kind"] for m in messages(author, world, withdrawn)] == ["withdrawn"]


def test_proposals_are_found_by_their_words(world, ideas):
    made = world.budget.carry(send(world, ideas, title=both("Frisbeegolfrata")).expect(201).json, "publish")
    found = world.of().get_all(world.path("proposals"), query={"q": "frisbeegolf", "budget_cycle_id": ideas["id"]})
    assert [row["id"] for row in found] == [made["id"]]


# --- merging and splitting -----------------------------------------------------------------------------
def people(world, proposal):
    return [author["name"] for author in world.of().get(path(world, proposal)).expect(200)["authors"]]


def merge(world, proposal, into):
    return world.of("evaluator").post(path(world, proposal, "merge"), {"into_id": into["id"], "consent": both("puhelimessa")})


def test_merging_keeps_every_author_and_text(world, ideas):
    named = lambda name: {"authors": [{"kind": "resident", "name": name, "is_name_shown": True}]}  # noqa: E731
    first, second, third = (
        world.budget.carry(send(world, ideas, world.voter(name), title=both(name), **named(name)).expect(201).json, "publish")
        for name in ("Aino", "Birgit", "Cecilia"))
    done = merge(world, first, second).expect(200)
    assert (done["status"], done["merged_into_id"], done["title"]) == ("merged", second["id"], both("Aino"))
    assert done["merge_consent"] == both("puhelimessa") and people(world, second) == ["Aino", "Birgit"]
    merge(world, second, third).expect(200)
    shown = world.of().get(path(world, third)).expect(200)
    assert people(world, third) == ["Aino", "Birgit", "Cecilia"] and set(shown["merged_ids"]) == {first["id"], second["id"]}
    # an author of what was merged is an author of what goes on, and of its parts
    parts = [{"title": both(part), "description": both(part)} for part in ("keinu", "liuku")]
    world.voter("Aino").post(path(world, third, "split"), {"parts": parts}).expect(200)
    made = world.voter("Birgit").get_all(world.path("proposals"), query={"split_from_id": third["id"]})
    assert [[author["name"] for author in part["authors"]] for part in made] == [["Aino", "Birgit", "Cecilia"]] * 2
    world.voter("Aino").post(path(world, made[0], "withdraw")).expect(200)


def test_a_proposal_merges_only_into_another_living_one_of_its_cycle(world, ideas):
    proposal, withdrawn = in_evaluation(world, ideas), world.budget.send(ideas)
    world.of("author").post(path(world, withdrawn, "withdraw")).expect(200)
    elsewhere = in_evaluation(world, world.budget.open())
    for other in (proposal, withdrawn, elsewhere):
        assert merge(world, proposal, other).expect(422).faults() == {"/into_id": "reference_not_found"}


def test_a_proposal_is_split_into_parts_with_the_same_authors_until_it_is_evaluated(world, ideas):
    author = world.voter()
    whole = send(world, ideas, author, authors=[{"kind": "resident", "name": "Aino", "is_name_shown": True}]).expect(201).json
    world.budget.carry(whole, "publish", "take-up")
    parts = [{"title": both("keinu"), "description": both("keinu")},
             {"title": both("liuku"), "description": both("liuku"), "area_id": world.budget.areas["koko"]["id"], "guessed_cost_cents": 5}]
    wrong = [parts[0], {**parts[1], "area_id": world.district["id"]}]
    assert author.post(path(world, whole, "split"), {"parts": wrong}).expect(422).faults() == {"/parts/1/area_id": "reference_not_found"}
    world.voter().post(path(world, whole, "split"), {"parts": parts}).expect(403, "not_your_proposal")
    assert author.post(path(world, whole, "split"), {"parts": parts}).expect(200)["status"] == "withdrawn"
    made = author.get_all(world.path("proposals"), query={"split_from_id": whole["id"], "sort": "number"})
    assert [(m["title"], m["status"], m["area_id"]) for m in made] == [
        (both("keinu"), "submitted", whole["area_id"]), (both("liuku"), "submitted", world.budget.areas["koko"]["id"])]
    assert [m["authors"] for m in made] == [[{"kind": "resident", "name": "Aino"}]] * 2
    assert made[1]["number"] == made[0]["number"] + 1
    evaluated = feasible(world, ideas)
    world.of("author").post(path(world, evaluated, "split"), {"parts": parts}).expect(409, "wrong_state")
    other = in_evaluation(world, ideas)
    world.of("evaluator").post(path(world, other, "split"), {"parts": parts}).expect(200)


# --- comments and supports -----------------------------------------------------------------------------
def comment(world, client, proposal, **more):
    return client.post(world.path("proposal-comments"), {"proposal_id": proposal["id"], "text": "Hyvä!", "language": "fi", **more})


def test_comments_are_read_by_a_moderator_first_and_answered_by_authors_and_evaluators(world, ideas):
    author, reader = world.voter(), world.voter()
    proposal = world.budget.carry(send(world, ideas, author).expect(201).json, "publish")
    asked = comment(world, reader, proposal, name="Lukija").expect(201).json
    assert (asked["status"], asked["role"], asked["name"]) == ("submitted", "other", "Lukija")
    where = world.path("proposal-comments", asked["id"])
    world.of().get(where).expect(404)
    assert reader.get(where).expect(200).json == asked
    world.of("moderator").post(f"{where}/publish").expect(200)
    answers = [comment(world, client, proposal, parent_comment_id=asked["id"]).expect(201)["role"] for client in (author, world.of("evaluator"))]
    assert answers == ["author", "evaluator"]
    listed = world.of().get_all(world.path("proposal-comments"), query={"proposal_id": proposal["id"]})
    assert [row["id"] for row in listed] == [asked["id"]]
    other = world.budget.carry(world.budget.send(ideas), "publish")
    assert comment(world, reader, other, parent_comment_id=asked["id"]).expect(422).faults() == {"/parent_comment_id": "reference_not_found"}
    world.of("moderator").post(f"{where}/hide", {"reason": both("asiaton")}).expect(200)
    world.of().get(where).expect(404)
    assert reader.get(where).expect(200)["hidden_reason"] == both("asiaton")
    assert world.of("moderator").post(f"{where}/publish").expect(200)["hidden_reason"] is None
    world.budget.carry(proposal, "hide", hide={"reason": both("x")})
    world.of().get(where).expect(404)
    assert comment(world, reader, proposal).expect(422).faults() == {"/proposal_id": "reference_not_found"}


def test_a_comment_with_personal_data_is_not_let_through(world, ideas):
    proposal = world.budget.carry(world.budget.send(ideas), "publish")
    made = comment(world, world.voter(), proposal, text="soita 131052-308T", name="matti@example.fi").expect(201)
    answer = world.of("moderator").post(world.path("proposal-comments", made["id"], "publish")).expect(422, "personal_data")
    assert answer.faults() == {"/text": "personal_data", "/name": "personal_data"}


def test_comments_close_when_voting_opens(world):
    vote = world.budget.vote()
    comment(world, world.voter(), {"id": vote["ids"]["koko"][0]}).expect(409, "phase_closed")


def test_a_person_supports_once_and_too_few_supports_keep_an_idea_from_evaluation(world):
    cycle = world.budget.open(rules={"gathers_supports": True, "supports_least": 2})
    proposal = world.budget.send(cycle)
    one = world.voter("supporter")
    world.of("author").post(path(world, proposal, "support")).expect(409, "wrong_state")
    world.budget.carry(proposal, "publish")
    for client in (one, one, world.voter("supporter")):
        assert client.post(path(world, proposal, "support")).expect(200)["supports"] == 1
    world.of("evaluator").post(path(world, proposal, "take-up")).expect(409, "supports_too_few")
    two = world.voter()
    assert two.post(path(world, proposal, "support")).expect(200)["supports"] == 2
    assert one.post(path(world, proposal, "withdraw-support")).expect(200)["supports"] == 1
    assert one.post(path(world, proposal, "support")).expect(200)["supports"] == 2
    other = world.budget.carry(world.budget.send(cycle), "publish")
    one.post(path(world, other, "support")).expect(200)
    keys = world.rows("select person_key from proposal_support where proposal_id in (%s, %s)", proposal["id"], other["id"])
    assert len(set(bytes(key) for key, in keys)) == 3, "supports of one person can be joined over proposals"
    assert world.budget.carry(proposal, "take-up")["status"] == "in_evaluation"
    world.rows("update budget_cycle set status = 'voting' where id = %s", cycle["id"])
    one.post(path(world, proposal, "support")).expect(409, "phase_closed")
