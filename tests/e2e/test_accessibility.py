"""No view has a serious or moderate fault that axe finds: contrast, names, landmarks, headings."""

import re
import shutil
import sys
from collections.abc import Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.test_ui import CHROMIUM_FLAGS, WAIT_MS
from tests.processes import ROOT, end_program, run_program

pytestmark = [pytest.mark.weights, pytest.mark.timeout(400)]
# The views, and what tells that one has been drawn.
VIEWS = {
    "?camera=Entrance": ".ovd-live-image[data-drawn]",
    "?wall=4": "#ovd-wall .ovd-tile",
    "?view=history": "#ovd-history h2",
    "?view=cameras": ".ovd-camera-card",
    "?view=alerts": "#ovd-alerts h2",
    "?view=reports": ".ovd-reports-preview img",
    "?view=system": '[data-part="audit"] h3',
}
OTHERS = [look for look in product(("light", "dark"), ("en", "ko")) if look != ("light", "en")]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clips")
    command = [sys.executable, "-m", "bench.clip_cameras", str(folder), "--cameras", "4"]
    with (folder / "log").open("w") as log, run_program(command, ROOT, stderr=log) as process:
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        assert ready, (folder / "log").read_text()
        yield ready[0]
        assert end_program(process) == 0, (folder / "log").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "these tests drive Chromium: install the chromium package"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


def open_page(browser: Browser, address: str, theme: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(f"localStorage.setItem('ovd-theme', '{theme}')")
    page.goto(address)
    page.wait_for_selector(".ovd-header h1")
    [view] = [view for view in VIEWS if view in address]
    page.locator(VIEWS[view]).first.wait_for()
    return page


def find_faults(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in violations
        if found["impact"] in ("moderate", "serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_view_has_no_fault(url: str, browser: Browser, view: str):
    page = open_page(browser, f"{url}/{view}", "light")

    assert find_faults(page) == []
    page.close()


def test_form_for_a_camera_and_the_options_of_a_query_have_no_fault(url: str, browser: Browser):
    page = open_page(browser, f"{url}/?camera=Entrance", "light")
    page.locator(".ovd-query summary").first.click()
    assert find_faults(page) == []
    page.locator('[data-event="open_form"]').click()
    page.wait_for_selector("#ovd-start")

    assert find_faults(page) == []
    page.close()


@pytest.mark.long
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("theme", "language"), OTHERS)
def test_view_has_no_fault_in_other_themes_and_languages(
    url: str, browser: Browser, view: str, theme: str, language: str
):
    page = open_page(browser, f"{url}/{view}&lang={language}", theme)

    assert find_faults(page) == []
    page.close()
