"""A person with a browser: the real app in its own process, headless Chromium in front of it."""

import csv
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

from tests.processes import ROOT, run_page

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 60_000
BOX = "#ovd-query input"
SAMPLE = ROOT / "samples" / "pedestrians.mp4"
QUICKLY_TYPED = ("person", "bicycle", "car", "bus", "dog")
DELAY_FIRST_EVENT = """() => {
  const send = window.fetch;
  window.delayed = 0;
  window.fetch = async (...values) => {
    if (String(values[0]).includes("queue/join") && window.delayed++ === 0)
      await new Promise((resolve) => setTimeout(resolve, 3000));
    return send(...values);
  };
}"""
MARKUP = "<img src=x onerror=document.title='broken'>"


@dataclass
class App:
    """The running app."""

    url: str
    folder: Path


@dataclass
class Visit:
    """A browser tab, and what went wrong in it."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.page.fill(BOX, text)
        self.page.press(BOX, "Enter")

    def reload(self) -> None:
        """Load the page again; a request of the old one that this cuts off is no problem."""
        before = list(self.problems)
        self.page.reload(wait_until="domcontentloaded")
        self.problems[:] = before

    def count_of(self, text: str) -> str:
        return self.page.locator(f'[data-count-of="{text}"] b').inner_text()

    def wait_for_count(self, text: str, pattern: str) -> str:
        cell = self.page.locator(f'[data-count-of="{text}"] b')
        expect(cell).to_have_text(re.compile(pattern))
        return cell.inner_text()

    def set_threshold(self, text: str, value: str) -> None:
        self.open_options(text).locator('input[type="range"]').fill(value)

    def open_options(self, text: str) -> Locator:
        row = self.page.locator(f'.ovd-query[data-query="{text}"]')
        if not row.locator("details[open]").count():
            row.locator("summary").click()
        return row

    def start_sample(self, camera: str) -> None:
        self.page.get_by_label("Camera name").fill(camera)
        self.page.get_by_label("Repeat until stopped").check()
        self.page.click("#ovd-start")
        refusal = self.page.locator(".toast-body")
        expect(self.page.locator(".ovd-state").or_(refusal).first).to_be_visible()
        assert refusal.all_inner_texts() == []
        expect(self.page.locator(".ovd-state")).to_have_text("Counting")

    def stop(self) -> None:
        self.page.click('[data-event="stop_counting"]')
        expect(self.page.locator(".ovd-state")).to_have_text("Stopped")

    def open_form(self) -> None:
        """The form for a new camera, with nothing to count yet."""
        add = self.page.locator('[data-event="open_form"]')
        if add.count():
            add.click()
        expect(self.page.locator("#ovd-start")).to_be_visible()
        rows = self.page.locator(".ovd-query")
        for left in range(rows.count() - 1, -1, -1):
            rows.first.locator(".ovd-remove").click()
            expect(rows).to_have_count(left)


def has_no_horizontal_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with run_page(folder) as url:
        yield App(url, folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "these tests drive Chromium: install the chromium package"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(app: App, browser: Browser) -> Iterator[Visit]:
    """A fresh tab; afterwards nothing may have failed in it and nobody else have been asked."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, timezone_id="Asia/Seoul", locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    visit = Visit(page)
    page.on("request", lambda request: visit.hosts.add(request.url))
    page.on("pageerror", lambda error: visit.problems.append(str(error)))
    page.on(
        "console",
        lambda message: visit.problems.append(message.text) if message.type == "error" else None,
    )
    page.goto(app.url, wait_until="domcontentloaded")
    page.wait_for_selector(".ovd-header")
    try:
        page.wait_for_selector("#ovd-add:has-text('Add')")
    except TimeoutError as error:
        queue = page.request.get(f"{app.url}/gradio_api/queue/status").text()
        shown, log = page.inner_text("body"), (app.folder / "log").read_text()
        pytest.fail(f"{error}\nqueue: {queue}\npage: {shown}\n{visit.problems}\nlog: {log}")
    yield visit
    assert visit.problems == []
    strangers = [url for url in visit.hosts if not url.startswith((app.url, "data:", "blob:"))]
    assert strangers == []
    context.close()


