"""Take the screenshots of README and docs/page.md: `python docs/images/take_screenshots.py`.

Starts `ovd demo` with an empty data folder, adds queries as a user would, and photographs the page
in headless Chromium (`pip install -e '.[dev]'` and the program `chromium`) at two widths.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
QUERIES = ("car", "traffic cone", "taxi")
COUNTING_S = 45
SIZES = {"ui-wide": (1440, 1000), "ui-narrow": (390, 844)}


def take(page: Page, name: str) -> None:
    """Photograph the page at one of the `SIZES`."""
    width, height = SIZES[name]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(4000)
    page.screenshot(path=FOLDER / f"{name}.png")


def wait_for_address(log: Path) -> str:
    """Return the address that the demo has printed to its log."""
    for _ in range(600):
        if found := re.search(r"http://[\w.:]+", log.read_text(encoding="utf-8")):
            return found[0]
        time.sleep(0.5)
    raise RuntimeError(f"the demo did not start: {log.read_text(encoding='utf-8')}")


def photograph(address: str) -> None:
    """Add the queries, count for a while, and take both screenshots."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, timezone_id="Asia/Seoul")
        page.set_default_timeout(120_000)
        page.goto(address, wait_until="domcontentloaded")
        box = page.get_by_placeholder(re.compile("person, bicycle"))
        for query in QUERIES:
            box.fill(query)
            page.get_by_role("button", name="Add", exact=True).click()
            page.wait_for_timeout(4000)
        page.wait_for_timeout(1000 * COUNTING_S)
        for name in SIZES:
            take(page, name)
            page.reload(wait_until="domcontentloaded")
        browser.close()


def main() -> None:
    """Start the demo, photograph it, and end it."""
    with tempfile.TemporaryDirectory() as data:
        log = Path(data) / "demo.log"
        with log.open("w", encoding="utf-8") as output:
            demo = subprocess.Popen(
                [sys.executable, "-m", "ovd", "demo", "--port", "0"],
                cwd=ROOT,
                env=os.environ | {"OVD_DATA_DIR": data, "BROWSER": "true"},
                stdout=output,
                stderr=output,
            )
            try:
                photograph(wait_for_address(log))
            finally:
                demo.send_signal(signal.SIGINT)
                demo.wait(120)


if __name__ == "__main__":
    main()
