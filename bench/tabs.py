"""What open tabs cost: database reads a second and the server's processor time, with 0, 1, 10 tabs.

The clients speak the page's protocol (load the page, begin a session, hold the web socket of a
window; with `--images N` it carries the live frames of N cameras too); browsers would take the
machine for themselves. Cameras are counted five times a second by a fake detector, so that the page
is what is measured: take the numbers of 0 tabs off. Reads are SELECT statements, counted at the
database engine.

Example: python -m bench.tabs --tabs 0 1 10 --cameras 16 --images 16
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import event
from sqlalchemy.engine import Engine
from websockets.asyncio.client import connect

from ovd.domain.frame import Frame
from ovd.domain.ports import SourceInfo, SourceOptions
from ovd.web.listener import open_listener
from tests.stages import Stage

FPS = 5.0
SIZE_HW = (360, 640)
IMAGE_WIDTH = 640
WARM_UP_S = 6.0
TIMEOUT_S = 120.0
VISIT = json.dumps({"time_zone": "Asia/Seoul", "language": "", "camera": "{camera}", "view": ""})


class PacedSource:
    """A camera that shows a moving gradient at a steady rate."""

    def __init__(self, camera: str) -> None:
        self.info = SourceInfo(f"bench://{camera}", SIZE_HW, FPS, None, 1 / FPS, True)
        self.frames_read = 0
        self._camera = camera
        self._closed = threading.Event()
        rows = np.linspace(0, 255, SIZE_HW[1], dtype=np.uint8)
        self._image = np.repeat(np.tile(rows, (SIZE_HW[0], 1))[:, :, None], 3, axis=2)

    def __iter__(self) -> Iterator[Frame]:
        start_s = time.monotonic()
        while not self._closed.wait(max(0.0, start_s + self.frames_read / FPS - time.monotonic())):
            image = np.roll(self._image, self.frames_read * 3, axis=1)
            image[0, 0] = self.frames_read // 10
            yield Frame(
                image, self.frames_read, self.frames_read / FPS, datetime.now(UTC), self._camera
            )
            self.frames_read += 1

    def close(self) -> None:
        """End the iteration."""
        self._closed.set()


def serve(folder: Path, cameras: int, port: int, questions: Connection) -> None:
    """Serve the page; answer each question with processor seconds and reads so far."""
    from ovd.web.server import ServeOptions
    from ovd.web.server import serve as serve_app

    reads = 0

    def count_read(*arguments: object) -> None:
        nonlocal reads
        reads += str(arguments[2]).lstrip().upper().startswith(("SELECT", "WITH"))

    def answer() -> None:
        with suppress(EOFError):
            while questions.recv():
                questions.send((time.process_time(), reads))

    event.listen(Engine, "before_cursor_execute", count_read)
    stage = Stage(folder)
    with closing(stage.services) as services:
        queries = services.reader.read_many("person,car")
        for number in range(cameras):
            name = f"camera {number}"
            stage.sources[name] = PacedSource(name)
            services.fleet.start(name, name, queries, SourceOptions())
        threading.Thread(target=answer, daemon=True).start()
        serve_app(services, ServeOptions(port=port))


@dataclass(frozen=True)
class Cost:
    """What the server did in a while.

    Attributes:
        tabs: Open tabs.
        cpu_share: Processor time per second, of one core.
        reads_per_s: Database reads per second.
        bytes_per_s: Bytes that a tab was sent per second, images apart.
        images_per_s: Images that a tab was sent per second.
    """

    tabs: int
    cpu_share: float
    reads_per_s: float
    bytes_per_s: float
    images_per_s: float


class Tab:
    """A client that does what the page's scripts do in a browser."""

    def __init__(self, client: httpx.AsyncClient, number: int, cameras: int) -> None:
        self.received = 0
        self.images = 0
        self._client = client
        self._tab = f"bench{number}"
        self._cameras = [f"camera {(number + each) % cameras}" for each in range(cameras)]

    async def open(self) -> None:
        """Load the page and begin a session."""
        await self._client.get("/")
        config = (await self._client.get("/config")).json()
        [begin] = [
            dependency["id"]
            for dependency in config["dependencies"]
            if any(target[1] == "load" for target in dependency["targets"])
        ]
        visit = VISIT.replace("{camera}", next(iter(self._cameras), ""))
        body = {"data": [visit], "fn_index": begin, "session_hash": self._tab}
        (await self._client.post("/gradio_api/queue/join", json=body)).raise_for_status()
        data = {"session_hash": self._tab}
        async with self._client.stream("GET", "/gradio_api/queue/data", params=data) as stream:
            async for line in stream.aiter_lines():
                if "process_completed" in line:
                    return

    async def watch(self, images: int) -> None:
        """Hold the web socket of a window that shows the images of so many cameras."""
        address = str(self._client.base_url.copy_with(scheme="ws", path="/live"))
        shown = [(camera, IMAGE_WIDTH) for camera in self._cameras[:images]]
        async with connect(f"{address}?tab={self._tab}", max_size=None) as socket:
            await socket.send(json.dumps({"watch": shown}))
            async for message in socket:
                if isinstance(message, bytes):
                    self.images += 1
                else:
                    self.received += len(message.encode())


