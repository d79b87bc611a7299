"""Pictures of proposals: who adds one, what is kept of it, who sees it, what is refused. Domain brief 4.6."""
import concurrent.futures
import io
import pathlib
import re

import psycopg2
import pytest
from PIL import Image

import world as world_module
from budget import both
from pictures import GREEN, RED, bomb, moving, opened, photo, picture, turned
from world import text


@pytest.fixture(scope="module")
def world(make_service):
    """A service of its own: cycles here have rules of their own."""
    return world_module.World(make_service("images"))


@pytest.fixture
def proposal(world):
    return world.budget.send(world.ideas_cycle)


def add(world, proposal, data=None, subject="author", media="image/jpeg"):
    return world.of(subject).post(world.path("proposals", proposal["id"], "images"), body=picture() if data is None else data,
                                  headers={"Content-Type": media})


def path(world, image, *more):
    return world.path("proposal-images", image["id"], *more)


def see(world, image, subject=None):
    """What the addresses of a picture answer: of what is known of it, of the picture, and of the small copy."""
    client = world.of(subject)
    return [client.get(path(world, image, *more)).status for more in ((), ("full",), ("small",))]


def is_near(pixel, colour):
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour))


# --- what is kept --------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_becomes_a_jpeg_and_a_small_copy(world, proposal, kind):
    image = add(world, proposal, picture(kind, (3000, 1500))).expect(201).json
    assert (image["width"], image["height"], image["alternative_text"]) == (2048, 1024, None)
    for name, size in (("full", (2048, 1024)), ("small", (640, 320))):
        answer = world.of("author").get(path(world, image, name)).expect(200)
        shown = opened(answer.body)
        assert answer.media_type == "image/jpeg" and (shown.format, shown.size) == ("JPEG", size)
        assert is_near(shown.getpixel((size[0] // 4, 9)), RED) and is_near(shown.getpixel((size[0] * 3 // 4, 9)), GREEN)


@pytest.mark.parametrize("orientation, size, first, second", [
    (1, (48, 32), (9, 16), (39, 16)), (3, (48, 32), (39, 16), (9, 16)), (6, (32, 48), (16, 9), (16, 39)), (8, (32, 48), (16, 39), (16, 9))])
def test_a_photo_stands_upright_and_tells_nothing_of_place_and_person(world, proposal, orientation, size, first, second):
    sent = photo((48, 32), orientation)
    assert b"Aino" in sent and opened(sent).getexif().get_ifd(0x8825)
    image = add(world, proposal, sent).expect(201).json
    assert (image["width"], image["height"]) == size
    for name in ("full", "small"):
        data = world.of("author").get(path(world, image, name)).expect(200).body
        shown = opened(data)
        assert shown.size == size and is_near(shown.getpixel(first), RED) and is_near(shown.getpixel(second), GREEN)
        assert not shown.getexif() and b"Aino" not in data and b"Exif" not in data
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_no_photo_stands_upright_too(world, proposal, kind):
    image = add(world, proposal, turned(kind)).expect(201).json
    assert (image["width"], image["height"]) == (32, 48)
    shown = opened(world.of("author").get(path(world, image, "full")).expect(200).body)
    assert is_near(shown.getpixel((16, 9)), RED) and is_near(shown.getpixel((16, 39)), GREEN)


@pytest.mark.parametrize("mode, colour, kind", [
    ("CMYK", (0, 220, 220, 35), "JPEG"), ("I;16", 0x8000, "PNG"), ("RGBA", (0, 0, 0, 128), "PNG"), ("RGBA", (0, 0, 0, 128), "WEBP")])
def test_colours_stay_what_they_were(world, proposal, mode, colour, kind):
    out = io.BytesIO()
    Image.new(mode, (40, 30), colour).save(out, kind)
    image = add(world, proposal, out.getvalue()).expect(201).json
    shown = opened(world.of("author").get(path(world, image, "full")).expect(200).body)
    assert is_near(shown.getpixel((20, 15)), RED if mode == "CMYK" else (128, 128, 128))


def test_nothing_behind_the_picture_is_kept(world, proposal):
    image = add(world, proposal, picture() + b"<script>alert(1)</script>").expect(201).json
    kept = b"".join(bytes(part) for part in world.rows(
        "select full_bytes, small_bytes from image_bytes where image_id = %s", image["id"])[0])
    assert b"script" not in kept and kept.startswith(b"\xff\xd8\xff")


def test_the_answer_is_safe_to_open_and_may_be_kept(world):
    for name in ("full", "small"):
        answer = world.of().get(path(world, world.published_image, name)).expect(200)
        assert answer.headers["Content-Type"] == "image/jpeg" and answer.headers["Content-Disposition"] == "inline"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        again = world.of().get(path(world, world.published_image, name), headers={"If-None-Match": answer.etag}).expect(304)
        assert again.etag == answer.etag


# --- what is refused -----------------------------------------------------------------------------------
@pytest.mark.parametrize("data", [b"", b"GIF89a\1\0\1\0\0\0\0;", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"{}",
                                  b"<script></script>" + picture("JPEG"), b"RIFF\4\0\0\0WAVE"])
def test_what_is_no_picture_is_415_whatever_it_is_called(world, proposal, data):
    add(world, proposal, data).expect(415, "unsupported_media_type")
    assert world.rows("select count(*) from image where proposal_id = %s", proposal["id"]) == [(0,)]


@pytest.mark.parametrize("data", [picture(kind, (64, 64))[:-20] for kind in ("JPEG", "PNG", "WEBP")]
                         + [moving("PNG"), moving("WEBP"), b"\xff\xd8\xff\xd9"])
def test_a_broken_or_moving_picture_is_422(world, proposal, data):
    add(world, proposal, data).expect(422, "image_broken")


def most_memory(world):
    """In kB, since the service began."""
    status = pathlib.Path(f"/proc/{world.service.server.process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def test_too_many_pixels_are_422_before_any_is_decoded(world, proposal):
    bomb = picture("PNG", (16000, 16000), compress_level=9)
    assert len(bomb) < 5_000_000
    before = most_memory(world)
    answer = add(world, proposal, bomb).expect(422, "image_too_large")
    assert "25" in answer["detail"]
    assert most_memory(world) - before < 100_000, "a picture of 768 MB was decoded"
    add(world, proposal, b"\0" * 5_000_001).expect(413, "body_too_large")


def test_what_is_packed_behind_the_last_row_stays_packed(world, proposal):
    sent = bomb()
    assert 4_000_000 < len(sent) < 5_000_000
    before = world.service.server.used_cpu_s()
    image = add(world, proposal, sent).expect(201).json
    assert (image["width"], image["height"]) == (64, 64) and world.service.server.used_cpu_s() - before < 1


def test_a_picture_called_by_another_kinds_name_is_taken(world, proposal):
    add(world, proposal, picture("WEBP"), media="image/png").expect(201)
    add(world, proposal, picture(), media="image/gif").expect(415)


# --- who adds one --------------------------------------------------------------------------------------
def test_authors_and_coordinators_add_while_the_proposal_may_be_changed(world, proposal):
    add(world, proposal).expect(201)
    add(world, proposal, subject="planner").expect(201)
    add(world, proposal, subject="somebody-else").expect(404)
    add(world, proposal, subject="moderator").expect(403, "not_your_proposal")
    add(world, proposal, subject=None).expect(401)
    published = world.budget.carry(proposal, "publish")
    add(world, published).expect(409, "wrong_state")
    add(world, published, subject="planner").expect(201)
    returned = world.budget.carry(published, "take-up", "return", **{"return": {"question": text("minne?")}})
    add(world, returned).expect(201)
    add(world, world.withdrawn_proposal, subject="planner").expect(409, "wrong_state")


def test_there_are_five_at_most_also_when_sent_at_once(world, proposal):
    for _ in range(4):
        add(world, proposal).expect(201)
    clients = [world.service.client("author") for _ in range(2)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        target = world.path("proposals", proposal["id"], "images")
        statuses = list(pool.map(lambda client: client.post(target, picture()).status, clients))
    assert sorted(statuses) == [201, 409]
    answer = add(world, proposal).expect(409, "images_most")
    assert "5" in answer["detail"]
    images = world.of("author").get_all(world.path("proposal-images"), query={"proposal_id": proposal["id"]})
    world.of("author").delete(path(world, images[0]), etag="*").expect(204)
    add(world, proposal).expect(201)


# --- who sees it ---------------------------------------------------------------------------------------
def test_a_picture_is_public_with_its_text_while_its_proposal_is(world, proposal):
    image = add(world, proposal).expect(201).json
    assert see(world, image) == [404] * 3 and see(world, image, "author") == see(world, image, "moderator") == [200] * 3
    published = world.budget.carry(proposal, "publish")
    assert see(world, image) == see(world, image, "somebody-else") == [404] * 3, "nobody has said what it shows"
    lacking = world.of("moderator").get_all(world.path("proposal-images"), query={"has_alternative_text": "false"})
    assert image["id"] in {row["id"] for row in lacking}
    described = world.budget.describe(image, "moderator", fi="keinu koivun alla")
    assert described["has_alternative_text"] and see(world, image) == [200] * 3
    assert world.of().get(path(world, image)).expect(200).json == described
    world.budget.carry(published, "hide", hide={"reason": text("asiaton")})
    assert see(world, image) == see(world, image, "somebody-else") == [404] * 3 and see(world, image, "author") == [200] * 3
    world.budget.carry(published, "publish")
    world.of("moderator").patch(path(world, image), {"alternative_text": None}, etag="*").expect(200)
    assert see(world, image) == [404] * 3


def test_pictures_stand_within_their_proposal(world, proposal):
    images = [add(world, proposal).expect(201).json for _ in range(2)]
    world.budget.describe(images[0])
    published = world.budget.carry(proposal, "publish")
    for subject, expected in ((None, images[:1]), ("author", images), ("moderator", images)):
        answer = world.of(subject).get(world.path("proposals", published["id"]), query={"embed": "images"}).expect(200)
        assert [row["id"] for row in answer["embedded"]["images"]["items"]] == [image["id"] for image in expected]


def test_a_merged_proposals_pictures_stay_where_they_were(world):
    first, second = (world.budget.send(world.ideas_cycle) for _ in range(2))
    image = world.budget.describe(add(world, second).expect(201).json)
    for proposal in (first, second):
        world.budget.carry(proposal, "publish")
    world.move("evaluator", "proposals", second, "merge", {"into_id": first["id"], "consent": text("tekijät suostuivat")})
    assert see(world, image) == [200] * 3


# --- what is said of it, and deleting ------------------------------------------------------------------
def test_the_text_holds_no_personal_data(world, proposal):
    image = add(world, proposal).expect(201).json
    answer = world.of("author").patch(path(world, image), {"alternative_text": both("soita aino@example.fi")}, etag="*").expect(422)
    assert answer.faults() == {"/alternative_text": "personal_data"}
    other = world.of("somebody-else").patch(path(world, image), {"alternative_text": both("x")}, etag="*")
    assert other.expect(404)


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0", "\u200b \u2003", "\ufeff\u3000"])
def test_blanks_do_not_say_what_a_picture_shows(world, proposal, blank):
    image = add(world, proposal).expect(201).json
    for words in ({"fi": blank}, {"fi": "keinu", "sv": blank}):
        answer = world.of("author").patch(path(world, image), {"alternative_text": words}, etag="*").expect(422)
        assert set(answer.faults().values()) == {"pattern"}
    described = world.of("author").patch(path(world, image), {"alternative_text": {"fi": blank + "ä"}}, etag="*").expect(200)
    assert described["has_alternative_text"]
    with pytest.raises(psycopg2.errors.CheckViolation):
        world.rows("update image set alternative_text = '{\"fi\": \"keinu\", \"sv\": \" \"}' where id = %s returning id", image["id"])


def test_an_author_changes_nothing_of_what_is_decided_upon_and_officials_do(world, proposal):
    image = world.budget.describe(add(world, proposal).expect(201).json)
    world.budget.carry(proposal, "publish", "take-up")
    world.of("author").patch(path(world, image), {"alternative_text": both("x")}, etag="*").expect(409, "wrong_state")
    world.of("author").delete(path(world, image), etag="*").expect(409, "wrong_state")
    world.of("commenter").delete(path(world, image), etag="*").expect(403, "not_your_proposal")
    world.of("commenter").patch(path(world, image), {"alternative_text": both("x")}, etag="*").expect(403, "not_your_proposal")
    assert world.budget.describe(image, "moderator", fi="keinu")["alternative_text"]["fi"] == "keinu"
    world.of("moderator").delete(path(world, image), etag="*").expect(204)


def test_the_bytes_are_gone_with_the_picture(world, proposal):
    image = add(world, proposal).expect(201).json
    world.of("author").delete(path(world, image), etag="*").expect(204)
    assert see(world, image, "author") == [410, 404, 404]
    assert world.rows("select count(*) from image_bytes where image_id = %s", image["id"]) == [(0,)]
