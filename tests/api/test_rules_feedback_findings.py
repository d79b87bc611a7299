"""What is found in words of residents and staff: identity codes however they are written, personal data by its kind, and nothing in what
is everyday; and what a moderator lets through that was found wrongly. Domain brief 4.8, 6."""
import urllib.parse

import pytest

import open311
from feedback import both, question
from test_rules_feedback_publication import answered, move
from world import text

CODE = "131052-308T"
MASK = "******-****"
# Writings of that code: the mask in C finds each, and what the database looks for is the mask.
WRITINGS = [
    CODE, CODE.lower(), f"\u201d{CODE}\u201d", f"Hetu:\u00a0{CODE}", f"{CODE}\u2026", f"hetu\u2014{CODE}", f"\u2022{CODE}", f"\u00bb{CODE}\u00ab",
    f"\U0001f449{CODE}", f"hetu \u200b{CODE}\u200b", f"\uff08{CODE}\uff09", f"hetu{CODE}", f"{CODE}on", f"hetu_{CODE}:n",
    "131052\u2013308T", "131052\u2011308T", "131052\u2010308T", "131052\u2212308T", "131052-\u00ad308T", "131052 - 308T", "131052- 308T",
    "131052 308T", "131052/308T", "13.10.52-308T", "13.10.1952 - 308T", "13 10 52 - 308T", "131052-\n308T",
    "\uff11\uff13\uff11\uff10\uff15\uff12\uff0d\uff13\uff10\uff18\uff34", "010190A902S", "010190 Y 902s"]
