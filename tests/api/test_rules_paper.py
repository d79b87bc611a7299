"""Voting on paper, also what is found after the count: domain brief 4.7, integrity brief (4), (8), (11)."""
import base64
import concurrent.futures
import hashlib
import json
import uuid

import pytest

import world as world_module
from budget import OFFICERS, both
from test_rules_evidence import leaf, root_of


MEANS = ["strong", "assisted", "voter_code", "paper"]


@pytest.fixture(scope="module")
def world(make_service):
    """Strong identification and desks name people alike."""
    return world_module.World(make_service("paper", workers=8, claim_identity="person"))


@pytest.fixture(scope="module")
def vote(world):
    return world.budget.vote(rules={"identification": MEANS})


def fresh(world, **rules):
    """A vote of its own, small enough groups to publish everything."""
    return world.budget.vote(rules={"identification": MEANS, "smallest_group": 2, **rules})


def named():
    return f"150690-{uuid.uuid4().hex[:12]}"


def online(world, identity):
    return world.voter(person=identity)


def books(world, vote):
    return world.of().get(world.path("budget-cycles", vote["id"], "books")).expect(200).json


def leaves(world, vote):
    return world.of().get(world.path("budget-cycles", vote["id"], "transparency", "leaves"), query={"count": 1000}).expect(200)["lines"]


def close(world, vote):
    world.budget.pass_days(vote, 30)
    return world.budget.count(vote)


def result_of(world, vote, area="koko", revision=1):
    found = world.of().get_all(world.path("budget-results"), query={
        "budget_cycle_id": vote["id"], "area_id": world.budget.areas[area]["id"]})
    return {result["revision"]: result for result in found}[revision]


def votes_of(world, result):
    file = world.of().get(world.path("budget-results", result["id"], "file")).expect(200).text
    return sorted(line.split(";")[1] for line in file.partition("VOTES\n")[2].splitlines()[1:])


def confirm_void(world, void, subject="officer2"):
    return world.of(subject).post(world.path("ballot-voids", void["id"], "confirm"))


def correct(world, vote, subject="officer", **body):
    return world.of(subject).post(world.path("budget-cycles", vote["id"], "correct"), {"reason": both("laskettiin väärin"), "officers": OFFICERS, **body})


# --- marks at the desk --------------------------------------------------------------------------------------
def test_a_paper_mark_is_a_mark_over_every_channel(world, vote):
    ids = [vote["ids"]["koko"][0]]
    first, second, third = named(), named(), named()
    answer = world.budget.mark(vote, first, sex="F").expect(200)
    assert set(answer.json) == {"channel", "voted_on"} and answer.headers["Cache-Control"] == "private, no-store"
    assert world.rows("select channel, age_band, sex, area_id from voter_mark where budget_cycle_id = %s and channel = 'paper'",
                      vote["id"]) == [("paper", "30-44", "F", None)]
    world.budget.cast(online(world, first), vote, ids).expect(409, "already_voted")
    world.budget.session(vote, first).expect(409, "already_voted")
    world.budget.mark(vote, first.upper()).expect(409, "already_voted")
    world.budget.cast(online(world, second), vote, ids).expect(201)
    world.budget.mark(vote, second).expect(409, "already_voted")
    code = world.budget.session(vote, third).expect(200)["code"]
    world.budget.mark(vote, third, subject="officer").expect(200)
    world.budget.cast_with_code(vote, code, ids).expect(409, "already_voted")


def test_a_repeated_mark_finds_itself_and_nothing_of_the_person_is_kept(world, vote):
    identity, key = named(), f"key-{uuid.uuid4()}"
    first = world.budget.mark(vote, identity, key=key).expect(200)
    again = world.budget.mark(vote, identity, key=key).expect(200)
    assert first.json == again.json and "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true"
    world.budget.mark(vote, identity).expect(409, "already_voted")
    kept = "\n".join(row for table in ("voter_mark", "change", "idempotency", "transition")
                     for row, in world.rows(f"select t::text from {table} t"))
    assert identity not in kept and "1990-06-15" not in kept and key not in kept
    assert not world.rows("select from idempotency where operation like '%%PaperMark%%' or operation like '%%paper-marks%%'")
    assert identity not in b"".join(world.service.server.lines()).decode()


