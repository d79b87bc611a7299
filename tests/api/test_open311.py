"""The reading side of Open311: discovery, services, definitions, requests, tokens; forms and errors of all."""
import datetime
import re
import uuid

import pytest

import contract
from feedback import both, question
from open311 import BASE, HOME, XML, Face, errors_of, read, read_xml

OPERATIONS = [operation for operation in contract.FACE]
GETS = [operation for operation in OPERATIONS if operation.method == "GET"]


@pytest.fixture(scope="module")
def face(world):
    return Face(world)


@pytest.fixture(scope="module")
def key(face):
    return face.key()["key"]


@pytest.fixture(scope="module")
def number(face, key):
    return face.send(key)


def each(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


def publish(world, sent, **columns):
    where = "id = %s" if isinstance(sent, dict) else "number = %s"
    more = {"publication": "published", "published_text": "Polku on pimeä.", "permits_publication": True, **columns}
    world.rows(f"update feedback set {', '.join(f'{name} = %s' for name in more)} where {where}", *more.values(),
               sent["id"] if isinstance(sent, dict) else int(sent))


def at(days=0, **more):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, **more)).strftime("%Y-%m-%dT%H:%M:%SZ")


def path_of(face, operation, key, number, form="xml"):
    """A path of each operation that answers 200 to a GET."""
    values = {"municipality": HOME, "service_code": face.world.feedback.lighting["code"], "service_request_id": number, "format": form,
              "token": face.token(number) if "{token}" in operation.path else ""}
    path = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], operation.path)
    return path + f"?api_key={key}" + ("" if "{municipality}" in operation.path else f"&jurisdiction_id={HOME}")


# --- common rules -----------------------------------------------------------------------------------------
@each(GETS)
def test_every_read_is_xml_and_json_that_say_the_same_and_304_to_its_tag(face, key, number, operation):
    answers = [face.client.get(path_of(face, operation, key, number, form)).expect(200) for form in ("xml", "json")]
    read_xml(answers[0])
    if "{token}" not in operation.path:
        assert read(answers[0]) == answers[1].json
    path = path_of(face, operation, key, number)
    answer = face.client.get(path).expect(200)
    head = face.client.head(path).expect(200)
    assert head.headers["Content-Type"] == XML and head.headers["ETag"] == answer.headers["ETag"]
    face.client.get(path, headers={"If-None-Match": answer.etag}).expect(304)
    parameters = {parameter["name"] for parameter in operation.parameters}
    wanted = "private, no-store" if parameters & {"api_key", "token"} else "public, max-age="
    assert answer.headers["Cache-Control"].startswith(wanted)
    face.client.get(path, headers={"Accept": "image/png"}).expect(200)


@each(GETS)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_headers_say_the_language_and_vary_by_it(face, key, number, operation, form):
    for language in ("fi", "sv"):
        answer = face.client.get(path_of(face, operation, key, number, form), headers={"Accept-Language": language}).expect(200)
        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers["Vary"].split(", ")


@each(GETS)
def test_unknown_and_empty_parameters_are_ignored(face, key, number, operation):
    path = path_of(face, operation, key, number)
    plain, more = face.client.get(path).expect(200), face.client.get(path + "&nonsense=1&nonsense=2&attribute%5Bx%5D=1&locale=&bbox=").expect(200)
    assert plain.body == more.body or "{token}" in operation.path