def test_queries_are_counted_live_and_the_download_equals_the_database(app: App, visit: Visit):
    page = visit.page
    visit.add("person")
    visit.start_sample("campus")

    seen = visit.wait_for_count("person", r"^[1-9]")
    visit.wait_for_count("person", rf"^(?!{seen}$)\d+$")
    visit.set_threshold("person", "1")
    visit.wait_for_count("person", "^0$")
    visit.set_threshold("person", "0.35")
    visit.wait_for_count("person", r"^[1-9]")
    expect(page.locator(".ovd-live-image")).to_have_attribute("data-drawn", re.compile("T"))
    visit.add("unicorn")
    unicorn = page.locator('.ovd-query[data-query="unicorn"]')
    expect(unicorn).to_contain_text("Not supported")
    expect(unicorn.locator(".note")).not_to_be_empty()
    assert visit.count_of("unicorn") == "\u2013"

    visit.stop()
    with page.expect_download() as download:
        page.click("#ovd-download")
    assert download.value.suggested_filename == "ovd-campus-1m.csv"
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["samples"] != "0"]
    with closing(sqlite3.connect(app.folder / "ovd.db")) as database:
        frames, total = database.execute("SELECT COUNT(*), SUM(count) FROM frame_counts").fetchone()
    assert {row["query"] for row in rows} == {"person"}
    assert all(row["bucket_start"].endswith("+09:00") for row in rows)
    assert sum(int(row["samples"]) for row in rows) == frames > 0
    counted = sum(int(row["samples"]) * float(row["mean_count"]) for row in rows)
    assert counted == pytest.approx(total)


def test_queries_typed_in_quick_succession_are_all_listed(visit: Visit):
    visit.open_form()

    # Neither the server nor the page is waited for: the key itself empties the box.
    for text in QUICKLY_TYPED:
        visit.add(text)
    visit.page.fill(BOX, "truck")
    visit.page.click("#ovd-add")

    listed = visit.page.locator(".ovd-query strong")
    expect(listed).to_have_text([*QUICKLY_TYPED, "truck"])
    expect(visit.page.locator(BOX)).to_have_value("")


