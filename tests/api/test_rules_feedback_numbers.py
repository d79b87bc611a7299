"""Feedback in numbers: work lists, the load of units, statistics that tell of nobody, summaries of divisions."""
import datetime
import uuid

import pytest

from feedback import both
from test_rules_feedback_handling import move
from world import HOME, ISSUER, TODAY, unknown_id


class Unit:
    """A unit with a topic of its own and somebody who holds it."""
    def __init__(self, world, **more):
        self.world, self.subject = world, f"keeper-{uuid.uuid4().hex}"
        self.party = world.party("unit", title=both("Puistot"), **more)
        world.holder(self.party, self.subject)
        self.topic = world.feedback.topic(responsible_party_id=self.party["id"], name=both("Puistot"))

    def send(self, **columns):
        sent = self.world.feedback.send(topic_id=self.topic["id"])
        if columns:
            self.world.feedback.set(sent, **columns)
        return sent

    def of(self, what, **query):
        return self.world.of(self.subject).get_all(self.world.path(what), query=query)


@pytest.fixture
def unit(world):
    return Unit(world)


# --- work lists ------------------------------------------------------------------------------------------------
def test_work_list_is_ones_units_with_the_longest_overdue_first(world, unit):
    mine, late, later = unit.send(), unit.send(due_on="2020-01-02"), unit.send(due_on="2020-01-01")
    move(world, mine, "start", subject=unit.subject)
    move(world, unit.send(), "answer", subject=unit.subject)
    unit.send(status="in_moderation")
    listed = unit.of("feedback-work")
    assert [(item["id"], item["is_overdue"], item["is_mine"]) for item in listed] == [
        (later["id"], True, False), (late["id"], True, False), (mine["id"], False, True)]
    assert [item["id"] for item in unit.of("feedback-work", is_mine="true")] == [mine["id"]]
    assert [item["id"] for item in unit.of("feedback-work", is_overdue="true")] == [later["id"], late["id"]]
    of_unit = world.of("planner").get_all(world.path("feedback-work"), query={"responsible_party_id": unit.party["id"]})
    assert len(of_unit) == 4 and not any(item["is_mine"] for item in of_unit)
    assert {item["responsible_party_id"] for item in world.of("lighter").get_all(world.path("feedback-work"))} == {world.feedback.unit["id"]}


def test_what_nobody_takes_up_within_five_working_days_is_told_of(world, unit):
    late, taken, fresh = (unit.send() for _ in range(3))
    day, = {item["take_up_on"] for item in unit.of("feedback-work")}
    assert day == str(world.rows("select working_days_after(helsinki_date(now()), 5)")[0][0])
    for item in (late, taken):
        world.feedback.set(item, take_up_on="2020-01-01")
    move(world, taken, "start", subject=unit.subject)
    assert [item["id"] for item in unit.of("feedback-work", is_take_up_overdue="true")] == [late["id"]]
    assert {item["id"]: item["is_take_up_overdue"] for item in unit.of("feedback-work")} == {
        late["id"]: True, taken["id"]: False, fresh["id"]: False}
    assert (unit.of("feedback-load")[0]["take_up_overdue"], unit.of("feedback-load")[0]["open"]) == (1, 3)
    move(world, late, "answer", subject=unit.subject)
    assert unit.of("feedback-load")[0]["take_up_overdue"] == 0
    world.feedback.track(late, "/reopen", text="Ei korjaantunut.")
    assert unit.of("feedback-work", is_take_up_overdue="true") == [], "its time begins anew"


def test_work_is_ones_own_until_it_goes_elsewhere(world, unit):
    sent = unit.send()
    move(world, sent, "start", subject=unit.subject)
    move(world, sent, "return", subject=unit.subject, reason="väärä")
    move(world, sent, "assign", responsible_party_id=unit.party["id"])
    assert [item["is_mine"] for item in unit.of("feedback-work")] == [False]


def test_what_waits_for_a_unit_is_the_coordinators_work(world):
    sent = world.feedback.send(topic_id=world.feedback.other["id"])
    waiting = world.of("planner").get_all(world.path("feedback-work"), query={"status": "received"})
    assert sent["id"] in {item["id"] for item in waiting}