@each(OPERATIONS)
def test_other_methods_are_405_in_the_shape_of_the_face(face, key, number, operation):
    here = {o.method for o in OPERATIONS if o.path == operation.path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - here:
        for form in ("xml", "json"):
            answer = face.client.request(method, path_of(face, operation, key, number, form)).expect(405)
            assert here <= {name.strip() for name in answer.headers["Allow"].split(",")}
    allow = face.client.request("OPTIONS", path_of(face, operation, key, number)).expect(204).headers["Allow"]
    assert here | {"OPTIONS"} <= {name.strip() for name in allow.split(",")}


@pytest.mark.parametrize("path", [
    f"{BASE}/nothing.xml", f"{BASE}/nothing.json", f"{BASE}/services", f"{BASE}/services.csv", f"{BASE}/{HOME}/services.html", "/open311/",
    f"{BASE}/999/services.xml", f"{BASE}/999/services.json", f"{BASE}/{HOME}/requests/no.such.thing.json", f"{BASE}/{HOME}/tokens/none.json"])
def test_what_does_not_exist_is_404_in_the_shape_of_the_face(face, path):
    answer = face.client.get(path).expect(404)
    assert read(answer)[0]["code"] == 404


@each([operation for operation in OPERATIONS if 400 in operation.statuses])
def test_a_target_that_cannot_be_read_is_400_in_the_shape_of_the_face(face, key, number, operation):
    path = path_of(face, operation, key, number, "json") + "&locale=%C3"
    assert read(face.client.request(operation.method, path, headers={"Content-Type": "application/x-www-form-urlencoded"}).expect(400))[0]["code"] == 400
    answer = face.client.get(path_of(face, operation, key, number).replace("?", "?locale=*&")) if operation.method == "GET" else None
    assert not answer or errors_of(answer.expect(400)) == [(422, "locale")]


@each([operation for operation in OPERATIONS if 404 in operation.statuses])
def test_unknown_municipality_is_404(face, key, number, operation):
    path = path_of(face, operation, key, number).replace(HOME, "999")
    fields = b"api_key=x&service_code=x&description=x&lat=62.7&long=22.8&service_request_id=1&update_id=1&status=open&updated_datetime=2026-01-01T00:00:00Z"
    body = {"body": fields, "headers": {"Content-Type": "application/x-www-form-urlencoded"}} if operation.method == "POST" else {}
    face.client.request(operation.method, path, **body).expect(404)


def test_suffix_belongs_to_this_face_alone(world):
    for path in ("/v1/743/areas.json", "/v1/743.json", "/healthz.xml"):
        world.of().get(path).expect(404, "not_found")
    world.of().get("/openapi.json").expect(200)


def test_lists_are_arrays_even_of_one_or_none_and_the_rest_are_objects(face, world, key, number):
    topic = world.feedback.topic(questions=[question("lamp", 1)])
    for path, kind, length in (("services", list, None), (f"requests/{number}", list, 1), ("requests", list, 0), (f"services/{topic['code']}", dict, 2),
                               ("discovery", dict, 4), ("servicerequestupdates", list, 0)):
        found = face.both(path, api_key=key, **({"service_code": topic["code"]} if path == "requests" else {}),
                          **({"start_date": at(-9), "end_date": at(-8)} if path == "servicerequestupdates" else {}))
        assert type(found) is kind and (length is None or len(found) == length), path
    assert [attribute["values"] for attribute in face.both(f"services/{topic['code']}")["attributes"]] == [[]]


# --- jurisdictions ----------------------------------------------------------------------------------------
def test_jurisdiction_is_a_municipality_code_or_its_domain(face, world):
    domain = f"{uuid.uuid4().hex}.example"
    world.of("admin").patch(f"/v1/{HOME}", {"domain": domain}, etag="*").expect(200)
    by_path = face.both("services")
    for name in (HOME, domain, domain.upper()):
        assert read(face.ask("services", base=BASE, jurisdiction_id=name).expect(200)) == by_path
    for form in ("xml", "json"):
        assert errors_of(face.ask("services", form, base=BASE).expect(400)) == [(422, "jurisdiction_id")]
        assert errors_of(face.ask("services", form, base=BASE, jurisdiction_id="")) == [(422, "jurisdiction_id")]
        assert errors_of(face.ask("services", form, base=BASE, jurisdiction_id="999").expect(404)) == [(404, "jurisdiction_id")]


# --- discovery --------------------------------------------------------------------------------------------
def test_discovery_names_production_and_test_in_two_forms(face):
    found = face.both("discovery")
    assert list(found) == ["changeset", "contact", "key_service", "endpoints"] and all(found.values())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["changeset"])
    assert [endpoint["type"] for endpoint in found["endpoints"]] == ["production", "test"]
    for endpoint in found["endpoints"]:
        assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
        assert endpoint["url"].endswith(f"/open311/v2/{HOME}/") and endpoint["formats"] == ["text/xml", "application/json"]
    assert read(face.ask("discovery", base=BASE).expect(200))["endpoints"][0]["url"].endswith("/open311/v2/")


@pytest.mark.parametrize("settings, contact, key_service", [
    ({}, "https://api.test", "https://api.test"), ({"open311_contact": "avoin@seinajoki.example"}, "avoin@seinajoki.example", "avoin@seinajoki.example"),
    ({"open311_contact": "https://seinajoki.example/palaute", "open311_key_service": "https://seinajoki.example/avaimet"},
     "https://seinajoki.example/palaute", "https://seinajoki.example/avaimet")])
