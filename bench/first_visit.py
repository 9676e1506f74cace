"""What a first visit costs, and how many actions it takes to count a camera of one's own.

    python -m bench.first_visit

Starts `ovd serve` on an empty folder and opens it in headless Chromium: bytes and requests of the
first load, the time until the page can be used, the actions (typing into a field and sending it, a
choice, a click) from there to the first count of one's own camera, and the time to the first
picture when the page is opened again. The camera is a clip over RTSP on this machine. Times are of
this machine with whatever else it does; bytes, requests and actions are not.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.rtsp_server import RtspServerProcess

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "samples" / "pedestrians.mp4"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
WAIT_MS = 180_000
# What a quiet machine should keep to.
MOST_KB, MOST_REQUESTS, MOST_ACTIONS, FIRST_PICTURE_S = 2500.0, 90, 5, 2.0


@dataclass
class Load:
    """What a page fetched until it could be used.

    Attributes:
        requests: Number of requests.
        sent_bytes: Bytes that the server sent, compressed as they were.
        seconds: From the address to a page that can be used.
    """

    requests: int = 0
    sent_bytes: float = 0.0
    seconds: float = 0.0


@dataclass
class Actions:
    """The actions of a person."""

    names: list[str] = field(default_factory=list)

    def did(self, name: str) -> None:
        """Note an action."""
        self.names.append(name)


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve from an empty folder and yield the address."""
    own = {"OVD_DATA_DIR": str(folder), "GRADIO_TEMP_DIR": str(folder / "gradio")}
    command = [sys.executable, "-m", "ovd", "serve", "--port", "0"]
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=os.environ | own, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        if ready is None:
            raise SystemExit("the page did not start")
        yield ready[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def load(page: Page, address: str, ready: str) -> Load:
    """Open an address in a browser without a cache; return what it fetched until it was ready."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    found = Load()

    def add(event: dict[str, float]) -> None:
        found.requests += 1
        found.sent_bytes += event["encodedDataLength"]

    session.on("Network.loadingFinished", add)
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(ready)
    found.seconds = time.perf_counter() - started
    page.wait_for_load_state("networkidle")
    session.detach()
    return found


def count_own_camera(page: Page, address: str) -> Actions:
    """Do what a new user does, until a camera of one's own is counted."""
    actions = Actions()
    page.fill("#ovd-query input", "person")
    page.press("#ovd-query input", "Enter")
    page.wait_for_selector('.ovd-query[data-query="person"]')
    actions.did("type what to count, Enter")
    page.locator(".ovd-kind label").last.click()
    actions.did("choose: a stream")
    page.locator("#ovd-url input, #ovd-url textarea").first.fill(address)
    actions.did("paste the address")
    page.click("#ovd-start")
    actions.did("start")
    page.wait_for_function(
        "/^[0-9]+$/.test(document.querySelector('[data-count-of=\"person\"] b')?.innerText ?? '')"
    )
    return actions


def print_budget(name: str, value: float, limit: float, unit: str) -> bool:
    """Print a line of the budget; return whether it is kept."""
    kept = value <= limit
    print(f"{name:42} {value:10.1f} {unit:8} budget {limit:8.1f}  {'kept' if kept else 'OVER'}")
    return kept


def measure(url: str, camera: str) -> bool:
    """Visit, count a camera, visit again; print all of it. Return whether the budget is kept."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.set_default_timeout(WAIT_MS)
        first = load(page, url, "#ovd-add:has-text('Add')")
        started = time.perf_counter()
        actions = count_own_camera(page, camera)
        path_s = time.perf_counter() - started
        page.close()
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.set_default_timeout(WAIT_MS)
        again = load(page, url, ".ovd-live-image[data-drawn]")
        browser.close()
    print(f"from the page to the first count: {path_s:.1f} s, by {', '.join(actions.names)}")
    print(f"first load until it can be used: {first.seconds:.1f} s")
    return all(
        [
            print_budget("first load, sent", first.sent_bytes / 1000, MOST_KB, "kB"),
            print_budget("first load, requests", first.requests, MOST_REQUESTS, ""),
            print_budget("actions to the first own camera", len(actions.names), MOST_ACTIONS, ""),
            print_budget("first picture after opening", again.seconds, FIRST_PICTURE_S, "s"),
        ]
    )


def main() -> None:
    """Serve, visit and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        RtspServerProcess(CLIP) as camera,
        serve(Path(folder)) as url,
    ):
        measure(url, camera.url())


if __name__ == "__main__":
    main()
