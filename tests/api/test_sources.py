"""The rules of the house that a machine can see in the sources."""
import pathlib
import re

import contract
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SQL = sorted((ROOT / "api").glob("*.sql"))
SECTION = re.compile(r"(?m)^-- name: (\S+).*$")


def sections(path):
    text = path.read_text(encoding="utf-8")
    marks = list(SECTION.finditer(text))
    for mark, following in zip(marks, marks[1:] + [None]):
        yield mark.group(1), text[mark.end():following.start() if following else len(text)]


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.name)
def test_every_statement_names_the_municipality(path):
    for name, text in sections(path):
        if "-- shared: " in text or "-- include: " in text:
            continue
        assert ":municipality" in text, f"{path.name} {name} names no municipality and does not say why"


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.name)
def test_the_clock_is_the_requests(path):
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"\bnow\s*\(\)|current_(date|timestamp)|clock_timestamp", text)


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.name)
def test_guards_answer_with_known_codes(path):
    for name, text in sections(path):
        if name.endswith(".guard") or name.startswith("part."):
            for code in re.findall(r"(?m)^select '(\w+)',", text):
                assert code in contract.PROBLEMS, f"{path.name} {name}: {code}"


def test_operations_list_the_codes_their_guards_give():
    """Every code of a guard stands in x-problems of the operation that is bound to it."""
    listed = set().union(*(operation.problems for operation in contract.ALL))
    given = {code for path in SQL for _, text in sections(path) for code in re.findall(r"(?m)^select '(\w+)',", text)}
    general = set(contract.GENERIC_PROBLEMS)
    assert given - general <= listed
    assert set(contract.DOMAIN_PROBLEMS) <= listed | given, "a problem nobody gives"


@pytest.mark.parametrize("path", sorted([*ROOT.glob("src/*.c"), *ROOT.glob("api/*.c"), *ROOT.glob("src/*.h")]), ids=lambda path: path.name)
def test_files_are_read_at_one_sitting(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400 or "longer than 400 lines" in "\n".join(lines[:20]), f"{len(lines)} lines"


@pytest.mark.parametrize("path", sorted([*ROOT.glob("src/*.c"), *ROOT.glob("api/*.c")]), ids=lambda path: path.name)
def test_c_holds_no_sql_of_requests_and_libraries_stay_in_their_place(path):
    text = path.read_text(encoding="utf-8")
    if path.name != "list.c":
        assert not re.search(r'"[^"]*\b(insert into|update|delete from)\b [^"]*"', text)
    assert ("<ulfius.h>" in text) <= (path.name == "http.c")
    assert ("PQexec" in text) <= (path.name == "db.c")
    if path.parent.name == "api":
        assert not re.search(r"#include <(libpq|ulfius|jansson)", text)