def test_discovery_says_whom_to_ask_for_a_key(make_service, settings, contact, key_service):
    service = make_service("discovery", **settings)
    found = service.client().get(f"{BASE}/{HOME}/discovery.json").expect(200).json
    assert (found["contact"], found["key_service"]) == (contact, key_service)


# --- services ---------------------------------------------------------------------------------------------
def test_services_are_topics_but_no_signposts(face, world):
    parent = world.feedback.topic(name=both("Kadut"))
    name = f"Kuopat {uuid.uuid4()}"
    topic = world.feedback.topic(name=both(name), description=both("Reikä tiessä"), tags=["tie", "kuoppa"], parent_topic_id=parent["id"],
                                 questions=[question("depth", 1)])
    services = {service["service_code"]: service for service in face.both("services")}
    assert services[topic["code"]] == {
        "service_code": topic["code"], "service_name": name, "description": "Reikä tiessä", "metadata": True, "type": "realtime",
        "keywords": "tie,kuoppa", "group": services[parent["code"]]["service_name"]}
    assert services[parent["code"]]["metadata"] is False and services[parent["code"]]["group"] == ""
    assert world.feedback.health["code"] not in services
    root = read_xml(face.ask("services"))
    assert root.tag == "services" and {child.tag for child in root} == {"service"}


def test_services_of_one_name_are_told_apart_by_their_code(face, world):
    name = f"Muu {uuid.uuid4()}"
    topics = [world.feedback.topic(name=both(name)) for _ in range(2)]
    names = {service["service_code"]: service["service_name"] for service in face.both("services")}
    assert [names[topic["code"]] for topic in topics] == [f"{name} ({topic['code']})" for topic in topics]
    world.of("planner").delete(world.path("feedback-topics", topics[0]["id"]), etag="*").expect(204)
    assert [service["service_name"] for service in face.both("services") if service["service_code"] == topics[1]["code"]] == [name]
    blank = world.feedback.topic(name=both(name.replace(" ", "  ") + " "))
    names = {service["service_code"]: service["service_name"] for service in face.both("services")}
    assert names[blank["code"]] == f"{name} ({blank['code']})", "white space tells nobody apart"


@pytest.mark.parametrize("locale, ending", [("sv", " (sv)"), ("sv_FI", " (sv)"), ("sv-FI", " (sv)"), ("fi_FI", ""), ("en", ""), ("de", "")])
def test_locale_chooses_the_language(face, world, locale, ending):
    topic = world.feedback.topic(name=both("Puistot " + uuid.uuid4().hex))
    names = {service["service_code"]: service["service_name"] for service in face.both("services", locale=locale)}
    assert names[topic["code"]] == topic["name"]["fi"] + ending


def test_definition_tells_questions_with_their_values_in_order(face, world):
    topic = world.feedback.topic(questions=[
        question("kind", 3, "singlevaluelist", required=True, values=[{"key": "led", "name": both("Led")}, {"key": "old", "name": both("Vanha")}]),
        question("note", 1, datatype_description=both("lue")), question("lamp", 2, "number")])
    world.rows("update feedback_topic set questions = jsonb_set(questions, '{1,variable}', 'false') where id = %s", topic["id"])
    found = face.both(f"services/{topic['code']}")
    assert found["service_code"] == topic["code"]
    assert [(a["code"], a["variable"], a["order"], a["required"], a["datatype"]) for a in found["attributes"]] == [
        ("note", False, 1, False, "string"), ("lamp", True, 2, False, "number"), ("kind", True, 3, True, "singlevaluelist")]
    assert found["attributes"][2]["values"] == [{"key": "led", "name": "Led"}, {"key": "old", "name": "Vanha"}]
    assert found["attributes"][0]["datatype_description"] == "lue" and found["attributes"][0]["description"] == "kysymys note"
    root = read_xml(face.ask(f"services/{topic['code']}"))
    assert root.tag == "service_definition" and [value.tag for value in root.iter("value")] == ["value", "value"]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_unknown_service_and_signpost_have_no_definition(face, world, form):
    for code in ("nothing", world.feedback.health["code"]):
        assert errors_of(face.ask(f"services/{code}", form).expect(404)) == [(404, "service_code")]


# --- requests ---------------------------------------------------------------------------------------------
def ids(face, **query):
    return [row["service_request_id"] for row in face.both("requests", **query)]


