#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a report as a person would, in headless Chromium: sorts, filters, searches, opens classes, hovers, uses the
keyboard, the dark theme and print. Fails on an error of the console and on a request that leaves the file.

usage: browser.py CHECKROB PLANTED [SCREENSHOTS]

Exit code 77, skipped, without Chromium, its driver or Selenium (Debian: chromium-driver python3-selenium). With
CHECKROB_AXE, a wheel or a folder that has axe.min.js, axe-core looks for barriers too.
"""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

SKIPPED = 77
try:
    from selenium import webdriver
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("skipped: there is no Selenium for Python")
    sys.exit(SKIPPED)
BROWSER, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PATIENCE = 300  # seconds, which only end a hang
HOSTILE = "<script>alert(1)</script>"
VERDICTS = ["non-robust", "doubtful", "not enough data", "not suspicious", "no dependence found", "robust"]


def start():
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync",
                     "--disable-background-networking", "--disable-component-update", "--window-size=1280,900",
                     "--hide-scrollbars", "--disable-dev-shm-usage"):  # a container's /dev/shm may be small
        options.add_argument(argument)
    options.binary_location = BROWSER
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for last in (False, False, True):  # on a busy machine it may not answer in time
        try:
            return webdriver.Chrome(service=Service(DRIVER), options=options)
        except WebDriverException:
            if last:
                raise


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def score(checkrob, planted, data, out, *options):
    """The scenes in `data`, with the planted network."""
    run(checkrob, "score", "--model", planted / "model.pt", "--preprocess", planted / "preprocess.json", "--dataset", "voc",
        "--images", data / "images", "--annotations", data / "annotations", "--classes", data / "classes.csv", "--out", out,
        *options)


def hostile_copy(planted, folder):
    """Some scenes under names that would do harm if a page, a terminal or a table took them for code."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    names = ['a"quoted\'.png', "a\nline.png", "ünïcode \u202e.png", b"bytes \xff.png", "<img src=x onerror=alert(1)>.png",
             "</script><script>alert(2)</script>".replace("/", "\u2215") + ".png"]
    scenes = sorted((planted / "scenes/images").glob("coat_*.png"))
    for scene, name in zip(scenes, names + [s.name for s in scenes[len(names):]]):
        raw = name if isinstance(name, bytes) else name.encode()
        xml = (planted / "scenes/annotations" / (scene.stem + ".xml")).read_text()
        xml = xml.replace("<name>coat</name>", "<name>&lt;script&gt;alert(1)&lt;/script&gt;</name>")
        (Path(os.fsdecode(os.fsencode(folder / "images") + b"/" + raw))).write_bytes(scene.read_bytes())
        (Path(os.fsdecode(os.fsencode(folder / "annotations") + b"/" + raw[:-4] + b".xml"))).write_text(xml)
    for scene in sorted((planted / "scenes/images").glob("boot_*.png")):
        (folder / "images" / scene.name).write_bytes(scene.read_bytes())
        (folder / "annotations" / (scene.stem + ".xml")).write_bytes(
            (planted / "scenes/annotations" / (scene.stem + ".xml")).read_bytes())
    (folder / "images/zz_broken.png").write_bytes(b"\x89PNG\r\n")
    (folder / "annotations/zz_broken.xml").write_bytes((folder / "annotations/boot_000.xml").read_bytes())
    index = {row["name"]: row["index"] for row in csv.DictReader(open(planted / "classes.csv", newline=""))}
    with open(folder / "classes.csv", "w", newline="") as file:
        csv.writer(file).writerows([["name", "index", "title"], [HOSTILE, index["coat"], "<b>Coat & 'co'</b>"],
                                    ["boot", index["boot"], ""]])


# ---- reading a page ----


