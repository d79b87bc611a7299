"""Feedback in numbers: statistics that tell of nobody."""
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


# --- statistics --------------------------------------------------------------------------------------------------
def year_of(world, *groups):
    """A year of its own with feedback in topics of its own: (received, answered, published, more columns)."""
    year, topics = next(world.feedback.years), []
    for received, answered, published, more in groups:
        topic = world.feedback.topic()
        topics.append(topic["code"])
        for n in range(received):
            columns = {"municipality": HOME, "kind": "thanks", "text": "x", "language": "fi", "status": "assigned", "due_on": f"{year}-06-10",
                       "created_at": f"{year}-06-03T09:00:00Z", "topic_id": topic["id"], **more}
            if n < answered:
                columns.update(status="answered", answered_at=f"{year}-06-{4 + n % 2:02}T09:00:00Z")
            if n < published:
                columns.update(publication="published", published_text="x")
            world.rows(f"insert into feedback ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))}) returning 1", *columns.values())
    return year, topics


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
    for part in ("whole", "topic", "unit", "month", "kind", "accessibility"):
        row, = statistics(world, year, part).values()
        assert told(row) == (None, None, None) and row["median_answer_working_days"] is None, part
        assert row["is_suppressed"]


def test_transferred_items_are_counted_and_their_number_told(world):
    year, (gone, here) = year_of(world, (6, 0, 0, {"status": "transferred"}), (9, 0, 0, {}))
    rows = statistics(world, year)
    assert (rows[gone]["received"], rows[gone]["transferred"], rows[here]["transferred"]) == (6, 6, 0)


def test_example_85_accessibility_is_told_apart_in_statistics(world):
    year, _ = year_of(world, (6, 0, 0, {"is_accessibility": True}), (9, 0, 0, {}))
    rows = statistics(world, year, "accessibility")
    assert {code: row["received"] for code, row in rows.items()} == {"accessibility": 6, "other": 9}


def test_hidden_feedback_is_counted_and_not_told(world):
    year, (code,) = year_of(world, (5, 0, 0, {"text": "Naapuri Virtanen", "nickname": "Virtanen"}))
    assert "Virtanen" not in world.of().get(world.path("feedback-statistics"), query={"year": year}).expect(200).text
    assert statistics(world, year)[code]["received"] == 5