def test_a_dry_run_marks_nobody(world, vote):
    identity = named()
    body = {"identity": identity, "birth_date": "1990-06-15", "residence": "743"}
    world.of("clerk").post(world.path("budget-cycles", vote["id"], "paper-marks"), body,
                           headers={"Idempotency-Key": "dry", "Prefer": "tx=rollback"}).expect(200)
    world.budget.mark(vote, identity).expect(200)


@pytest.mark.parametrize("more, code", [
    ({"birth_date": f"{world_module.YEAR - 11}-01-01"}, "under_age"), ({"residence": "508"}, "not_resident")])
def test_who_may_not_vote_gets_no_paper(world, vote, more, code):
    world.budget.mark(vote, named(), **more).expect(403, code)


def test_paper_is_where_the_cycle_has_it_and_while_the_vote_is_open(world):
    without = world.budget.vote(rules={"identification": ["strong", "assisted"]})
    world.budget.mark(without, named()).expect(403, "identification_not_accepted")
    declare = lambda cycle: world.of("officer").post(world.path("paper-batches"), {  # noqa: E731
        "budget_cycle_id": cycle["id"], "reference": "uurna", "declared_count": 1})
    declare(without).expect(403, "identification_not_accepted")
    early = world.budget.vote(ends_in_days=40, rules={"identification": MEANS})
    world.budget.mark(early, named()).expect(409, "voting_not_open")
    declare(early).expect(409, "voting_not_open")
    declare(world.ideas_cycle).expect(403, "identification_not_accepted")
    world.budget.pass_days(early, 60)
    world.budget.mark(early, named()).expect(409, "voting_closed")
    batch = declare(early).expect(201).json  # papers are entered after the box has closed too
    world.budget.enter(batch, [early["ids"]["koko"][0]]).expect(200)
    world.budget.confirm_batch(batch).expect(200)
    world.budget.count(early).expect(200)
    declare(early).expect(409, "papers_unmarked")
    declare(world.cycle).expect(422, "reference_not_found")
    assert books(world, early)["ballots"] == 1


def test_a_desk_without_a_common_name_marks_nobody_beside_an_online_vote(make_service):
    world = world_module.World(make_service("paper-unnamed"))
    world.budget.mark(fresh(world), named()).expect(409, "identity_unnamed")


def test_paper_and_public_trackers_do_not_go_together(world):
    body = world.budget.body(rules={"identification": MEANS, "trackers_public": True})
    answer = world.of("planner").post(world.path("budget-cycles"), body).expect(422, "rule_broken")
    assert answer.faults() == {"/rules/trackers_public": "rule_broken"}


def test_of_fifty_simultaneous_marks_and_ballots_of_one_person_one_counts(world):
    vote = fresh(world, ballot_change="not_allowed")
    identity, ids = named(), [vote["ids"]["koko"][0]]
    code = world.budget.session(vote, identity).expect(200)["code"]
    clients = [world.service.client("clerk") for _ in range(20)]
    body = {"identity": identity, "birth_date": "1990-06-15", "residence": "743"}
    path = world.path("budget-cycles", vote["id"], "paper-marks")
    acts = [lambda client=client: client.post(path, body, headers={"Idempotency-Key": f"key-{uuid.uuid4()}"}) for client in clients]
    acts += [lambda voter=online(world, identity): world.budget.cast(voter, vote, ids) for _ in range(20)]
    codes = world.path("budget-cycles", vote["id"], "code-ballots")
    acts += [lambda client=world.service.client(): client.post(
        codes, {"code": code, "choices": [{"proposal_id": ids[0]}]}, headers={"Idempotency-Key": f"key-{uuid.uuid4()}"}) for _ in range(10)]
    acts = [act for group in zip(acts[:20], acts[20:40]) for act in group] + acts[40:]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda act: act(), acts))
    done = [answer.status for answer in answers if answer.status != 409]
    assert done in ([200], [201]), done
    assert world.rows("select count(*) from voter_mark where budget_cycle_id = %s", vote["id"]) == [(1,)]
    assert world.rows("select count(*) from ballot_box where budget_cycle_id = %s", vote["id"]) == [(done.count(201),)]


