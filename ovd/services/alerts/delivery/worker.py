"""DeliveryWorker: takes messages of the outbox to their targets while the app serves."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from ovd.domain.alerts import OutboxEntry, OutboxStatus, OutboxTally, Target
from ovd.domain.names import name_key
from ovd.domain.ports import Clock, Outbox
from ovd.errors import StoreError
from ovd.services.alerts.delivery.pace import DeliveryPace
from ovd.services.alerts.delivery.sending import TargetSender
from ovd.threads import Caught, SupervisedThread, ThreadHealth, describe_failure, log_failure

CLAIM_LIMIT = 50
_HOUR = timedelta(hours=1)
_NO_TARGET = "there is no target of that name any more"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeliveryHealth:
    """The state of delivery.

    Attributes:
        waiting: Messages that wait.
        dead: Messages that were given up; people may send them again.
        oldest_at: When the oldest that waits was written, aware UTC; None where none waits.
        problems: Why sending to a target failed last, by its name; without those that work again.
    """

    waiting: int
    dead: int
    oldest_at: datetime | None
    problems: dict[str, str]


class DeliveryWorker:
    """Sends from threads of its own: at least once, in order for each alert and target.

    A message is claimed in the database, sent, and marked as sent; a process that is killed in
    between sends it again after the claim has ended, with the same key. Targets do not wait for
    each other, and counting waits for none of them.
    """

    def __init__(
        self,
        outbox: Outbox,
        targets: Callable[[], Sequence[Target]],
        sender: TargetSender,
        clock: Clock,
        pace: DeliveryPace | None = None,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            outbox: The messages.
            targets: Reads the targets.
            sender: Sends to one target.
            clock: Wall clock.
            pace: How often the outbox is read, and how long messages are claimed.
        """
        self._outbox = outbox
        self._targets = targets
        self._sender = sender
        self._clock = clock
        self._pace = pace or DeliveryPace()
        self._changed = threading.Condition()
        self._busy: set[str] = set()
        self._woken = False
        self._problems: dict[str, str] = {}
        self._tally = OutboxTally(0, 0)
        self._clean_at = clock.now()
        self._pool = ThreadPoolExecutor(self._pace.workers, "alert delivery")
        self._thread = SupervisedThread("alert delivery", self._work, self.wake)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    @property
    def health(self) -> DeliveryHealth:
        """Return how delivery stands; does no I/O."""
        with self._changed:
            tally = self._tally
            return DeliveryHealth(tally.waiting, tally.dead, tally.oldest_at, dict(self._problems))

    def wake(self) -> None:
        """Read the outbox now."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """End after what is being sent. Calling it twice is harmless."""
        self._thread.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def step(self) -> bool:
        """Claim what is due, and let it be sent.

        Returns:
            Whether there may be more at once.

        Raises:
            StoreError: If the database cannot be used.
        """
        now = self._clock.now()
        self._clean(now)
        due_at = self._outbox.next_due_at()
        with self._changed:
            busy = frozenset(self._busy)
        if due_at is None or due_at > now:
            self._take_tally()
            return False
        until = now + timedelta(seconds=self._pace.lease_s)
        entries = self._outbox.claim(now, until, busy, CLAIM_LIMIT)
        targets = {name_key(target.name): target for target in self._targets()} if entries else {}
        for name, group in _by_target(entries):
            target = targets.get(name_key(name))
            if target is None:
                self._give_up(group)
            else:
                self._submit(name, target, group)
        self._take_tally()
        return bool(entries)

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            more = False
            try:
                more = self.step()
            except StoreError as error:
                self._note("database", str(error))
            else:
                self._note("database", "")
            with self._changed:
                if not more and not stopping.is_set():
                    self._changed.wait_for(lambda: self._woken, self._pace.poll_s)
                self._woken = False

    def _submit(self, name: str, target: Target, entries: Sequence[OutboxEntry]) -> None:
        with self._changed:
            self._busy.add(name)
        self._pool.submit(self._send, name, target, entries)

    def _send(self, name: str, target: Target, entries: Sequence[OutboxEntry]) -> None:
        with Caught() as caught:
            self._note(name, self._sender.send(target, entries))
        if caught.error is not None:
            self._note(name, describe_failure(caught.error))
            if not isinstance(caught.error, StoreError):
                log_failure(_LOG, f"sending to {name} failed", caught.error)
        with self._changed:
            self._busy.discard(name)
        self.wake()

    def _give_up(self, entries: Sequence[OutboxEntry]) -> None:
        self._outbox.update(
            [replace(entry, status=OutboxStatus.DEAD, last_error=_NO_TARGET) for entry in entries]
        )

    def _note(self, name: str, problem: str) -> None:
        """Keep and log why sending fails, once for each reason."""
        with self._changed:
            before = self._problems.pop(name, "")
            if problem:
                self._problems[name] = problem
        if problem and problem != before:
            _LOG.warning("alerts do not reach %s: %s", name, problem)

    def _take_tally(self) -> None:
        tally = self._outbox.tally()
        with self._changed:
            self._tally = tally

    def _clean(self, now: datetime) -> None:
        if now >= self._clean_at:
            self._clean_at = now + _HOUR
            self._outbox.remove_sent(now - timedelta(days=self._pace.keep_sent_days))


def _by_target(entries: Sequence[OutboxEntry]) -> list[tuple[str, list[OutboxEntry]]]:
    ordered = sorted(entries, key=lambda entry: (entry.target, entry.id))
    return [(name, list(group)) for name, group in groupby(ordered, lambda entry: entry.target)]