# The form of a code, but for its check character or its day.
LOOKALIKES = ["tilaus 120326-0045", "koodi 131052-308S", "310452-308K", "131352-3087", "0131052A308T1", "kuva 151126-1431", "60100 308T"]
FOUND = {
    "email": [
        "Vastatkaa osoitteeseen maija.meikalainen@example.fi, kiitos.", "Kirjoita matti.meikalainen(at)example.fi",
        "Osoitteeni on matti.mäki@mökki.fi", "svara till kalle_andersson [at] example [punkt] fi", "MAIJA@EXAMPLE.FI",
        "sähköposti: maija @ example.fi"],
    "health": [
        "Olen sairas ja kotona.", "Isäni sairaus paheni", "sairastan astmaa", "Naapurini on alkoholisti", "hän on skitsofreenikko",
        "Lääkkeeni loppuivat", "tarvitsen lääkettä", "istun pyörätuolissa", "vammainen tyttäreni ei pääse", "Äitini on muistisairas",
        "Olen raskaana", "raskauteni takia", "lapsella on keliakia ja allergia", "ADHD-lapseni", "äiti on dementoitunut", "min son är sjuk",
        "jag har en hjärtsjukdom", "mina läkemedel", "hon sitter i rullstol", "jag är gravid", "my medication"],
    "iban": [
        "Tilini on FI21 1234 5600 0007 85.", "FI21-1234-5600-0007-85", "fi2112345600000785", "FI21\u00a01234\u00a05600\u00a00007\u00a085 kiitos",
        "mitt konto SE45 5000 0000 0583 9825 7466", "EE38 2200 2210 2014 5685", "GB29 NWBK 6016 1331 9268 19"],
    "insult": [
        "Vittu mikä tie", "din jävla idiot"],
    "number_plate": [
        "Auto ABC-123 ajoi pyörätiellä", "auto abc-123 ajoi kovaa", "valkoinen ABC123", "Paketti ABC 123 seisoi",
        "mopo XYZ-7 kulkee jalkakäytävällä", "rek. nro abc 123", "rekisterinumero AB-12", "en svensk bil ABC 12D"],
    "phone": [
        "Soittakaa 040 123 4567 iltaisin.", "puh (040) 123 4567", "+358 (0)40 123 4567", "numeroni on 040.123.4567", "Puh. 040\u00a0123\u00a04567",
        "puh 040/1234567", "puh 040\u20131234567", "puh 040  123 4567", "puh 358401234567", "00358 40 1234567", "p.0501234567 ja puh0401234567",
        "kotinumero 06 416 2111", "(09) 310 1691", "013-123 456", "ring +46 70-123 45 67", "mitt nummer är 0400 123 456", "soita 0295 123 456"],
    "threat": [
        "Tapan teidät", "tapamme teidät kaikki", "vi spränger er", "jag dödar dig"],
}
# What people write to a municipality every day.
HARMLESS = """
Vt18 nopeusrajoitus on liian suuri
vt19 liikennevalot ovat rikki
Kt67 liikennemerkki kaatunut
kt66 lumi tuli eilen
Mt6991 tienhoito on huono
La14 konserttitapahtuma oli hieno
tie on VT-18 varrella
E12 tie on liukas
Valaisinpylväs JK-12 on rikki
Pylväs numero SJ-102 on pimeä
lamppu 12345 rikki 18.6.2026, klo 12.30
LED-20 lamppu välkkyy
bussi EU-27 ja TV-7
PM-10 hiukkaset, COVID-19, ISO-9001, GSM-900
Linja 5 ajoi ohi klo 7.42
linjat 01 02 03 04 05 06
Y-tunnus 0204819-8
Seinäjoen kaupungin Y-tunnus on 0203107-7
FO-nummer 0204819-8
avoinna 08-20 10-18
auki ma–pe 07–15 ja la 09–14
ruuhka klo 07-09 15-17
öppet 10-18, lördagar 10-14
Koulukatu 12 B 5, 60100 Seinäjoki
Katu 1 A 02 60100
Skolgatan 3, 65100 Vasa
Kiinteistötunnus 743-1-12-34
kiinteistö 743-001-0012-0034
kiinteistö 743-040-0012-0034
koordinaatit 62.7903312345, 22.8401234567
vesimittari 01234567 näytti 00451
sähkömittarin numero 643007574001234567
laskun viite 00000123456
tilausnumero 0012345678
tilaus 120326-0045
diaarinumero 1193/00.01.00.00/2023
HEL 2026-000197 T 10 03 01
Päätös § 123/2026
havainto 2026-01-15 1230
vuonna 2026 07 15 12 30
kuva 151126-1430
1.12.2026 klo 10–12
päivystys 116117, hätänumero 112
hinta 12 500 000 euroa, alv 25,5 %
lisäys oli 1 000 000 euroa
yli 100 autoa ja noin 200 metriä
Sairaalan parkkipaikka on täynnä
Sjukhusets parkering
sairaanhoitajan vastaanotto
Vammaisten pysäköintipaikka puuttuu
vammaisen pysäköintitunnus
Pyörätuolilla ei pääse kirjastoon
Handikapparkeringen vid biblioteket
Lääkäriasema ja apteekki
lääkejätteen keräys
Raskaan liikenteen kielto
raskas liikenne Keskuskadulla
medicinska böcker på biblioteket
koulupsykologi
nautiskelimme puistossa
Syöpäläisiä roskiksessa
uusi tapamme toimia
tapaan teidät torilla, tapani mukaan
De spränger berg vid bygget varje dag
hakkaan halkoja pihalla
hän horjui
seuraa @seinajoki.fi
www.seinajoki.fi/palaute?id=1
kello 8 @ kirjasto
Kesällä 2025 rakennettu, 3-vuotiaat ja 7-12
""".strip().split("\n")


# Words that the rules know, beside those of the tables.
WORDS = {
    "health": "potilaani astma allergia diabetes epilepsia autismi autisti skitsofrenia skizofrenia reuma alzheimerin parkinsonin syöpä syövän infarkti"
              " sydänvika halvaantunut masennus masentunut hiv mielenterveys psykoosi psyykkinen psykiskt diagnoosi insuliini migreeni sokeritauti"
              " depression cancer demens funktionsnedsättning mielisairas sydänsairaus liikuntavammainen kehitysvammainen näkövammainen kuulovammaiselle"
              " rullstolsburen illness disease pregnant sairaita sairaille lääkitys alkoholismi sjukdom sjukskriven keliaakikko raskaus potilas",
    "insult": "idiootti ääliö huora kusipää fitta hora horunge arsle fuck bastard asshole bitch",
    "threat": "tapetaan-sinut hakkaan-hänet puukotan ammun-teidät räjäytän slår-ihjäl hugger-dig kill-you shoot-you burn-you"}