# --- batches ------------------------------------------------------------------------------------------------
def test_a_batch_is_entered_by_one_confirmed_by_another_and_counted(world):
    vote = fresh(world)
    ids = vote["ids"]
    for _ in range(4):
        world.budget.mark(vote, named()).expect(200)
    world.budget.cast(online(world, named()), vote, [ids["koko"][0]]).expect(201)
    batch = world.budget.batch(vote, 4, reference="uurna 1, pussi A")
    assert batch["status"] == "open" and batch["sha256"] is None
    world.budget.enter(batch, [ids["koko"][1]], [ids["itäinen"][0], ids["koko"][0]]).expect(200)
    entered = world.budget.enter(batch, [ids["koko"][1]], spoiled=1).expect(200)
    assert (entered["entered_count"], entered["spoiled_count"]) == (3, 1)
    assert not any(choice in json.dumps(entered.json) for choice in sum(ids.values(), []))
    before = books(world, vote)
    assert (before["ballots"], before["paper_ballots"], before["channels"], before["areas"]) == (1, 0, [], [])
    confirmed = world.budget.confirm_batch(batch).expect(200)
    lines = leaves(world, vote)
    assert lines[-1] == f"paper-batch 3 {confirmed['sha256']}" and confirmed["leaf_position"] == len(lines) - 1
    assert [line for line in lines if "paper" in line] == lines[-1:]
    assert books(world, vote)["ballots"] == 4
    close(world, vote).expect(200)
    result = result_of(world, vote)
    assert result["ballots"] == 4 and len(votes_of(world, result)) == 4
    numbers = dict(world.rows("select id::text, number::text from proposal where budget_cycle_id = %s", vote["id"]))
    assert votes_of(world, result) == sorted([numbers[ids["koko"][1]]] * 2 + [numbers[ids["koko"][0]]] * 2)
    balance = books(world, vote)
    assert balance["difference"] == 0
    assert balance["channels"] == [
        {"channel": "electronic", "marks": None, "ballots": None, "voided": 0, "spoiled": 0, "difference": 0},
        {"channel": "paper", "marks": None, "ballots": None, "voided": 0, "spoiled": 1, "difference": 0}]
    rows = {area["area_id"]: (area["ballots"], area["file_rows"]) for area in balance["areas"]}
    assert rows[world.budget.areas["koko"]["id"]] == (4, 4) and rows[world.budget.areas["itäinen"]["id"]] == (None, None)
    assert {area["file_difference"] for area in balance["areas"]} == {0}
    assert len(rows) == 5 and {area["difference"] for area in balance["areas"]} == {None}


def test_whoever_declared_or_entered_a_batch_does_not_confirm_it(world, vote):
    batch = world.budget.batch(vote, 1)
    world.budget.confirm_batch(batch, subject="officer").expect(409, "second_person_needed")
    world.budget.enter(batch, [vote["ids"]["koko"][0]], subject="officer2").expect(200)
    for subject in ("officer", "officer2"):
        world.budget.confirm_batch(batch, subject=subject).expect(409, "second_person_needed")
    world.make("admin", "grants", {"issuer": world_module.ISSUER, "subject": "officer3", "role": "vote_officer"})
    world.budget.confirm_batch(batch, subject="officer3").expect(200)
    world.budget.confirm_batch(batch, subject="officer3").expect(409, "wrong_state")
    world.budget.enter(batch, [vote["ids"]["koko"][0]]).expect(409, "wrong_state")


def test_papers_must_be_as_many_as_declared(world, vote):
    batch = world.budget.batch(vote, 3)
    world.budget.enter(batch, [vote["ids"]["koko"][0]], spoiled=1).expect(200)
    answer = world.budget.confirm_batch(batch).expect(409, "papers_miscounted")
    assert "2 / 3" in answer["detail"]
    world.budget.enter(batch, [vote["ids"]["koko"][0]], [vote["ids"]["koko"][0]]).expect(200)
    assert "4 / 3" in world.budget.confirm_batch(batch).expect(409, "papers_miscounted")["detail"]


def test_all_faults_of_all_ballots_come_at_once_and_nothing_is_entered(world, vote):
    batch, ids, unknown = world.budget.batch(vote, 4), vote["ids"], str(uuid.uuid4())
    before = world.rows("select count(*) from paper_ballot")
    answer = world.budget.enter(batch, [ids["koko"][0]], [unknown], [ids["koko"][0], ids["koko"][0]], [ids["itäinen"][0], ids["läntinen"][0]],
                                ids["koko"]).expect(422)
    assert answer.faults() == {
        "/ballots/1/choices/0/proposal_id": "choice_unknown", "/ballots/2/choices/1/proposal_id": "choice_repeated",
        "/ballots/3/choices": "area_rule", "/ballots/4/choices": "ballot_over_budget"}
    assert world.rows("select count(*) from paper_ballot") == before
    assert world.of("officer").get(world.path("paper-batches", batch["id"])).expect(200)["entered_count"] == 0


