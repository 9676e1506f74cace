"""A server with clip cameras is killed with SIGKILL and started again: everything is as before."""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_ui import WAIT_MS, browser
from tests.processes import ROOT, end_program, run_program
from tests.rtsp_server import RtspServerProcess

__all__ = ["browser"]
pytestmark = [pytest.mark.weights, pytest.mark.timeout(400)]
CLIP = ROOT / "samples" / "pedestrians.mp4"
LINE = {"name": "Door", "kind": "line", "points": [[0.1, 0.55], [0.9, 0.5]]}
# What holds on a machine that does nothing else; the machines of tests do.
QUIET_S = 20.0
FOLLOW_CHART = """() => {
  window.chartTimes = [];
  ovdLive.on("chart", (value) => {
    const [series] = value.points?.series ?? [];
    const isSeen = (_, at) => !/not observed/i.test(series[2][at]);
    window.chartTimes = (value.points?.times ?? []).filter(isSeen);
  });
}"""


@contextmanager
def serve(folder: Path, by: signal.Signals) -> Iterator[str]:
    own = {"OVD_DATA_DIR": str(folder), "OVD_THREADS": "1", "GRADIO_TEMP_DIR": str(folder / "g")}
    command = [sys.executable, "-m", "ovd", "serve", "--port", "0"]
    with (
        (folder / "log").open("w") as log,
        run_program(command, ROOT, os.environ | own, log) as process,
    ):
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        assert ready, (folder / "log").read_text()
        yield ready[0]
        assert end_program(process, by) == (0 if by is signal.SIGINT else -by)


def ask(page: Page, url: str, method: str, path: str, data: Any = None) -> Any:
    answer = page.request.fetch(f"{url}/api/v1{path}", method=method, data=data)
    assert answer.ok, answer.text()
    return answer.json() if answer.body() else None


def read_setup(page: Page, url: str) -> dict[str, Any]:
    """Return what people have set up: cameras without how they stand just now, and zones."""
    cameras = ask(page, url, "GET", "/cameras")["items"]
    kept = ("name", "uri", "queries", "fps", "enabled")
    return {
        camera["name"]: (
            {key: camera[key] for key in kept},
            ask(page, url, "GET", f"/cameras/{camera['name']}/zones")["items"],
        )
        for camera in cameras
    }


def wait_until_counting(page: Page, url: str, names: set[str]) -> None:
    for name in names:
        page.wait_for_function(
            "async ([url, name]) => (await (await fetch(`${url}/api/v1/cameras/${name}`)).json())"
            ".state === 'counting'",
            arg=[url, name],
            polling=500,
        )


def open_chart(page: Page, url: str) -> list[str]:
    """Open the page of a camera, and return the times of its chart once it has some."""
    page.goto(f"{url}/?camera=gate&lang=en", wait_until="domcontentloaded")
    page.wait_for_function("window.ovdLive !== undefined")
    page.evaluate(FOLLOW_CHART)
    page.wait_for_function("window.chartTimes.length > 2")
    times: list[str] = page.evaluate("window.chartTimes")
    return times


def set_up(page: Page, url: str, address: str) -> None:
    queries = [{"text": "person", "min_score": 0.5}, "car"]
    gate = {"name": "gate", "uri": address, "queries": queries, "fps": 2}
    door = {"name": "door", "uri": address, "queries": ["person"], "fps": 1}
    spare = {"name": "spare", "uri": address, "queries": ["dog"], "enabled": False}
    for camera in (gate, door, spare):
        ask(page, url, "POST", "/cameras", camera)
    ask(page, url, "PUT", "/cameras/gate/zones?restart=true", {"items": [LINE]})


def test_everything_is_as_before_after_a_kill(tmp_path: Path, browser: Browser):
    page = browser.new_page(timezone_id="UTC")
    page.set_default_timeout(WAIT_MS * 2)
    expect.set_options(timeout=WAIT_MS)
    with RtspServerProcess(CLIP) as camera:
        with serve(tmp_path, signal.SIGKILL) as url:
            page.goto(url, wait_until="domcontentloaded")
            set_up(page, url, camera.url())
            wait_until_counting(page, url, {"gate", "door"})
            before, charted = read_setup(page, url), open_chart(page, url)
        started_s = time.monotonic()
        with serve(tmp_path, signal.SIGINT) as url:
            page.goto(url, wait_until="domcontentloaded")
            wait_until_counting(page, url, {"gate", "door"})
            took_s = time.monotonic() - started_s
            after, states = (
                read_setup(page, url),
                {
                    item["name"]: item["state"]
                    for item in ask(page, url, "GET", "/cameras")["items"]
                },
            )
            again = open_chart(page, url)

    assert after == before
    assert (before["gate"][0]["fps"], len(before["gate"][1])) == (2, 1)
    assert states == {"gate": "counting", "door": "counting", "spare": "stopped"}
    assert again[0] <= charted[-1], "the chart begins before the kill"
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert took_s < QUIET_S * busy, f"{took_s:.1f} s"
    sys.stdout.write(f"everything was as before {took_s:.1f} s after the start\n")