# --- load ------------------------------------------------------------------------------------------------------
def test_load_tells_inflow_open_age_and_answer_times_of_a_unit(world, unit):
    for days in (40, 10, 1):
        unit.send(created_at=f"{world.rows('select %s::date - %s', TODAY, days)[0][0]}T09:00:00Z", due_on="2020-01-01")
    # Monday 2 March 2026 to Friday and to the Monday after
    for day, target in (("2026-03-06", "2026-03-05"), ("2026-03-09", "2026-03-09")):
        sent = unit.send(created_at="2026-03-02T09:00:00Z", target_on=target, status="answered", answered_at=f"{day}T09:00:00Z")
        world.feedback.set(sent, status="closed")
        world.feedback.track(sent, "/rate", score=4 if target == day else 3)
    row, = unit.of("feedback-load", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert row["responsible_party_id"] == unit.party["id"] and (row["first_on"], row["last_on"]) == ("2026-03-01", "2026-03-31")
    assert (row["answered"], row["answered_in_time"], row["median_answer_working_days"]) == (2, 1, "4.5")
    assert (row["open"], row["overdue"], row["oldest_open_days"], row["median_open_days"]) == (3, 3, 40, "10")
    assert (row["ratings"], row["mean_rating"], row["received"]) == (2, "3.5", 0)
    now, = unit.of("feedback-load")
    assert now["received"] == 5, "what was given to it, whenever it came"


def test_load_is_of_days_in_order(world, unit):
    unit.send()
    load = lambda **query: world.of(unit.subject).get(world.path("feedback-load"), query=query)  # noqa: E731
    refused = load(**{"from": "2026-03-02", "to": "2026-03-01"}).expect(400, "invalid_parameter")
    assert [(fault["parameter"], fault["code"]) for fault in refused["errors"]] == [("to", "rule_broken")]
    days = lambda **query: [(row["first_on"], row["last_on"]) for row in load(**query).expect(200)["items"]]  # noqa: E731
    assert days(**{"from": "2026-03-02", "to": "2026-03-02"}) == [("2026-03-02", "2026-03-02")]
    assert days(to="2026-03-31") == [("2026-03-01", "2026-03-31")]
    assert days(**{"from": "9000-01-01"}) == [("9000-01-01", "9000-01-01")]


def test_load_is_for_the_unit_and_overseers_alone(world, unit):
    unit.send()
    rows = lambda subject: {row["responsible_party_id"] for row in world.of(subject).get_all(world.path("feedback-load"))}  # noqa: E731
    assert rows(unit.subject) == {unit.party["id"]}
    assert {unit.party["id"], world.feedback.unit["id"], None} <= rows("planner")
    assert unit.party["id"] not in rows("lighter")
    for client, status in ((world.of(), 401), (world.of("author"), 403)):
        client.get(world.path("feedback-load")).expect(status)
        client.get(world.path("feedback-work")).expect(status)


def test_items_merged_elsewhere_are_no_load(world, unit):
    case, other = unit.send(), unit.send()
    move(world, other, "merge", subject=unit.subject, into_id=case["id"])
    assert unit.of("feedback-load")[0]["open"] == 1
    assert [item["merged_count"] for item in unit.of("feedback-work")] == [1]


# --- statistics --------------------------------------------------------------------------------------------------
def monday(year, month):
    """The first of a month."""
    first = datetime.date(year, month, 1)
    return first + datetime.timedelta(days=-first.weekday() % 7)


def year_of(world, *groups, month=6):
    """A year of its own with feedback in topics of its own: (received, answered, published, more columns). It comes on a Monday, and
    is answered on Tuesday and Wednesday by turns."""
    year, topics = next(world.feedback.years), []
    day = monday(year, month)
    for received, answered, published, more in groups:
        topic = world.feedback.topic()
        topics.append(topic["code"])
        for n in range(received):
            columns = {"municipality": HOME, "kind": "thanks", "text": "x", "language": "fi", "status": "assigned", "due_on": f"{year}-12-31",
                       "created_at": f"{day}T09:00:00Z", "topic_id": topic["id"], **more}
            if n < answered:
                columns.update(status="answered", answered_at=f"{day + datetime.timedelta(days=1 + n % 2)}T09:00:00Z")
            if n < published:
                columns.update(publication="published", published_text="x")
            add(world, **columns)
    return year, topics


def add(world, **columns):
    """An item as moves and time would have made it; its id."""
    return world.rows(f"insert into feedback ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))}) returning id", *columns.values())[0][0]


def statistics(world, year, part="topic", **query):
    return {row["code"]: row for row in world.of().get_all(world.path("feedback-statistics"), query={"year": year, "part": part, **query})}


def told(row):
    return tuple(row[name] for name in ("received", "answered", "published"))


def test_received_answered_and_published_stand_side_by_side(world):
    year, (first, second) = year_of(world, (10, 6, 5, {}), (8, 8, 0, {}))
    rows = statistics(world, year)
    assert [told(rows[code]) for code in (first, second)] == [(10, 6, 5), (8, 8, 0)]
    assert told(statistics(world, year, "whole")["whole"]) == (18, 14, 5)
    assert told(statistics(world, year, "month")[f"{year}-06"]) == (18, 14, 5)
    assert rows[first]["name"] and not rows[first]["is_suppressed"]
    flat = world.of().get(world.path("feedback-statistics"), query={
        "year": year, "part": "whole", "fields": "part,received,answered,published", "format": "csv"}).expect(200)
    assert flat.text.splitlines() == ["part,received,answered,published", "whole,18,14,5"]


def test_small_cells_are_null_and_the_total_does_not_give_them_back(world):
    year, codes = year_of(world, (3, 0, 0, {}), (7, 5, 5, {}), (20, 10, 6, {}))
    rows = statistics(world, year)
    assert [told(rows[code])[0] for code in codes] == [None, None, 20], "the next smallest goes with it"
    assert [told(rows[code])[1:] for code in codes] == [(0, 0), (5, 5), (10, 6)]
    assert [rows[code]["is_suppressed"] for code in codes] == [True, True, False]
    assert told(statistics(world, year, "whole")["whole"])[0] == 30


@pytest.mark.parametrize("sizes", [(1, 9), (4, 4), (1, 1, 30), (1, 2, 3, 4, 5, 6), (2, 3, 50), (4, 5, 5, 5)])
def test_whatever_is_withheld_is_at_least_two_and_at_least_five(world, sizes):
    year, codes = year_of(world, *((size, 0, 0, {}) for size in sizes))
    rows = statistics(world, year)
    withheld = [size for size, code in zip(sizes, codes) if rows[code]["received"] is None]
    assert len(withheld) >= 2 and sum(withheld) >= 5 and {size for size in sizes if size < 5} <= set(withheld)
    assert all(rows[code]["received"] == size for size, code in zip(sizes, codes) if rows[code]["received"] is not None)


def test_a_small_whole_tells_nothing_anywhere(world):
    year, (code,) = year_of(world, (4, 4, 4, {}))
    for part in ("whole", "topic", "unit", "area", "month", "kind", "accessibility"):
        row, = statistics(world, year, part).values()
        assert told(row) == (None, None, None) and row["median_answer_working_days"] is None, part
        assert row["is_suppressed"]


def item(topic, day, **more):
    return {"municipality": HOME, "kind": "fault", "text": "x", "language": "fi", "status": "assigned", "due_on": day, "created_at": f"{day}T09:00:00Z",
            "topic_id": topic["id"], **more}


def test_transferred_items_are_counted_with_what_was_merged_under_the_topic_they_went_to(world):
    year, (here,) = year_of(world, (9, 0, 0, {}))
    came_under, signpost, day = world.feedback.topic(), world.feedback.topic(), monday(year, 6)
    for _ in range(6):
        case = add(world, **item(signpost, day, status="transferred"))
        for _ in range(2):
            add(world, **item(came_under, day, status="merged", merged_into_id=case))
    rows = statistics(world, year)
    assert [(code, row["received"], row["cases"], row["transferred"]) for code, row in sorted(rows.items())] == sorted([
        (signpost["code"], 18, 6, 18), (here, 9, 9, 0)])
    whole = statistics(world, year, "whole")["whole"]
    assert (whole["received"], whole["cases"], whole["transferred"]) == (27, 15, 18)


def test_median_is_of_answered_cases_of_a_topic_and_of_all(world):
    year, (first, second) = year_of(world, (9, 7, 0, {}), (8, 8, 0, {}))
    rows = statistics(world, year)
    assert [rows[code]["median_answer_working_days"] for code in (first, second)] == ["1", "1.5"]
    assert statistics(world, year, "whole")["whole"]["median_answer_working_days"] == "1"


def test_median_counts_no_merged_items_and_none_of_fewer_than_five_cases(world):
    year, (code,) = year_of(world, (4, 4, 0, {}))
    topic = {"id": world.rows("select id from feedback_topic where code = %s", code)[0][0]}
    case, = world.rows("select id from feedback where topic_id = %s and answered_at = %s limit 1", topic["id"], f"{monday(year, 6) + datetime.timedelta(days=1)}T09:00:00Z")
    for _ in range(6):  # later than the answer of their case
        add(world, **item(topic, monday(year, 9), status="merged", merged_into_id=case[0]))
    row = statistics(world, year)[code]
    assert (row["received"], row["answered"], row["cases"], row["median_answer_working_days"]) == (10, 10, None, None)
    add(world, **item(topic, monday(year, 6), status="answered", answered_at=f"{monday(year, 6)}T10:00:00Z"))
    row = statistics(world, year)[code]
    assert (row["received"], row["answered"], row["cases"], row["median_answer_working_days"]) == (11, 11, 5, "1")


def test_year_ends_at_midnight_in_helsinki(world):
    year, following = next(world.feedback.years), next(world.feedback.years)
    topic = world.feedback.topic()
    for n, at in ((6, f"{year}-12-31T21:30:00Z"), (8, f"{year}-12-31T22:30:00Z")):
        for _ in range(n):
            add(world, **item(topic, f"{year}-12-31", status="assigned") | {"created_at": at})
    assert {code: row["received"] for code, row in statistics(world, year, "month").items()} == {f"{year}-12": 6}
    assert {code: row["received"] for code, row in statistics(world, following, "month").items()} == {f"{following}-01": 8}


def test_running_year_is_told_as_it_was_when_the_last_month_ended(world):
    ended = TODAY.replace(day=1) - datetime.timedelta(days=1)
    unit = Unit(world)
    for n in range(60):
        more = {"responsible_party_id": unit.party["id"]}
        if n < 50:
            more |= {"status": "answered", "answered_at": f"{ended if n < 40 else TODAY}T10:00:00Z", "publication": "published", "published_text": "x",
                     "published_at": f"{ended if n < 30 else TODAY}T10:00:00Z"}
        if n >= 50:
            more |= {"status": "transferred", "closed_at": f"{ended if n < 55 else TODAY}T10:00:00Z"}
        add(world, **item(unit.topic, ended, **more))
    add(world, **item(unit.topic, TODAY, responsible_party_id=unit.party["id"]))
    small = Unit(world)  # with which the few items of other tests are withheld
    for n in range(20):
        known = {"status": "transferred"} if n < 10 else {"status": "answered", "answered_at": f"{ended}T10:00:00Z", "publication": "published",
                                                          "published_text": "x", "published_at": f"{ended}T10:00:00Z"}
        add(world, **item(small.topic, ended, responsible_party_id=small.party["id"], closed_at=f"{ended}T10:00:00Z", **known))
    rows = world.of().get_all(world.path("feedback-statistics"), query={"topic_id": unit.topic["id"]})
    assert [(row["year"], row["last_on"], row["received"], row["answered"], row["published"], row["transferred"]) for row in rows] == [
        (ended.year, str(ended), 60, 40, 30, 5)]
    assert world.of().get_all(world.path("feedback-statistics"), query={"year": TODAY.year + 1}) == []


def test_example_85_accessibility_is_told_apart_in_statistics(world):
    year, _ = year_of(world, (6, 0, 0, {"is_accessibility": True}), (9, 0, 0, {}))
    rows = statistics(world, year, "accessibility")
    assert {code: row["received"] for code, row in rows.items()} == {"accessibility": 6, "other": 9}


def test_hidden_feedback_is_counted_and_not_told(world):
    year, (code,) = year_of(world, (5, 0, 0, {"text": "Naapuri Virtanen", "nickname": "Virtanen"}))
    assert "Virtanen" not in world.of().get(world.path("feedback-statistics"), query={"year": year}).expect(200).text
    assert statistics(world, year)[code]["received"] == 5


# --- summaries ---------------------------------------------------------------------------------------------------
def publish(world, summary, status=200, subject="planner"):
    return world.of(subject).post(world.path("feedback-summaries", summary["id"], "publish")).expect(status)


def test_example_60_sector_summary_of_a_quarter_has_counts_by_topic_median_days_and_a_plan(world):
    sector = f"tekninen {uuid.uuid4().hex[:8]}"
    party = world.party("unit", sector=sector)
    year, _ = year_of(world, *((n, answered, 0, {"responsible_party_id": party["id"], "text": "Soita Maija Virtaselle 040 123 4567.", "nickname": "Maija"})
                               for n, answered in ((6, 6), (9, 7))), month=7)
    add(world, **item(world.feedback.topic(), f"{year}-06-30", responsible_party_id=party["id"]))
    draft = world.feedback.summarise(is_complete=True, responsible_party_id=None, sector=sector, starts_on=f"{year}-07-01", ends_on=f"{year}-09-30")
    assert (draft["status"], draft["counts"]) == ("draft", None)
    made = publish(world, draft)
    numbers = lambda row: (row["received"], row["answered"], row["median_answer_working_days"])  # noqa: E731
    assert numbers(made["counts"]) == (15, 13, "1")
    assert sorted(map(numbers, made["counts"]["topics"])) == [(6, 6, "1.5"), (9, 7, "1")]
    assert made["actions"][0]["text"]["fi"] == "Vaihdetaan lamput"
    world.rows("update feedback set responsible_party_id = null where responsible_party_id = %s", party["id"])
    public = world.of().get(world.path("feedback-summaries", draft["id"])).expect(200)
    assert public["counts"] == made["counts"], "frozen on publication"
    assert (public["text_for_residents"], public["text_for_staff"]) == (both("asukkaille"), None)
    assert world.of("lighter").get(world.path("feedback-summaries", draft["id"])).expect(200)["text_for_staff"] == both("henkilöstölle")
    assert world.of().get(world.path("feedback-summaries"), query={"sector": sector}).expect(200)["items"] == [public.json]
    assert not any(word in made.text + public.text for word in ("Maija", "Virtaselle", "4567"))


def test_summary_tells_no_small_numbers_and_no_words_of_senders(world):
    party = world.party("unit")
    year, _ = year_of(world, (3, 3, 0, {"responsible_party_id": party["id"], "text": "Virtanen huutaa"}), (9, 9, 0, {"responsible_party_id": party["id"]}))
    made = publish(world, world.feedback.summarise(is_complete=True, responsible_party_id=party["id"], starts_on=f"{year}-04-01", ends_on=f"{year}-06-30"))
    assert [topic["received"] for topic in made["counts"]["topics"]] == [None, None] and made["counts"]["received"] == 12
    assert "Virtanen" not in made.text
    empty = publish(world, world.feedback.summarise(is_complete=True, responsible_party_id=party["id"], starts_on="2000-01-01", ends_on="2000-03-31"))
    assert (empty["counts"]["received"], empty["counts"]["topics"]) == (0, [])


def test_summary_needs_all_audiences_a_plan_languages_and_nobodys_data(world):
    bare = publish(world, world.feedback.summarise(title={"sv": "x"}), 422)
    assert bare.faults() == {"/text_for_staff": "required", "/text_for_residents": "required", "/text_for_stakeholders": "required",
                             "/actions": "required", "/title": "locale_missing"}
    named = world.feedback.summarise(is_complete=True, text_for_residents=both("Soita Matille 0401234567."),
                                     actions=[{"text": both("Kirjoitetaan: matti@example.fi")}])
    assert publish(world, named, 422).faults() == {"/text_for_residents": "personal_data", "/actions": "personal_data"}
    running = world.feedback.summarise(is_complete=True, ends_on=str(TODAY))
    assert publish(world, running, 409).code == "phase_open"


def test_summary_is_written_by_its_unit_its_sectors_handlers_and_the_coordinator(world, unit):
    sector = f"sivistys {uuid.uuid4().hex[:8]}"
    world.make("admin", "grants", {"issuer": ISSUER, "subject": f"handler-{sector[-8:]}", "role": "handler", "sector": sector})
    world.party("unit", sector=sector)
    make = lambda subject, status, **more: world.of(subject).post(  # noqa: E731
        world.path("feedback-summaries"), world.feedback.summary_body(**more)).expect(status)
    own = make(unit.subject, 201, responsible_party_id=unit.party["id"])
    assert make("lighter", 403, responsible_party_id=unit.party["id"]).code == "not_your_unit"
    assert make(unit.subject, 403, responsible_party_id=None, sector=sector).code == "not_your_unit"
    make(f"handler-{sector[-8:]}", 201, responsible_party_id=None, sector=sector)
    path = world.path("feedback-summaries", own["id"])
    changed = world.of(unit.subject).patch(path, {"responsible_party_id": world.feedback.unit["id"]}, etag="*").expect(403)
    assert changed.code == "not_your_unit"
    world.of("lighter").get(path).expect(404)
    assert publish(world, own, 404, "lighter").code == "not_found"
    watcher = f"watcher-{sector[-8:]}"
    world.make("admin", "grants", {"issuer": ISSUER, "subject": watcher, "role": "privacy_officer"})
    world.holder(world.party("unit"), watcher)
    assert publish(world, own, 403, watcher).code == "not_your_unit"


def test_summary_is_of_one_unit_or_one_sector_and_of_days_in_order(world):
    refused = lambda **more: world.of("planner").post(  # noqa: E731
        world.path("feedback-summaries"), world.feedback.summary_body(**more)).expect(422).faults()
    sector = world.party("unit", sector=f"tekninen {uuid.uuid4().hex[:8]}")["sector"]
    assert refused(sector=sector) == refused(responsible_party_id=None) == {"/responsible_party_id": "rule_broken"}
    assert refused(ends_on="2025-06-30") == {"/ends_on": "rule_broken"}
    assert refused(responsible_party_id=unknown_id()) == {"/responsible_party_id": "reference_not_found"}
    assert refused(responsible_party_id=None, sector="tekninne") == {"/sector": "reference_not_found"}
    draft = world.feedback.summarise(responsible_party_id=None, sector=sector)
    changed = world.of("planner").patch(world.path("feedback-summaries", draft["id"]), {"sector": "tekninne"}, etag="*").expect(422)
    assert changed.faults() == {"/sector": "reference_not_found"}


def test_what_staff_reads_is_not_found_by_its_words(world):
    world.feedback.published_summary(text_for_staff=both("Ylityökielto"))
    assert world.of().get(world.path("feedback-summaries"), query={"q": "ylityökielto"}).expect(200)["items"] == []


def test_summary_of_another_system_is_put_until_it_is_published_and_a_draft_is_deleted(world, unit):
    path = world.path("feedback-summaries/by-source/raportti", uuid.uuid4())
    body = world.feedback.summary_body(responsible_party_id=unit.party["id"])
    keeper = world.of(unit.subject)
    made = keeper.put(path, {**body, "text_for_staff": both("henkilöstölle")}).expect(201)
    assert keeper.put(path, body).expect(200)["text_for_staff"] is None, "replaced whole"
    assert world.of("lighter").put(path, body).expect(404).code == "not_found"
    keeper.put(path, {**body, "responsible_party_id": world.feedback.unit["id"]}).expect(403, "not_your_unit")
    world.of("lighter").delete(world.path("feedback-summaries", made["id"]), etag="*").expect(404)
    keeper.delete(world.path("feedback-summaries", made["id"]), etag="*").expect(204)
    keeper.get(world.path("feedback-summaries", made["id"])).expect(410)
    publish(world, made, 410, unit.subject)
    whole = world.feedback.published_summary(source="raportti", external_id=str(uuid.uuid4()))
    path = world.path("feedback-summaries/by-source/raportti", whole["external_id"])
    assert world.of("planner").put(path, world.feedback.summary_body()).expect(409).code == "wrong_state"
    assert world.of("planner").delete(world.path("feedback-summaries", whole["id"]), etag="*").expect(409).code == "wrong_state"