def test_points_are_entered_where_votes_have_points(world):
    vote = fresh(world, vote_method="cumulative", points_total=10)
    batch, ids = world.budget.batch(vote, 1), vote["ids"]["koko"]
    world.budget.enter(batch, [ids[0]]).expect(422, "required")
    world.budget.enter(batch, [(ids[0], 11)]).expect(422, "points_too_many")
    world.budget.enter(batch, [(ids[0], 6), (ids[1], 4)]).expect(200)
    world.budget.confirm_batch(batch).expect(200)
    close(world, vote).expect(200)
    assert books(world, vote)["ballots"] == 1


def test_a_batch_of_spoiled_papers_alone_is_told_of_too(world):
    vote = fresh(world)
    assert world.budget.papers(vote, spoiled=2)["spoiled_count"] == 2
    assert leaves(world, vote)[-1].startswith("paper-batch 0 ") and books(world, vote)["paper_spoiled"] == 2


def test_a_repeated_entry_enters_nothing_twice(world, vote):
    batch, key = world.budget.batch(vote, 1), f"key-{uuid.uuid4()}"
    first = world.budget.enter(batch, [vote["ids"]["koko"][0]], key=key).expect(200)
    again = world.budget.enter(batch, [vote["ids"]["koko"][0]], key=key).expect(200)
    assert first.json == again.json and again.headers["Idempotency-Replayed"] == "true" and first["entered_count"] == 1
    world.of("officer").post(world.path("paper-batches", batch["id"], "ballots"), {"ballots": []}).expect(400)
    confirm = lambda: world.of("officer2").post(  # noqa: E731
        world.path("paper-batches", batch["id"], "confirm"), headers={"Idempotency-Key": key})
    before = len(leaves(world, vote))
    assert confirm().expect(200).json == confirm().expect(200).json
    assert len(leaves(world, vote)) == before + 1


def test_two_who_confirm_a_batch_at_once_confirm_it_once(world):
    vote = fresh(world)
    batch = world.budget.batch(vote, 1)
    world.budget.enter(batch, [vote["ids"]["koko"][0]]).expect(200)
    path = world.path("paper-batches", batch["id"], "confirm")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: client.post(path), [world.service.client("officer2") for _ in range(8)]))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    assert len(leaves(world, vote)) == 2 and books(world, vote)["ballots"] == 1


def test_ballots_cast_while_batches_are_confirmed_keep_the_log_whole(world):
    """The log's two writers, the coalescing one and the statement, take turns."""
    vote = fresh(world)
    ids = [vote["ids"]["koko"][0]]
    batches = [world.budget.batch(vote, 1) for _ in range(8)]
    for batch in batches:
        world.budget.enter(batch, ids).expect(200)
    acts = [lambda batch=batch, client=world.service.client("officer2"): client.post(world.path("paper-batches", batch["id"], "confirm"))
            for batch in batches]
    acts += [lambda voter=online(world, named()): world.budget.cast(voter, vote, ids) for _ in range(24)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda act: act(), acts))
    assert {answer.status for answer in answers} == {200, 201}, [str(answer) for answer in answers if answer.status > 201]
    lines = leaves(world, vote)
    note = world.of().get(world.path("budget-cycles", vote["id"], "transparency", "checkpoint")).expect(200).text
    assert len(lines) == 33 and base64.b64decode(note.split("\n")[2]) == root_of([leaf(line) for line in lines])


def test_counting_waits_for_open_batches_and_a_wrong_one_is_discarded(world):
    vote = fresh(world)
    batch = world.budget.batch(vote, 2, reference="pussi B")
    world.budget.enter(batch, [vote["ids"]["koko"][0]]).expect(200)
    answer = close(world, vote).expect(409, "paper_batch_open")
    assert "pussi B" in answer["detail"]
    world.of("officer").post(world.path("paper-batches"), {
        "budget_cycle_id": vote["id"], "reference": "pussi B", "declared_count": 1}).expect(409, "already_exists")
    gone = world.of("officer").post(world.path("paper-batches", batch["id"], "discard"), {"reason": both("väärä uurna")}).expect(200)
    assert (gone["status"], gone["discard_reason"]) == ("discarded", both("väärä uurna"))
    assert world.rows("select from paper_ballot where paper_batch_id = %s", batch["id"]) == []
    world.of("officer2").post(world.path("paper-batches", batch["id"], "confirm")).expect(409, "wrong_state")
    world.budget.papers(vote, [vote["ids"]["koko"][0]], reference="pussi B")
    world.budget.count(vote).expect(200)
    assert books(world, vote)["ballots"] == 1


