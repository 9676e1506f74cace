"""The cameras view in Chromium: add with a test, edit, rename, remove, import, export."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.test_ui import WAIT_MS, browser, has_no_horizontal_scroll
from tests.processes import ROOT, run_page
from tests.rtsp_server import RtspServerProcess

__all__ = ["browser"]
pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
CLIP = ROOT / "samples" / "pedestrians.mp4"
LOGIN = "viewer:s3cret-pass"


@dataclass(frozen=True)
class Site:
    """A server of the page, and the address of a camera that it can reach."""

    url: str
    camera: str
    folder: Path


@dataclass
class Tab:
    """A browser tab that looks at the cameras."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    @property
    def window(self) -> Locator:
        return self.page.locator("dialog.ovd-window")

    def card(self, name: str) -> Locator:
        return self.page.locator(f'.ovd-camera-card[data-camera="{name}"]')

    def ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self.page.request.fetch(f"{self.url}/api/v1{path}", method=method, **options)
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    def add(self, name: str, uri: str) -> None:
        """Add a camera by the API, and wait for its card."""
        body = {"name": name, "uri": uri, "queries": ["person"], "fps": 2}
        self.ask("POST", "/cameras", data=body)
        expect(self.card(name)).to_be_visible()

    def edit(self, name: str, tab: str = "") -> None:
        self.card(name).get_by_role("button", name=f"Edit {name}").click()
        expect(self.window).to_be_visible()
        if tab:
            self.window.get_by_role("tab", name=tab).click()

    def save(self) -> None:
        self.window.get_by_role("button", name="Save", exact=True).click()
        expect(self.window.locator(".ovd-window-status")).to_have_text("Saved.")

    def save_zones(self) -> None:
        self.window.get_by_role("button", name="Save", exact=True).click()
        expect(self.window.locator(".ovd-window-status")).to_contain_text("Saved; counting goes on")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("cameras")
    with pytest.MonkeyPatch.context() as patch, RtspServerProcess(CLIP) as server:
        patch.setenv("OVD_RUNTIME", "onnx")  # the same wherever it is counted
        patch.setenv("OVD_PRECISION", "fp32")
        with run_page(folder) as url:
            yield Site(url, server.url(), folder)


@pytest.fixture
def tab(site: Site, browser: Browser) -> Iterator[Tab]:
    """The cameras view, of a server without cameras."""
    context = browser.new_context(
        timezone_id="UTC", locale="en-GB", viewport={"width": 1280, "height": 900}, has_touch=True
    )
    tab = Tab(context.new_page(), site.url)
    page = tab.page
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    page.on("pageerror", lambda error: tab.problems.append(str(error)))
    page.on("console", lambda m: tab.problems.append(m.text) if m.type == "error" else None)
    for camera in tab.ask("GET", "/cameras")["items"]:
        tab.ask("DELETE", f"/cameras/{camera['name']}")
    page.goto(f"{site.url}/?lang=en&view=cameras", wait_until="domcontentloaded")
    expect(page.locator("#ovd-cameras .ovd-title")).to_be_visible()
    yield tab
    # A camera that has just been started has no frame yet, and Chromium logs it.
    assert [text for text in tab.problems if "404" not in text] == []
    context.close()


def test_mistyped_address_is_told_beside_the_field_and_never_saved(site: Site, tab: Tab):
    tab.page.get_by_role("button", name="Add a camera").click()
    address = tab.window.get_by_label("Address", exact=True)
    for typed, words in (
        ("rtps://camera/1", "no address of a camera"),
        ("rtsp://127.0.0.1:9/1", "No camera answers"),
    ):
        address.fill(typed)
        tab.window.get_by_role("button", name="Save and count").click()
        expect(tab.window.locator("#ovd-window-uri-problem")).to_contain_text(words)
        expect(address).to_have_attribute("aria-invalid", "true")

    assert tab.ask("GET", "/cameras")["items"] == []
    address.fill(site.camera)
    expect(tab.window.locator("#ovd-window-uri-problem")).to_have_count(0)