NO_PLATES = ("led pvc usb hsl iso sfs lvi din ral gps gsm lte alv sos eur usd sek nok klo nro puh tel kpl min max yli oli nyt kun jos tai vai jne ohi ole"
             " tie sis och som det den för med ett att var kan har per via mot the and for yle dna thl vtt ely cet kpa kwh")


def kinds(world, words):
    return world.rows("select finding_kinds(%s)", words)[0][0]


# --- identity codes --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("writing", WRITINGS)
def test_code_is_masked_in_every_place_however_it_is_written(world, writing):
    topic = world.feedback.topic(responsible_party_id=world.feedback.unit["id"], questions=[question("lamp", 1)])
    line = writing.replace("\n", " ")
    sent = world.feedback.send(topic_id=topic["id"], text=f"Hei! {writing} kiitos", title=f"Hei {line}", nickname=line, address=f"Tie {line}", service=line,
                               answers={"lamp": [line]}, contact={"name": f"Maija {line}"})
    assert (sent["findings"], sent["status"]) == (["identity_code"], "in_moderation")
    tracked = world.feedback.track(sent, "/add", text=f"Lisään: {writing}.").json
    kept = world.rows("select f.title, f.text, f.nickname, f.address, f.service, f.answers::text, c.name, m.text from feedback f"
                      " join feedback_contact c on c.feedback_id = f.id join feedback_message m on m.feedback_id = f.id where f.id = %s", sent["id"])[0]
    assert tracked["messages"][0]["text"] == kept[-1]
    for words in kept:
        assert MASK in words and "308" not in words and "902" not in words, words
    assert world.of().post(world.path("feedback"), world.feedback.body(text=writing)).expect(201)["text"].count("*") == 10
    face = open311.Face(world)
    stored = face.stored(face.send(face.key()["key"], service_code=topic["code"], description=f"Hei! {writing}", title=line, **{"attribute[lamp]": line}))
    assert MASK in stored["text"] and MASK in stored["title"] and MASK in stored["answers"]["lamp"][0] and stored["findings"] == ["identity_code"]
    own = world.feedback.send()
    assert move(world, own, "answer", 422, reply=f"Tunnus {writing} on korjattu.").faults() == {"/reply": "personal_data"}


@pytest.mark.parametrize("words", LOOKALIKES)
def test_what_has_no_right_check_character_or_day_is_left_alone(world, words):
    sent = world.feedback.send(text=words)
    assert (sent["text"], sent["findings"]) == (words, [])
    assert move(world, sent, "answer", reply=f"Hei, {words} on käsitelty.")["reply"] == f"Hei, {words} on käsitelty."


@pytest.mark.parametrize("path", [CODE, "131052%2D308T", "131052%20308T", "131052%E2%80%93308T", "131052+308T.xml", "%31310%352-308T"])
def test_code_in_an_address_is_not_logged(world, path):
    for where in (f"/v1/743/feedback/{path}", f"/open311/v2/743/requests/{path}.xml", f"/nowhere/{path}?q={path}"):
        mark = len(world.service.server.log)
        world.of().request("GET", where)
        line = world.service.server.wait_for_line(lambda line: MASK in line.get("path", ""), since=mark)
        assert "308T" not in str(line)


def test_key_that_holds_a_code_is_refused_rather_than_kept(world):
    for key in (CODE, f"palaute-{CODE}-1", "131052 - 308t"):
        refused = world.of().post(world.path("feedback"), world.feedback.body(), headers={"Idempotency-Key": key}).expect(400, "invalid_header")
        assert "308" not in refused.text
    world.of().post(world.path("feedback"), world.feedback.body(), headers={"Idempotency-Key": "120326-0045"}).expect(201)
    assert not world.rows("select 1 from idempotency where key ~ '308[tT]'")


