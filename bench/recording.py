"""Record a tour of the page as an animated WebP: python -m bench.recording FILE [--seconds 40].

Drives headless Chromium over clips as cameras, view by view; keeps what is seen at its real pace.
"""

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from bench.screenshots import WAIT_MS, serve_clips

SIZE_WH = (1280, 800)
SHOWN_WH = (960, 600)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FIRST_COUNTS_MS = 20_000
LARGEST_BYTES = 3_000_000
QUALITIES = (60, 45, 30, 20, 10)
# Shorter than this a frame adds bytes and shows nothing more.
SHORTEST_FRAME_S = 0.25


def choose_view(page: Page, name: str) -> None:
    """Go to a view by its button."""
    page.click(f'[data-event="choose_view"][data-value="{name}"]')


def add_query(page: Page, text: str) -> None:
    """Type a query as people do, and add it."""
    page.fill("#ovd-query input", text)
    page.press("#ovd-query input", "Enter")


# What is done, and the share of the time that is given to it.
TOUR: tuple[tuple[Callable[[Page], object], float], ...] = (
    (lambda page: page.click('[data-event="pick_camera"] >> nth=0'), 0.1),
    (lambda page: add_query(page, "자동차"), 0.1),
    (lambda page: add_query(page, "dog"), 0.12),
    (lambda page: page.click('[data-event="choose_wall"] >> nth=0'), 0.16),
    (lambda page: choose_view(page, "cameras"), 0.1),
    (lambda page: choose_view(page, "history"), 0.12),
    (lambda page: choose_view(page, "reports"), 0.16),
    (lambda page: choose_view(page, "system"), 0.14),
)


def record(page: Page, seconds: float) -> list[tuple[Image.Image, float]]:
    """Make the tour; return what was seen, and for how many seconds."""
    seen: list[tuple[Image.Image, float]] = []
    for act, share in TOUR:
        act(page)
        # From here on, so that a slow machine leaves no view out.
        until = time.monotonic() + share * seconds
        while time.monotonic() < until:
            at = time.monotonic()
            shot = Image.open(io.BytesIO(page.screenshot(type="jpeg", quality=90)))
            page.wait_for_timeout(max(0.0, SHORTEST_FRAME_S - (time.monotonic() - at)) * 1000)
            seen.append((shot.convert("RGB").resize(SHOWN_WH), time.monotonic() - at))
    return seen


def save(seen: list[tuple[Image.Image, float]], path: Path) -> int:
    """Save what was seen, in the best quality that stays small; return the bytes."""
    (first, *others), lengths = (list(part) for part in zip(*seen, strict=True))
    durations = [round(1000 * length) for length in lengths]
    for quality in QUALITIES:
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=durations,
            quality=quality,
            method=4,
            loop=0,
        )
        if path.stat().st_size <= LARGEST_BYTES:
            break
    return path.stat().st_size


def main() -> None:
    """Serve clips, make the tour and save it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wanted = parser.parse_args()
    with serve_clips(wanted.cameras) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=FLAGS)
        page = browser.new_page(
            viewport={"width": SIZE_WH[0], "height": SIZE_WH[1]},
            timezone_id="Asia/Seoul",
            locale="en-GB",
        )
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{url}/?lang=en")
        page.wait_for_selector(".ovd-live-image[data-drawn]")
        page.wait_for_timeout(FIRST_COUNTS_MS)
        seen = record(page, wanted.seconds)
        browser.close()
    size_bytes = save(seen, wanted.file)
    print(f"{wanted.file}: {len(seen)} frames, {size_bytes / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
