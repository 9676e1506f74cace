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
# The views: what is pressed to come to them, and what tells that one has been drawn.
VIEWS = {
    "live": ('.ovd-tab[data-value="Entrance"]', ".ovd-live-image[data-drawn]"),
    "wall": ('.ovd-tab[data-event="choose_wall"]', "#ovd-wall .ovd-tile canvas"),
    "history": ('[data-value="history"]', "#ovd-history h2"),
    "cameras": ('[data-value="cameras"]', ".ovd-camera-card"),
    "alerts": ('[data-value="alerts"]', "#ovd-alerts h2"),
    "reports": ('[data-value="reports"]', ".ovd-reports-preview img"),
    "sites": ('[data-value="sites"]', "#ovd-sites .ovd-sites-list > *"),
    "system": ('[data-value="system"]', '[data-part="audit"] h3'),
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


@pytest.fixture(scope="module")
def page(url: str, browser: Browser) -> Page:
    """One window for all tests: they go from view to view as people do."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(WAIT_MS)
    page.add_init_script("localStorage.setItem('ovd-theme', 'light')")
    page.goto(f"{url}/?camera=Entrance&lang=en", wait_until="domcontentloaded")
    page.wait_for_selector("#ovd-add:has-text('Add')")
    return page


def choose(page: Page, button: str) -> None:
    """Press a button of the header unless it is pressed, and wait until the page has followed."""
    chosen = f'{button}[aria-pressed="true"]'
    if not page.locator(chosen).count():
        page.click(button)
        page.wait_for_selector(chosen)


def show(page: Page, view: str, theme: str = "light", language: str = "en") -> None:
    """Show a view in a theme and a language, and wait until it has been drawn."""
    button, drawn = VIEWS[view]
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
    choose(page, '[data-event="choose_view"][data-value="live"]')
    choose(page, f'[data-event="choose_language"][data-value="{language}"]')
    page.wait_for_selector(f'html[lang="{language}"]')
    page.click(button)
    page.locator(drawn).first.wait_for()


def find_faults(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in violations
        if found["impact"] in ("moderate", "serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_view_has_no_fault(page: Page, view: str):
    show(page, view)

    assert find_faults(page) == []


def test_form_for_a_camera_and_the_options_of_a_query_have_no_fault(page: Page):
    show(page, "live")
    page.locator(".ovd-query summary").first.click()
    assert find_faults(page) == []
    page.locator('[data-event="open_form"]').click()
    page.wait_for_selector("#ovd-start")

    assert find_faults(page) == []


@pytest.mark.parametrize(
    ("view", "opener", "field"),
    [
        ("reports", "New scheduled report", "#ovd-schedule-name"),
        ("system", "Add user", "#ovd-user-name"),
        ("system", "Make a token", "#ovd-token-name"),
    ],
)
def test_windows_of_views_have_no_fault(page: Page, view: str, opener: str, field: str):
    show(page, view)
    page.get_by_role("button", name=opener, exact=True).click()
    page.wait_for_selector(field)

    assert find_faults(page) == []
    page.keyboard.press("Escape")


@pytest.mark.long
@pytest.mark.parametrize(("theme", "language"), OTHERS)
@pytest.mark.parametrize("view", VIEWS)
def test_view_has_no_fault_in_other_themes_and_languages(
    page: Page, view: str, theme: str, language: str
):
    show(page, view, theme, language)

    assert find_faults(page) == []
