"""Measure the API of a server that counts: requests a second, p99, and what it costs counting.

Run: python -m bench.api [--seconds 4]
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bench.summary import Figure, note
from ovd.client import Client

ROOT = Path(__file__).resolve().parent.parent
CLIP = ROOT / "samples" / "pedestrians.mp4"
CLIENTS = (1, 8, 32)
LOAD_PER_S = 20


def start_server(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Start `ovd serve` with a data folder of its own; returns it and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ovd", "serve", "--port", "0"],
        cwd=ROOT,
        env=os.environ | {"OVD_DATA_DIR": str(folder), "OVD_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


def measure(url: str, path: str, clients: int, seconds: float) -> tuple[float, float]:
    """Return requests a second and the p99 in ms of so many clients at once."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            while (begin := time.perf_counter()) < end:
                client.get(path).raise_for_status()
                times.append(time.perf_counter() - begin)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordered = sorted(times) or [float("inf")]
    return len(times) / seconds, 1000 * ordered[int(0.99 * (len(ordered) - 1))]


def count_rate(client: Client, seconds: float, load: Callable[[], object] | None) -> float:
    """Return the frames counted a second of wall time, with or without a load beside it."""
    stopping = threading.Event()

    def loaded() -> None:
        while load is not None and not stopping.wait(1 / LOAD_PER_S):
            load()

    thread = threading.Thread(target=loaded)
    thread.start()
    before = frames(client)
    time.sleep(seconds)
    after = frames(client)
    stopping.set()
    thread.join()
    return (after - before) / seconds


def frames(client: Client) -> int:
    """Return how many frames were counted so far, as the database has them."""
    return sum(row["samples"] for row in client.counts(bucket="1d"))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        process, url = start_server(Path(name))
        try:
            run(url, seconds)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def run(url: str, seconds: float) -> None:
    """Measure a server while it counts the sample clip, over and over."""
    with Client(url) as client:
        for number in range(4):
            clip = client.upload(CLIP)
            client.add_camera(f"clip {number}", clip["uri"], ["person"], start_at="2026-03-01")
        day = "/api/v1/counts?bucket=1h&from=2026-03-01&to=2026-03-02"
        alone = count_rate(client, 2 * seconds, None)
        with httpx.Client(base_url=url, timeout=60) as asking:
            loaded = count_rate(client, 2 * seconds, lambda: asking.get(day).raise_for_status())
        change = 100 * (loaded / alone - 1) if alone else float("nan")
        print(f"counting: {alone:.1f} frames/s alone, {loaded:.1f} with {LOAD_PER_S} requests/s of")
        print(f"/counts ({change:+.0f} %)")
        title = f"counting beside {LOAD_PER_S} requests/s"
        note(Figure(title, loaded, "frames/s", alone, "alone", less_is_better=False))
        for path in ("/api/v1/health/live", "/api/v1/health", day):
            for clients in CLIENTS:
                rate, p99 = measure(url, path, clients, seconds)
                print(f"{path:55} {clients:3} clients {rate:8.0f} requests/s  p99 {p99:7.1f} ms")


if __name__ == "__main__":
    main()
