"""The writing side of Open311: requests as FixMyStreet and others send them. Updates: test_open311_update.py."""
import concurrent.futures
import urllib.parse
import uuid

import pytest

import contract
from feedback import question
from open311 import BASE, HOME, Face, errors_of, read, read_xml, unique
from pictures import opened, photo, picture
from test_open311 import at, path_of as read_path_of, publish

POSTS = [operation for operation in contract.FACE if operation.method == "POST"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def face(world):
    return Face(world)


@pytest.fixture(scope="module")
def key(face):
    return face.key()["key"]


def each(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


def path_of(operation, form="xml"):
    path = operation.path.replace("{municipality}", HOME).replace("{format}", form)
    return path + ("" if "{municipality}" in operation.path else f"?jurisdiction_id={HOME}")


def fields_of(face, operation, key):
    if "Update" in operation.id:
        return update(face.send(key), key)
    return face.report(key)


def update(number, key, **more):
    return {"api_key": key, "service_request_id": number, "update_id": uuid.uuid4().hex, "status": "OPEN", "updated_datetime": at(),
            "description": "Lamppu vilkkuu yhä.", **more}


# --- every answer -----------------------------------------------------------------------------------------
def asked(face, operation, key):
    """Requests of an operation that are answered with each status it has: (status, method, path, body, headers)."""
    if operation.method == "GET":
        path, more = read_path_of(face, operation, key, face.send(key)), ()
        yield 403, "GET", path.replace(f"api_key={key}", "api_key=x"), None, {}
        yield 400, "GET", path.replace("?", "?locale=*&start_date=x&"), None, {}
        for code in ("{service_code}", "{service_request_id}", "{token}"):
            if code in operation.path:
                yield 404, "GET", path.rpartition("/")[0] + "/0" + path[path.index(".xml"):], None, {}
    else:
        path, fields = path_of(operation), fields_of(face, operation, key)
        more = (urllib.parse.urlencode(fields).encode(), FORM)
        yield 400, "POST", path, urlencoded({"api_key": key, "lat": "x", "media_url": "x", "status": "y"}), FORM
        yield 403, "POST", path, urlencoded({**fields, "api_key": "x"}), FORM
        yield 404, "POST", path, urlencoded({**fields, "service_code": "x", "service_request_id": "0"}), FORM
        yield 413, "POST", path, b"a=" + b"x" * operation.body_most, FORM
        yield 415, "POST", path, b"{}", {"Content-Type": "application/json"}
    yield 200, operation.method, path, *(more or (None, {}))
    yield 405, "PUT", path, None, {}
    yield 404, operation.method, path.replace(f"/{HOME}/", "/999/").replace(f"jurisdiction_id={HOME}", "jurisdiction_id=999"), *(more or (None, {}))
    yield 400, operation.method, path.replace(".xml", ".xml?x=%C3&") if "?" not in path else path + "&x=%C3", *(more or (None, {}))


def urlencoded(fields):
    return urllib.parse.urlencode(fields).encode()


@each(contract.FACE)
def test_every_answer_says_the_same_in_xml_and_json(face, key, operation):
    seen = set()
    for status, method, path, body, headers in asked(face, operation, key):
        if status not in {*operation.statuses, 405}:
            continue
        in_xml, in_json = (face.client.request(method, path.replace(".xml", form), body=body, headers=headers) for form in (".xml", ".json"))
        assert in_xml.expect(status).status == in_json.expect(status).status and read(in_xml) == in_json.json, (status, path)
        seen.add(status)
    assert seen == {*(status for status in operation.statuses if isinstance(status, int)), 405} - {304}


# --- requests ---------------------------------------------------------------------------------------------
def test_fixmystreets_report_arrives_whole(face, world, key):
    """The fields, in the way its client class fills them; what it reads of the answer."""
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"], questions=[question("lamp", 1, "number")])
    link = f"https://fixmystreet.example/report/{unique()}"
    answer = face.post("requests", [
        ("api_key", key), ("jurisdiction_id", HOME), ("service_code", topic["code"]), ("first_name", "Maija"), ("last_name", "von Meri"),
        ("email", "maija@example.fi"), ("phone", "040 123 4567"), ("lat", "62.770000"), ("long", "22.850000"), ("address_string", "Omakuja 1"),
        ("description", f"Polku on pimeä\r\n\r\nLamppu 7, ilta.\r\n\r\n{link}\r\n"), ("media_url", "https://a.example/1,2.jpg"),
        ("media_url", "https://a.example/3.jpg"), ("deviceid", "x"), ("account_id", "17"), ("attribute[lamp]", "7"), ("attribute[easting]", "1"),
        ("attribute[fixmystreet_id]", "2"), ("email_alerts", "")]).expect(200)
    root = read_xml(answer)
    assert root.tag == "service_requests" and [child.tag for child in root] == ["request"]
    number = root.find("request/service_request_id").text
    assert number.isdigit() and root.find("request/account_id").text == "17"
    stored = face.stored(number)
    assert stored["text"].startswith("Polku on pimeä\n\nLamppu 7") and "\r" not in stored["text"]
    assert (stored["latitude"], stored["longitude"], stored["address"], stored["channel"]) == ("62.770000", "22.850000", "Omakuja 1", "open311")
    assert stored["answers"] == {"lamp": ["7"]} and stored["language"] == "fi" and stored["permits_publication"] is False
    assert world.rows("select name, email, phone from feedback_contact where feedback_id = %s", stored["id"]) == [
        ("Maija von Meri", "maija@example.fi", "040 123 4567")]
    urls = ["https://a.example/1,2.jpg", "https://a.example/3.jpg"]
    assert world.of("lighter").get(world.path("feedback", stored["id"])).expect(200)["media_urls"] == urls
    publish(world, number)
    assert world.of().get(world.path("feedback", stored["id"])).expect(200)["media_urls"] is None
    [row] = face.both(f"requests/{number}", extensions="true")
    assert row["media_url"] == "" and row["extended_attributes"]["media_urls"] == [], "nobody has looked at the pictures"
    secret = uuid.uuid4().hex
    world.rows("update feedback_link set token_hash = sha256(convert_to(%s, 'UTF8')) where feedback_id = %s", secret, stored["id"])
    answer = world.of().get(f"/open311/v2/{HOME}/requests/{number}.json", query={"token": secret}).expect(200)
    assert answer.headers["Cache-Control"] == "private, no-store"
    [row] = face.both(f"requests/{number}", extensions="true", token=secret)
    assert row["media_url"] == "https://a.example/1,2.jpg"
    assert row["extended_attributes"]["media_urls"] == ["https://a.example/1,2.jpg", "https://a.example/3.jpg"]


def test_what_is_withheld_from_the_public_is_withheld_here(face, world, key):
    number = face.send(key, address_string="Salakuja 9", lat="62.771234", long="22.851234")
    stored = face.stored(number)
    world.rows("update feedback set withheld = '[\"address\", \"point\"]' where id = %s", stored["id"])
    publish(world, number)
    [row] = face.both(f"requests/{number}")
    assert row["address"] == "" and "lat" not in row and "long" not in row
    answer = world.of().get(f"/open311/v2/{HOME}/requests.json", query={"bbox": "22.8512,62.7712,22.8513,62.7713"}).expect(200)
    assert number not in [found["service_request_id"] for found in answer.json]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_success_is_200_in_the_form_that_was_asked(face, key, form):
    answer = face.post("requests", face.report(key), form).expect(200)
    [row] = read(answer)
    assert set(row) == {"service_request_id", "service_notice", "account_id"}, "who is told a token, too, forgets the number"
    assert "Location" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_npm_client_names_the_jurisdiction_in_the_query(face, key):
    for where in (f"{BASE}/requests.json?jurisdiction_id={HOME}", f"{BASE}/{HOME}/requests.json?jurisdiction_id={HOME}"):
        body = "&".join(f"{name}={value}" for name, value in face.report(key).items()).replace(" ", "+").encode()
        face.client.request("POST", where, body=body, headers=FORM).expect(200)
    in_body = face.post("requests", face.report(key, jurisdiction_id=HOME), base=BASE).expect(200)
    assert read(in_body)[0]["service_request_id"]
    assert errors_of(face.post("requests", face.report(key), base=BASE).expect(400)) == [(422, "jurisdiction_id")]


def pictures_of(face, number, subject="lighter"):
    return face.world.of(subject).get_all(face.world.path("feedback-images"), query={"feedback_id": face.stored(number)["id"]})


def report_with(face, key, *files, **more):
    return face.post_parts("requests", [*face.report(key, **more).items(), *files])


def test_pictures_of_a_form_are_kept_as_those_of_the_native_intake(face, world, key):
    files = [("media", photo((48, 32), 6), "kuva.jpg"), ("media", picture("PNG", (20, 10)), "x.exe"), ("photo2", picture("WEBP", (30, 10)), "../x")]
    number = read(report_with(face, key, *files, ("media", b"", "")).expect(200))[0]["service_request_id"]
    kept = pictures_of(face, number)
    assert [(image["width"], image["height"], image["is_publishable"], image["alternative_text"]) for image in kept] == [
        (32, 48, False, None), (20, 10, False, None), (30, 10, False, None)]
    for image in kept:
        for size in ("full", "small"):
            data = world.of("lighter").get(world.path("feedback-images", image["id"], size)).expect(200).body
            assert opened(data).format == "JPEG" and b"Aino" not in data
            world.of().get(world.path("feedback-images", image["id"], size)).expect(404)
    publish(world, number)
    assert pictures_of(face, number, None) == [], "nobody has looked at them"
    world.feedback.describe(kept[0], is_publishable=True)
    assert [image["id"] for image in pictures_of(face, number, None)] == [kept[0]["id"]]
    [row] = face.both(f"requests/{number}", extensions="true")
    assert row["extended_attributes"]["media_urls"] == [row["media_url"]]
    assert row["media_url"].startswith(world.service.settings["public_url"] + "/v1/")
    assert opened(world.of().get(urllib.parse.urlsplit(row["media_url"]).path).expect(200).body).format == "JPEG"
    publish(world, number, publication="withdrawn")
    assert face.both(f"requests/{number}", api_key=key)[0]["media_url"] == ""


def test_large_pictures_are_scaled_down(face, world, key):
    number = read(report_with(face, key, ("media", picture("JPEG", (4000, 3000)), "x.jpg")).expect(200))[0]["service_request_id"]
    [image] = pictures_of(face, number)
    assert (image["width"], image["height"]) == (2048, 1536)


@pytest.mark.parametrize("files, code", [
    ([b"%PDF-1.7 no picture"], 415), ([picture(), picture()[:60]], 422), ([picture("PNG", (30000, 1000))], 422), ([picture()] * 6, 409),
    ([picture("JPEG") + b"\0" * 5_000_000], 413)], ids=["another kind", "broken", "too many points", "six", "too many bytes"])
@pytest.mark.parametrize("form", ["xml", "json"])
def test_an_item_and_its_pictures_or_neither(face, world, key, files, code, form):
    before = [world.count(table) for table in ("feedback", "image", "image_bytes", "open311_request", "feedback_link")]
    answer = face.post_parts("requests", [*face.report(key).items(), *(("media", data, "x.jpg") for data in files)], form).expect(400)
    assert errors_of(answer) == [(code, "media")]
    assert [world.count(table) for table in ("feedback", "image", "image_bytes", "open311_request", "feedback_link")] == before


def test_pictures_of_a_test_and_of_a_repetition_are_not_kept(face, world, key):
    before, file = world.count("image"), ("media", picture(), "x.png")
    report_with(face, face.key(is_test=True)["key"], file).expect(200)
    assert world.count("image") == before
    words = f"Kuvan kanssa {unique()}"
    first, again = (read(report_with(face, key, file, description=words).expect(200)) for _ in range(2))
    assert first == again and world.count("image") == before + 1


def test_pictures_without_a_key_are_not_looked_at(face, world):
    assert errors_of(report_with(face, "x" * 32, ("media", b"no picture", "x.png")).expect(403))[0][0] == 403


def test_many_valued_answers_come_repeated_or_with_brackets(face, world, key):
    signs = question("signs", 1, "multivaluelist", required=True, values=[{"key": k, "name": {"fi": k, "sv": k}} for k in "abc"])
    topic = world.feedback.topic(questions=[signs])
    for name in ("attribute[signs]", "attribute[signs][]"):
        number = face.send(key, service_code=topic["code"], **{name: ["a", "c"]})
        assert face.stored(number)["answers"] == {"signs": ["a", "c"]}
    answer = face.post("requests", face.report(key, service_code=topic["code"]), "json").expect(400)
    assert errors_of(answer) == [(422, "attribute[signs]")]
    answer = face.post("requests", face.report(key, service_code=topic["code"], **{"attribute[signs]": "x"}), "json").expect(400)
    assert errors_of(answer) == [(422, "attribute[signs]")]


@pytest.mark.parametrize("said, status", [("2026-02-28", 200), ("2026-02-28T10:00Z", 200), ("2026-13-45", 400), ("2026-02-29", 400), ("2026-02-28T25:00", 400)])
def test_a_time_that_there_is_not_is_no_answer(face, world, key, said, status):
    topic = world.feedback.topic(questions=[question("when", 1, "datetime")])
    answer = face.post("requests", face.report(key, service_code=topic["code"], **{"attribute[when]": said})).expect(status)
    assert status == 200 or errors_of(answer) == [(422, "attribute[when]")]


@pytest.mark.parametrize("place, stored", [
    ({"lat": "62.7712345678", "long": "22.85"}, ("62.771235", "22.850000", None)),
    ({"lat": None, "long": None, "address_string": "Omakuja 1"}, (None, None, "Omakuja 1")),
    ({"lat": None, "long": None, "address_id": "A17"}, (None, None, "A17")), ({"lat": "", "long": "", "address_string": "x", "address_id": "y"}, (None, None, "x"))])
def test_place_is_a_point_an_address_or_its_id(face, key, place, stored):
    row = face.stored(face.send(key, **place))
    assert (row["latitude"], row["longitude"], row["address"]) == stored


def test_6aika_parameters_are_kept_and_found(face, world, key):
    number = face.send(key, title="Otsikko", locale="sv_FI", service_object_type="http://api.hel.fi/servicemap/v1/unit", service_object_id="10844")
    stored = face.stored(number)
    assert (stored["title"], stored["language"]) == ("Otsikko", "sv")
    publish(world, number, published_title="Otsikko")
    [row] = face.both("requests", service_object_id="10844", service_object_type="http://api.hel.fi/servicemap/v1/unit", extensions="true")
    assert row["service_request_id"] == number
    assert (row["extended_attributes"]["service_object_id"], row["extended_attributes"]["title"]) == ("10844", "Otsikko")
    assert face.both("requests", service_object_id="10845") == []


@pytest.mark.parametrize("form", ["xml", "json"])
@each(POSTS)
def test_missing_wrong_withdrawn_and_reading_key_is_403(face, world, key, operation, form):
    fields = fields_of(face, operation, key)
    withdrawn = face.key()
    world.of("admin").delete(world.path("open311-clients", withdrawn["id"]), etag="*").expect(204)
    before = world.count("feedback"), world.count("feedback_message")
    for wrong in (None, "", "0" * 32, withdrawn["key"], face.key(may_post=False)["key"]):
        sent = {name: value for name, value in {**fields, "api_key": wrong}.items() if value is not None}
        answer = face.client.request("POST", path_of(operation, form), body=urllib.parse.urlencode(sent).encode(), headers=FORM)
        assert read(answer.expect(403))[0]["code"] == 403
    assert (world.count("feedback"), world.count("feedback_message")) == before


def test_key_of_another_municipality_is_none_here(face, world):
    made = world.of("other-admin").post("/v1/508/open311-clients", {"name": "x"}).expect(201)
    face.post("requests", face.report(made["key"])).expect(403)


def test_all_faults_are_listed(face, key):
    answer = face.post("requests", {"api_key": key, "email": "maija", "lat": "north", "media_url": "javascript:alert(1)", "title": "x" * 201}, "json").expect(400)
    assert {name for _, name in errors_of(answer)} == {"service_code", "description", "email", "lat", "media_url/0", "title"}
    assert len(read_xml(face.post("requests", {"api_key": key}).expect(400)).findall("error")) == 2
    assert errors_of(face.post("requests", face.report(key, lat=None, long=None)).expect(400)) == [(422, "lat")]
    assert errors_of(face.post("requests", face.report(key, long=None)).expect(400)) == [(422, "long")]
    assert errors_of(face.post("requests", face.report(key, lat="1.0", long="1.0")).expect(400)) == [(422, "lat")]


def test_unknown_service_is_404_and_a_signpost_says_where_to_go(face, world, key):
    assert errors_of(face.post("requests", face.report(key, service_code="nothing")).expect(404)) == [(404, "service_code")]
    answer = face.post("requests", face.report(key, service_code=world.feedback.health["code"])).expect(400)
    assert errors_of(answer) == [(422, "service_code")] and "https://hva.example" in read(answer)[0]["description"]


@pytest.mark.parametrize("words, status", [("ä" * 4000, 200), ("ä" * 4001, 400), ("", 400)])
def test_description_has_4000_characters_not_bytes(face, key, words, status):
    answer = face.post("requests", face.report(key, description=words)).expect(status)
    assert status == 200 or errors_of(answer) == [(422, "description")]


def test_identity_codes_are_masked_before_anything_is_stored(face, world, key):
    code = "131052-308T"
    number = face.send(key, description=f"Hetuni on {code} {unique()}", account_id=code, first_name=code)
    stored = face.stored(number)
    assert "******-****" in stored["text"] and "identity_code" in stored["findings"]
    for table in ("feedback", "feedback_contact", "open311_request", "change"):
        assert code not in str(world.rows(f"select to_jsonb(t)::text from {table} t"))
    assert face.both(f"requests/{number}", api_key=key)[0]["description"] == ""


def test_senders_of_a_client_that_says_so_permit_publication(face, world):
    key = face.key(permits_publication=True)["key"]
    topic = world.feedback.topic(publishes_by_default=True)
    number = face.send(key, service_code=topic["code"])
    assert face.stored(number)["permits_publication"] is True
    assert world.rows("select publication from feedback where number = %s", int(number)) == [("proposed",)]


def test_what_a_test_key_sends_is_checked_and_not_kept(face, world):
    key, before = face.key(is_test=True)["key"], world.count("feedback")
    number = face.send(key)
    face.ask(f"requests/{number}", api_key=key).expect(404)
    face.post("requests", face.report(key, description="")).expect(400)
    assert world.count("feedback") == before


def test_the_same_again_within_the_hour_is_the_first(face, world, key):
    other = face.key()["key"]
    fields = face.report(key, description=f"Pimeä {unique()}")
    before = world.count("feedback")
    first = read(face.post("requests", fields).expect(200))
    assert read(face.post("requests", fields).expect(200)) == first
    assert world.count("feedback") == before + 1
    distinct = [read(face.post("requests", {**fields, **more}).expect(200))[0]["service_request_id"]
                for more in ({"lat": "62.78"}, {"description": "Muu"}, {"api_key": other}, {"service_code": world.feedback.other["code"]})]
    assert len({first[0]["service_request_id"], *distinct}) == 5
    world.rows("update open311_request set created_at = created_at - interval '61 minutes' where feedback_id = %s",
               face.stored(first[0]["service_request_id"])["id"])
    assert read(face.post("requests", fields).expect(200)) != first


def test_the_link_in_the_text_tells_a_retry(face, key):
    link = f"https://fixmystreet.example/report/{unique()}"
    numbers = {face.send(key, description=f"{words}\r\n{link}") for words in ("Eka", "Toka")}
    assert len(numbers) == 1


def test_reports_that_quote_the_same_link_are_two(face, key):
    quoted, own = f"https://kartta.example/{unique()}", f"https://fixmystreet.example/report/{unique()}"
    numbers = [face.send(key, description=f"Ks. {quoted}\r\n\r\nurl: {own}{n}\r\n\r\nSubmitted via FixMyStreet\r\n") for n in (1, 2, 1)]
    assert numbers[0] == numbers[2] != numbers[1]


@pytest.mark.parametrize("words", ["Lamppu rikki", "Lamppu rikki https://kartta.example/1"], ids=["words", "link"])
@pytest.mark.parametrize("one, other", [
    ({"email": "a@example.fi"}, {"email": "b@example.fi"}), ({"phone": "040 123 4567"}, {}), ({"first_name": "Maija"}, {"first_name": "Matti"}),
    ({"attribute[lamp]": "7"}, {"attribute[lamp]": "8"}), ({"service_object_id": "7"}, {"service_object_id": "8"}), ({"account_id": "7"}, {}),
    ({"media_url": "https://a.example/1.jpg"}, {})], ids=lambda fields: next(iter(fields), "none"))
def test_the_same_words_of_somebody_else_or_about_another_thing_are_another_item(face, world, key, words, one, other):
    topic = world.feedback.topic(questions=[question("lamp", 1, "number")])
    numbers = [face.send(key, service_code=topic["code"], description=words, **more) for more in (one, other, one)]
    assert numbers[0] == numbers[2] != numbers[1]


def test_two_at_once_make_one(face, world, key):
    fields, before = face.report(key, description=f"Yhtaikaa {unique()}"), world.count("feedback")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        send = lambda client: read(Face(world, client).post("requests", fields).expect(200))[0]["service_request_id"]  # noqa: E731
        numbers = set(pool.map(send, [world.service.client() for _ in range(4)]))
    assert len(numbers) == 1 and world.count("feedback") == before + 1


# --- hostile ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("body", [
    b"description=%00", b"a%00b=1", b"a%0D%0Ab=1", b"description=%C3%28", b"description=%zz", b"attribute[a][b][c]=1&x=1&x=2",
    b"&".join(b"f%d=1" % n for n in range(10000))], ids=["nul", "nul-name", "crlf-name", "utf8", "escape", "brackets", "many"])
