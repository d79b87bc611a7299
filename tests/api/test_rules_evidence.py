"""The log of a vote: proofs that anybody checks, here by a verifier of RFC 9162's text and by `elinvoima verify`."""
import base64
import hashlib
import json
import subprocess

import pytest

import server
import world as world_module


@pytest.fixture(scope="module")
def world(make_service):
    return world_module.World(make_service("evidence", workers=8))


@pytest.fixture(scope="module")
def log(world):
    """A vote of enough ballots that nodes of the ninth level are kept."""
    vote = world.budget.vote()
    vote["answers"] = [world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][i % 2]]).expect(201).json for i in range(300)]
    return vote


def ask(world, vote, what, **query):
    return world.of().get(world.path("budget-cycles", vote["id"], *what.split("/")), query=query)


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def leaf(line):
    return hashlib.sha256(b"\0" + line.encode()).digest()


def root_of(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node(root_of(hashes[:split]), root_of(hashes[split:]))


def walk(index, size, start, proof):
    """RFC 9162 section 2.1.3.2."""
    fn, sn, r = index, size - 1, start
    for p in proof:
        assert sn != 0
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


def leaves(world, vote):
    lines = []
    while True:
        page = ask(world, vote, "transparency/leaves", first=len(lines), count=100).expect(200)
        lines += page["lines"]
        if len(lines) == page["size"]:
            return lines


def test_every_leaf_is_proved_to_be_in_every_head(world, log):
    hashes = [leaf(line) for line in leaves(world, log)]
    assert len(hashes) == 301
    for size in (1, 2, 3, 255, 256, 257, 300, 301):
        root = root_of(hashes[:size])
        for position in {0, 1, size // 2, 255, size - 1} & set(range(size)):
            proof = ask(world, log, "transparency/inclusion", position=position, size=size).expect(200)
            assert leaf(proof["line"]) == hashes[position]
            assert walk(position, size, hashes[position], [base64.b64decode(h) for h in proof["hashes"]]) == root


def test_the_checkpoint_is_the_newest_head(world, log):
    note = ask(world, log, "transparency/checkpoint").expect(200).body.decode()
    origin, size, root = note.partition("\n\n")[0].split("\n")
    assert int(size) == 301 and base64.b64decode(root) == root_of([leaf(line) for line in leaves(world, log)])


@pytest.mark.parametrize("what, query, parameter", [
    ("transparency/inclusion", {"position": 301}, "position"), ("transparency/inclusion", {"position": 5, "size": 5}, "position"),
    ("transparency/inclusion", {"position": 0, "size": 302}, "size"), ("transparency/consistency", {"older": 302}, "older"),
    ("transparency/consistency", {"older": 9, "size": 8}, "older")])
def test_what_is_beyond_the_log_is_refused_by_name(world, log, what, query, parameter):
    assert ask(world, log, what, **query).expect(400, "beyond_log").faults() == {parameter: "beyond_log"}


def test_the_frozen_paper_is_given_byte_for_byte(world, log):
    vote = ask(world, log, "vote").expect(200)
    assert hashlib.sha256(vote["frozen"].encode()).hexdigest() == vote["frozen_sha256"]
    assert leaves(world, log)[0] == f"freeze {vote['frozen_sha256']}"
    frozen = json.loads(vote["frozen"])
    numbers = [project["number"] for project in frozen["projects"]]
    assert frozen["lot"] == sorted(numbers, key=lambda n: hashlib.sha256(f"{frozen['lot_seed']} {n}".encode()).hexdigest())
    assert json.dumps(frozen, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == vote["frozen"]
    assert vote["officers"] == ["kaupunginsihteeri", "arkistonhoitaja"]


def test_nothing_of_a_vote_is_shown_before_it_is_opened(world):
    for what in ("vote", "books", "transparency/checkpoint", "transparency/leaves", "transparency/inclusion"):
        query = {"position": 0} if what.endswith("inclusion") else {}
        ask(world, world.ideas_cycle, what, **query).expect(404)


def test_the_books_balance_also_after_replacements(world):
    vote = world.budget.vote()
    voter = world.voter()
    first = world.budget.cast(voter, vote, [vote["ids"]["koko"][0]]).expect(201)
    world.budget.cast(voter, vote, [vote["ids"]["koko"][1]], replaces=first["token"]).expect(201)
    world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][1]]).expect(201)
    assert ask(world, vote, "books").expect(200).json == {
        "marks": 2, "ballots": 2, "ballot_leaves": 2, "tombstones": 1, "voided": 0, "paper_ballots": 0, "paper_spoiled": 0,
        "difference": 0, "channels": [], "areas": []}


