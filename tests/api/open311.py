"""The Open311 face as its clients see it: what is read as XML says the same as JSON."""
import json
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree

import contract

HOME = "743"
BASE = "/open311/v2"
XML, JSON = "text/xml; charset=utf-8", "application/json; charset=utf-8"
LISTS = {"attributes", "endpoints", "errors", "formats", "media_urls", "service_request_updates", "service_requests", "services", "values"}
BOOLEANS, NUMBERS = {"metadata", "variable", "required"}, {"lat", "long", "order", "code"}


def unique():
    """Letters alone: digits in a row may look like somebody's telephone number, which a moderator would look at first."""
    return uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))


def as_json(element, parent=None):
    """XML as JSON by the convention: the root dropped, a container of equal children an array."""
    if element.tag in LISTS:
        return [as_json(child, element.tag) for child in element]
    if len(element):
        return {child.tag: as_json(child, element.tag) for child in element}
    text = element.text or ""
    if element.tag in BOOLEANS:
        return {"true": True, "false": False}[text]
    is_number = element.tag in NUMBERS and (element.tag != "code" or parent == "error")
    return json.loads(text) if is_number else text


def read_xml(response):
    assert response.headers["Content-Type"] == XML, response.headers
    assert response.body.startswith(b'<?xml version="1.0" encoding="utf-8"?>'), response
    assert b"xmlns" not in response.body
    return ElementTree.fromstring(response.body)


def read(response):
    if response.headers["Content-Type"] == JSON:
        return response.json
    return as_json(read_xml(response))


def check_errors(response):
    """A problem in the shape of the face: a list of code and description, in the form that was asked for."""
    is_json = response.path.partition("?")[0].endswith(".json")
    assert response.headers["Content-Type"] == (JSON if is_json else XML), response
    if not is_json:
        root = read_xml(response)
        assert root.tag == "errors" and {child.tag for child in root} == {"error"}, response
    errors = read(response)
    assert errors and not contract.faults_of(errors, {"$ref": "#/components/schemas/Open311Errors"}), response
    assert all(error["description"] and "{0}" not in error["description"] for error in errors), response
    assert any(error["code"] // 100 == response.status // 100 for error in errors), response


class Face:
    def __init__(self, world, client=None):
        self.world = world
        self.client = client or world.of()

    def ask(self, path, form="xml", base=f"{BASE}/{HOME}", method="GET", headers=None, **query):
        query = urllib.parse.urlencode(query, doseq=True)
        return self.client.request(method, f"{base}/{path}.{form}" + ("?" + query if query else ""), headers=headers)

    def both(self, path, **query):
        """What XML and JSON say, which is the same."""
        answers = [self.ask(path, form, **query).expect(200) for form in ("xml", "json")]
        assert answers[0].headers["Content-Type"] == XML and answers[1].headers["Content-Type"] == JSON
        assert read(answers[0]) == answers[1].json
        return answers[1].json

    def key(self, **more):
        """A client's key."""
        return self.world.make("admin", "open311-clients", {"name": f"FixMyStreet {uuid.uuid4()}", **more})

    def post(self, path, fields, form="xml", base=f"{BASE}/{HOME}"):
        """Urlencoded; fields are pairs, or a dict of which a list is sent repeatedly."""
        return self.client.request("POST", f"{base}/{path}.{form}", body=urllib.parse.urlencode(fields, doseq=True).encode(),
                                   headers={"Content-Type": "application/x-www-form-urlencoded"})

    def post_parts(self, path, parts, form="xml"):
        """Multipart: (name, value) or (name, value, file name)."""
        boundary = uuid.uuid4().hex
        body = b""
        for name, value, *filename in parts:
            extra = f'; filename="{filename[0]}"\r\nContent-Type: image/jpeg' if filename else ""
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode()
            body += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
        return self.client.request("POST", f"{BASE}/{HOME}/{path}.{form}", body=body + f"--{boundary}--\r\n".encode(),
                                   headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def report(self, key, **more):
        fields = {"api_key": key, "service_code": self.world.feedback.lighting["code"], "description": f"Polku on pimeä {unique()}",
                  "lat": "62.770000", "long": "22.850000", **more}
        return {name: value for name, value in fields.items() if value is not None}

    def send(self, key, **more):
        """The number that is answered."""
        return read(self.post("requests", self.report(key, **more)).expect(200))[0]["service_request_id"]

    def token(self, number):
        """One as numbers had them once."""
        token = uuid.uuid4().hex
        self.world.rows("update open311_request set token_hash = sha256(convert_to(%s, 'UTF8')) where feedback_id = %s",
                        token, self.stored(number)["id"])
        return token

    def stored(self, number):
        return dict(zip(("id", "text", "title", "channel", "address", "latitude", "longitude", "answers", "language", "permits_publication", "findings"),
                        self.world.rows("select id, text, title, channel, address, latitude, longitude, answers, language, permits_publication, findings"
                                        " from feedback where municipality = %s and number = %s", HOME, int(number))[0]))


def errors_of(response):
    return [(error["code"], error["description"].partition(":")[0]) for error in read(response)]