def test_hostile_forms_are_400_in_the_shape_of_the_face(face, key, body, form):
    fields = "&".join(f"{name}={value}" for name, value in face.report(key).items()).replace(" ", "+").encode()
    answer = face.client.request("POST", f"{BASE}/{HOME}/requests.{form}", body=body + b"&" + fields.replace(b"description", b"z") + b"&description=x",
                                 headers=FORM).expect(400)
    assert read(answer)


def test_ten_thousand_parts_and_broken_brackets_are_400(face, key):
    parts = list(face.report(key).items())
    face.post_parts("requests", [*parts, *((f"f{n}", "1") for n in range(10000))]).expect(400)
    answer = face.post("requests", face.report(key, **{"attribute[a][b][c]": "1"}), "json").expect(400)
    assert errors_of(answer) == [(422, "attribute[a][b][c]")]


def test_control_characters_are_refused(face, key):
    assert errors_of(face.post("requests", face.report(key, description="a\u0001b")).expect(400)) == [(422, "description")]


@each(POSTS)
def test_large_body_is_413_and_another_kind_415(face, key, operation):
    path = path_of(operation, "json" if "{municipality}" in operation.path else "xml")
    face.client.request("POST", path, body=b"a=" + b"x" * operation.body_most, headers=FORM).expect(413)
    for form in ("xml", "json"):
        face.client.request("POST", path_of(operation, form), body=b"{}", headers={"Content-Type": "application/json"}).expect(415)
