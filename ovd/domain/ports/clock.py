"""Port of the clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall clock and pacing."""

    def now(self) -> datetime:
        """Return the current time, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Return the seconds of a monotonic clock."""
        ...
