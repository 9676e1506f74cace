"""A person who teaches a name with a browser: boxes by mouse and finger, look-alikes by clicks."""

import re
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import test_ui
from tests.e2e.test_ui import App, Visit
from tests.processes import ROOT

pytestmark = [pytest.mark.weights, pytest.mark.timeout(400)]
app, browser, visit = test_ui.app, test_ui.browser, test_ui.visit
CLIP = ROOT / "samples" / "pedestrians.mp4"
Corners = tuple[float, float, float, float]


def write_frame(path: Path, index: int) -> Path:
    clip = cv2.VideoCapture(str(CLIP))
    clip.set(cv2.CAP_PROP_POS_FRAMES, index)
    cv2.imwrite(str(path), clip.read()[1])
    clip.release()
    return path


def find_people(app: App, page: Page, image: Path) -> list[Corners]:
    """Where people are, as fractions of the image, largest first."""
    file = {"name": image.name, "mimeType": "image/png", "buffer": image.read_bytes()}
    answer = page.request.post(
        f"{app.url}/api/v1/detect", multipart={"image": file, "query": "person"}
    ).json()
    wh = (answer["width"], answer["height"]) * 2
    boxes = [tuple(item["box"].values()) for item in answer["detections"]]
    boxes.sort(key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))
    return [tuple(side / of for side, of in zip(box, wh, strict=True)) for box in boxes]


def on_screen(canvas: Locator, box: Corners) -> Corners:
    area = canvas.bounding_box()
    assert area is not None
    x0, y0, x1, y1 = box
    left, top, width, height = area["x"], area["y"], area["width"], area["height"]
    return left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height


def drag_mouse(page: Page, corners: Corners) -> None:
    x0, y0, x1, y1 = corners
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
    page.mouse.move(x1, y1)
    page.mouse.up()


def drag_finger(page: Page, corners: Corners) -> None:
    x0, y0, x1, y1 = corners
    browser = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [(x1, y1)]),
        ("touchMove", [((x0 + x1) / 2, (y0 + y1) / 2)]),
        ("touchMove", [(x0, y0)]),
        ("touchEnd", []),
    ):
        touches = [{"x": x, "y": y} for x, y in points]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def draw_two(page: Page, canvas: Locator, first: Corners, second: Corners) -> None:
    """Draw a box by mouse and one by finger; the second is removed by a tap and drawn again."""
    rects = canvas.locator("rect")
    drag_mouse(page, on_screen(canvas, first))
    expect(rects).to_have_count(1)
    drag_finger(page, on_screen(canvas, second))
    expect(rects).to_have_count(2)
    x0, y0, x1, y1 = on_screen(canvas, second)
    page.mouse.click((x0 + x1) / 2, (y0 + y1) / 2)
    expect(rects).to_have_count(1)
    drag_mouse(page, on_screen(canvas, second))
    expect(rects).to_have_count(2)


def test_name_is_taught_from_boxes_and_counted(app: App, visit: Visit, tmp_path: Path):
    page = visit.page
    visit.open_form()
    visit.add("person")
    expect(page.locator(".ovd-query")).to_have_count(1)
    expect(page.locator(".ovd-suggestions")).to_have_count(0)
    page.get_by_label("Camera name").fill("yard")
    page.get_by_label("Repeat until stopped").check()
    page.click("#ovd-start")
    expect(page.locator(".ovd-live-image")).to_have_attribute("data-drawn", re.compile("T"))
    visit.add("gizmo")
    row = page.locator('.ovd-query[data-query="gizmo"]')
    expect(row).to_contain_text("Not supported")
    image = write_frame(tmp_path / "a.png", 200)
    first, second, *_ = find_people(app, page, image)

    row.get_by_role("button", name="Teach it").click()
    window = page.get_by_role("dialog")
    window.get_by_text("Frame of yard").click()
    expect(window.locator(".ovd-teach-strip img")).to_have_count(1)
    window.locator('input[type="file"]').set_input_files(image)
    expect(window.locator(".ovd-teach-strip img")).to_have_count(2)
    draw_two(page, window.get_by_test_id("teach-canvas"), first, second)

    window.get_by_role("button", name="Teach", exact=True).click()
    expect(window.get_by_role("status")).to_contain_text("person")
    window.get_by_label("Teach it anyway").check()
    window.get_by_role("button", name="Teach", exact=True).click()
    expect(window.get_by_role("status")).to_have_text("Learned gizmo, version 1.")
    window.get_by_text("Show look-alikes").click()
    window.get_by_role("button", name="This is it").first.click()
    window.get_by_text("Learn from the answers (1)").click()
    expect(window.get_by_role("status")).to_have_text("Learned gizmo, version 2.")
    window.get_by_text("Count it").click()

    expect(window).to_be_hidden()
    expect(row).not_to_contain_text("Not supported")
    visit.wait_for_count("gizmo", r"^\d+$")
    page.click('[data-event="stop_counting"]')
    expect(page.locator(".ovd-overlay .ovd-state")).to_have_text("Stopped")
    # The browser logs that the name was refused at first.
    assert [text for text in visit.problems if "400" not in text] == []
    visit.problems.clear()