def test_what_was_entered_of_a_cancelled_vote_is_confirmed_no_more(world):
    vote = fresh(world)
    batch = world.budget.batch(vote, 1)
    world.budget.enter(batch, [vote["ids"]["koko"][0]]).expect(200)
    world.budget.move(vote, "cancel", {"decision_id": world.decision(world.committee)["id"], "reason": both("peruttiin")})
    world.budget.confirm_batch(batch).expect(409, "voting_closed")
    world.budget.enter(batch, [vote["ids"]["koko"][0]]).expect(409, "voting_closed")
    world.of("officer").post(world.path("paper-batches", batch["id"], "discard"), {"reason": both("peruttiin")}).expect(200)


def test_where_voters_are_bound_to_their_area_so_are_papers_and_the_books_tell_by_area(world):
    vote = fresh(world, area_rule="home_area")
    north, east, ids = world.budget.areas["pohjoinen"]["id"], world.budget.areas["itäinen"]["id"], vote["ids"]
    assert world.budget.mark(vote, named()).expect(422, "required").faults() == {"/home_area_id": "required"}
    for area in (north, north, north, east):
        world.budget.mark(vote, named(), home_area_id=area).expect(200)
    void = world.budget.cast_with_code(vote, world.budget.code(vote, home_area_id=east), [ids["itäinen"][0]]).expect(201)
    path = world.path("paper-batches")
    body = {"budget_cycle_id": vote["id"], "reference": "x", "declared_count": 1}
    assert world.of("officer").post(path, body).expect(422, "required").faults() == {"/area_id": "required"}
    world.of("officer").post(path, {**body, "area_id": world.budget.areas["koko"]["id"]}).expect(422, "reference_not_found")
    batch = world.budget.batch(vote, 2, area_id=north)
    world.budget.enter(batch, [ids["itäinen"][0]]).expect(422, "area_rule")
    world.budget.enter(batch, [ids["pohjoinen"][0]], spoiled=1).expect(200)
    world.budget.confirm_batch(batch).expect(200)
    confirm_void(world, world.budget.void(vote, void["receipt"]["commitment"])).expect(200)
    close(world, vote).expect(200)
    areas = {area["area_id"]: area for area in books(world, vote)["areas"]}
    # in the north one paper of three was never put into the urn; in the east neither the one that was given
    assert (areas[north]["ballots"], areas[north]["difference"]) == (None, 1)
    assert (areas[east]["ballots"], areas[east]["difference"]) == (0, 1)
    assert areas[world.budget.areas["koko"]["id"]]["difference"] is None
    paper = books(world, vote)["channels"][1]
    assert (paper["marks"], paper["ballots"], paper["spoiled"], paper["difference"]) == (None, None, 1, 2)


def test_a_batch_is_of_an_area_only_where_voters_are(world, vote):
    answer = world.of("officer").post(world.path("paper-batches"), {
        "budget_cycle_id": vote["id"], "area_id": world.budget.areas["itäinen"]["id"], "reference": "x", "declared_count": 1})
    assert answer.expect(422, "area_rule").faults() == {"/area_id": "area_rule"}


def test_a_batch_is_proved_by_papers_and_salt_and_not_without(world):
    vote = fresh(world)
    numbers = dict(world.rows("select id::text, number from proposal where budget_cycle_id = %s", vote["id"]))
    ids = vote["ids"]
    batch = world.budget.batch(vote, 3)
    opening = world.path("paper-batches", batch["id"], "opening")
    world.budget.enter(batch, [ids["koko"][1]], [ids["itäinen"][0]], spoiled=1).expect(200)
    world.of("officer").get(opening).expect(404)
    world.budget.confirm_batch(batch).expect(200)
    told = world.of("officer").get(opening).expect(200).json
    ballots = sorted([
        '{"area_id":null,"choices":[%d]}' % numbers[ids["koko"][1]],
        '{"area_id":"%s","choices":[%d]}' % (world.budget.areas["itäinen"]["id"], numbers[ids["itäinen"][0]])])
    text = "".join(f"{line}\n" for line in ("elinvoima paper batch 1", told["salt"], "1", *ballots))
    assert hashlib.sha256(text.encode()).hexdigest() == told["sha256"] and told["line"] == leaves(world, vote)[-1]
    assert told["line"] == f"paper-batch 2 {told['sha256']}"
    # the salt is nowhere in the database
    assert world.rows("select from paper_batch t where t::text like %s", f"%{told['salt']}%") == []
    for subject in ("clerk", "planner", "admin"):
        world.of(subject).get(opening).expect(403, "insufficient_scope")
    # whoever has the salt of one ballot finds it in the published file
    single = world.budget.papers(vote, [ids["koko"][1]])
    world.of("officer").get(world.path("paper-batches", single["id"], "opening")).expect(404)