@pytest.mark.parametrize("body", [
    {"kind": CODE}, {"language": CODE}, {CODE: "x"}, {"contact": {"email": CODE}}, {"answers": {CODE: ["1"]}}, {"topic_id": CODE}, {"hetu 131052 \u2013 308T": 1}])
def test_problem_repeats_no_code(world, body):
    refused = world.of().post(world.path("feedback"), world.feedback.body(**body)).expect(422)
    assert "308T" not in refused.text and MASK in refused.text


def test_problem_of_a_query_or_a_form_repeats_no_code_either(world):
    for query in ({"limit": CODE}, {"sort": CODE}, {CODE: "1"}, {"bbox": f"{CODE},1,2,3"}):
        assert "308T" not in world.of().get(world.path("feedback"), query=query).expect(400).text
    face = open311.Face(world)
    for form in ("xml", "json"):
        answer = face.post("requests", face.report(face.key()["key"], email=CODE, **{f"attribute[{CODE}]": "1"}), form).expect(400)
        assert "308T" not in answer.text and MASK in answer.text
    assert "308T" not in face.ask("requests/" + urllib.parse.quote(CODE)).text


# --- kinds -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind, words", [(kind, words) for kind in FOUND for words in FOUND[kind]])
def test_what_residents_write_is_found_by_its_kind(world, kind, words):
    assert kinds(world, words) == [kind]
    assert world.rows("select personal_data_kinds(%s)", words)[0][0] == ([] if kind in ("insult", "threat") else [kind])


@pytest.mark.parametrize("words", HARMLESS)
def test_everyday_words_are_not_found(world, words):
    assert kinds(world, words) == []


@pytest.mark.parametrize("kind", WORDS)
def test_each_word_is_found(world, kind):
    assert [word for word in WORDS[kind].split() if kinds(world, f"x {word.replace('-', ' ')}, y") != [kind]] == []


def test_word_or_abbreviation_before_a_number_makes_no_plate(world):
    words = [*NO_PLATES.split(), *(f"rek. {word}" for word in ("kl", "on", "klo"))]
    assert [word for word in words if kinds(world, f"{word.upper()} 120") or kinds(world, f"{word}-120 x")] == []
    assert kinds(world, "HUL 120") == ["number_plate"]


def test_numbers_of_all_kinds_are_found(world):
    numbers = ("050 1234567", "045 123 4567", "070 123 45 67", "0046701234567", "+372 5123 4567", "00372 5123 4567", "029 497 000", "010 123 4567",
               "0800 12345", "016 123 4567", "091234567")
    assert [number for number in numbers if kinds(world, f"soita {number}.") != ["phone"]] == []


def test_tables_are_long_enough_to_choose_rules_by():
    assert sum(map(len, FOUND.values())) > 60 and len(HARMLESS) > 60


@pytest.mark.parametrize("words", ["FI22 1234 5600 0007 85", "FI21 1234 5600 0007 8", "FI21 1234 5600 0007 855", "XX21 1234 5600 0007 85", "SE21 1234 5600 0007 85"])
def test_account_number_has_right_check_digits_and_the_length_of_its_country(world, words):
    assert "iban" not in kinds(world, f"tili {words} loppu")


def test_places_are_told_in_order_for_a_text_full_of_them(world):
    for words, kind, step in (("ABC-1 ", "number_plate", 6), ("a@b.fi ", "email", 7), ("0401234567 ", "phone", 11), ("vittu ", "insult", 6),
                              ("FI2112345600000785 ", "iban", 19), ("sairas ", "health", 7)):
        count = 4000 // step
        sent = world.feedback.send(text="ä" + words.replace(words, " " + words * count)[:3998].rpartition(" ")[0])
        places = world.of("moderator").get(world.path("feedback", sent["id"], "findings")).expect(200)["places"]
        assert {place["kind"] for place in places} == {kind} and len(places) >= count - 2
        assert [place["start"] for place in places] == [2 + step * n for n in range(len(places))]
        assert {place["words"] for place in places} == {words.strip()} and {place["length"] for place in places} == {step - 1}


