"""Save screenshots of every view of the page: python -m bench.screenshots FOLDER [--only NAME ...].

1440 and 390 pixels wide, light and dark, in English and Korean; over clips as cameras. With
`--readme FOLDER` those of the README, as small files: make screenshots README=docs/images
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

# Each view, and what tells that it has been drawn.
VIEWS = {
    "live": ("?camera=Entrance", ".ovd-live-image[data-drawn]"),
    "wall-4": ("?wall=4", "#ovd-wall .ovd-tile canvas"),
    "wall-9": ("?wall=9", "#ovd-wall .ovd-tile canvas"),
    "history": ("?camera=Entrance&view=history", "#ovd-history h2"),
    "cameras": ("?view=cameras", ".ovd-camera-card"),
    "alerts": ("?view=alerts", "#ovd-alerts h2"),
    "reports": ("?view=reports", ".ovd-reports-preview img"),
    "try": ("?view=try", ".ovd-try-form"),
    "system": ("?view=system", '[data-part="audit"] h3'),
}
# The images of the README, by their name.
README = {
    "ui-wide": "live-1440-light-en",
    "ui-narrow": "live-390-light-ko",
    "ui-wall": "wall-4-1440-dark-en",
    "ui-reports": "reports-1440-light-en",
    "ui-system": "system-1440-light-en",
}
SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = ("en", "ko")
# Until images and numbers of the day are there.
SETTLE_MS = 4000
WAIT_MS = 120_000
FIRST_COUNTS_MS = 20_000


@contextmanager
def serve_clips(cameras: int) -> Iterator[str]:
    """Serve a page over clips and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.clip_cameras", folder, "--cameras", str(cameras)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            assert process.stdout is not None
            ready = re.search(r"http://\S+", process.stdout.readline())
            if ready is None:
                raise SystemExit("the page did not start")
            yield ready[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def save_view(page: Page, address: str, drawn: str, path: Path) -> None:
    """Save one screenshot, of the whole page."""
    page.goto(address)
    page.wait_for_selector(drawn)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=path, full_page=True)
    page.close()


def open_window(browser: Browser, width: int, theme: str) -> Page:
    """Open a window of a width and theme."""
    page = browser.new_page(
        viewport={"width": width, "height": SIZES[width]}, timezone_id="Asia/Seoul"
    )
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(f"localStorage.setItem('ovd-theme', '{theme}')")
    return page


def save_small(screenshot: Path, width: int, path: Path) -> None:
    """Save what a window shows of a screenshot as a small file."""
    with Image.open(screenshot) as image:
        shown = image.convert("RGB").crop((0, 0, width, SIZES[width]))
    shown.save(path, "WEBP", quality=80, method=6)


def main() -> None:
    """Save all of them, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cameras", type=int, default=6)
    parser.add_argument("--only", nargs="*", default=[], help="such as live-1440-light-en")
    parser.add_argument("--readme", type=Path, help="folder of the README's images")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wanted = parser.parse_args()
    only = {*wanted.only, *(README.values() if wanted.readme else ())}
    wanted.folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    with serve_clips(wanted.cameras) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=flags)
        browser.new_page().wait_for_timeout(FIRST_COUNTS_MS)
        choices = product(VIEWS.items(), SIZES, THEMES, LANGUAGES)
        for (name, (query, drawn)), width, theme, language in choices:
            full_name = f"{name}-{width}-{theme}-{language}"
            if only and full_name not in only:
                continue
            path = wanted.folder / f"{full_name}.png"
            page = open_window(browser, width, theme)
            save_view(page, f"{url}/{query}&lang={language}", drawn, path)
            sys.stdout.write(f"{path}\n")
            for small, shown in README.items() if wanted.readme else ():
                if shown == full_name:
                    save_small(path, width, wanted.readme / f"{small}.webp")
        browser.close()


if __name__ == "__main__":
    main()
