"""A wall of sixteen cameras, and ten windows of one browser: the images of all of them move."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.test_ui import CHROMIUM_FLAGS, WAIT_MS
from tests.processes import ROOT, end_program, run_program

pytestmark = [pytest.mark.weights, pytest.mark.timeout(600)]
CAMERAS = 16
FPS = 0.4  # of each: two cores count them and draw them in a browser
WALL_WAIT_MS = 2 * WAIT_MS
NEW_FRAME = """([selector, before]) => {
  const drawn = [...document.querySelectorAll(selector)].map((canvas) => canvas.dataset.drawn);
  return drawn.length === before.length && drawn.every((at, index) => at && at !== before[index]);
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("wall")
    command = [sys.executable, "-m", "bench.clip_cameras", str(folder)]
    command += ["--cameras", str(CAMERAS), "--fps", str(FPS)]
    with (folder / "log").open("w") as log, run_program(command, ROOT, stderr=log) as process:
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        assert ready, (folder / "log").read_text()
        yield ready[0]
        assert end_program(process) == 0, (folder / "log").read_text()
    assert (folder / "log").read_text() == ""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "these tests drive Chromium: install the chromium package"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(WALL_WAIT_MS)
    expect.set_options(timeout=WALL_WAIT_MS)
    yield context
    context.close()


def open_page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector(".ovd-header")
    return page


def wait_for_movement(page: Page, canvases: int) -> None:
    """Return once every image has been drawn, and then drawn anew from a later frame."""
    selector = "canvas[data-live]"
    expect(page.locator(selector)).to_have_count(canvases)
    page.wait_for_function(NEW_FRAME, arg=[selector, [""] * canvases])
    before = page.eval_on_selector_all(selector, "all => all.map((one) => one.dataset.drawn)")
    page.wait_for_function(NEW_FRAME, arg=[selector, before])


def test_all_sixteen_images_of_a_wall_move(url: str, context: BrowserContext):
    page = open_page(context, f"{url}/?wall=16")

    wait_for_movement(page, CAMERAS)
    expect(page.locator(".ovd-tile.ok")).to_have_count(CAMERAS)
    kinds = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert not [name for name in kinds if "/stream/" in name]


@pytest.mark.parametrize("windows", [3, pytest.param(10, marks=pytest.mark.long)])
def test_images_move_in_all_windows_of_one_browser(url: str, context: BrowserContext, windows: int):
    wall = open_page(context, f"{url}/?wall=16")
    pages = [open_page(context, f"{url}/?camera=Entrance") for _ in range(windows - 1)]

    for page in pages:
        wait_for_movement(page, 1)
    wait_for_movement(wall, CAMERAS)


def test_a_tile_opens_its_camera_alone_and_the_address_keeps_the_wall(
    url: str, context: BrowserContext
):
    page = open_page(context, url)
    page.locator(".ovd-tab.wall").click()
    expect(page.locator(".ovd-tile-place")).to_have_count(CAMERAS)
    page.get_by_label("4 at once").click()
    expect(page.locator(".ovd-tile-place")).to_have_count(4)
    assert "wall=4" in page.url
    page.get_by_label("Further cameras").click()
    expect(page.locator(".ovd-pager span")).to_have_text("5\u20138 of 16")

    name = page.locator(".ovd-tile-head strong").first.inner_text()
    page.locator(".ovd-tile-open").first.click()

    expect(page.locator('.ovd-camera-strip [aria-pressed="true"] span')).to_have_text(name)
    expect(page.locator("#ovd-main")).to_be_visible()
    assert "wall=" not in page.url


def test_what_lies_over_images_can_be_switched_off_and_stays_off(url: str, context: BrowserContext):
    page = open_page(context, f"{url}/?wall=4")
    boxes = page.get_by_role("button", name="Boxes")
    boxes.click()
    expect(boxes).to_have_attribute("aria-pressed", "false")
    page.reload()

    expect(page.get_by_role("button", name="Boxes")).to_have_attribute("aria-pressed", "false")


def test_an_image_can_be_saved(url: str, context: BrowserContext, tmp_path: Path):
    page = open_page(context, f"{url}/?camera=Entrance")
    wait_for_movement(page, 1)
    with page.expect_download() as saved:
        page.get_by_label("Save image of Entrance").click()

    saved.value.save_as(tmp_path / "image.jpg")
    assert saved.value.suggested_filename.startswith("Entrance 20")
    assert (tmp_path / "image.jpg").read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize("width", [1440, 1280, 390])
def test_chosen_camera_and_adding_one_are_in_sight_among_many(
    url: str, browser: Browser, width: int
):
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = open_page(context, f"{url}/?camera=Yard%202")
    chosen = page.locator('.ovd-camera-strip [aria-pressed="true"]')
    expect(chosen).to_be_in_viewport(ratio=0.9)
    expect(page.locator('[data-event="open_form"]')).to_be_in_viewport(ratio=1)
    context.close()