# --- found wrongly ---------------------------------------------------------------------------------------------
def let_through(world, sent, status=200, subject="moderator", **body):
    return move(world, sent, "publish", status, subject, **body)


def test_moderator_lets_through_what_was_found_wrongly_and_says_why(world):
    sent = answered(world, text="Valaisinpylväs ABC-123 on rikki.", reply="Pylväs ABC-123 on korjattu, tilaus 040 123 4567.")
    faults = {"/published_text": "personal_data", "/reply": "personal_data"}
    assert let_through(world, sent, 422).faults() == faults
    assert let_through(world, sent, 422, harmless=["phone"], reason=text("tilaus")).faults() == faults
    assert let_through(world, sent, 422, harmless=["number_plate"]).faults() == {"/reason": "required"}
    assert let_through(world, sent, 403, "planner", harmless=["number_plate"], reason=text("pylväs")).faults()["/harmless"] == "insufficient_scope"
    shown = let_through(world, sent, harmless=["number_plate"], reason=text("Pylvään numero."))
    assert shown["publication"] == "published"
    log = world.rows("select reason from transition where resource = 'feedback_publication' and resource_id = %s", sent["id"])
    assert log == [("Pylvään numero.",)]


def test_neither_identity_codes_nor_its_senders_own_words_are_let_through(world):
    every, reason = ["email", "iban", "number_plate", "phone"], text("syy")
    coded = answered(world, reply=f"Tunnus {MASK}.")
    assert let_through(world, coded, 422, harmless=every, reason=reason).faults() == {"/reply": "personal_data"}
    named = answered(world, text="Soita 040 123 4567", contact={"phone": "040 123 4567"})
    world.feedback.set(named, status="answered")
    assert let_through(world, named, 422, harmless=every, reason=reason).faults() == {"/published_text": "personal_data"}
    assert let_through(world, coded, 422, harmless=["identity_code"], reason=reason).faults() == {"/harmless/0": "enum"}


def test_reason_holds_no_code_and_anybody_may_give_one(world):
    sent = answered(world)
    assert let_through(world, sent, 422, "planner", reason=text(CODE)).faults() == {"/reason": "personal_data"}
    assert let_through(world, sent, 200, "planner", reason=text("valmis"))["publication"] == "published"


def test_moderator_lets_a_summary_through(world):
    draft = world.feedback.summarise(is_complete=True, starts_on="2024-01-01", ends_on="2024-03-31", text_for_residents=both("Pylväs ABC-123 vaihdettiin."))
    path = world.path("feedback-summaries", draft["id"], "publish")
    wrongly = {"harmless": ["number_plate"], "reason": text("Pylvään numero.")}
    assert world.of("planner").post(path).expect(422).faults() == {"/text_for_residents": "personal_data"}
    assert world.of("planner").post(path, wrongly).expect(403).faults()["/harmless"] == "insufficient_scope"
    assert world.of("moderator").post(path, {"harmless": ["phone"], "reason": text("x")}).expect(422).faults() == {"/text_for_residents": "personal_data"}
    assert world.of("moderator").post(path, {"harmless": ["phone"]}).expect(422).faults()["/reason"] == "required"
    assert world.of("moderator").post(path, wrongly).expect(200)["status"] == "published"
    assert world.rows("select reason from transition where resource_id = %s and to_status = 'published'", draft["id"]) == [("Pylvään numero.",)]


def test_moderator_writes_an_alternative_text_in_which_something_is_found_wrongly(world):
    image = world.feedback.picture(world.feedback.send())
    path, words = world.path("feedback-images", image["id"]), {"alternative_text": both("Pylväs ABC-123")}
    assert world.of("planner").patch(path, words, etag="*").expect(422).faults() == {"/alternative_text": "personal_data"}
    assert world.of("moderator").patch(path, words, etag="*").expect(200)["alternative_text"]["fi"] == "Pylväs ABC-123"
    coded = {"alternative_text": both(CODE)}
    assert world.of("moderator").patch(path, coded, etag="*").expect(422).faults() == {"/alternative_text": "personal_data"}
