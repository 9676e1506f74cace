"""The history view in Chromium, on counts of the last days of a camera that was removed since."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders import make_frame, make_result
from tests.e2e.test_ui import WAIT_MS, browser, has_no_horizontal_scroll
from tests.processes import run_page
from tests.store.databases import make_url, open_store

__all__ = ["browser"]
pytestmark = pytest.mark.timeout(300)
STEP = timedelta(minutes=15)
DAYS = 9
CHART = "#ovd-history .ovd-chart-plot"
HOLD_FIRST_EVENT = """() => {
  const send = window.fetch;
  window.fetch = async (...values) => {
    if (!window.release && String(values[0]).includes("queue/join"))
      await new Promise((resolve) => { window.release = resolve; });
    return send(...values);
  };
}"""


@dataclass(frozen=True)
class Site:
    """A server whose database has counts."""

    url: str
    database: Path


def write_counts(database: Path, now: datetime) -> None:
    """Count one to four persons each quarter of an hour, but not from 02:00 to 04:00 UTC."""
    with open_store(make_url(database)) as store:
        for camera in ("gate", "old gate"):
            first_at = now - timedelta(days=DAYS)
            run = store.runs.start(store.cameras.record(camera, "x.mp4"), "fake", "", first_at)
            for index in range(DAYS * 96):
                at = first_at + index * STEP
                if at.hour not in {2, 3}:
                    frame = replace(make_frame(index), captured_at=at)
                    result = make_result(frame, {"person": 1 + index % 4}, STEP.total_seconds())
                    store.counts.add_result(run, result)
        store.flush()
        store.cameras.remove("old gate")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("history")
    write_counts(folder / "ovd.db", datetime.now(UTC))
    with run_page(folder) as url:
        yield Site(url, folder / "ovd.db")


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """The history of "gate", of seven days."""
    context = browser.new_context(timezone_id="UTC", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(f"{site.url}/?lang=en&camera=gate&view=history", wait_until="domcontentloaded")
    page.click('#ovd-history [data-value="7d"]')
    expect(page.locator(".ovd-heatmap")).to_be_visible()
    yield page
    assert problems == []
    context.close()


def test_history_of_days_before_this_server_ran_equals_the_database(site: Site, page: Page):
    start = page.locator('[data-time="start"]').input_value()
    with closing(sqlite3.connect(site.database)) as database:
        ((mean,),) = database.execute(
            "SELECT avg(count) FROM frame_counts "
            "JOIN cameras ON cameras.id = camera_id WHERE cameras.name = 'gate' AND "
            "strftime('%Y-%m-%dT%H:%M', captured_at) >= ?",
            (start,),
        )

    row = page.locator("#ovd-history tbody tr").first
    expect(row).to_contain_text("person")
    expect(row).to_contain_text(f"{mean:.2f}")
    expect(page.locator(".ovd-legend")).to_contain_text("Not observed")


def test_dragging_across_the_chart_looks_closer_and_a_period_goes_back(page: Page):
    before = page.locator('[data-time="start"]').input_value()
    box = page.locator(CHART).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 50, steps=4)
    page.mouse.up()

    expect(page.locator('[data-time="start"]')).not_to_have_value(before)
    pressed = page.locator('#ovd-history .ovd-segments [aria-pressed="true"]')
    expect(pressed).to_have_count(0)
    page.click('#ovd-history [data-value="7d"]')
    expect(page.locator('[data-time="start"]')).to_have_value(before)


def test_line_is_hidden_and_a_baseline_is_drawn(page: Page):
    expect(page.locator(f"{CHART} .line")).to_have_count(1)

    page.select_option('[data-choose="baseline"]', "previous")
    expect(page.locator(f"{CHART} .dashed")).to_have_count(1)
    page.locator(".ovd-line-toggle").click()
    expect(page.locator("#ovd-history .ovd-empty")).to_be_visible()


def test_camera_that_was_removed_has_its_history(page: Page):
    page.select_option('[data-choose="camera"]', "old gate")

    expect(page.locator("#ovd-history")).to_contain_text("old gate (removed)")
    expect(page.locator(CHART)).to_be_visible()


def test_view_survives_a_reload_and_leads_back_to_live(page: Page):
    page.reload(wait_until="domcontentloaded")
    expect(page.locator(CHART)).to_be_visible()
    expect(page.locator("#ovd-main")).to_be_hidden()

    page.click('[data-event="choose_view"][data-value="live"]')
    expect(page.locator("#ovd-main")).to_be_visible()
    expect(page.locator("#ovd-history")).to_be_hidden()


def test_history_fits_a_phone_and_speaks_korean(page: Page):
    page.click('[data-event="choose_language"][data-value="ko"]')
    expect(page.locator("#ovd-history")).to_contain_text("요일·시간별 평균")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert has_no_horizontal_scroll(page)


def test_of_quick_clicks_none_is_lost_and_the_last_holds(page: Page):
    def press(view: str) -> None:
        page.click(f'[data-event="choose_view"][data-value="{view}"]')

    page.evaluate(HOLD_FIRST_EVENT)
    press("alerts")
    press("system")
    press("reports")
    expect(page.locator("html.ovd-view-reports")).to_be_attached()
    with page.expect_response(lambda answer: "queue/join" in answer.url):
        page.evaluate("window.release()")
    page.click('[data-event="choose_language"][data-value="ko"]')
    expect(page.locator('html[lang="ko"]')).to_be_attached()

    expect(page.locator("html.ovd-view-reports")).to_be_attached()


def test_choices_that_follow_each_other_at_once_all_hold(page: Page):
    page.evaluate("""() => {
      const choose = (name, value) => {
        const select = document.querySelector(`#ovd-history [data-choose="${name}"]`);
        select.value = value;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      };
      choose("camera", "old gate");
      choose("baseline", "previous");
    }""")

    expect(page.locator("#ovd-history")).to_contain_text("old gate (removed)")
    expect(page.locator(f"{CHART} .dashed")).to_have_count(1)
