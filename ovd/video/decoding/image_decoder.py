"""ImageDecoder: decodes images that strangers sent in a process of its own.

An image that makes a decoder crash, hang or take all memory ends that process, not the server.
"""

import json
import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import cast

import numpy as np

from ovd.domain.frame import Image
from ovd.errors import ImageError
from ovd.video.images import load_image_within

MOST_PIXELS = 40_000_000
LONGEST_S = 30.0
START_S = 120.0
AT_ONCE = 2
# Head of an answer: whether it is an image; its height and width, or the bytes of a message.
HEAD = struct.Struct(">?II")
READY = b"+"  # what a process says before it is asked
_PIPE_BYTES = 1 << 20
_WORKER = "ovd.video.decoding.image_worker"


class ImageDecoder:
    """Decodes images in up to `AT_ONCE` processes, which start with the first images.

    Every method may be called from any thread.
    """

    def __init__(self, most_pixels: int = MOST_PIXELS, longest_s: float = LONGEST_S) -> None:
        """Start nothing yet.

        Args:
            most_pixels: Pixels of the largest image.
            longest_s: Seconds that an image may take.
        """
        self._most_pixels = most_pixels
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for _ in range(AT_ONCE):
            self._idle.put(_Worker(longest_s))

    def load(self, path: Path) -> Image:
        """Return an image as `ovd.video.images.load_image` does.

        Raises:
            ImageError: If it is none, is too large, or takes too much memory or time.
        """
        if sys.platform == "win32":  # has no such limits
            return load_image_within(path, self._most_pixels)
        worker = self._idle.get()
        try:
            return worker.load(path, self._most_pixels)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the processes, once they have answered; the next image starts them again."""
        workers = [self._idle.get() for _ in range(AT_ONCE)]
        for worker in workers:
            worker.end()
            self._idle.put(worker)


class _Worker:
    """One process, used by one thread at a time; it is started when it is needed."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._process: subprocess.Popen[bytes] | None = None

    def load(self, path: Path, most_pixels: int) -> Image:
        try:
            process = self._process or self._start()
            with _deadline(process, self._longest_s):
                return _ask(process, path, most_pixels)
        except (OSError, EOFError):
            self.end()
            raise ImageError(
                "decoding the image takes more memory or time than is allowed, or it is damaged"
            ) from None

    def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not taken before the end
                    pipe.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", _WORKER],
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=_PIPE_BYTES,
        )
        with _deadline(self._process, START_S):  # a busy machine takes its time to load it
            _receive(self._process, len(READY))
        return self._process


@contextmanager
def _deadline(process: "subprocess.Popen[bytes]", longest_s: float) -> Iterator[None]:
    """Kill a process that works for too long."""
    timer = threading.Timer(longest_s, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ask(process: "subprocess.Popen[bytes]", path: Path, most_pixels: int) -> Image:
    assert process.stdin is not None
    process.stdin.write(json.dumps([str(path.absolute()), most_pixels]).encode() + b"\n")
    process.stdin.flush()
    is_image, first, second = HEAD.unpack(_receive(process, HEAD.size).tobytes())
    if not is_image:
        raise ImageError(_receive(process, first).tobytes().decode())
    return _receive(process, first * second * 3).reshape(first, second, 3)


def _receive(process: "subprocess.Popen[bytes]", size: int) -> Image:
    """Return so many bytes of an answer.

    Raises:
        EOFError: If the process ended before.
    """
    content = np.empty(size, np.uint8)
    if size and cast("BufferedReader", process.stdout).readinto(content.data) < size:
        raise EOFError
    return content
