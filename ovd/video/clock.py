"""The machine's clocks, for sources that are not given another one."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `ovd.domain.ports.Clock`."""

    def now(self) -> datetime:
        """Current time, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        return time.monotonic()
