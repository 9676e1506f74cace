"""The clock that the use cases read."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall clock and pacing."""

    def now(self) -> datetime:
        """Current time, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        ...
