"""When messages are sent: pauses after failures, quiet hours, rates and digests."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ovd.domain.alerts import OutboxEntry, Target, TargetOptions

_MINUTE = timedelta(minutes=1)
_LONGEST_QUIET_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class DeliveryPace:
    """Parameters of delivery.

    Attributes:
        poll_s: Seconds after which the outbox is read again, whoever wrote it.
        lease_s: Seconds for which a claimed message is kept from others; must be longer than the
            slowest target takes.
        first_retry_s: Pause after the first failure; each further one is twice as long.
        longest_retry_s: Longest pause.
        most_attempts: Failures after which a message is given up; some hours.
        keep_sent_days: Days for which sent messages can be listed.
        workers: Targets that are sent to at the same time.
    """

    poll_s: float = 0.5
    lease_s: float = 90.0
    first_retry_s: float = 2.0
    longest_retry_s: float = 1800.0
    most_attempts: int = 20
    keep_sent_days: float = 7.0
    workers: int = 8

    def retry_at(self, now: datetime, attempt: int, wait_s: float | None) -> datetime:
        """Return when a message is tried again.

        Args:
            now: The present.
            attempt: Failures so far, from 1.
            wait_s: Seconds that the target asked for; None if it did not.
        """
        doubled = self.first_retry_s * 2.0 ** min(attempt - 1, 40)
        # Targets that failed together should not all be asked again in the same moment.
        pause_s = min(doubled, self.longest_retry_s) * random.uniform(0.75, 1.25)  # noqa: S311
        return now + timedelta(seconds=max(pause_s, min(wait_s or 0.0, self.longest_retry_s)))


class SendingTimes:
    """When messages were sent to each target in the last minute."""

    def __init__(self) -> None:
        """Begin without any."""
        self._times: dict[str, deque[datetime]] = {}

    def note(self, target: str, at: datetime) -> None:
        """Note that a message was sent."""
        self._times.setdefault(target, deque()).append(at)

    def room(self, target: Target, now: datetime) -> int | None:
        """Return how many messages may be sent now; None means any number."""
        if target.options.per_minute is None:
            return None
        times = self._times.setdefault(target.name, deque())
        while times and times[0] <= now - _MINUTE:
            times.popleft()
        return max(0, target.options.per_minute - len(times))

    def room_at(self, target: Target, now: datetime) -> datetime:
        """Return when the next message may be sent, where there is no room now."""
        times = self._times.get(target.name)
        return times[0] + _MINUTE if times else now


def quiet_until(options: TargetOptions, now: datetime) -> datetime | None:
    """Return when the quiet hours end; None outside of them."""
    if not options.is_quiet(now):
        return None
    at = now.replace(second=0, microsecond=0)
    for _ in range(_LONGEST_QUIET_MINUTES):
        at += _MINUTE
        if not options.is_quiet(at):
            return at
    return at


def digest_at(options: TargetOptions, entries: Sequence[OutboxEntry]) -> datetime | None:
    """Return when messages are sent as one; None for a target that gets each on its own."""
    if not options.digest_s:
        return None
    return min(entry.queued_at for entry in entries) + timedelta(seconds=options.digest_s)
