"""What a strict reader of Pabulib's format (pabulib.org/format) takes: a checker of our own, that shares nothing with the service."""
import csv
import re
from decimal import Decimal

COMPULSORY = {"description", "country", "unit", "instance", "num_projects", "num_votes", "budget", "vote_type", "rule", "date_begin", "date_end"}
KNOWN = COMPULSORY | {
    "district", "subunit", "min_length", "max_length", "min_sum_cost", "max_sum_cost", "min_points", "max_points", "min_sum_points",
    "max_sum_points", "default_score", "edition", "language", "currency", "fully_funded", "experimental", "min_project_score_threshold",
    "comment", "acknowledgments"}
RULES = {"greedy", "greedy-no-skip", "greedy-threshold", "greedy-exclusive", "greedy-custom", "equalshares", "equalshares-comparison",
         "equalshares/add1", "equalshares/add1-comparison", "unknown"}
WITHDRAWN = 999_999_999


def sections(text):
    """{title: (columns, rows)} of a file whose titles stand in order, each once, without an empty line."""
    assert not text.startswith("\ufeff") and "\r" not in text and text.endswith("\n")
    lines = text[:-1].split("\n")
    assert all(lines), "an empty line"
    places = [lines.index(title) for title in ("META", "PROJECTS", "VOTES")]
    assert places == sorted(places) and places[0] == 0 and all(lines.count(t) == 1 for t in ("META", "PROJECTS", "VOTES"))
    found = {}
    for start, end in zip(places, [*places[1:], len(lines)]):
        columns, *rows = csv.reader(lines[start + 1:end], delimiter=";", strict=True)
        assert all(len(row) == len(columns) for row in rows), "a ragged row"
        found[lines[start]] = columns, [dict(zip(columns, row)) for row in rows]
    return found


def listed(cell):
    items = cell.split(",")
    assert all(item and item == item.strip() for item in items), cell
    return items


def check_ballot(ballot, meta, costs):
    chosen = listed(ballot["vote"])
    assert len(set(chosen)) == len(chosen) and set(chosen) <= set(costs)
    assert int(meta.get("min_length", 1)) <= len(chosen) <= int(meta.get("max_length", meta["num_projects"]))
    assert sum(costs[one] for one in chosen) <= Decimal(meta.get("max_sum_cost", "Infinity"))
    if meta["vote_type"] == "choose-1":
        assert len(chosen) == 1
    assert ("points" in ballot) == (meta["vote_type"] in ("cumulative", "scoring"))
    if "points" in ballot:
        points = [Decimal(one) for one in listed(ballot["points"])]
        assert len(points) == len(chosen)
        assert points == sorted(points, reverse=True), f"not in falling points: {ballot}"
        assert meta["vote_type"] == "scoring" or min(points) >= 0 and sum(points) <= Decimal(meta["max_sum_points"])


def check(text):
    """The sections of a file that is strict in everything."""
    found = sections(text)
    (meta_columns, meta_rows), (project_columns, projects), (vote_columns, ballots) = found.values()
    meta = {row["key"]: row["value"] for row in meta_rows}
    assert meta_columns == ["key", "value"] and len(meta) == len(meta_rows)
    assert COMPULSORY <= set(meta) <= KNOWN and all(meta.values())
    assert meta["vote_type"] in ("approval", "choose-1", "ordinal", "cumulative", "scoring") and meta["rule"] in RULES
    assert all(re.fullmatch(r"\d{4}|\d\d\.\d\d\.\d{4}", meta[day]) for day in ("date_begin", "date_end"))
    assert project_columns[:2] == ["project_id", "cost"] and vote_columns[0] == "voter_id"
    assert (int(meta["num_projects"]), int(meta["num_votes"])) == (len(projects), len(ballots))
    assert int(meta.get("max_length", 1)) <= len(projects)
    costs = {project["project_id"]: Decimal(project["cost"]) for project in projects}
    assert len(costs) == len(projects) and not any("," in one for one in costs)
    assert all(0 < cost <= Decimal(meta["budget"]) or cost == WITHDRAWN for cost in costs.values())
    assert len({ballot["voter_id"] for ballot in ballots}) == len(ballots)
    for ballot in ballots:
        check_ballot(ballot, meta, costs)
    return found