def test_an_unpublished_item_is_followed_by_who_sent_it_and_is_there_for_nobody_else(face, world, key):
    secret = "Salainen lamppu"
    number = face.send(key, description=secret, title=secret, address_string=secret, first_name="Maija", last_name="Secret")
    world.of("lighter").post(world.path("feedback", face.stored(number)["id"], "answer"), {"reply": "Vaihdettu."}).expect(200)
    code = world.feedback.lighting["code"]
    for form in ("xml", "json"):
        for more in ({}, {"api_key": "x"}, {"api_key": face.key()["key"]}, {"token": "0" * 32}, {"extensions": "true"}):
            unknown = face.ask("requests/999999999999", form, **more).expect(404)
            assert face.ask(f"requests/{number}", form, **more).expect(404).body == unknown.body
            assert number not in [row["service_request_id"] for row in read(face.ask("requests", form, service_request_id=number, **more).expect(200))]
    [row] = face.both(f"requests/{number}", api_key=key)
    assert (row["status"], row["status_notes"], row["description"], row["address"], row["service_code"]) == ("closed", "Vaihdettu.", "", "", code)
    assert "lat" not in row and "long" not in row
    assert face.both("requests", service_request_id=number, api_key=key) == [row]
    seeing = face.key(sees_extended=True)["key"]
    [seen] = face.both(f"requests/{number}", api_key=seeing)
    assert (seen["status"], seen["status_notes"], seen["description"]) == ("closed", "", "")
    for asked in (key, seeing, None):
        more = {"api_key": asked} if asked else {}
        assert number not in ids(face, **more) and number not in ids(face, service_code=code, **more), "it is in no list"
        for path in (f"requests/{number}", "requests"):
            text = face.ask(path, service_request_id=number, extensions="true", **more).text
            assert secret not in text and "Maija" not in text


def test_the_senders_secret_opens_the_text(face, world):
    sent = world.feedback.send(text="Oma teksti", latitude="62.77", longitude="22.85")
    [row] = face.both(f"requests/{sent['number']}", token=sent["tracking_token"])
    assert (row["description"], row["lat"], row["long"]) == ("Oma teksti", 62.77, 22.85)
    face.ask(f"requests/{sent['number']}", token="0" * 32).expect(404)


def test_a_service_may_list_at_once_without_text_and_place(face, world, key):
    topic = world.feedback.topic(is_listed_at_once=True, responsible_party_id=world.feedback.unit["id"])
    secret, code = "Salainen puisto", topic["code"]
    number = face.send(key, service_code=code, description=f"{secret}, soita 040 123 4567", address_string=secret, service_object_type="bench", service_object_id="77")
    [row] = face.both("requests", service_code=code)
    assert face.both(f"requests/{number}") == face.both("requests", service_request_id=number) == [row]
    assert (row["service_request_id"], row["status"], row["description"], row["address"], row["status_notes"]) == (number, "open", "", "", "")
    assert "lat" not in row and secret not in face.ask("requests", service_code=code, extensions="true").text
    for finding in ({"bbox": "22,62,23,63"}, {"service_object_type": "bench"}, {"service_object_id": "77"}):
        assert ids(face, service_code=code, **finding) == [], "nor is it told by what finds it"
    assert ids(face, service_code=code, agency_responsible="Katuvaloyksikkö") == []
    for gone in ({"status": "rejected"}, {"status": "assigned", "withdrawn_at": at()}, {"withdrawn_at": None, "publication": "withdrawn"}):
        world.feedback.set(face.stored(number), **gone)
        assert ids(face, service_code=code) == []
        face.ask(f"requests/{number}").expect(404)
        assert face.both(f"requests/{number}", api_key=key)


