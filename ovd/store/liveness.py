"""Which process owns a run, and whether it is still there."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

HEARTBEAT_S = 5.0
# A run whose process cannot be asked is given up after this long without a sign of life.
DEAD_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Owner:
    """The process that writes a run.

    Attributes:
        host: Name of its machine or container.
        pid: Its process id there.
    """

    host: str
    pid: int


def this_process() -> Owner:
    """The process that asks."""
    return Owner(socket.gethostname(), os.getpid())


def is_dead(owner: Owner, alive_at: datetime, now: datetime) -> bool:
    """Return whether the owner of a run can no longer be writing it.

    A process of this machine that is gone is dead at once. One elsewhere, or one whose id was
    given to another process since, is dead when its heartbeat has stopped for `DEAD_AFTER`.

    Args:
        owner: Process that opened the run.
        alive_at: Its last heartbeat, aware.
        now: Current time, aware.
    """
    if now - alive_at > DEAD_AFTER:
        return True
    here = this_process()
    return owner.host == here.host and owner.pid != here.pid and not _exists(owner.pid)


def _exists(pid: int) -> bool:
    if os.name != "posix":  # os.kill would end the process there; its heartbeat must do
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
