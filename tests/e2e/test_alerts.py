"""The alerts view in Chromium: a rule is made, fires, is snoozed, changed and removed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.test_ui import WAIT_MS, browser, has_no_horizontal_scroll
from tests.processes import ROOT, run_page
from tests.rtsp_server import RtspServerProcess

__all__ = ["browser"]
pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
CLIP = ROOT / "samples" / "pedestrians.mp4"
BOX = [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]


@dataclass
class Tab:
    """A browser tab that looks at the alerts of a server that counts one camera."""

    page: Page
    url: str

    @property
    def window(self) -> Locator:
        return self.page.locator("dialog.ovd-alert-window")

    @property
    def log(self) -> Locator:
        return self.page.locator(".ovd-alert-log li")

    def card(self, name: str) -> Locator:
        return self.page.locator(f'.ovd-alert-card[data-rule="{name}"]')

    def ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self.page.request.fetch(f"{self.url}/api/v1{path}", method=method, **options)
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    def fill(self, field: str, text: str) -> None:
        self.window.locator(f"#ovd-alert-{field}").fill(text)

    def make(self, name: str, count: str) -> None:
        """Make a rule in the window that fires above a count."""
        self.page.get_by_role("button", name="New rule").click()
        self.fill("name", name)
        self.fill("count", count)
        self.fill("for_s", "0")
        self.window.get_by_role("button", name="Save", exact=True).click()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    with RtspServerProcess(CLIP) as server, run_page(tmp_path_factory.mktemp("alerts")) as url:
        page = browser.new_page()
        body = {"name": "gate", "uri": server.url(), "queries": ["person"], "fps": 2}
        zone = {"name": "queue", "kind": "polygon", "points": BOX}
        for method, path, data in (
            ("POST", "/cameras", body),
            ("PUT", "/cameras/gate/zones", {"items": [zone]}),
        ):
            answer = page.request.fetch(f"{url}/api/v1{path}", method=method, data=data)
            assert answer.ok, answer.text()
        page.close()
        yield url


@pytest.fixture
def tab(url: str, browser: Browser) -> Iterator[Tab]:
    context = browser.new_context(
        timezone_id="UTC", locale="en-GB", viewport={"width": 1280, "height": 900}
    )
    tab = Tab(context.new_page(), url)
    problems: list[str] = []
    tab.page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    tab.page.on("pageerror", lambda error: problems.append(str(error)))
    for rule in tab.ask("GET", "/alerts")["items"]:
        tab.ask("DELETE", f"/alerts/{rule['name']}")
    tab.page.goto(f"{url}/?lang=en&view=alerts", wait_until="domcontentloaded")
    expect(tab.page.locator("#ovd-alerts .ovd-empty").first).to_be_visible()
    yield tab
    context.close()
    assert problems == []


def test_rule_is_made_fires_and_is_logged(tab: Tab):
    tab.make("crowd", "0")

    expect(tab.card("crowd")).to_contain_text("When more than 0 person at any camera")
    expect(tab.card("crowd").locator(".ovd-chip.bad")).to_contain_text("gate · alert · since")
    expect(tab.log.first).to_contain_text("crowd began")


def test_window_tells_how_often_a_rule_would_have_fired(tab: Tab):
    tab.make("counted", "0")
    expect(tab.card("counted").locator(".ovd-chip.bad")).to_be_visible()

    tab.page.get_by_role("button", name="Edit rule counted").click()

    expect(tab.window.locator(".ovd-alert-preview")).to_contain_text("Would have fired")
    expect(tab.window.locator(".ovd-alert-preview")).to_contain_text("With 1:")


def test_rule_is_changed_snoozed_turned_off_and_removed(tab: Tab):
    tab.make("busy", "500")
    card = tab.card("busy")
    card.get_by_role("button", name="Edit rule busy").click()
    tab.window.get_by_label("gate").check()
    tab.window.locator("#ovd-alert-zone").select_option("queue")
    tab.window.get_by_role("button", name="Mon-Fri 9-18").click()
    tab.window.get_by_role("button", name="Save", exact=True).click()
    expect(card).to_contain_text("at gate / queue, Mon\N{EN DASH}Fri 09:00\N{EN DASH}18:00")

    card.get_by_role("button", name="Snooze rule busy").click()
    expect(card).to_contain_text("snoozed until")
    card.get_by_role("button", name="End the snooze").click()
    expect(card).not_to_contain_text("snoozed until")

    card.get_by_role("button", name="Turn off rule busy").click()
    expect(card).to_contain_text("off")

    card.get_by_role("button", name="Edit rule busy").click()
    tab.page.once("dialog", lambda dialog: dialog.accept())
    tab.window.get_by_role("button", name="Remove rule").click()
    expect(card).to_have_count(0)


def test_refusal_is_told_in_the_window(tab: Tab):
    tab.page.get_by_role("button", name="New rule").click()
    tab.fill("name", "never")
    tab.fill("schedule", "someday 9-10")
    tab.window.get_by_role("button", name="Save", exact=True).click()

    expect(tab.window.locator(".ovd-window-status")).to_contain_text("has the day 'someday")
    assert tab.ask("GET", "/alerts")["items"] == []


def test_view_fits_a_phone_and_speaks_korean(tab: Tab):
    body = json.dumps({"name": "밤", "when": "present", "query": "person", "for_s": 30})
    tab.ask("POST", "/alerts", data=body, headers={"Content-Type": "application/json"})
    tab.page.set_viewport_size({"width": 390, "height": 844})

    tab.page.goto(f"{tab.url}/?lang=ko&view=alerts", wait_until="domcontentloaded")

    expect(tab.card("밤")).to_contain_text("모든 카메라에서 사람 있음 상태가 30초 이어지면")
    assert has_no_horizontal_scroll(tab.page)
    tab.page.get_by_role("button", name="새 규칙").click()
    expect(tab.window.get_by_role("button", name="저장")).to_be_visible()
    assert has_no_horizontal_scroll(tab.page)


def test_shared_address_opens_the_view(tab: Tab):
    tab.page.goto(f"{tab.url}/?lang=en&view=alerts&camera=gate", wait_until="domcontentloaded")

    expect(tab.page.locator("#ovd-alerts")).to_be_visible()
    expect(tab.page.locator("#ovd-main")).to_be_hidden()