def test_published_row_says_all_that_is_public(face, world):
    sent = world.feedback.send(address="Kalevankatu 1, 60100 Seinäjoki", latitude="62.7712345"[:9], longitude="22.85", contact={"name": "Maija", "email": "maija@example.fi"})
    publish(world, sent, responsible_party_id=world.feedback.unit["id"], published_text="Pimeä & <märkä>", published_title="Polku", reply="Korjattiin.", status="closed",
            answered_at="2026-06-01T10:00:00Z", closed_at="2026-06-02T10:00:00.7Z")
    number = str(sent["number"])
    [row] = face.both(f"requests/{number}")
    assert {name: row[name] for name in ("status", "status_notes", "description", "address", "zipcode", "lat", "long", "updated_datetime")} == {
        "status": "closed", "status_notes": "Korjattiin.", "description": "Pimeä & <märkä>", "address": "Kalevankatu 1, 60100 Seinäjoki",
        "zipcode": "60100", "lat": 62.771234, "long": 22.85, "updated_datetime": "2026-06-02T10:00:00Z"}
    assert row["agency_responsible"] == "Katuvaloyksikkö" and row["service_name"].startswith("Valaistus")
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[name])
    assert "extended_attributes" not in row and "maija" not in face.ask(f"requests/{number}").text.lower()
    assert number in ids(face)
    root = read_xml(face.ask(f"requests/{number}"))
    assert root.tag == "service_requests" and [child.tag for child in root] == ["request"]


def test_what_went_elsewhere_says_where_and_the_target_ends_with_its_day_in_finland(face, world):
    sent = world.feedback.send()
    publish(world, sent, status="transferred", transferred_to='{"name": {"fi": "Hyvinvointialue", "sv": "Välfärdsområdet"}, "address": "https://hva.example"}',
            due_on="2026-06-26", closed_at="2026-06-20T10:00:00Z")
    [row] = face.both(f"requests/{sent['number']}")
    assert (row["status"], row["service_notice"]) == ("closed", "Hyvinvointialue, https://hva.example")
    assert row["expected_datetime"] == "2026-06-26T20:59:59Z"
    assert face.both(f"requests/{sent['number']}", locale="sv")[0]["service_notice"] == "Välfärdsområdet, https://hva.example"


def test_place_where_somebody_lives_is_rounded_also_for_filters(face, world):
    sent = world.feedback.send(latitude="62.771234", longitude="22.851234", is_residential=True, address="Omakuja 1")
    publish(world, sent)
    [row] = face.both(f"requests/{sent['number']}")
    assert (row["lat"], row["long"], row["address"]) == (62.771, 22.852, "")
    assert str(sent["number"]) not in ids(face, bbox="22.8511,62.7711,22.8514,62.7714")
    assert str(sent["number"]) in ids(face, bbox="22.8519,62.7709,22.8521,62.7711")


@pytest.mark.parametrize("native, word", [
    ("received", "open"), ("in_moderation", "open"), ("assigned", "open"), ("in_progress", "open"), ("reopened", "open"),
    ("answered", "closed"), ("closed", "closed"), ("rejected", "closed"), ("merged", "closed"), ("transferred", "closed")])
def test_status_is_open_or_closed(face, world, native, word):
    row = world.rows("insert into feedback (municipality, kind, text, language, status, due_on) values (%s, 'fault', 'x', 'fi', %s, current_date) returning number",
                     HOME, native)
    assert face.both(f"requests/{row[0][0]}", api_key=face.key(sees_extended=True)["key"])[0]["status"] == word


def test_control_characters_reach_neither_form(face, world):
    sent = world.feedback.send()
    publish(world, sent, published_text="a\u0001b\ufffec")
    assert face.both(f"requests/{sent['number']}")[0]["description"] == "abc"


def test_filters_find_and_leave_out(face, world):
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"])
    sent = world.feedback.send(topic_id=topic["id"], latitude="62.90", longitude="22.90")
    closed = world.feedback.send(topic_id=topic["id"])
    publish(world, sent)
    publish(world, closed, status="closed", closed_at=at())
    one, two, code = str(sent["number"]), str(closed["number"]), topic["code"]
    assert ids(face, service_code=code) == [two, one], "the newest first"
    assert ids(face, service_code=[code, "nothing"]) == ids(face, service_code=f"{code},nothing") == [two, one]
    assert ids(face, service_code=code, status="open") == [one] and ids(face, service_code=code, status="closed") == [two]
    assert ids(face, service_code=code, status=["open", "closed"]) == ids(face, service_code=code, status="open,closed") == [two, one]
    assert ids(face, service_code=code, bbox="22.8,62.8,23.0,63.0") == [one] and ids(face, service_code=code, bbox="20,60,21,61") == []
    assert ids(face, service_code=code, lat="62.9005", long="22.9", radius="100") == [one]
    assert ids(face, service_code=code, lat="62.9005", long="22.9", radius="10") == []
    assert ids(face, service_code=code, lat="62.9089", long="22.9") == [one], "991 m"
    assert ids(face, service_code=code, lat="62.9091", long="22.9") == [], "1 013 m"
    assert ids(face, service_code=code, agency_responsible="Katuvaloyksikkö") == [two, one] and ids(face, service_code=code, agency_responsible="x") == []
    assert ids(face, service_code=code, start_date=at(-1), end_date=at(1)) == [two, one]
    assert ids(face, service_code=code, start_date=at(-3), end_date=at(-2)) == []
    assert ids(face, service_code=code, updated_after=at(hours=-1)) == [two, one] and ids(face, service_code=code, updated_before=at(hours=-1)) == []
    assert ids(face, service_code=code, page=1, page_size=1) == [two] and ids(face, service_code=code, page=2, page_size=1) == [one]
    assert ids(face, service_code=code, page=3, page_size=1) == []
    assert ids(face, service_request_id=f"{one},{two},999999999999,x", service_code="nothing", status="closed") == [two, one]
    assert ids(face, service_request_id=[one, two]) == [two, one]


