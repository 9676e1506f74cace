"""Measure the API of a server that counts: requests a second, p99, and what it costs counting.

Run: python -m bench.api [--seconds 4] [--rows 10000000]

The server is `ovd demo`, which counts the sample clip at 5 frames a second; its database holds a
week of other cameras. Costs are processor seconds of the server, which other programs on the
machine change less than times.
"""

import argparse
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.history import Load, fill
from bench.summary import Figure, note
from ovd.store.connection.engine import open_engine
from ovd.store.maintenance.whole_database import Maintenance

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = (1, 8, 32)
LOAD_PER_S = 20
VIEWERS = 20
CAMERAS, QUERIES, DAYS = 10, 5, 7
DAY = "/api/v1/counts?bucket=1h&from=2026-03-29&to=2026-03-30&limit=1000"
_TLS = ssl.create_default_context()
PATHS = ("/api/v1/health/live", "/api/v1/health", "/metrics", DAY)


@dataclass(frozen=True)
class Work:
    """The work of the server in a while.

    Attributes:
        frames_per_s: Frames counted in a second.
        cores: Processor seconds in a second.
    """

    frames_per_s: float
    cores: float


@dataclass(frozen=True)
class Server:
    """A server that counts."""

    url: str

    def read(self, metric: str) -> float:
        """Return the sum of a metric over its labels."""
        text = httpx.get(f"{self.url}/metrics", timeout=60, verify=_TLS).text
        values = re.findall(rf"^{metric}(?:\{{.*\}})? (\S+)", text, re.MULTILINE)
        return sum(map(float, values))

    def work(self, seconds: float) -> Work:
        """Return what it does in some seconds from now."""
        frames, cpu_s, began_s = self._totals()
        time.sleep(seconds)
        frames_after, cpu_after_s, ended_s = self._totals()
        spent_s = ended_s - began_s
        return Work((frames_after - frames) / spent_s, (cpu_after_s - cpu_s) / spent_s)

    def _totals(self) -> tuple[float, float, float]:
        frames, cpu_s = self.read("ovd_frames_total"), self.read("process_cpu_seconds_total")
        return frames, cpu_s, time.monotonic()


def prepare(folder: Path, rows: int) -> None:
    """Write a week of counts of other cameras."""
    path = folder / "ovd.db"
    open_engine(f"sqlite:///{path}").dispose()
    fill(path, Load(CAMERAS, QUERIES, rows // (CAMERAS * QUERIES), DAYS))
    with Maintenance(f"sqlite:///{path}") as database:
        database.rebuild_rollups()


@contextmanager
def run_server(folder: Path) -> Iterator[Server]:
    """Start a server that counts, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ovd", "demo", "--port", "0"],
        cwd=ROOT,
        env=os.environ | {"OVD_DATA_DIR": str(folder), "OVD_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout
    try:
        ready = next(line for line in output if line.startswith("ovd is ready"))
        threading.Thread(target=output.read, daemon=True).start()
        server = Server(ready.split()[-1])
        while server.read("ovd_frames_total") < 10:
            time.sleep(0.2)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def open_client(url: str) -> httpx.Client:
    """Return a client; making one must not take long beside what is measured."""
    return httpx.Client(base_url=url, timeout=60, verify=_TLS)


def measure(url: str, path: str, clients: int, seconds: float) -> tuple[float, float]:
    """Return requests a second and the p99 in ms of so many clients at once."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        with open_client(url) as client:
            while (begin := time.perf_counter()) < end:
                client.get(path).raise_for_status()
                times.append(time.perf_counter() - begin)

    _together([ask] * clients, lambda: None)
    ordered = sorted(times) or [float("inf")]
    return len(times) / seconds, 1000 * ordered[int(0.99 * (len(ordered) - 1))]


def detect(url: str, clients: int, seconds: float, image: bytes) -> float:
    """Return images detected in a second, beside counting, for so many clients at once."""
    done: list[int] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        with open_client(url) as client:
            while time.perf_counter() < end:
                sent = client.post(
                    "/api/v1/detect", files={"image": image}, data={"query": "person"}
                )
                sent.raise_for_status()
                done.append(1)

    _together([ask] * clients, lambda: None)
    return len(done) / seconds


def load_counts(server: Server, seconds: float, path: str) -> Work:
    """Return the server's work under `LOAD_PER_S` requests a second."""
    stopping = threading.Event()

    def ask() -> None:
        with open_client(server.url) as client:
            due_s = time.monotonic()
            while not stopping.wait(max(0.0, due_s - time.monotonic())):
                due_s += 1 / LOAD_PER_S
                client.get(path).raise_for_status()

    return _beside([ask], stopping, server, seconds)


def watch(server: Server, seconds: float) -> Work:
    """Return the server's work while `VIEWERS` look at the live images."""
    stopping = threading.Event()

    def look() -> None:
        address = f"{server.url}/api/v1/cameras/campus/stream.mjpg"
        with ExitStack() as stack:
            client = stack.enter_context(open_client(server.url))
            answer = stack.enter_context(client.stream("GET", address))
            answer.raise_for_status()
            for _ in answer.iter_raw():
                if stopping.is_set():
                    return

    return _beside([look] * VIEWERS, stopping, server, seconds)


def _beside(
    loads: list[Callable[[], None]], stopping: threading.Event, server: Server, seconds: float
) -> Work:
    found: list[Work] = []

    def measure_work() -> None:
        time.sleep(1.0)
        found.append(server.work(seconds))
        stopping.set()

    _together(loads, measure_work)
    return found[0]


def _together(works: list[Callable[[], None]], meanwhile: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join()


def run(server: Server, seconds: float) -> None:
    """Print what the server does alone and under every load."""
    alone = server.work(3 * seconds)
    print(f"alone: {alone.frames_per_s:.2f} frames/s, {100 * alone.cores:.0f} % of a core")
    loads: tuple[tuple[str, Callable[[], Work]], ...] = (
        (f"{LOAD_PER_S} requests/s of one day", lambda: load_counts(server, 3 * seconds, DAY)),
        (f"{VIEWERS} viewers of live images", lambda: watch(server, 3 * seconds)),
    )
    for name, act in loads:
        work = act()
        note(
            Figure(
                f"counting beside {name}",
                work.frames_per_s,
                "frames/s",
                alone.frames_per_s,
                "alone",
                less_is_better=False,
            )
        )
        change = 100 * (work.frames_per_s / alone.frames_per_s - 1)
        more = 100 * (work.cores - alone.cores)
        print(
            f"{name}: {work.frames_per_s:.2f} frames/s ({change:+.1f} %), {more:+.1f} % of a core"
        )
    for path in PATHS:
        for clients in CLIENTS:
            rate, p99 = measure(server.url, path, clients, seconds)
            name = path.partition("?")[0]
            print(f"{name:22} {clients:3} clients {rate:8.0f} requests/s  p99 {p99:7.1f} ms")
    with open_client(server.url) as client:
        image = client.get("/api/v1/cameras/campus/frame.jpg").content
    for clients in CLIENTS:
        images = detect(server.url, clients, seconds, image)
        print(f"{'/api/v1/detect':22} {clients:3} clients {images:8.1f} images/s")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rows", type=int, default=10_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), arguments.rows)
        with run_server(Path(name)) as server:
            run(server, arguments.seconds)


if __name__ == "__main__":
    main()
