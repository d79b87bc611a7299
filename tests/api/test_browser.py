"""The pages in a real browser: accessibility (axe-core: WCAG 2.1 A and AA), reflow, keyboard, A4 paper."""
import base64
import io
import re
import subprocess

import pytest
import server
from PIL import Image, ImageColor
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.keys import Keys

LANGUAGES = ("fi", "sv", "en")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
STYLE = (server.ROOT / "api" / "page.css").read_text(encoding="utf-8")
WIDE, NARROW = 1280, 320


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--disable-background-networking", "--force-color-profile=srgb",
                 f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def axe():
    return (server.ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def paths(demo_service):
    """The two pages of the demo's published round, whose measures have every light."""
    programme, made = demo_service.rows(
        "select programme_id::text, id::text from reporting_round where external_id = 'man-round-2024'")[0]
    return {"overview": f"/v1/508/programmes/{programme}/overview", "board-pack": f"/v1/508/reporting-rounds/{made}/board-pack"}


def show(browser, service, path, language, width):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.get(f"http://127.0.0.1:{service.port}{path}?format=html&lang={language}")
    return browser


@pytest.fixture(params=[(name, language) for name in ("overview", "board-pack") for language in LANGUAGES],
                ids=lambda param: "-".join(param))
def open_page(request, browser, demo_service, paths):
    name, language = request.param

    return lambda width: show(browser, demo_service, paths[name], language, width)


def colours_of_lights():
    """Background of each light as the style has it; unassessed has that of the page."""
    return {light: ImageColor.getrgb(colour) for light, colour in
            re.findall(r"^\.light\.(\w+) \{ color: \S+; background: (#\w{6}); border-color", STYLE, re.MULTILINE)}


def has_all_lights(images):
    held = {colour for image in images for _, colour in image.convert("RGB").getcolors(maxcolors=1 << 24)}
    return set(colours_of_lights().values()) <= held


def violations(browser, axe):
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}}).then(arguments[1])", RULES)
    assert len(found["passes"]) > 10, "axe looked at nothing"
    return [f"{rule['id']}: {rule['help']}: {[node['html'][:200] for node in rule['nodes'][:3]]}" for rule in found["violations"]]


def overflow(browser):
    """What sticks out to the right of the window, and by how much the page would scroll."""
    return browser.execute_script("""
        const width = document.documentElement.clientWidth;
        const out = [...document.querySelectorAll('main *, footer *, header *')].filter(e => e.getBoundingClientRect().right > width + 1);
        return [document.documentElement.scrollWidth - width, out.map(e => e.outerHTML.slice(0, 120)).slice(0, 3)]""")


def test_axe_would_find_a_fault(browser, axe, demo_service, paths):
    """The check is worth nothing unless it fails on a page that is broken."""
    show(browser, demo_service, paths["overview"], "fi", WIDE)
    browser.execute_script("document.documentElement.removeAttribute('lang');"
                           "document.querySelector('h1').style.color = '#eee'")
    assert {line.split(":")[0] for line in violations(browser, axe)} == {"html-has-lang", "color-contrast"}


def test_the_page_breaks_no_rule_of_wcag_21_aa(axe, open_page):
    for width in (WIDE, NARROW):
        assert violations(open_page(width), axe) == []


def test_the_page_reflows_at_320_pixels_and_bears_wide_text_spacing(open_page):
    """WCAG 2.1, 1.4.10 and 1.4.12."""
    browser = open_page(NARROW)
    assert overflow(browser) == [0, []]
    browser.execute_script("""
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }'
                          + 'p { margin-bottom: 2em !important }');
        document.adoptedStyleSheets = [sheet]""")
    assert overflow(browser) == [0, []]


def test_the_page_shows_every_light_and_loads_nothing_else(open_page):
    browser = open_page(WIDE)
    assert browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    complaints = [entry["message"] for entry in browser.get_log("browser") if "favicon" not in entry["message"]]
    assert complaints == []
    lights = browser.execute_script("""
        return [...document.querySelectorAll('.light')].map(e => [e.className, e.innerText, e.checkVisibility(),
                e.querySelector('.symbol').getBoundingClientRect().width])""")
    assert {name.split()[1] for name, *_ in lights} == {"green", "yellow", "red", "grey", "unassessed"}
    for _, words, is_visible, symbol_width in lights:
        assert is_visible and symbol_width > 4 and re.fullmatch(r"\S\u00a0\w[\w ]+", words), words
    # the first table or row of tiles has all of them
    browser.execute_script("document.querySelector('.light.unassessed').scrollIntoView({block: 'end'})")
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": False})
    assert has_all_lights([Image.open(io.BytesIO(base64.b64decode(shot["data"])))])


def test_the_keyboard_skips_to_the_content_with_the_focus_in_sight(open_page):
    browser = open_page(WIDE)
    browser.switch_to.active_element.send_keys(Keys.TAB)
    link = browser.switch_to.active_element
    assert link.get_attribute("class") == "skip" and link.rect["x"] >= 0
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    link.send_keys(Keys.ENTER)
    assert browser.execute_script("return document.activeElement.id") == "content"


def test_the_page_prints_on_a4_with_its_name_and_number_on_every_sheet(open_page, tmp_path):
    browser = open_page(WIDE)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": False})
    file = tmp_path / "page.pdf"
    file.write_bytes(base64.b64decode(printed["data"]))
    info = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    count = int(re.search(r"Pages: +(\d+)", info)[1])
    width, height = map(float, re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", info).groups())
    assert (round(width), round(height)) == (595, 842) and count > 2
    sheets = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout.split("\f")[:count]
    name = browser.execute_script("return document.documentElement.dataset.running")
    for number, sheet in enumerate(sheets, start=1):
        assert sheet.strip().startswith(name) and re.search(rf"{number} */ *{count}\s*$", sheet), sheet
    assert browser.current_url.partition("/v1/")[2] in re.sub(r"\s", "", "".join(sheets)), "the paper does not say where it is from"
    # lights keep their colours on paper, though backgrounds are not printed
    subprocess.run(["pdftoppm", "-r", "50", "-l", "1", file, tmp_path / "sheet"], check=True)
    assert has_all_lights(map(Image.open, tmp_path.glob("sheet*.ppm")))