@pytest.mark.parametrize("more, finding", [
    ({"service_object_id": "77"}, {"service_object_id": "77"}), ({"service_object_type": "bench"}, {"service_object_type": "bench"}),
    ({"service_object_type": "bench", "service_object_id": "77"}, {"service_object_id": "77"}),
    ({"service_object_type": "bench", "service_object_id": "77"}, {"service_object_type": "bench", "service_object_id": "77"})])
def test_things_are_found_by_type_by_id_or_both(face, world, key, more, finding):
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"])
    number = face.send(key, service_code=topic["code"], **more)
    publish(world, number)
    assert ids(face, service_code=topic["code"], **finding) == [number]
    for name in finding:
        assert ids(face, service_code=topic["code"], **{**finding, name: "other"}) == []


def test_ninety_days_are_the_default_and_the_most(face, world):
    topic = world.feedback.topic()
    sent = world.feedback.send(topic_id=topic["id"])
    publish(world, sent, created_at=at(-91))
    number, code = str(sent["number"]), topic["code"]
    assert ids(face, service_code=code) == [] and ids(face, service_code=code, start_date=at(-92)) == [number]
    assert ids(face, service_code=code, end_date=at(-90)) == [number]
    assert ids(face, service_code=code, updated_after=at(-1)) == [number], "changes are asked for without the default"
    for form in ("xml", "json"):
        assert errors_of(face.ask("requests", form, start_date=at(-91), end_date=at()).expect(400)) == [(400, "end_date")]
    face.ask("requests", start_date=at(-90), end_date=at()).expect(200)


def test_times_are_read_with_an_offset(face, world):
    topic = world.feedback.topic()
    sent = world.feedback.send(topic_id=topic["id"])
    publish(world, sent, created_at="2026-06-01T10:00:00Z")
    number, code = str(sent["number"]), topic["code"]
    assert ids(face, service_code=code, start_date="2026-06-01T13:00:00+03:00", end_date="2026-06-01T13:00:00+03:00") == [number]
    assert ids(face, service_code=code, start_date="2026-06-01T13:00:01+03:00", end_date="2026-06-02T00:00:00Z") == []
    [row] = face.both(f"requests/{number}")
    assert row["requested_datetime"] == "2026-06-01T10:00:00Z"


@pytest.mark.parametrize("start, end, is_found", [
    ("2026-06-02", "2026-06-02", True), ("2026-06-02T00:00+03:00", "2026-06-01T21:00Z", True), ("2026-06", None, True), ("2026", None, False),
    ("2026-05-01", "2026-06-01", False), ("2026-06-03", None, False), (None, "2026-06", True), (None, "2026-06-02", True), (None, "2026-06-01", False)])
def test_times_are_of_the_w3c_profile_and_days_of_finland(face, world, start, end, is_found):
    topic = world.feedback.topic()
    sent = world.feedback.send(topic_id=topic["id"])
    publish(world, sent, created_at="2026-06-01T21:00:00Z", status="closed", closed_at="2026-06-01T21:00:00Z")
    asked = lambda **more: ids(face, service_code=topic["code"], **{name: value for name, value in more.items() if value})  # noqa: E731
    assert asked(start_date=start, end_date=end) == [str(sent["number"])] * is_found
    if start != "2026":
        assert asked(updated_after=start, updated_before=end) == [str(sent["number"])] * is_found