def test_with_another_key_everything_is_read_and_the_last_head_signed_is_told(make_service, tmp_path):
    service = make_service("other_key", claim_identity="")
    world = world_module.World(service)
    open_one, counted, cancelled = (world.budget.vote() for _ in range(3))
    for vote in (open_one, counted, cancelled):
        world.budget.cast(world.voter(), vote, [vote["ids"]["koko"][0]]).expect(201)
    whats = {"vote": {}, "books": {}, "transparency/leaves": {}, "transparency/inclusion": {"position": 1},
             "transparency/consistency": {"older": 1}}
    heads = {open_one["id"]: ask(world, open_one, "transparency/checkpoint").expect(200).text.replace("\n2\n", "\n1\n").split("\n")[:2]}
    world.budget.pass_days(counted, 30)
    world.budget.count(counted).expect(200)
    world.budget.move(cancelled, "cancel", {"decision_id": world.decision(world.committee)["id"], "reason": {"fi": "ei", "sv": "nej"}})
    votes = (open_one, counted, cancelled)
    before = {(vote["id"], what): ask(world, vote, what, **query).expect(200).json for vote in votes for what, query in whats.items()}
    for vote in (counted, cancelled):
        heads[vote["id"]] = ask(world, vote, "transparency/checkpoint").expect(200).text
    service.server.stop()
    server.run("vote-key", tmp_path / "other.pem")
    service.server.settings["vote_key_file"] = tmp_path / "other.pem"
    service.server.start()
    service.disconnect()
    world.clients.clear()
    for (vote_id, what), answer in before.items():
        assert ask(world, {"id": vote_id}, what, **whats[what]).expect(200).json == answer
    for vote in (counted, cancelled):
        assert ask(world, vote, "transparency/checkpoint").expect(200).text == heads[vote["id"]]
    # of a vote that runs it is the head of its opening
    assert ask(world, open_one, "transparency/checkpoint").expect(200).text.split("\n")[:2] == heads[open_one["id"]]


def test_what_was_cast_in_a_cancelled_vote_is_gone_and_its_books_balance(world):
    vote = world.budget.vote(rules={"identification": ["strong", "voter_code", "paper"]})
    decision = world.decision(world.committee)
    for choice in vote["ids"]["koko"]:
        world.budget.cast_with_code(vote, world.budget.code(vote), [choice]).expect(201)
    world.budget.code(vote)
    batch = world.budget.batch(vote, 1)
    world.budget.enter(batch, [vote["ids"]["koko"][0]]).expect(200)
    world.budget.move(vote, "cancel", {"decision_id": decision["id"], "reason": {"fi": "ei", "sv": "nej"}})
    for table in ("ballot_box", "ballot", "voting_code"):
        assert world.rows(f"select from {table} where budget_cycle_id = %s", vote["id"]) == []
    assert world.rows("select from paper_ballot where paper_batch_id = %s", batch["id"]) == []
    assert world.rows("select to_regclass(%s)", f"ballot_box_{vote['id'].replace('-', '')}") == [(None,)]
    assert leaves(world, vote)[3:] == [f"cancellation {decision['id']}"]
    books = ask(world, vote, "books").expect(200)
    assert (books["marks"], books["ballots"], books["difference"]) == (2, 2, 0)


def verify(folder, **files):
    """What the program says of files, with nothing to connect to."""
    arguments = []
    for name, content in files.items():
        if name == "key":
            arguments += ["--key", content]
            continue
        path = folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        arguments += [path] if name == "receipt" else [f"--{name}", path]
    done = subprocess.run([server.PROGRAM, "verify", *arguments], env=server.environment({}), capture_output=True, text=True)
    return done.returncode, done.stdout


def edited(answer, **changes):
    return {**answer, **{name: value for name, value in changes.items() if name in answer},
            "receipt": {**answer["receipt"], **{name: value for name, value in changes.items() if name in answer["receipt"]}}}


def test_a_receipt_is_verified_offline_and_no_forgery_passes(world, log, tmp_path):
    answer, late = log["answers"][17], log["answers"][250]
    size = int(answer["receipt"]["checkpoint"].split("\n")[1])
    head = ask(world, log, "transparency/checkpoint").expect(200).body.decode()
    early = ask(world, log, "transparency/inclusion", position=answer["receipt"]["leaf_position"], size=size).expect(200).json
    newest = ask(world, log, "transparency/inclusion", position=answer["receipt"]["leaf_position"]).expect(200).json
    grown = ask(world, log, "transparency/consistency", older=size).expect(200).json
    key = answer["receipt"]["verifier_key"]
    assert verify(tmp_path, receipt=answer, inclusion=early, key=key)[0] == 0
    status, said = verify(tmp_path, receipt=answer, inclusion=newest, head=head, consistency=grown, key=key)
    assert status == 0 and said.count("ok: ") == 6 and "FAILED" not in said
    forgeries = [
        dict(receipt=edited(answer, ballot=late["ballot"].replace("]", ",1]"))), dict(receipt=edited(answer, token="0" * 64)),
        dict(receipt=edited(answer, commitment=late["receipt"]["commitment"])), dict(receipt=edited(answer, line=late["receipt"]["line"])),
        dict(receipt=edited(answer, leaf_position=19)), dict(receipt=edited(answer, checkpoint=late["receipt"]["checkpoint"].replace("\n2", "\n3", 1))),
        dict(head=head.replace("\n301\n", "\n300\n")), dict(consistency={**grown, "hashes": grown["hashes"][1:]}),
        dict(inclusion=early), dict(key=key[:-4] + "AAAA")]
    for forgery in forgeries:
        status, said = verify(tmp_path, **{**dict(receipt=answer, inclusion=newest, head=head, consistency=grown, key=key), **forgery})
        assert status == 1 and "FAILED" in said, forgery