def test_camera_is_tested_with_a_still_then_added_and_counted(site: Site, tab: Tab):
    tab.page.get_by_role("button", name="Add a camera").click()
    tab.window.get_by_label("Address", exact=True).fill(site.camera)
    tab.window.get_by_role("button", name="Test", exact=True).click()
    expect(tab.window.get_by_alt_text("Still of the camera")).to_be_visible()
    expect(tab.window.locator(".ovd-test-result")).to_contain_text("768 x 576")
    assert tab.ask("GET", "/cameras")["items"] == []

    tab.window.get_by_label("Name").fill("gate")
    tab.window.get_by_label("What to count").fill("person\nbicycle")
    tab.window.get_by_label("Frames to count").select_option("2")
    tab.window.get_by_role("button", name="Save and count").click()

    expect(tab.page.locator(".ovd-told")).to_have_text("Added gate.")
    card = tab.card("gate")
    expect(card).to_contain_text("person, bicycle")
    expect(card).to_contain_text("of 2 per second")
    expect(card.locator("img")).to_have_attribute("src", re.compile("^blob:"))
    kept = tab.ask("GET", "/cameras/gate")
    assert (kept["fps"], [q["text"] for q in kept["queries"]]) == (2.0, ["person", "bicycle"])


def test_login_that_was_pasted_with_the_address_is_hidden(tab: Tab):
    tab.page.get_by_role("button", name="Add a camera").click()
    address = tab.window.get_by_label("Address", exact=True)
    address.fill("rtsp://anna:se%2Fcret@192.0.2.7/1")
    address.press("Tab")

    expect(address).to_have_value("rtsp://192.0.2.7/1")
    expect(tab.window.get_by_label("User")).to_have_value("anna")
    secret = tab.window.get_by_label("Password", exact=True)
    expect(secret).to_have_value("se/cret")
    expect(secret).to_have_attribute("type", "password")
    tab.window.get_by_role("button", name="Show the password").click()
    expect(secret).to_have_attribute("type", "text")


def test_address_is_made_of_maker_and_host(tab: Tab):
    tab.page.get_by_role("button", name="Add a camera").click()
    tab.window.get_by_label("Maker").select_option("Hikvision, HiLook")
    tab.window.get_by_label("Host name or IP address").fill("192.0.2.7")
    address = tab.window.get_by_label("Address", exact=True)
    expect(address).to_have_value("rtsp://192.0.2.7:554/Streaming/Channels/101")
    tab.window.get_by_label("Stream").select_option("sub")
    expect(address).to_have_value("rtsp://192.0.2.7:554/Streaming/Channels/102")


def test_camera_is_renamed_with_its_history_then_removed_and_added_again(site: Site, tab: Tab):
    tab.add("old", site.camera)
    expect(tab.card("old")).to_contain_text("of 2 per second")
    tab.edit("old")
    tab.window.get_by_label("Name").fill("new")
    tab.save()
    tab.page.keyboard.press("Escape")

    expect(tab.card("new")).to_contain_text("of 2 per second")
    expect(tab.card("old")).to_have_count(0)
    assert {run["camera"] for run in tab.ask("GET", "/runs")["items"]} >= {"new"}
    assert "old" not in {run["camera"] for run in tab.ask("GET", "/runs")["items"]}

    tab.edit("new", "Removal")
    expect(tab.window).to_contain_text("continues its history")
    tab.window.get_by_role("button", name="Remove new").click()
    expect(tab.card("new")).to_have_count(0)
    body = {"name": "new", "uri": site.camera, "queries": ["person"]}
    assert tab.ask("POST", "/cameras", data=body)["continues"]


