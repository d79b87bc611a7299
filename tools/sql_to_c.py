#!/usr/bin/env python3
"""Turns x.sql into x.sql.h and x.sql.c: one `struct statement` per `-- name:` section, `:names` as $1…$n.

Sections `stem.lock`, `stem.guard`, `stem.apply…` become one `struct write` named x_stem; a lone section
that writes becomes a write with one apply; a lone section that reads becomes a statement named x_stem.
`-- include: other` puts the text of section `other` (of the same file) in its place, so that what two
statements share is said once; a section named `part.…` exists only to be included.
"""
import pathlib
import re
import sys

NAME = re.compile(r"^-- name: ([a-z_0-9.]+)(?:\s.*)?$")
INCLUDE = re.compile(r"^\s*-- include: ([a-z_0-9.]+)\s*$")
# `-- shared: why` names no tenant; `-- restricted: why` reads tables with row-level security
MARK = re.compile(r"^-- (shared|restricted): \S")
# quoted text, quoted identifiers, casts and comments are passed over; a lone :name is a parameter
TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|::|--[^\n]*|:([a-z_][a-z_0-9]*)")
LOCKS, GUARD, APPLY = "lock", "guard", "apply"


def fail(path, message):
    sys.exit(f"{path}: {message}")


def read_sections(path):
    """Returns {name: (text, marks)} in file order, comments removed."""
    sections, name = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        match = NAME.match(line)
        if match:
            name = match.group(1)
            if name in sections:
                fail(path, f"section {name} stands twice")
            sections[name] = ([], set())
            continue
        mark = MARK.match(line)
        if mark and name:
            sections[name][1].add(mark.group(1))
            continue
        include = INCLUDE.match(line)
        if include:
            if include.group(1) not in sections:
                fail(path, f"{name} includes {include.group(1)}, which does not stand above it")
            sections[name][0].extend(sections[include.group(1)][0])
            continue
        if line.lstrip().startswith("--") or not line.strip():
            continue
        if name is None:
            fail(path, f"text before the first section: {line}")
        sections[name][0].append(line.rstrip())
    return {name: ("\n".join(lines), marks) for name, (lines, marks) in sections.items()
            if not name.startswith("part.")}


def number_parameters(text):
    names = []

    def replace(match):
        if not match.group(1):
            return "" if match.group(0).startswith("--") else match.group(0)
        if match.group(1) not in names:
            names.append(match.group(1))
        return f"${names.index(match.group(1)) + 1}"

    return TOKEN.sub(replace, text).strip(), names


def c_text(text):
    lines = text.split("\n")
    escaped = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return "\n".join(f'        "{line}\\n"' for line in escaped)


def is_writing(text):
    return re.match(r"\s*(insert|update|delete)\b", text) is not None or re.search(
        r"(?m)^\s*(insert into|update|delete from)\b", text) is not None


def main(source, header_path, code_path):
    path = pathlib.Path(source)
    stem = path.stem
    header = ["/* Generated from " + path.name + " by tools/sql_to_c.py. */", "#pragma once", "",
              '#include "statement.h"', ""]
    code = [f'#include "{pathlib.Path(header_path).name}"', "", "#include <stddef.h>", ""]
    groups = {}
    for name, (text, marks) in read_sections(path).items():
        if not text:
            fail(path, f"section {name} is empty")
        numbered, names = number_parameters(text)
        symbol = f"{stem}_{name.replace('.', '_')}"
        group, _, role = name.rpartition(".")
        is_part = group and role.split("_")[0] in (LOCKS, GUARD, APPLY)
        if is_part:
            groups.setdefault(group, {LOCKS: None, GUARD: None, APPLY: []})
        elif is_writing(text):
            groups.setdefault(name, {LOCKS: None, GUARD: None, APPLY: []})
        if is_part or is_writing(text):
            symbol += "_statement"
            slot = groups[group if is_part else name]
            if not is_part or role.split("_")[0] == APPLY:
                slot[APPLY].append(symbol)
            else:
                slot[role] = symbol
        header.append(f"extern const struct statement {symbol};")
        array = "".join(f'"{n}", ' for n in names) + "NULL"
        code += [f"const struct statement {symbol} = {{", f'    .name = "{stem}.{name}",',
                 f"    .text =\n{c_text(numbered)},",
                 f"    .parameters = (const char *const[]){{{array}}},",
                 f"    .is_restricted = {str('restricted' in marks).lower()},",
                 f"    .is_shared = {str('shared' in marks).lower()},", "};", ""]
    for group, parts in groups.items():
        if not parts[APPLY]:
            fail(path, f"{group} has no apply")
        symbol = f"{stem}_{group.replace('.', '_')}"
        header.append(f"extern const struct write {symbol};")
        applies = "".join(f"&{a}, " for a in parts[APPLY]) + "NULL"
        code += [f"const struct write {symbol} = {{", f'    .name = "{stem}.{group}",',
                 f"    .lock = {'&' + parts[LOCKS] if parts[LOCKS] else 'NULL'},",
                 f"    .guard = {'&' + parts[GUARD] if parts[GUARD] else 'NULL'},",
                 f"    .applies = (const struct statement *const[]){{{applies}}},", "};", ""]
    pathlib.Path(header_path).write_text("\n".join(header) + "\n", encoding="utf-8")
    pathlib.Path(code_path).write_text("\n".join(code), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