def test_offers_are_chosen_and_put_away_with_the_keys(visit: Visit):
    page, offers = visit.page, visit.page.locator(".ovd-suggestions button")
    visit.open_form()
    page.fill(BOX, "bi")
    expect(offers.nth(1)).to_be_visible()
    second = offers.nth(1).inner_text()

    page.press(BOX, "ArrowDown")
    expect(offers.nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.locator(".ovd-query")).to_have_attribute("data-query", second)
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("ca")
    expect(offers.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(offers).to_have_count(0)
    expect(page.locator(BOX)).to_have_value("ca")


def test_refused_query_comes_back_unless_the_next_one_is_begun(visit: Visit):
    visit.open_form()
    visit.add("person")
    visit.add("person")
    expect(visit.page.locator(BOX)).to_have_value("person")

    visit.page.locator(BOX).press("Enter")
    for text in ("bicycle", "car"):
        visit.add(text)
    visit.page.locator(BOX).press_sequentially("bus")
    expect(visit.page.locator(".ovd-query strong")).to_have_text(["person", "bicycle", "car"])
    expect(visit.page.locator(BOX)).to_have_value("bus")


def test_refused_query_stays_in_the_box(visit: Visit):
    visit.open_form()
    visit.add("x" * 10_000)

    expect(visit.page.locator(".ovd-query-card .ovd-refusal")).to_contain_text("200")
    expect(visit.page.locator(BOX)).to_have_value("x" * 10_000)


def test_language_switches_everything_and_survives_a_reload(visit: Visit):
    page = visit.page
    page.click('[data-value="ko"]')

    expect(page.locator("#ovd-add")).to_have_text("추가")
    visit.reload()
    expect(page.locator("#ovd-add")).to_have_text("추가")
    visit.add("  ")
    expect(page.locator(".ovd-query-card .ovd-refusal")).to_contain_text("처리하지 못했습니다")
    left = page.locator("body").inner_text()
    for word in ("Threshold", "Camera name", "Download", "What to count", "Start"):
        assert word not in left


def test_text_of_users_is_shown_as_text(visit: Visit):
    page = visit.page
    visit.open_form()
    visit.add(MARKUP)

    expect(page.locator(".ovd-query strong").last).to_have_text(MARKUP)
    visit.add(MARKUP)
    expect(page.locator(".ovd-query-card .ovd-refusal")).to_contain_text("onerror")
    assert page.title() == "ovd"
    assert page.locator('img[src="x"]').count() == 0


def test_camera_that_is_away_is_shown_as_such_and_waited_for(visit: Visit):
    page = visit.page
    visit.open_form()
    visit.add("person")

    page.get_by_text("Stream URL").click()
    page.fill("#ovd-url input", "rtsp://admin:hunter2@127.0.0.1:9/stream1")
    expect(page.locator("#ovd-url input")).to_have_value("rtsp://127.0.0.1:9/stream1")
    expect(page.locator("#ovd-url-password input")).to_have_attribute("type", "password")
    page.click("#ovd-start")
    expect(page.locator("body")).to_contain_text("Nothing was added")
    assert page.locator('.ovd-tab[data-value="127.0.0.1"]').count() == 0
    page.locator("#ovd-url-anyway input").check()
    page.click("#ovd-start")

    expect(page.locator("body")).to_contain_text("cannot open rtsp://127.0.0.1:9/stream1")
    expect(page.locator("body")).to_contain_text("No signal")
    assert visit.count_of("person") == "\u2013"
    assert "hunter2" not in page.content()
    visit.stop()


def test_query_is_tried_and_counted_with_the_threshold_that_was_found(visit: Visit):
    page = visit.page
    visit.open_form()
    visit.add("car")
    visit.start_sample("tried")
    visit.wait_for_count("car", r"^\d")
    page.fill(BOX, "person")
    page.click("#ovd-preview")
    row = page.locator("dialog[open] .ovd-try-row")
    count = row.locator(".ovd-try-count")
    expect(count).to_have_text(re.compile(r"^[1-9]"))
    found = count.inner_text()

    row.locator('input[type="range"]').fill("0.95")

    expect(count).not_to_have_text(found)
    row.get_by_role("button", name="Count it").click()
    slider = visit.open_options("person").locator('input[type="range"]')
    expect(slider).to_have_value("0.95")
    visit.stop()


def test_image_is_tried_with_two_thresholds_side_by_side(visit: Visit, tmp_path: Path):
    page = visit.page
    image = tmp_path / "street.jpg"
    cv2.imwrite(str(image), cv2.VideoCapture(str(SAMPLE)).read()[1])
    page.click('[data-event="choose_view"][data-value="try"]')
    file = page.locator("#ovd-try").get_by_role("button", name="Image or clip")
    if file.get_attribute("aria-pressed") != "true":
        file.click()
    page.locator('#ovd-try input[type="file"]').set_input_files(image)
    page.fill("#ovd-try-text", "person")
    page.press("#ovd-try-text", "Enter")
    sides = page.locator("#ovd-try .ovd-try-side")
    expect(sides.locator(".ovd-try-count")).to_have_text(re.compile(r"^[1-9]"))

    page.get_by_role("button", name="Compare side by side").click()
    sides.nth(1).locator('input[type="range"]').fill("0.95")

    left, right = (int(sides.nth(n).locator(".ovd-try-count").inner_text()) for n in (0, 1))
    assert left > right
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert has_no_horizontal_scroll(page)


def test_bad_file_is_explained_and_leaves_nothing_behind(app: App, visit: Visit, tmp_path: Path):
    page = visit.page
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    visit.open_form()
    visit.add("person")

    page.get_by_text("Upload", exact=True).click()
    page.set_input_files('input[type="file"]', broken)
    expect(page.locator(".ovd-upload")).to_contain_text("broken")
    page.click("#ovd-start")
    expect(page.locator(".toast-body")).to_contain_text("broken.mp4")
    assert list((app.folder / "uploads").iterdir()) == []


def test_page_never_scrolls_sideways(visit: Visit):
    page = visit.page
    visit.open_form()
    visit.add("an unusually long-winded description " * 3)
    expect(page.locator(".ovd-query").last).to_contain_text("long-winded")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert has_no_horizontal_scroll(page)

    visit.add("bicycle")
    visit.start_sample("a camera with quite a long name")
    visit.wait_for_count("bicycle", r"^\d")
    expect(page.locator(".ovd-table")).to_be_visible()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert has_no_horizontal_scroll(page)
    visit.stop()


def test_slider_stays_where_it_is_dragged_while_counts_arrive(visit: Visit):
    page = visit.page
    visit.open_form()
    visit.add("person")
    visit.start_sample("yard")
    visit.wait_for_count("person", r"^\d")
    visit.open_options("person")
    slider = page.get_by_label("Threshold: person")
    box = slider.bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] * 0.35, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    dragged = float(slider.input_value())
    before = page.locator(".ovd-facts dd").first.inner_text()
    expect(page.locator(".ovd-facts dd").first).not_to_have_text(before)
    still = float(slider.input_value())
    page.mouse.up()

    assert dragged == still == pytest.approx(0.8, abs=0.05)
    expect(page.locator(".ovd-threshold output")).to_have_text(f"{dragged:.2f}")
    visit.stop()


def test_camera_starts_with_what_was_typed_just_before_however_slow_the_network(visit: Visit):
    visit.open_form()
    visit.page.evaluate(DELAY_FIRST_EVENT)

    visit.add("person")
    visit.start_sample("slow")

    assert visit.page.evaluate("window.delayed") > 1
    visit.stop()