def wait_until(holds):
    """Waits for a condition: the page answers some time after what the browser was told. Returns its value."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found = holds()
        except (NoSuchElementException, StaleElementReferenceException):  # the page has just been drawn anew
            found = None
        if found or time.monotonic() > end:
            assert found, "the page does not become what it should be"
            return found
        time.sleep(0.02)


class Page:
    def __init__(self, driver, path, screenshots):
        self.driver, self.path, self.screenshots = driver, path, screenshots
        began = time.monotonic()
        driver.get("about:blank")
        driver.get(path.as_uri())
        self.seconds = time.monotonic() - began

    def go(self, fragment):
        self.driver.execute_script("location.hash = arguments[0]", fragment)
        self.settle()

    def settle(self):
        """Waits until events that are on their way have been handled, and what they changed is drawn."""
        self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1]; const next = (n) => n ? setTimeout(() => "
            "requestAnimationFrame(() => next(n - 1)), 20) : done(); next(3)")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)

    def click(self, element):
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        self.settle()

    def names(self):
        return self.texts("#class-table tbody tr td:nth-child(2) a")

    def shoot(self, name, height=1400):
        if not self.screenshots:
            return
        self.driver.set_window_size(1280, height)
        time.sleep(0.3)
        self.driver.save_screenshot(str(self.screenshots / (name + ".png")))
        self.driver.set_window_size(1280, 900)

    def check_silence(self):
        """No message of the console, and no request but for the file itself."""
        # Reading pixels back is the test's own doing.
        # So is what the browser says of a slow machine.
        messages = [entry["message"] for entry in self.driver.get_log("browser")
                    if not re.search(r"willReadFrequently|\[(Violation|Intervention)\]", entry["message"])]
        assert not messages, messages
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            assert url.startswith(("file:", "data:", "about:", "blob:", "chrome:")), url

    def check_barriers(self, axe):
        if not axe:
            return
        self.driver.execute_script(axe)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1]; axe.run(document).then((r) => done(r.violations))")
        assert not found, json.dumps([{"rule": f["id"], "help": f["help"], "where": [n["target"] for n in f["nodes"]][:5]}
                                      for f in found], indent=1)


def check_table(page):
    rows = page.names()
    assert len(rows) > 5, rows
    heads = {b.text: b for b in page.all("#class-table th button")}
    page.click(heads["Class"])
    assert page.names() == sorted(rows), page.names()
    assert page.one("#class-table th[data-key=name]").get_attribute("aria-sort") == "ascending"
    page.click(heads["Class"])
    assert page.names() == sorted(rows, reverse=True)
    page.click(heads["Images"])
    assert page.one("#class-table th[data-key=name]").get_attribute("aria-sort") is None
    search = page.one("#search")
    search.send_keys("sh", "irt")
    assert page.names() and all("shirt" in n for n in page.names()), page.names()
    search.send_keys(" nonsense")
    assert page.names() == [] and page.one("#shown").text.startswith("0 of ")
    page.click(page.one("#all"))
    assert sorted(page.names()) == sorted(rows)


def check_filter(page):
    verdicts = page.texts("#class-table tbody td:first-child")
    assert set(verdicts) <= set(VERDICTS), verdicts
    for button in page.all("button[data-verdict]"):
        name = button.get_attribute("data-verdict")
        page.click(button)
        assert button.get_attribute("aria-pressed") == "false"
        assert name not in page.texts("#class-table tbody td:first-child")
        page.click(button)
    tile = page.one(".tiles button")
    wanted = tile.text.split("\n")[-1].strip()
    page.click(tile)
    wait_until(lambda: set(page.texts("#class-table tbody td:first-child")) == {wanted})
    page.click(page.one("#all"))


def check_scatter(page):
    points = page.all("#scatter a")
    assert len(points) == len(page.names())
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", points[0])
    ActionChains(page.driver).move_to_element(points[0].find_element(By.TAG_NAME, "circle")).perform()
    tip = page.one("#tip")
    wait_until(lambda: tip.is_displayed() and "accuracy" in tip.text)
    page.driver.execute_script("arguments[0].focus()", points[0])
    first = page.driver.switch_to.active_element.get_attribute("aria-label")
    page.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    wait_until(lambda: page.driver.switch_to.active_element.get_attribute("aria-label") != first)
    page.driver.switch_to.active_element.send_keys(Keys.HOME)
    wait_until(lambda: page.driver.switch_to.active_element.get_attribute("aria-label") == first)
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    wait_until(lambda: page.one("h1").text == first.split(":")[0])
    page.driver.back()
    wait_until(lambda: page.all("#class-table"))


def check_class(page):
    """A class with its pictures: decoded, with a map of more than one colour, and the controls work."""
    page.go("#classes")
    page.click(page.one("#class-table tbody a"))
    wait_until(lambda: page.all(".photo img"))
    page.driver.execute_script("document.querySelectorAll('img').forEach((i) => { i.loading = 'eager'; })")
    sizes = "const s = [...document.querySelectorAll('.photo img')].map((i) => i.naturalWidth); return s.length > 0 && s.every(Boolean)"
    wait_until(lambda: page.driver.execute_script(sizes))
    assert all(page.driver.execute_script("return [...document.querySelectorAll('.photo img')].map((i) => i.alt)"))
    pixels = "const c = document.querySelector('.photo canvas'); return c.getContext('2d').getImageData(0, 0, 72, 72).data"
    colours = lambda: page.driver.execute_script(f"return [...(() => {{ {pixels} }})()]")
    wait_until(lambda: len(set(colours())) > 20)  # it is drawn when the photo is decoded
    before = colours()
    page.driver.execute_script("const s = document.getElementById('colours'); s.value = 'viridis'; s.dispatchEvent(new Event('change'))")
    wait_until(lambda: colours() != before)
    page.click(page.one("#objects"))
    assert page.one(".photo .objects").value_of_css_property("display") == "none"
    page.click(page.one("#objects"))
    page.shoot("class", 2600)
    page.one("body").send_keys(Keys.ESCAPE)
    wait_until(lambda: page.all("#class-table"))


def check_theme(page):
    light = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    page.driver.execute_script("const t = document.getElementById('theme'); t.value = 'dark'; t.dispatchEvent(new Event('change'))")
    dark = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert light != dark, (light, dark)


def check_keyboard(page):
    page.go("#")
    page.driver.execute_script("document.activeElement.blur()")
    seen = []
    for _ in range(30):
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        active = page.driver.switch_to.active_element
        seen.append(active.tag_name)
        wait_until(lambda: page.driver.execute_script("return document.activeElement.matches(':focus-visible')"))
    assert {"a", "button", "select", "input"} & set(seen) >= {"a", "select"}, seen


def check_print(page):
    pdf = page.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert len(pdf) > 20000


def axe_source():
    place = os.environ.get("CHECKROB_AXE")
    wheels = sorted(Path(place).glob("*.whl")) if place and Path(place).is_dir() else [Path(place or "")]
    if not place or not wheels or not wheels[0].exists():
        print("Note: without CHECKROB_AXE, axe-core did not look for barriers.")
        return None
    archive = zipfile.ZipFile(wheels[0])
    return archive.read(next(name for name in archive.namelist() if name.endswith("axe.min.js"))).decode()


# ---- the reports ----


def read_planted(driver, checkrob, planted, folder, axe, screenshots):
    data = folder / "planted"
    data.mkdir()
    for name in "images", "annotations":
        (data / name).symlink_to(planted / "scenes" / name)
    (data / "classes.csv").symlink_to(planted / "classes.csv")
    score(checkrob, planted, data, folder / "now", "--probe", "verdict", "--features", "--cues", "--advice",
          "--attack-images", data / "images")
    score(checkrob, planted, data, folder / "before", "--method", "gradcam")
    run(checkrob, "report", folder / "now", "--out", folder / "report.html")
    page = Page(driver, folder / "report.html", screenshots)
    assert page.driver.title == "checkrob report"
    page.shoot("overview", 1620)
    page.check_barriers(axe)
    check_table(page)
    check_filter(page)
    check_scatter(page)
    check_class(page)
    check_keyboard(page)
    check_print(page)
    check_theme(page)
    page.go("#class-4")
    page.check_barriers(axe)
    page.go("#")
    page.check_barriers(axe)
    page.shoot("dark", 1500)
    page.check_silence()
    run(checkrob, "report", folder / "now", folder / "before", "--out", folder / "two.html", "--pictures", folder / "pictures")
    page = Page(driver, folder / "two.html", screenshots)
    assert page.one("#compared").text.startswith("What changed")
    page.check_barriers(axe)
    page.go("#class-4")
    assert len(page.all(".two .photo")) >= 2
    page.check_barriers(axe)
    check_class(page)
    page.check_silence()


def read_hostile(driver, checkrob, planted, folder, axe, screenshots):
    data = folder / "hostile"
    hostile_copy(planted, data)
    score(checkrob, planted, data, folder / "harm")
    printed = run(checkrob, "report", folder / "harm", "--out", folder / "harm.html", "--pictures-per-class", 20)
    assert "\x1b" not in printed
    page = Page(driver, folder / "harm.html", screenshots)
    assert any("Coat & 'co'" in name for name in page.names()), page.names()
    assert len(page.all("script")) == 2 and not page.all("main b b, main img[onerror]")
    page.go("#class-4")
    text = page.one("main").text
    assert "bytes \\xFF.png" in text, text
    assert HOSTILE in page.driver.execute_script("return document.querySelector('main').textContent")
    page.check_barriers(axe)
    page.go("#")
    assert "zz_broken.png" in page.driver.execute_script("return document.querySelector('main').textContent")
    page.check_silence()


def main(checkrob, planted, screenshots=None):
    if not Path(BROWSER).exists() or not Path(DRIVER).exists():
        print(f"skipped: there is no {BROWSER} or {DRIVER}")
        return SKIPPED
    checkrob, planted = Path(checkrob).resolve(), Path(planted).resolve()
    screenshots = screenshots and Path(screenshots).resolve()
    axe = axe_source()
    driver = start()
    driver.set_script_timeout(PATIENCE)
    try:
        with tempfile.TemporaryDirectory() as folder:
            read_planted(driver, checkrob, planted, Path(folder), axe, screenshots)
            read_hostile(driver, checkrob, planted, Path(folder), axe, screenshots)
    finally:
        driver.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
