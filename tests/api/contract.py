"""openapi.yaml as the tests read it: operations, matching, and what an answer may look like."""
import copy
import datetime
import functools
import ipaddress
import pathlib
import re
import uuid

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
METHODS = ("get", "post", "put", "patch", "delete")
# Statuses that may come at any operation; openapi.yaml has them as `default`.
GENERAL = {405, 414, 417, 431, 500, 503}


class _Loader(yaml.CSafeLoader):
    """Dates stay texts."""


_Loader.yaml_implicit_resolvers = {
    key: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for key, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()}

DOCUMENT = yaml.load((ROOT / "openapi.yaml").read_text(encoding="utf-8"), _Loader)


def resolve(node):
    while "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"][2:].split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


class Operation:
    def __init__(self, path, method, item):
        self.path, self.method, self.item = path, method.upper(), item
        self.id = item["operationId"]
        self.parameters = [resolve(parameter) for parameter in item.get("parameters", [])]
        self.responses = {status: resolve(response) for status, response in item["responses"].items()}
        self.statuses = {int(status) for status in self.responses if status != "default"}
        self.problems = set(item.get("x-problems", []))
        self.is_public = {} in item["security"]
        self.roles = [role for entry in item["security"] for role in entry.get("bearer", [])]
        request_body = resolve(item["requestBody"]) if "requestBody" in item else {}
        content = request_body.get("content", {})
        self.body_most = request_body.get("x-body-most-bytes", 262144)
        self.media_type = next(iter(content), None)
        self.is_raw = "schema" not in content.get(self.media_type, {"schema": None})  # bytes as they are
        self.body = resolve(content[self.media_type]["schema"]) if content and not self.is_raw else None
        self.success = min(status for status in self.statuses if status < 300)
        self.is_tenant = path.startswith("/v1/{municipality}")
        self.has_id = "{id}" in path
        self._pattern = re.compile("^" + re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(path)) + "$")

    def matches(self, path):
        return bool(self._pattern.match(path))

    def query(self):
        return [parameter for parameter in self.parameters if parameter["in"] == "query"]

    def __repr__(self):
        return self.id


ALL = [Operation(path, method, item[method])
       for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item]
# Open311: its path's ending says the form of an answer, and problems are lists (open311.py); the others are OPERATIONS
FACE = [operation for operation in ALL if operation.path.endswith(".{format}")]
OPERATIONS = [operation for operation in ALL if operation not in FACE]
BY_ID = {operation.id: operation for operation in ALL}


def find_operation(method, path):
    """A literal segment wins over a parameter: the path with the fewest parameters that matches."""
    found = [operation for operation in ALL if operation.method == method and operation.matches(path)]
    return min(found, key=lambda operation: operation.path.count("{"), default=None)


# --- formats ------------------------------------------------------------------------------------------
FORMATS = jsonschema.FormatChecker(formats=())
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def _format(name):
    def register(function):
        def check(value):
            return not isinstance(value, str) or function(value) is not False
        FORMATS.checks(name, raises=ValueError)(check)
        return check
    return register


@_format("date")
def _date(text):
    return len(text) == 10 and bool(datetime.date.fromisoformat(text))


@_format("partial-date")
def _partial_date(text):
    if not re.match(r"^\d{4}(-\d\d){0,2}$", text):
        return False
    return bool(datetime.date.fromisoformat(text + "-01-01"[len(text) - 10:] if len(text) < 10 else text))


@_format("date-time")
def _date_time(text):
    return bool(_TIME.match(text)) and bool(datetime.datetime.fromisoformat(text[:19]))


@_format("w3c-date")
def _w3c_date(text):
    return _partial_date(text) or bool(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$", text))


@_format("uuid")
def _uuid(text):
    return str(uuid.UUID(text)) == text


@_format("email")
def _email(text):
    return bool(_EMAIL.match(text))


@_format("uri")
def _uri(text):
    return bool(re.match(r"^[a-z][a-z0-9+.-]*:\S+$", text))


@_format("ipv4")
def _ipv4(text):
    return bool(ipaddress.IPv4Address(text))


# --- bodies -------------------------------------------------------------------------------------------
_ROOT = jsonschema.Draft202012Validator(DOCUMENT, format_checker=FORMATS,
                                        resolver=jsonschema.RefResolver("", DOCUMENT))


def faults_of(value, schema):
    """What of the value does not fit the schema, as texts."""
    faults = _ROOT.evolve(schema=schema).iter_errors(value)
    return [f"/{'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}" for fault in faults]


@functools.lru_cache(maxsize=None)
def response_schema(operation_id, status, media_type):
    content = BY_ID[operation_id].responses[str(status)].get("content", {})
    return content[media_type].get("schema", {}) if media_type in content else None


def trim(schema, names, optional=()):
    """The schema of an answer to `fields=`: exactly these members, in the items of a list too."""
    schema = copy.copy(resolve(schema))
    properties = schema["properties"]
    if "items" in properties and "next" in properties:
        items = dict(properties["items"], items=trim(properties["items"]["items"], names, optional))
        return dict(schema, properties=dict(properties, items=items))
    if "features" in properties:
        feature = resolve(properties["features"]["items"])
        inner = dict(feature["properties"], properties=trim(feature["properties"]["properties"], names, optional))
        return dict(schema, properties=dict(properties, features=dict(properties["features"], items=dict(feature, properties=inner))))
    return dict(schema, required=list(names), properties={name: properties[name] for name in [*names, *optional]})


# --- problems -----------------------------------------------------------------------------------------
_ROW = re.compile(r'^PROBLEM\(\w+, (\d{3}), "(\w+)"', re.MULTILINE)


def _codes(file):
    return {code: int(status) for status, code in _ROW.findall((ROOT / "src" / file).read_text(encoding="utf-8"))}


GENERIC_PROBLEMS = _codes("problem.def")
DOMAIN_PROBLEMS = _codes("problem_domain.def")
PROBLEMS = {**GENERIC_PROBLEMS, **DOMAIN_PROBLEMS}
