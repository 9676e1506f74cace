"""Clocks for sources: the machine's, and one whose times of arrival never go back."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ovd.domain.ports import Clock

# A clock that was set back is waited for by letting time pass this much slower.
_SLOWED = 0.9
_STEP_S = 1.0


class SystemClock:
    """Implements `ovd.domain.ports.Clock`."""

    def now(self) -> datetime:
        """Return the current time, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never steps."""
        return time.monotonic()


@dataclass(frozen=True)
class Stamp:
    """When something arrived.

    Attributes:
        time_s: On a clock that never steps.
        at: Aware UTC.
        skipped: Whether the wall clock was set forward since the stamp before: time has passed
            by the calendar that did not pass.
    """

    time_s: float
    at: datetime
    skipped: bool = False


class ArrivalClock:
    """Stamps arrivals with the wall clock, in an order that steps of that clock cannot upset.

    A step forward is followed at once. After a step back, stamps go on from where they were at
    nine tenths of the pace until the wall clock has caught up. Summer time changes nothing: it
    is UTC.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: Stamp | None = None

    def stamp(self) -> Stamp:
        """Return the next moment; later than the one before if the steady clock went on."""
        time_s, at = self._clock.monotonic(), self._clock.now()
        skipped = False
        if self._last is not None:
            lived = timedelta(seconds=time_s - self._last.time_s)
            skipped = at - self._last.at > lived + timedelta(seconds=_STEP_S)
            at = max(at, self._last.at + _SLOWED * lived)
        self._last = Stamp(time_s, at, skipped)
        return self._last
