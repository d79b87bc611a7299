"""What a release answered, asked again of the program as it is now. tools/record-release makes the recordings of
tests/upgrade; test_upgrade.py compares."""
import csv
import io
import json
import lzma
import subprocess

import cluster
import server
import tokens
import world
from client import JSON, Client
from cryptography.hazmat.primitives.asymmetric import ec

FOLDER = server.ROOT / "tests" / "upgrade"
SUBJECTS = {"508": [None, "demo-coordinator", "demo-admin", "demo-reporter"], "743": [None, "demo-coordinator"]}
PAGE, SAMPLES = 20, 2  # items of a page, items of a list that are asked for one by one
# Anybody may know this key: with it the release's own cursors are read again.
OWN_KEY = ec.derive_private_key(0x656C696E766F696D612C20612072656C65617365, ec.SECP256R1())


def releases():
    return sorted(path.name.removesuffix(".sql.xz") for path in FOLDER.glob("*.sql.xz"))


def as_number(version):
    return tuple(int(part) for part in version.split("."))


def load(version):
    return json.loads(lzma.decompress((FOLDER / f"{version}.json.xz").read_bytes()))


def restore(made, version, name):
    """A database that holds what the release held."""
    made.create(name, "template1")
    subprocess.run([cluster.PG / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", made.url(name, "postgres")],
                   input=lzma.decompress((FOLDER / f"{version}.sql.xz").read_bytes()), check=True,
                   stdout=subprocess.DEVNULL)


class Speaker:
    """A service over `database` at a time that stands still, and clients of the demo's people."""

    def __init__(self, made, database, folder, clock, program=server.PROGRAM, reports=None):
        keys = tokens.Keys.make(folder, own=OWN_KEY)
        self.clock = clock
        self.settings = {"database_url": made.url(database), "migration_database_url": made.url(database, "elinvoima_owner"),
                         "token_key_file": keys.own_file, "token_issuer": world.ISSUER}
        self.keys, self.program, self.reports = keys, program, reports
        self.server = None

    def run(self, *arguments):
        return server.run(*arguments, settings=self.settings, program=self.program)

    def serve(self):
        self.server = server.Server(self.settings, self.reports, program=self.program,
                                    more=server.fake_clock(f"{self.clock:%Y-%m-%d %H:%M:%S}"))

    def client(self, subject):
        second = int(self.clock.timestamp())
        return Client(self.server.port, subject and self.keys.mint(subject, iat=second, exp=second + 3600))


class Crawl:
    """Every list that the contract has, its pages, and a sample of its items with all that lies below them."""

    def __init__(self, document, client, municipality):
        self.client, self.municipality, self.entries, self.items = client, municipality, [], {}
        self.paths = {path: self._parameters(document, item["get"]) for path, item in document["paths"].items()
                      if path.startswith("/v1/{municipality}") and "get" in item}

    @staticmethod
    def _parameters(document, operation):
        return {document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]["name"]
                if "$ref" in parameter else parameter["name"] for parameter in operation.get("parameters", [])}

    def run(self):
        for path in sorted(self.paths, key=lambda path: (path.count("{"), path)):
            start, *rest = path.replace("{municipality}", self.municipality).split("/{")
            if not rest:
                self.items[start] = self._read(path, start)
            for item in self.items[start][:SAMPLES] if rest else []:
                self._read(path, start + "".join(f"/{item['id']}{part.partition('}')[2]}" for part in rest))
        return self.entries

    def _read(self, path, target):
        if "limit" not in self.paths[path]:
            return self._ask(target).get("items", [])
        if "format" in self.paths[path]:
            self._ask(f"{target}?limit={PAGE}&format=csv")
        items, target = [], f"{target}?limit={PAGE}"
        while target:
            page = self._ask(target)
            items, target = items + page.get("items", []), page.get("next")
        return items

    def _ask(self, target):
        answer = self.client.get(target)
        self.entries.append(entry_of(target, answer))
        return answer.json if answer.status == 200 and answer.media_type == JSON else {}


def entry_of(target, answer):
    """What is kept of an answer. A weak tag tells of the bytes, a strong one of the version."""
    etag = answer.headers.get("ETag", "")
    if answer.media_type == "text/csv":
        content = list(csv.DictReader(io.StringIO(answer.text)))
    else:
        content = {name: value for name, value in answer.json.items() if answer.status == 200 or name in ("status", "code")}
    return {"target": target, "status": answer.status, "etag": None if etag.startswith("W/") else etag or None,
            "content": content}


def differences(then, now, place=""):
    """What of `then` is not in `now`: members may be added, everything else is as it was."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [text for name, value in then.items()
                for text in (differences(value, now[name], f"{place}/{name}") if name in now else [f"{place}/{name} is gone"])]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [text for at, value in enumerate(then) for text in differences(value, now[at], f"{place}/{at}")]
    # where a list goes on is checked by going on from where the release said
    is_same = then == now or (place == "/content/next" and then and now)
    return [] if is_same else [f"{place}: {json.dumps(then, ensure_ascii=False)} → {json.dumps(now, ensure_ascii=False)}"]