def test_queries_and_thresholds_are_edited(site: Site, tab: Tab):
    tab.add("gate", site.camera)
    tab.edit("gate", "Queries")
    tab.window.get_by_role("textbox", name="Add a query").fill("bicycle")
    tab.window.get_by_role("textbox", name="Add a query").press("Enter")
    tab.window.get_by_label("Threshold of bicycle").fill("0.6")
    tab.save()

    assert tab.ask("GET", "/cameras/gate")["queries"] == [
        {"text": "person", "min_score": None},
        {"text": "bicycle", "min_score": 0.6},
    ]


def test_cameras_are_exported_and_imported(site: Site, tab: Tab, tmp_path: Path):
    tab.add("gate", site.camera.replace("//", f"//{LOGIN}@"))
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Export").click()
    file = tmp_path / "cameras.json"
    download.value.save_as(file)
    assert "s3cret" not in file.read_text()
    content = json.loads(file.read_text())
    content["cameras"] += [
        content["cameras"][0] | {"name": "yard", "uri": "rtsp://127.0.0.1:9/1", "enabled": False},
        content["cameras"][0] | {"name": "disk", "uri": "/etc/passwd"},
    ]
    file.write_text(json.dumps(content))

    with tab.page.expect_file_chooser() as chooser:
        tab.page.get_by_role("button", name="Import").click()
    chooser.value.set_files(file)

    told = tab.page.locator(".ovd-told")
    expect(told).to_contain_text("Cameras added or changed: 2.")
    expect(told).to_contain_text("Left out: disk.")
    expect(told).to_contain_text("to be entered for: yard")
    expect(tab.card("yard")).to_contain_text("Needs its password")


def test_view_fits_a_phone_and_speaks_korean(site: Site, tab: Tab):
    tab.add("gate", site.camera)
    tab.page.click('[data-event="choose_language"][data-value="ko"]')
    expect(tab.page.get_by_role("button", name="카메라 추가", exact=True)).to_be_visible()
    for width in (390, 1280):
        tab.page.set_viewport_size({"width": width, "height": 844})
        assert has_no_horizontal_scroll(tab.page)
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.card("gate").get_by_role("button", name="gate 편집").click()
    for name in ("소스", "검색어", "삭제"):
        tab.window.get_by_role("tab", name=name).click()
        expect(tab.page.locator("dialog.ovd-window:not([data-busy])")).to_be_visible()
        assert has_no_horizontal_scroll(tab.page)
        small = tab.window.locator("button:visible, input:visible, select:visible").evaluate_all(
            "all => all.filter((one) => one.getBoundingClientRect().height < 40)"
            ".map((one) => one.outerHTML)"
        )
        assert small == []


def on_canvas(tab: Tab, x: float, y: float) -> tuple[float, float]:
    """Where a point of the still, in fractions of its sides, is on the screen."""
    area = tab.window.get_by_test_id("areas").bounding_box()
    assert area is not None
    return area["x"] + x * area["width"], area["y"] + y * area["height"]