def test_after_the_count_no_ballot_is_known_to_be_on_paper(world):
    vote = fresh(world)
    for _ in range(5):
        world.budget.cast(online(world, named()), vote, [vote["ids"]["koko"][0]]).expect(201)
    world.budget.papers(vote, *[[vote["ids"]["koko"][1]]] * 5)
    assert world.rows("select from paper_ballot p join paper_batch b on b.id = p.paper_batch_id where b.budget_cycle_id = %s", vote["id"]) == []
    close(world, vote).expect(200)
    where = "where budget_cycle_id = %s"
    assert len(world.rows(f"select distinct xmin::text from ballot {where}", vote["id"])) == 1
    ids = [row for row, in world.rows(f"select id::text from ballot {where} order by ctid", vote["id"])]
    assert ids == sorted(ids) and len(ids) == 10
    columns = {column for column, in world.rows("select column_name from information_schema.columns where table_name = 'ballot'")}
    assert columns == {"municipality", "budget_cycle_id", "id", "area_id", "proposals", "points", "tracker"}
    assert world.rows(f"select distinct tracker from ballot {where}", vote["id"]) == [(None,)]
    assert world.rows("select to_regclass(%s)", f"ballot_box_{vote['id'].replace('-', '')}") == [(None,)]
    log = world.service.server.text()
    assert not any(choice in log for choice in vote["ids"]["koko"])


def test_the_number_of_papers_that_the_books_tell_gives_no_other_channel_away(world):
    """Ten online, two with a code, three on paper: who knows the three must not come to the two."""
    vote = fresh(world, smallest_group=5)
    chosen = [vote["ids"]["koko"][0]]
    for _ in range(10):
        world.budget.cast(online(world, named()), vote, chosen).expect(201)
    for _ in range(2):
        world.budget.cast_with_code(vote, world.budget.code(vote), chosen).expect(201)
    for _ in range(3):
        world.budget.mark(vote, named()).expect(200)
    world.budget.papers(vote, *[chosen] * 3)
    close(world, vote).expect(200)
    turnout = world.of().get(world.path("budget-cycles", vote["id"], "turnout"), query={"part": "channel"}).expect(200)["items"]
    told = {row["name"]: row["voters"] for row in turnout}
    assert told == {}  # nor does a list without numbers say that there are codes at all


def test_the_service_adds_to_boxes_and_log_and_changes_nothing_there(world):
    rights = world.rows("select table_name, string_agg(privilege_type, ',' order by privilege_type) from information_schema.role_table_grants"
                        " where grantee = 'elinvoima_service' and table_name in ('ballot', 'ballot_box', 'paper_ballot', 'evidence_leaf',"
                        " 'evidence_node', 'evidence_head') group by 1 order by 1")
    assert dict(rights) == {"ballot": "SELECT", "paper_ballot": "INSERT", **{name: "INSERT,SELECT" for name in (
        "ballot_box", "evidence_leaf", "evidence_node", "evidence_head")}}