async def measure(server: Connection, url: str, tabs: int, options: argparse.Namespace) -> Cost:
    """Open tabs, let them settle, and measure the server for a while."""
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S))
            for _ in range(tabs)
        ]
        opened = [Tab(client, number, options.cameras) for number, client in enumerate(clients)]
        tasks = []
        for tab in opened:
            await tab.open()
            tasks.append(asyncio.create_task(tab.watch(options.images)))
        await asyncio.sleep(WARM_UP_S)
        before, start_s, sent = ask(server), time.monotonic(), sum_sent(opened)
        await asyncio.sleep(options.seconds)
        after, spent_s = ask(server), time.monotonic() - start_s
        received, images = (now - then for now, then in zip(sum_sent(opened), sent, strict=True))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if tabs and not received:
        raise SystemExit("no tab was sent anything: the page's protocol is no longer as it is here")
    return Cost(
        tabs,
        (after[0] - before[0]) / spent_s,
        (after[1] - before[1]) / spent_s,
        received / spent_s / max(tabs, 1),
        images / spent_s / max(tabs, 1),
    )


def sum_sent(tabs: list[Tab]) -> tuple[int, int]:
    """Return the bytes of parts, and the images, that tabs were sent so far."""
    return sum(tab.received for tab in tabs), sum(tab.images for tab in tabs)


def ask(server: Connection) -> tuple[float, int]:
    """Return processor seconds and reads of the server so far."""
    server.send(True)
    cpu_s, reads = server.recv()
    return cpu_s, reads


def find_free_port() -> int:
    """Return a port that nothing listens on."""
    with open_listener("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        return port


def main() -> None:
    """Start a server, open tabs and print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tabs", type=int, nargs="+", default=[0, 1, 10])
    parser.add_argument("--cameras", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--images", type=int, default=0, help="cameras whose images are shown")
    options = parser.parse_args()
    port = find_free_port()
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        arguments = (Path(folder), options.cameras, port, theirs)
        process = spawn.Process(target=serve, args=arguments)
        process.start()
        ask(ours)
        head = ("CPU share", "reads / s", "bytes / s / tab", "images / s / tab")
        print(f"{'tabs':>4} {head[0]:>10} {head[1]:>10} {head[2]:>16} {head[3]:>17}")
        for tabs in options.tabs:
            cost = asyncio.run(measure(ours, f"http://127.0.0.1:{port}", tabs, options))
            print(
                f"{cost.tabs:>4} {cost.cpu_share:>10.3f} {cost.reads_per_s:>10.2f} "
                f"{cost.bytes_per_s:>16.0f} {cost.images_per_s:>17.2f}"
            )
        process.terminate()
        process.join()


if __name__ == "__main__":
    main()
