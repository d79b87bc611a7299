"""What must hold of every page and feed, and how tests read them."""
import base64
import datetime
import hashlib
import re
import uuid
import xml.etree.ElementTree as ElementTree

import html5lib

HTML, ATOM = "text/html", "application/atom+xml"
_ATOM = "{http://www.w3.org/2005/Atom}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_html(text):
    """The tree of a page; a fault that a browser would repair silently fails."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def text_of(element):
    return re.sub(r"[ \t\n\r]+", " ", "".join(element.itertext())).strip()


def check_html(response):
    page = read_html(response.text)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, policy
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert text_of(page.find("head/title")), "a page without a title"
    for element in page.iter():
        assert element.tag not in ("script", "img", "iframe", "object", "embed", "form", "link"), element.tag
        outside = {name for name in element.attrib if name.startswith("on") or name in ("style", "src")}
        assert not outside, f"{element.tag} has {outside}"
    for style in page.iter("style"):
        digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy, "the policy does not allow the page's own style"
        assert "unsafe" not in policy and not re.search(r"url\(|@import", style.text)
    _check_structure(page)


def _check_structure(page):
    levels = [int(element.tag[1]) for element in page.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert levels and levels[0] == 1 and levels.count(1) == 1, levels
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:])), levels
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    for link in page.iter("a"):
        href = link.get("href")
        assert not href.startswith("#") or href[1:] in ids, f"{href} leads nowhere"
    for head in page.iter("th"):
        assert head.get("scope") in ("col", "row"), text_of(head)
    for element in page.iter():
        if element.get("aria-labelledby"):
            assert element.get("aria-labelledby") in ids


def check_atom(response):
    """RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must have."""
    feed = ElementTree.fromstring(response.body)
    assert feed.tag == _ATOM + "feed" and feed.get(_LANG) == response.headers["Content-Language"]
    _check_parts(feed)
    assert feed.find(_ATOM + "author/" + _ATOM + "name").text
    assert links(feed).keys() == {"self", "alternate"}
    entries = feed.findall(_ATOM + "entry")
    for entry in entries:
        _check_parts(entry)
        assert links(entry).keys() == {"alternate"}
        assert part(entry, "updated") <= part(feed, "updated")
    ids = [part(entry, "id") for entry in entries]
    assert len(ids) == len(set(ids)), "two entries with one id"


def _check_parts(node):
    for name in ("id", "title", "updated"):
        assert len(node.findall(_ATOM + name)) == 1, f"{name} must stand once"
    assert part(node, "title").strip()
    assert part(node, "id").startswith("urn:uuid:") and uuid.UUID(part(node, "id")[9:])
    assert part(node, "updated").endswith("Z") and datetime.datetime.fromisoformat(part(node, "updated")[:-1])


def part(node, name):
    return node.findtext(_ATOM + name)


def links(node):
    return {link.get("rel"): link.get("href") for link in node.findall(_ATOM + "link")}


def entries_of(response):
    """{id: entry} of a feed."""
    return {part(entry, "id"): entry for entry in ElementTree.fromstring(response.body).findall(_ATOM + "entry")}


def categories(entry):
    return [category.get("term") for category in entry.findall(_ATOM + "category")]


CHECKS = {HTML: check_html, ATOM: check_atom}
