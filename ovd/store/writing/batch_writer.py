"""BatchWriter: one thread that writes what many threads queue."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ovd.errors import StoreError, StoreOpenError, StoreWriteError
from ovd.threads import Caught, SupervisedThread, ThreadHealth, ThreadState, describe_failure

Row = TypeVar("Row")
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Call:
    operation: Callable[[], Any]
    future: "Future[Any]"

    def run(self) -> None:
        with Caught() as caught:
            self.future.set_result(self.operation())
        if caught.error is not None:
            self.future.set_exception(caught.error)


class BatchWriter(Generic[Row]):
    """Queues rows and writes them in batches, in order, from one thread.

    Rows leave the queue only once they are written or refused for good, so a full or locked disk
    loses nothing: the thread tries again every interval. The failure is raised once, by the next
    `put`, and again by whoever needs it gone: a `put` that finds the queue full, `call`, `close`.
    A failure that passes before a caller asked is not reported.

    An error in an operation of `call` goes to its caller, whatever it is; the thread goes on.

    The thread starts with the first use. Where it fails itself, those who wait for a call are told
    why, it is started again, and the queue is kept.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Row]], StoreError | None],
        interval_s: float,
        max_rows: int,
        beat_s: float,
    ) -> None:
        """Prepare a writer.

        Args:
            write: Makes rows durable, all or none; returns the error to report if it gave up on
                some of them for good. Called from the thread only, without rows when idle.
            interval_s: Longest time that a row waits for its batch to start.
            max_rows: Rows that may wait before `put` blocks.
            beat_s: Longest time between two calls of `write`.

        `write` raises when it failed and shall get the same rows again.
        """
        self._write = write
        self._interval_s = interval_s
        self._max_rows = max_rows
        self._beat_s = beat_s
        self._changed = threading.Condition()
        self._rows: deque[Row] = deque()
        self._calls: deque[_Call] = deque()
        self._due_at = 0.0
        self._failure: StoreError | None = None
        self._failure_reported = False
        self._refused: StoreError | None = None
        self._closing = False
        self._thread = SupervisedThread("store", self._work)

    @property
    def health(self) -> ThreadHealth:
        """Return how its thread stands."""
        return self._thread.health

    @property
    def queued(self) -> int:
        """Rows that wait to be written."""
        return len(self._rows)

    @property
    def failure(self) -> StoreError | None:
        """Return the reason why nothing can be written now; None if the last attempt succeeded."""
        return self._failure

    def put(self, rows: Sequence[Row]) -> None:
        """Queue rows that belong together; blocks while the queue is full.

        Raises:
            StoreError: If an earlier write failed; then these rows were not queued.
        """
        with self._changed:
            self._require_open()
            self._report()
            while self._rows and len(self._rows) + len(rows) > self._max_rows:
                if self._failure is not None:
                    raise self._told(self._failure)
                self._changed.wait()
                self._require_open()
            if not self._rows:
                self._due_at = min(self._due_at, time.monotonic() + self._interval_s)
            self._rows.extend(rows)
            self._changed.notify_all()

    def call(self, operation: Callable[[], Result]) -> Result:
        """Run `operation` on the thread after everything queued so far is written.

        Raises:
            StoreError: If the rows before it could not be written; then it was not run. Also
                what `operation` raises itself.
        """
        future: Future[Result] = Future()
        with self._changed:
            self._require_open()
            self._calls.append(_Call(operation, future))
            self._changed.notify_all()
        result = future.result()
        with self._changed:
            self._report()
        return result

    def close(self) -> None:
        """Write what is queued and end the thread. Calling it twice is harmless.

        Raises:
            StoreError: If rows could not be written; they are lost now.
        """
        with self._changed:
            already, self._closing = self._closing, True
            self._changed.notify_all()
        self._thread.stop()
        self._refuse_calls(StoreOpenError("the database was closed"))
        if already:
            return
        if self._rows and self._failure is None:  # the thread was about to be started again
            self._try_write(list(self._rows))
        if self._failure is not None and self._rows:
            raise type(self._failure)(f"{self._failure}; {len(self._rows)} rows were lost")
        self._report()

    def _require_open(self) -> None:
        if self._closing:
            raise self._failure or StoreOpenError("the database was closed; open it to go on")
        if self._thread.health.state is ThreadState.IDLE:
            self._due_at = time.monotonic() + self._beat_s
        self._thread.start()  # does nothing while it runs

    def _report(self) -> None:
        refused, self._refused = self._refused, None
        if refused is not None:
            raise refused
        if self._failure is not None and not self._failure_reported:
            raise self._told(self._failure)

    def _told(self, failure: StoreError) -> StoreError:
        """The failure for one more caller, who is told in place of the next producer."""
        self._failure_reported = True
        waiting = f"; {len(self._rows)} rows wait to be written" if self._rows else ""
        return type(failure)(f"{failure}{waiting}")

    def _work(self, _stopping: threading.Event) -> None:
        try:
            while self._step():
                pass
        except BaseException as error:
            self._refuse_calls(error)
            raise

    def _step(self) -> bool:
        with self._changed:
            while (wait_s := self._wait_s()) > 0:
                self._changed.wait(wait_s)
            rows = list(self._rows)
            calls = len(self._calls)
            closing = self._closing
        written = self._try_write(rows)
        for _ in range(calls):
            if written:
                self._calls[0].run()
            else:
                self._refuse(self._calls[0])
            self._calls.popleft()
        return not closing

    def _wait_s(self) -> float:
        full = len(self._rows) > self._max_rows // 2 and self._failure is None
        if self._calls or self._closing or full:
            return 0.0
        return self._due_at - time.monotonic()

    def _try_write(self, rows: Sequence[Row]) -> bool:
        started_at = time.monotonic()
        refused: StoreError | None = None
        with Caught() as caught:
            refused = self._write(rows)
        if caught.error is not None:
            with self._changed:
                self._failure = _to_store_error(caught.error)
                self._due_at = time.monotonic() + self._interval_s
                self._changed.notify_all()
            return False
        with self._changed:
            for _ in rows:
                self._rows.popleft()
            self._failure = None
            self._failure_reported = False
            self._refused = refused or self._refused
            self._due_at = started_at + (self._interval_s if self._rows else self._beat_s)
            self._changed.notify_all()
        return True

    def _refuse(self, call: _Call) -> None:
        with self._changed:
            assert self._failure is not None
            call.future.set_exception(self._told(self._failure))

    def _refuse_calls(self, error: BaseException) -> None:
        """Tell everybody who waits for a call that the thread failed."""
        with self._changed:
            for call in self._calls:
                if not call.future.done():
                    call.future.set_exception(_to_store_error(error))
            self._calls.clear()
            self._changed.notify_all()


def _to_store_error(error: BaseException) -> StoreError:
    if isinstance(error, StoreError):
        return error
    told = StoreWriteError(f"rows could not be written: {describe_failure(error)}")
    told.__cause__ = error
    return told