def test_ninety_days_are_counted_by_the_calendar_too(face):
    for start, end, status in (("2026-08-01", "2026-10-30", 200), ("2026-08-01", "2026-10-31", 400), ("2026", "2026", 400), ("2026-10", "2026-12", 400),
                               ("2026-10-01T00:00Z", "2026-12", 400), ("2026-12", "2026-12", 200)):
        face.ask("requests", start_date=start, end_date=end).expect(status)


def test_what_is_published_after_its_end_is_found_by_when(face, world):
    topic = world.feedback.topic()
    sent = world.feedback.send(topic_id=topic["id"])
    publish(world, sent, status="closed", answered_at=at(-3), closed_at=at(-3), published_at=at(-1), published_text="x")
    found = lambda **query: len(ids(face, service_code=topic["code"], **query))  # noqa: E731
    assert found(updated_after=at(-2)) == 1 and found(updated_after=at(-2), updated_before=at()) == 1 and found(updated_after=at()) == 0
    assert found(updated_before=at(-2)) == 0, "nobody finds it twice"
    assert face.both(f"requests/{sent['number']}")[0]["updated_datetime"][:10] == at(-3)[:10], "told is when it ended"


def test_a_list_has_a_thousand_at_most(face, world):
    topic = world.feedback.topic()
    world.rows("insert into feedback (municipality, kind, topic_id, text, published_text, language, status, publication, due_on)"
               " select %s, 'fault', %s, 'x', 'x', 'fi', 'assigned', 'published', current_date from generate_series(1, 1001)", HOME, topic["id"])
    first = [row["service_request_id"] for row in face.ask("requests", "json", service_code=topic["code"]).expect(200).json]
    rest = [row["service_request_id"] for row in face.ask("requests", "json", service_code=topic["code"], page="2").expect(200).json]
    assert len(first) == 1000 and len(rest) == 1 and rest[0] not in first
    world.rows("update feedback set publication = 'not_public' where topic_id = %s", topic["id"])


def test_empty_parts_of_a_list_and_the_case_of_words_do_not_count(face, world):
    topic = world.feedback.topic()
    sent = world.feedback.send(topic_id=topic["id"])
    publish(world, sent)
    number, code = str(sent["number"]), topic["code"]
    assert ids(face, service_request_id=f",{number},,0,") == ids(face, service_code=f"{code},", status="OPEN,") == [number]
    assert ids(face, service_code=code, service_request_id=",") == [number], "nothing but empty parts is nothing"
    assert ids(face, service_code=code, status="Closed") == []
    assert "extended_attributes" in face.both(f"requests/{number}", extensions="True")[0]


@pytest.mark.parametrize("query, missing", [({"lat": "62"}, {"long"}), ({"long": "22"}, {"lat"}), ({"radius": "5"}, {"lat", "long"})])
def test_half_a_place_is_no_filter(face, query, missing):
    assert {name for _, name in errors_of(face.ask("requests", "json", **query).expect(400))} == missing
    face.ask("requests", service_request_id="1", **query).expect(200)


def test_an_address_id_comes_back_as_one(face, world, key):
    for more, expected in (({"address_id": "A17"}, ("", "A17")), ({"address_string": "Katu 1", "address_id": "A17"}, ("Katu 1", "A17")),
                           ({"address_string": "Katu 1", "address_id": "040 123 4567"}, ("Katu 1", ""))):
        number = face.send(key, lat=None, long=None, **more)
        assert face.both(f"requests/{number}", api_key=key)[0]["address_id"] == ""
        publish(world, number)
        [row] = face.both(f"requests/{number}")
        assert (row["address"], row["address_id"]) == expected
        world.rows("update feedback set withheld = '[\"address\"]' where number = %s", int(number))
        [row] = face.both(f"requests/{number}")
        assert (row["address"], row["address_id"]) == ("", "")


def test_faults_of_parameters_are_all_named(face):
    answer = face.ask("requests", "json", start_date="yesterday", status="fixed", bbox="1,2,3", page_size="1001", lat="north").expect(400)
    assert {name for _, name in errors_of(answer)} == {"start_date", "status", "bbox", "page_size", "lat"}


