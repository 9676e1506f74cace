"""CameraReader: the thread that keeps one camera connected and read."""

import logging
import threading
from collections.abc import Iterator
from typing import Protocol

from ovd.domain.ports import Clock
from ovd.errors import OpenFailure, SourceError, SourceLostError, SourceOpenError
from ovd.threads import Caught, describe_failure, log_failure
from ovd.video.live.capture import Capture, LiveFrame
from ovd.video.live.connect import Connect
from ovd.video.live.policy import BackOff

_LOG = logging.getLogger(__name__)
# A connection that lasted this long was good: the next pause starts small again.
_STEADY_S = 10.0
# Another attempt would lock an account, or count the same recording again.
_FINAL = (OpenFailure.REFUSED, OpenFailure.RECORDED)


class Listener(Protocol):
    """Is told what a reader does, from its thread."""

    def connected(self, fps: float) -> None:
        """Take note of a connection that declares so many frames a second."""
        ...

    def received(self, frame: LiveFrame) -> None:
        """Take a frame that arrived."""
        ...

    def lost(self, error: SourceError) -> None:
        """Take note that there is no connection; it is tried again."""
        ...

    def refused(self, error: SourceError) -> None:
        """Take note that it refuses the login or is no camera; it is not tried again."""
        ...


class CameraReader:
    """Connects, reads as fast as the camera sends, and connects again after a pause.

    A thread and no process: FFmpeg lets go of every read and every connection attempt at its
    timeout (measured on servers that were frozen, stopped or silent, or that sent one byte at a
    time), so one that hangs can be abandoned and is gone some seconds later; a process per
    camera would cost memory and a copy of every frame. What can hang for longer is the look-up
    of a host name; `waited_s` tells it.
    """

    def __init__(
        self,
        name: str,
        connect: Connect,
        back_off: BackOff,
        clock: Clock,
        listener: Listener,
    ) -> None:
        """Start reading."""
        self._name = name
        self._connect = connect
        self._back_off = back_off
        self._clock = clock
        self._listener = listener
        self._stopped = threading.Event()
        self._delivered = False
        self._waiting_since_s: float | None = None
        self.connecting = True
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def waited_s(self) -> float:
        """Seconds that the connection attempt or read under way has taken; 0 between them."""
        since_s = self._waiting_since_s
        return 0.0 if since_s is None else self._clock.monotonic() - since_s

    @property
    def alive(self) -> bool:
        """Return whether its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Report nothing more; the connection is dropped after the read under way."""
        self._stopped.set()

    def _work(self) -> None:
        pauses = self._back_off.pauses()
        while not self._stopped.is_set():
            started_s = self._clock.monotonic()
            error = self._try_read()
            if self._stopped.is_set():
                return
            if isinstance(error, SourceOpenError) and error.failure in _FINAL:
                self._listener.refused(error)
                return
            self._listener.lost(error)
            if self._clock.monotonic() - started_s > _STEADY_S and not self.connecting:
                pauses = self._back_off.pauses()
            self._stopped.wait(self._pause_s(error, pauses))

    def _try_read(self) -> SourceError:
        """Read until it is lost; a bug on the way is logged and counts as a loss."""
        error: SourceError = SourceLostError("the reader was stopped")
        with Caught() as caught:
            error = self._read_until_lost()
        if caught.error is None:
            return error
        log_failure(_LOG, f"{self._name} failed and connects again", caught.error)
        return SourceLostError(f"reading failed: {describe_failure(caught.error)}")

    def _pause_s(self, error: SourceError, pauses: Iterator[float]) -> float:
        failure = error.failure if isinstance(error, SourceOpenError) else None
        if failure is OpenFailure.SILENT:
            return self._back_off.jittered(self._back_off.silent_s)
        # A camera that starts up may answer with anything; one that never was a camera will not.
        if failure is OpenFailure.UNUSABLE and not self._delivered:
            return self._back_off.jittered(self._back_off.unusable_s)
        return next(pauses)

    def _read_until_lost(self) -> SourceError:
        self.connecting = True
        self._waiting_since_s = self._clock.monotonic()
        try:
            capture = self._connect()
        except SourceOpenError as error:
            return error
        finally:
            self._waiting_since_s = None
        try:
            return self._read(capture)
        finally:
            capture.close()

    def _read(self, capture: Capture) -> SourceError:
        if not self._stopped.is_set():
            self._listener.connected(capture.fps)
        try:
            while not self._stopped.is_set():
                self._waiting_since_s = self._clock.monotonic()
                frame = capture.read()
                if self._stopped.is_set():
                    break
                self.connecting, self._delivered = False, True
                self._listener.received(frame)
        except SourceLostError as error:
            return error
        finally:
            self._waiting_since_s = None
        return SourceLostError("the reader was stopped")
