"""The Finnish calendar in SQL against a printed table, the zone's own rules and days worked out by hand."""
import csv
import datetime
import pathlib
import zoneinfo

import pytest

TABLE = pathlib.Path(__file__).resolve().parents[1] / "data" / "finnish_holidays.csv"
HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")
DAY = datetime.timedelta(days=1)


def printed():
    """{day: (name, kind)}, kind holiday or eve."""
    with open(TABLE, encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {datetime.date.fromisoformat(row["on"]): (row["name"], row["kind"]) for row in rows}


PRINTED = printed()


def is_free(day):
    return day.weekday() >= 5 or day in PRINTED


@pytest.fixture(scope="module")
def days(service):
    """Every day of 2020–2040 as the database sees it."""
    return service.rows(
        "select d.day, public_holiday(d.day), is_free_eve(d.day), is_working_day(d.day), next_working_day(d.day),"
        " sending_day(d.day), day_end(d.day)"
        " from (select day::date from generate_series('2020-01-01'::date, '2040-12-31', '1 day') as day) as d order by 1")


def test_public_holidays_are_those_of_the_printed_table(days):
    assert len(days) == 7671
    stored = {day: name for day, name, *_ in days if name}
    assert stored == {day: name for day, (name, kind) in PRINTED.items() if kind == "holiday"}
    assert len(stored) == 21 * 13


def test_two_eves_are_free_without_being_holidays(days):
    stored = {row[0] for row in days if row[2]}
    assert stored == {day for day, (_, kind) in PRINTED.items() if kind == "eve"}


def test_working_days_are_the_rest_of_monday_to_friday(days):
    for row in days:
        assert row[3] == (not is_free(row[0])), row[0]


def test_the_next_working_day_is_the_first_that_is_one(days):
    last = datetime.date(2040, 12, 20)
    for day, *_, following, _, _ in days:
        if day > last:
            break
        wanted = day + DAY
        while is_free(wanted):
            wanted += DAY
        assert following == wanted, day


def test_nothing_is_sent_on_sundays_and_public_holidays(days):
    for day, name, _, _, following, sending, _ in days:
        assert sending == (following if name or day.weekday() == 6 else day), day


def test_a_day_ends_at_midnight_in_helsinki(days):
    for row in days:
        midnight = datetime.datetime.combine(row[0] + DAY, datetime.time(), HELSINKI)
        assert row[-1] == midnight.astimezone(datetime.timezone.utc), row[0]


@pytest.mark.parametrize("day, end", [
    ("2026-03-28", "2026-03-28T22:00:00+00:00"),  # the night the clocks go forward
    ("2026-03-29", "2026-03-29T21:00:00+00:00"),
    ("2026-10-24", "2026-10-24T21:00:00+00:00"),  # and back
    ("2026-10-25", "2026-10-25T22:00:00+00:00"),
])
def test_the_clocks_change_on_the_last_sundays_of_march_and_october(service, day, end):
    (found,), = service.rows("select day_end(%s::date)", day)
    assert found == datetime.datetime.fromisoformat(end)


@pytest.mark.parametrize("start, length, end", [
    ("2026-03-02", {"days": 14}, "2026-03-16"),     # the day it starts from is not counted
    ("2025-08-31", {"months": 6}, "2026-03-02"),    # 28 February is a Saturday
    ("2024-01-31", {"months": 1}, "2024-02-29"),    # the month's last day
    ("2026-04-01", {"days": 30}, "2026-05-04"),     # May Day, a Friday
    ("2026-06-05", {"days": 14}, "2026-06-22"),     # Midsummer Eve
    ("2025-12-10", {"days": 14}, "2025-12-29"),     # Christmas Eve, the holidays, a weekend
    ("2025-11-06", {"months": 1}, "2025-12-08"),    # Independence Day on a Saturday
    ("2026-03-20", {"days": 14}, "2026-04-07"),     # Good Friday to Easter Monday
    ("2024-12-06", {"months": 1}, "2025-01-07"),    # Epiphany
])
def test_a_statutory_time_limit_ends_on_a_working_day(service, start, length, end):
    (found,), = service.rows("select time_limit_end(%s::date, %s, %s)", start, length.get("months", 0), length.get("days", 0))
    assert found.isoformat() == end


@pytest.mark.parametrize("year, day", [(1818, "1818-03-22"), (1943, "1943-04-25"), (2000, "2000-04-23"), (2285, "2285-03-22")])
def test_easter_at_the_ends_of_its_range(service, year, day):
    (found,), = service.rows("select easter_sunday(%s)", year)
    assert found.isoformat() == day
