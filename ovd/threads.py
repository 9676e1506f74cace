"""SupervisedThread: a long-lived thread that runs again after it failed and tells how it stands."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from ovd.logs import redact

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backoff:
    """Pauses before something that failed is started again, each twice as long as the one before.

    Attributes:
        first_s: First pause in seconds.
        ceiling_s: Longest pause.
        steady_s: What worked for longer than this starts with the first pause again.
    """

    first_s: float = 1.0
    ceiling_s: float = 60.0
    steady_s: float = 60.0

    def next_pause_s(self, pause_s: float, lasted_s: float) -> float:
        """Return the next pause.

        Args:
            pause_s: The pause before the last start, 0 if there was none.
            lasted_s: How long it worked since then.
        """
        steady = lasted_s > self.steady_s
        return min(self.first_s if steady else max(2 * pause_s, self.first_s), self.ceiling_s)


class ThreadState(StrEnum):
    """The state of a supervised thread.

    IDLE: not started, or ended by itself or by `stop`. RUNNING: at work. PAUSED: it failed and is
    started again after a pause. DEAD: it should run and does not; `start` runs it again.
    """

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    DEAD = "dead"


@dataclass(frozen=True)
class ThreadHealth:
    """The state of a supervised thread, and its last failure.

    Attributes:
        name: Name of the thread.
        state: How it stands.
        failures: How often it failed since it was made.
        last_failure: Why it failed last, credentials removed; empty if it never did.
        failed_at: When that was, aware UTC; None if it never failed.
    """

    name: str
    state: ThreadState
    failures: int = 0
    last_failure: str = ""
    failed_at: datetime | None = None

    @property
    def good(self) -> bool:
        """Return whether it works, or has nothing to do."""
        return self.state in (ThreadState.IDLE, ThreadState.RUNNING)


class Threaded(Protocol):
    """Something that works in threads of its own."""

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return their health as of now, at once and from any thread."""
        ...


class Caught:
    """Context manager that keeps what its block raises, whatever it is, in `error`.

    For the outermost block of a thread, and where an error belongs to another thread's caller.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return True


def describe_failure(error: BaseException) -> str:
    """Return type and message of an error on one line, credentials in addresses removed."""
    return " ".join(redact(f"{type(error).__name__}: {error}").split())


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log an error that has no caller with its traceback, credentials removed."""
    trace = "".join(traceback.format_exception(error))
    log.error("%s: %s\n%s", what, describe_failure(error), redact(trace))


def _nothing() -> None:
    """Do nothing: the work waits for no signal."""


class SupervisedThread:
    """Runs `work` in a daemon thread; when it raises, logs why, pauses, and runs it again.

    `work` gets an event that is set when it should return. One that returns has ended, and is
    run again only by `start`. Every method may be called from any thread.

    ```python
    def work(stopping: threading.Event) -> None:
        while not stopping.wait(60.0):
            remove_old_rows()

    thread = SupervisedThread("pruning", work)
    thread.start()
    ...
    thread.stop()
    ```
    """

    def __init__(
        self,
        name: str,
        work: Callable[[threading.Event], None],
        wake: Callable[[], None] = _nothing,
        backoff: Backoff | None = None,
    ) -> None:
        """Prepare a thread; `start` runs it.

        Args:
            name: Name of the thread, for health and logs.
            work: What it does.
            wake: Called once the event is set, to end a wait for something else.
            backoff: Pauses after failures.
        """
        self._name = name
        self._work = work
        self._wake = wake
        self._backoff = backoff or Backoff()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._state = ThreadState.IDLE
        self._failures = 0
        self._last_failure = ""
        self._failed_at: datetime | None = None

    def start(self) -> None:
        """Run it, if it does not run and was not told to stop."""
        with self._lock:
            if self._stopping.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._state = ThreadState.RUNNING
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def ask_to_stop(self) -> None:
        """Let it end soon, for good; returns at once."""
        self._stopping.set()
        self._wake()

    def stop(self, timeout_s: float | None = None) -> bool:
        """End it for good and wait for that. Calling it twice is harmless.

        Args:
            timeout_s: Longest time to wait; None waits until it has ended.

        Returns:
            Whether it has ended.
        """
        self.ask_to_stop()
        with self._lock:
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return thread is None
        thread.join(timeout_s)
        return not thread.is_alive()

    @property
    def health(self) -> ThreadHealth:
        """Return its health as of now."""
        with self._lock:
            alive = self._thread is not None and self._thread.is_alive()
            state = self._state if alive or self._state is ThreadState.IDLE else ThreadState.DEAD
            return ThreadHealth(
                self._name, state, self._failures, self._last_failure, self._failed_at
            )

    def _run(self) -> None:
        pause_s = 0.0
        while True:
            started_s = time.monotonic()
            with Caught() as caught:
                self._work(self._stopping)
            if caught.error is None:
                break
            self._note(caught.error)
            pause_s = self._backoff.next_pause_s(pause_s, time.monotonic() - started_s)
            if self._stopping.wait(pause_s):
                break
            with self._lock:
                self._state = ThreadState.RUNNING
        with self._lock:
            self._state = ThreadState.IDLE

    def _note(self, error: BaseException) -> None:
        with self._lock:
            self._state = ThreadState.PAUSED
            self._failures += 1
            self._last_failure = describe_failure(error)
            self._failed_at = datetime.now(UTC)
        log_failure(_LOG, f"thread {self._name} failed and is started again", error)