def drag(tab: Tab, start: tuple[float, float], end: tuple[float, float]) -> None:
    mouse = tab.page.mouse
    mouse.move(*on_canvas(tab, *start))
    mouse.down()
    mouse.move(*on_canvas(tab, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    mouse.move(*on_canvas(tab, *end))
    mouse.up()


def tap(tab: Tab, *points: tuple[float, float]) -> None:
    for point in points:
        tab.page.touchscreen.tap(*on_canvas(tab, *point))


def count_with_command(zones: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """The crossings that the command counts at the same zones in the same clip."""
    tables = [
        f'[[zones]]\nname = "{zone["name"]}"\nkind = "{zone["kind"]}"\n'
        f'points = {json.dumps(zone["points"])}\nanchor = "{zone["anchor"]}"\n'
        for zone in zones
    ]
    file = folder / "drawn.toml"
    file.write_text("\n".join(tables))
    command = [sys.executable, "-m", "ovd", "count", str(CLIP), "-q", "person", "--fps", "2"]
    command += ["--zones", str(file), "--db", f"sqlite:///{folder / 'other.db'}", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    found: list[dict[str, Any]] = json.loads(done.stdout)["zones"]
    return found


def test_zones_drawn_by_mouse_and_finger_count_what_the_command_counts(tab: Tab, tmp_path: Path):
    with tab.page.expect_file_chooser() as chooser:
        tab.page.get_by_role("button", name="Add a camera").click()
        tab.window.get_by_role("button", name="File").click()
        tab.window.get_by_label("Video file").click()
    chooser.value.set_files(CLIP)
    tab.window.get_by_label("Name").fill("campus")
    tab.window.get_by_label("What to count").fill("person")
    tab.window.get_by_label("Frames to count").select_option("2")
    tab.window.get_by_role("button", name="Upload and count").click()
    expect(tab.card("campus")).to_contain_text("Finished", timeout=200_000)

    tab.edit("campus", "Lines and zones")
    tab.window.get_by_role("button", name="New line").click()
    drag(tab, (0.35, 0.2), (0.35, 0.9))
    tab.window.get_by_role("button", name="New area").click()
    tap(tab, (0.4, 0.3), (0.9, 0.3), (0.9, 0.9), (0.4, 0.9), (0.4, 0.3))
    tab.window.get_by_label("Name").fill("plaza")
    tab.window.get_by_label("Name").press("Tab")
    tab.window.get_by_role("button", name="Try on the last 2 minutes").click()
    expect(tab.window.locator(".ovd-trial p")).to_have_count(3)
    tried = tab.window.locator(".ovd-trial p").all_inner_texts()[1:]
    tab.window.get_by_role("button", name="Save", exact=True).click()
    expect(tab.window.locator(".ovd-window-status")).to_contain_text("Saved")

    drawn = tab.ask("GET", "/cameras/campus/zones")["items"]
    line, area = count_with_command(drawn, tmp_path)
    assert [zone["name"] for zone in drawn] == ["Line 1", "plaza"]
    assert [zone["kind"] for zone in drawn] == ["line", "polygon"]
    assert line["in"] + line["out"] > 0
    assert tried[0] == f"Line 1 person: {line['in']} in, {line['out']} out"
    assert tried[1].startswith(f"plaza person: {area['entered']} entered")


def test_points_move_by_keys_and_every_change_can_be_undone(site: Site, tab: Tab):
    tab.add("gate", site.camera)
    expect(tab.card("gate")).to_contain_text("of 2 per second")
    tab.edit("gate", "Lines and zones")
    new_line = tab.window.get_by_role("button", name="New line")
    new_line.focus()
    tab.page.keyboard.press("Enter")
    first = tab.window.get_by_role("button", name="Point 1 of Line 1")
    expect(first).to_be_focused()
    for _ in range(2):
        tab.page.keyboard.press("Shift+ArrowDown")
    expect(first).to_have_attribute("aria-label", re.compile("30 % from the left, 60 %"))
    expect(first).to_be_focused()
    tab.window.get_by_role("button", name="Swap in and out").click()
    tab.save_zones()
    [line] = tab.ask("GET", "/cameras/gate/zones")["items"]
    assert line["points"] == [[0.7, 0.5], [0.3, 0.6]]

    tab.window.get_by_role("button", name="Delete Line 1").click()
    expect(tab.window.locator(".ovd-areas-stage .shape")).to_have_count(0)
    for _ in range(4):
        tab.window.get_by_role("button", name="Undo").click()
    expect(first).to_have_attribute("aria-label", re.compile("30 % from the left, 50 %"))


def test_zone_that_is_changed_keeps_the_counts_of_the_old_one(site: Site, tab: Tab):
    tab.add("gate", site.camera)
    zone = {"name": "door", "kind": "line", "points": [[0.5, 0.1], [0.5, 0.9]]}
    tab.ask("PUT", "/cameras/gate/zones?restart=false", data={"items": [zone]})
    expect(tab.card("gate")).to_contain_text("of 2 per second")
    tab.edit("gate", "Lines and zones")
    tab.window.get_by_role("group", name="Lines and areas", exact=True).get_by_text("door").click()
    drag(tab, (0.5, 0.1), (0.4, 0.2))
    tab.save_zones()

    [moved] = tab.ask("GET", "/cameras/gate/zones")["items"]
    assert moved["points"][0] == pytest.approx([0.4, 0.2], abs=0.01)
    with closing(sqlite3.connect(site.folder / "ovd.db")) as database:
        rows = database.execute("SELECT name, retired_at IS NULL FROM zones ORDER BY id").fetchall()
    assert ("door", 0) in rows
    assert rows[-1] == ("door", 1)


def test_privacy_area_drawn_on_the_page_is_black_in_live_images(site: Site, tab: Tab):
    tab.add("gate", site.camera)
    expect(tab.card("gate")).to_contain_text("of 2 per second")
    tab.edit("gate", "Masks")
    tab.window.get_by_role("button", name="New privacy area").click()
    tap(tab, (0.02, 0.02), (0.48, 0.02), (0.48, 0.98), (0.02, 0.98), (0.02, 0.02))
    tab.window.get_by_role("button", name="Save", exact=True).click()
    expect(tab.window.locator(".ovd-window-status")).to_contain_text("within 5 seconds")

    [mask] = tab.ask("GET", "/cameras/gate/masks")["items"]
    assert (mask["kind"], mask["name"]) == ("privacy", "Privacy 1")
    path = f"{site.url}/api/v1/cameras/gate/frame.jpg?plain=true"
    for _ in range(60):
        answer = tab.page.request.get(path)
        if answer.ok and is_black(answer.body(), 0.1, 0.4):
            break
        tab.page.wait_for_timeout(500)
    assert is_black(answer.body(), 0.1, 0.4)
    assert not is_black(answer.body(), 0.6, 0.9)


def is_black(jpeg: bytes, left: float, right: float) -> bool:
    image = np.asarray(Image.open(BytesIO(jpeg)).convert("L"))
    height, width = image.shape
    part = image[height // 10 : height * 9 // 10, round(left * width) : round(right * width)]
    return bool(part.mean() < 3)


def test_what_is_found_and_wrong_is_silenced_by_a_click(site: Site, tab: Tab):
    tab.add("plaza", site.camera)
    expect(tab.card("plaza")).to_contain_text("of 2 per second")
    tab.edit("plaza", "Masks")
    tab.window.get_by_role("button", name="Silence something").click()
    boxes = tab.window.get_by_role("button", name="Silence person")
    expect(boxes.first).to_be_visible()
    boxes.first.press("Enter")
    expect(boxes).to_have_count(0)
    tab.window.get_by_role("button", name="Save", exact=True).click()
    expect(tab.window.locator(".ovd-window-status")).to_contain_text("within 5 seconds")

    [mask] = tab.ask("GET", "/cameras/plaza/masks")["items"]
    assert (mask["kind"], mask["query"]) == ("ignore", "person")


def test_camera_that_was_found_in_the_network_fills_in_its_address(tab: Tab):
    found = {"items": [{"host": "192.0.2.9", "name": "HIKVISION DS-2CD", "hardware": "DS-2CD2043"}]}
    tab.page.route("**/camera-discovery", lambda route: route.fulfill(json=found))
    tab.page.get_by_role("button", name="Add a camera").click()
    tab.window.get_by_role("button", name="Find cameras").click()
    tab.window.get_by_role("button", name="192.0.2.9 · HIKVISION DS-2CD").click()

    address = tab.window.get_by_label("Address", exact=True)
    expect(address).to_have_value("rtsp://192.0.2.9:554/Streaming/Channels/101")
