"""Save screenshots of every view of the page: python -m bench.screenshots FOLDER [--cameras N].

1440 and 390 pixels wide, light and dark, in English and Korean; over clips as cameras.
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

from playwright.sync_api import Browser, sync_playwright

VIEWS = {
    "live": "?camera=Entrance",
    "wall-4": "?wall=4",
    "wall-9": "?wall=9",
    "history": "?camera=Entrance&view=history",
    "cameras": "?view=cameras",
    "alerts": "?view=alerts",
    "reports": "?view=reports",
    "system": "?view=system",
}
SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = ("en", "ko")
# Until images and numbers of the day are there.
SETTLE_MS = 4000
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


def save_view(browser: Browser, address: str, width: int, theme: str, path: Path) -> None:
    """Save one screenshot, of the whole page."""
    page = browser.new_page(
        viewport={"width": width, "height": SIZES[width]}, timezone_id="Asia/Seoul"
    )
    page.add_init_script(f"localStorage.setItem('ovd-theme', '{theme}')")
    page.goto(address)
    page.wait_for_selector(".ovd-header")
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=path, full_page=True)
    page.close()


def main() -> None:
    """Save all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cameras", type=int, default=6)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    with serve_clips(wanted.cameras) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=flags)
        browser.new_page().wait_for_timeout(FIRST_COUNTS_MS)
        choices = product(VIEWS.items(), SIZES, THEMES, LANGUAGES)
        for (name, query), width, theme, language in choices:
            path = wanted.folder / f"{name}-{width}-{theme}-{language}.png"
            save_view(browser, f"{url}/{query}&lang={language}", width, theme, path)
            sys.stdout.write(f"{path}\n")
        browser.close()


if __name__ == "__main__":
    main()