# --- papers found after the count ---------------------------------------------------------------------------
def test_papers_found_after_the_count_are_counted_by_a_correction(world):
    """Five papers were given out and found late; whoever holds more of them is refused."""
    vote = fresh(world, smallest_group=3)
    ids = vote["ids"]["koko"]
    for _ in range(3):
        world.budget.cast(online(world, named()), vote, [ids[0]]).expect(201)
    for _ in range(5):
        world.budget.mark(vote, named()).expect(200)
    close(world, vote).expect(200)
    assert books(world, vote)["difference"] == 5
    declare = lambda count, **more: world.of("officer").post(world.path("paper-batches"), {  # noqa: E731
        "budget_cycle_id": vote["id"], "reference": str(uuid.uuid4()), "declared_count": count, **more})
    assert declare(6).expect(409, "papers_unmarked").faults() == {"/declared_count": "papers_unmarked"}
    late, other = declare(4).expect(201).json, declare(5).expect(201).json
    world.budget.enter(late, *[[ids[1]]] * 3, spoiled=1).expect(200)
    world.budget.confirm_batch(late, subject="officer").expect(409, "second_person_needed")
    lines = leaves(world, vote)
    confirmed = world.budget.confirm_batch(late).expect(200)
    assert leaves(world, vote)[len(lines):] == [f"paper-batch 3 {confirmed['sha256']}"]
    world.budget.enter(other, *[[ids[1]]] * 4, spoiled=1).expect(200)
    assert "1" in world.budget.confirm_batch(other).expect(409, "papers_unmarked")["detail"]
    decision = {"decision_id": world.decision(world.committee)["id"]}
    confirm = lambda: world.of("planner").post(world.path("budget-cycles", vote["id"], "confirm"), decision)  # noqa: E731
    confirm().expect(409, "paper_batch_open")
    world.of("officer").post(world.path("paper-batches", other["id"], "discard"), {"reason": both("väärä uurna")}).expect(200)
    confirm().expect(409, "result_outdated")
    before = result_of(world, vote)
    correct(world, vote, area_ids=[world.budget.areas["itäinen"]["id"]]).expect(200)
    confirm().expect(409, "result_outdated")
    correct(world, vote, reason=both("uurna löytyi")).expect(200)
    new = result_of(world, vote, revision=2)
    assert (before["ballots"], new["ballots"], new["reason"]) == (3, 6, both("uurna löytyi"))
    assert votes_of(world, new) == ["10"] * 3 + ["9"] * 3 and leaves(world, vote)[-1].startswith("correction ")
    balance = books(world, vote)
    assert (balance["marks"], balance["ballots"], balance["paper_ballots"], balance["paper_spoiled"], balance["difference"]) == (8, 6, 3, 1, 1)
    assert all(area["file_difference"] == 0 for area in balance["areas"])
    world.of("officer").get(world.path("paper-batches", late["id"], "opening")).expect(200)
    confirm().expect(200)
    declare(1).expect(409, "voting_closed")


def test_a_few_papers_found_after_the_count_would_be_known_and_are_not_taken(world):
    vote = fresh(world, smallest_group=3)
    for _ in range(2):
        world.budget.mark(vote, named()).expect(200)
    close(world, vote).expect(200)
    late = world.budget.batch(vote, 2)
    world.budget.enter(late, *[[vote["ids"]["koko"][0]]] * 2).expect(200)
    assert "3" in world.budget.confirm_batch(late).expect(409, "papers_too_few")["detail"]


def test_a_late_paper_is_of_an_area_where_one_is_missing(world):
    vote = fresh(world, area_rule="home_area")
    east, north = world.budget.areas["itäinen"]["id"], world.budget.areas["pohjoinen"]["id"]
    for _ in range(3):
        world.budget.mark(vote, named(), home_area_id=east).expect(200)
    close(world, vote).expect(200)
    world.of("officer").post(world.path("paper-batches"), {
        "budget_cycle_id": vote["id"], "reference": "löytyi", "declared_count": 3, "area_id": north}).expect(409, "papers_unmarked")
    world.budget.papers(vote, *[[vote["ids"]["itäinen"][0]]] * 3, area_id=east)
    correct(world, vote, reason=both("uurna löytyi")).expect(200)
    assert result_of(world, vote, "itäinen", revision=2)["ballots"] == 3


def test_of_two_late_batches_of_the_same_missing_papers_one_is_taken(world):
    vote = fresh(world)
    for _ in range(3):
        world.budget.mark(vote, named()).expect(200)
    close(world, vote).expect(200)
    batches = [world.budget.batch(vote, 3) for _ in range(2)]
    for batch in batches:
        world.budget.enter(batch, *[[vote["ids"]["koko"][0]]] * 3).expect(200)
    confirm = lambda batch: world.service.client("officer2").post(world.path("paper-batches", batch["id"], "confirm"))  # noqa: E731
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert sorted(answer.status for answer in pool.map(confirm, batches)) == [200, 409]
    assert world.rows("select count(*) from ballot where budget_cycle_id = %s", vote["id"]) == [(3,)]
