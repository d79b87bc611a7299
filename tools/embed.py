#!/usr/bin/env python3
"""Writes C sources that carry files of the project inside the program.

embed.py contract openapi.yaml out.c       the contract as compact JSON (members in file order)
embed.py migrations out.c 0001_x.sql …     the migrations with their SHA-256
embed.py demo out.c *.json                 the demo's data
embed.py style x.css out.c                 the pages' style, and the policy that allows no more than it
embed.py resources out.c body measure …    the table of api/*.c
"""
import base64
import hashlib
import json
import pathlib
import sys


def c_bytes(data, is_signed=True):
    """An initialiser with a NUL behind it; char is signed here, unsigned char where asked."""
    numbers = [b - 256 if is_signed and b > 127 else b for b in data]
    lines = ["    " + ",".join(map(str, numbers[at:at + 24])) + "," for at in range(0, len(numbers), 24)]
    return "\n".join(lines) + "\n    0,"


def contract(source, out):
    import yaml

    class Loader(yaml.CSafeLoader):
        pass

    # dates stay texts, and a member that stands twice is a fault of the contract, not a choice
    Loader.yaml_implicit_resolvers = {
        key: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for key, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()}

    def mapping(loader, node):
        result = {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node, deep=True))
            if key in result:
                sys.exit(f"{source}:{key_node.start_mark.line + 1}: {key} stands twice")
            result[key] = loader.construct_object(value_node, deep=True)
        return result

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    with open(source, encoding="utf-8") as file:
        document = yaml.load(file, Loader)
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    pathlib.Path(out).write_text(
        "#include <stddef.h>\n\nextern const unsigned char contract_json[];\n"
        "extern const size_t contract_json_length;\n"
        f"const unsigned char contract_json[] = {{\n{c_bytes(data, is_signed=False)}\n}};\n"
        f"const size_t contract_json_length = {len(data)};\n", encoding="utf-8")


def migrations(out, *files):
    parts, rows = ['#include "migrate.h"\n'], []
    for number, name in enumerate(sorted(files), start=1):
        path = pathlib.Path(name)
        if not path.name.startswith(f"{number:04d}_"):
            sys.exit(f"{path.name}: expected number {number:04d}")
        data = path.read_bytes()
        parts.append(f"static const char migration_{number}[] = {{\n{c_bytes(data)}\n}};\n")
        rows.append(f'    {{{number}, "{path.stem}", "{hashlib.sha256(data).hexdigest()}", migration_{number}}},')
    parts.append("const struct migration migrations[] = {\n" + "\n".join(rows) + "\n    {0, 0, 0, 0},\n};\n")
    pathlib.Path(out).write_text("\n".join(parts), encoding="utf-8")


def demo(out, *files):
    parts, rows = ['#include "demo.h"\n'], []
    for name in files:
        path = pathlib.Path(name)
        data = json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False,
                          separators=(",", ":")).encode()
        parts.append(f"static const char demo_{path.stem}[] = {{\n{c_bytes(data)}\n}};\n")
        rows.append(f'    {{"{path.stem}", demo_{path.stem}, {len(data)}}},')
    parts.append("const struct demo_file demo_files[] = {\n" + "\n".join(rows) + "\n    {0, 0, 0},\n};\n")
    pathlib.Path(out).write_text("\n".join(parts), encoding="utf-8")


def style(source, out):
    path = pathlib.Path(source)
    data = path.read_bytes()
    allowed = base64.b64encode(hashlib.sha256(data).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    pathlib.Path(out).write_text(
        f"extern const char {path.stem}_css[], {path.stem}_policy[];\n"
        f"const char {path.stem}_css[] = {{\n{c_bytes(data)}\n}};\n"
        f'const char {path.stem}_policy[] = "{policy}";\n', encoding="utf-8")


def resources(out, *names):
    if list(names) != sorted(names):
        sys.exit("api/meson.build: the list of resources is alphabetical")
    parts = ['#include "operation.h"\n']
    parts += [f"extern const struct binding {n}_bindings[];\nextern const struct constraint {n}_constraints[];"
              for n in names]
    parts += ["\nconst struct resource resources[] = {"]
    parts += [f'    {{"{n}", {n}_bindings, {n}_constraints}},' for n in names] + ["    {0, 0, 0},\n};\n"]
    pathlib.Path(out).write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    {"contract": contract, "migrations": migrations, "demo": demo, "style": style,
     "resources": resources}[sys.argv[1]](*sys.argv[2:])