def test_extended_attributes_are_asked_for_and_the_detailed_status_needs_a_key(face, world, key):
    sent = world.feedback.send()
    publish(world, sent, published_title="Polku", status="in_progress")
    path = f"requests/{sent['number']}"
    assert face.both(path, extensions="true")[0]["extended_attributes"] == {
        "title": "Polku", "media_urls": [], "service_object_type": "", "service_object_id": ""}
    assert "extended_attributes" not in face.both(path, extensions="false")[0]
    seeing = face.key(sees_extended=True)["key"]
    assert face.both(path, extensions="true", api_key=seeing)[0]["extended_attributes"]["detailed_status"] == "in_progress"
    for other in (key, "wrong"):
        assert "detailed_status" not in face.both(path, extensions="true", api_key=other)[0]["extended_attributes"]


# --- tokens -----------------------------------------------------------------------------------------------
def test_token_gives_the_number_and_nothing_else(face, world, key):
    number = face.send(key)
    token = face.token(number)
    assert face.both(f"tokens/{token}") == [{"service_request_id": number, "token": token}]
    face.ask(f"requests/{number}", token=token).expect(404)
    world.of().post(world.path("feedback/by-token"), {"token": token}).expect(404)
    for form in ("xml", "json"):
        assert errors_of(face.ask("tokens/" + "0" * 32, form).expect(404)) == [(404, "token")]


# --- keys -------------------------------------------------------------------------------------------------
def test_a_key_is_told_once_and_kept_as_its_hash(face, world):
    made = face.key()
    assert re.fullmatch(r"[0-9a-f]{32}", made["key"])
    assert "key" not in world.of("admin").get(world.path("open311-clients", made["id"])).expect(200).json
    for table in ("open311_client", "open311_key", "change", "idempotency"):
        assert made["key"] not in str(world.rows(f"select to_jsonb(t)::text from {table} t"))


def test_another_key_ends_those_before_at_once_or_on_a_day(face, world):
    made, admin = face.key(), world.of("admin")
    path, number = world.path("open311-clients", made["id"]), face.send(made["key"])
    opens = lambda key: len(face.both("requests", service_request_id=number, api_key=key))  # noqa: E731
    header = {"Idempotency-Key": uuid.uuid4().hex}
    second = [admin.post(path + "/key", {"previous_end_on": at(1)[:10]}, headers=header).expect(200).json for _ in range(2)]
    assert second[0] == second[1] and second[0]["key"] != made["key"] and re.fullmatch(r"[0-9a-f]{32}", second[0]["key"])
    assert opens(made["key"]) == opens(second[0]["key"]) == 1, "both, for as long as its operators need"
    world.rows("update open311_key set ends_on = %s where ends_on is not null", at(-2)[:10])
    assert opens(made["key"]) == 0 and opens(second[0]["key"]) == 1
    third = admin.post(path + "/key", {}).expect(200).json
    assert (opens(made["key"]), opens(second[0]["key"]), opens(third["key"])) == (0, 0, 1)
    assert admin.get(path).expect(200).json["key_made_at"] == third["key_made_at"] > made["key_made_at"]
    for table in ("open311_client", "open311_key", "change", "idempotency"):
        assert third["key"] not in str(world.rows(f"select to_jsonb(t)::text from {table} t"))
    assert admin.post(path + "/key", {}, headers={"Prefer": "tx=rollback"}).expect(200).json["key"] is None and opens(third["key"]) == 1
    fourth = admin.post(path + "/key", {}, headers={"Prefer": "return=minimal"}).expect(200).json
    assert opens(fourth["key"]) == 1, "it is told here alone"
    admin.delete(path, etag="*").expect(204)
    admin.post(path + "/key", {}).expect(410, "gone")


def test_only_an_unlimited_administrator_gives_takes_and_changes_keys(face, world):
    world.make("admin", "grants", {"issuer": "https://elinvoima.test", "subject": "keeper", "role": "admin", "body_id": world.committee["id"]})
    made, client = face.key(), world.of("keeper")
    path = world.path("open311-clients", made["id"])
    client.post(world.path("open311-clients"), {"name": "x"}).expect(403, "not_your_body")
    client.patch(path, {"may_post": False}, etag="*").expect(403, "not_your_body")
    client.delete(path, etag="*").expect(403, "not_your_body")
    client.post(path + "/key", {}).expect(403, "not_your_body")


def test_two_municipalities_have_not_one_domain(world):
    domain = f"{uuid.uuid4().hex}.example"
    world.of("admin").patch(f"/v1/{HOME}", {"domain": domain}, etag="*").expect(200)
    answer = world.of("other-admin").patch("/v1/508", {"domain": domain}, etag="*").expect(422)
    assert answer.faults() == {"/domain": "rule_broken"}
