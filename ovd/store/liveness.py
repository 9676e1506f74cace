"""Which process owns a run or serves a database, and whether it is still there."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

HEARTBEAT_S = 5.0
# A run whose process cannot be asked is given up after this long without a sign of life.
DEAD_AFTER = timedelta(seconds=60)
# A server on another machine, or in another container, is given up sooner: it beats all the time.
SERVER_DEAD_AFTER = timedelta(seconds=30)
# A server of this machine whose process lives is given up only when its database was surely copied
# from elsewhere: it was busy or stopped for less.
SILENT_AFTER = timedelta(minutes=10)


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


@dataclass(frozen=True)
class Process:
    """A process that can be told from every other one, also where its id is used again.

    Attributes:
        host: Name of its machine or container.
        pid: Its process id there.
        node: Boot of the machine, namespace of process ids, and when the process started; empty
            where the system does not tell.
    """

    host: str
    pid: int
    node: str

    @property
    def place(self) -> str:
        """Where its id is valid: `node` without the start of the process."""
        return self.node.rpartition(":")[0]


def this_process_in_full() -> Process:
    """Return the process that asks."""
    here = this_process()
    return Process(here.host, here.pid, _node_of(here.pid))


def is_gone(server: Process, alive_at: datetime, now: datetime) -> bool:
    """Return whether the holder of a lock can no longer be at work.

    Args:
        server: Process that took the lock.
        alive_at: Its last heartbeat, aware.
        now: Current time, aware.
    """
    here = this_process_in_full()
    if not here.node or server.place != here.place:
        same = server.host == here.host and not here.node and server.pid != here.pid
        return now - alive_at > SERVER_DEAD_AFTER or (same and not _exists(server.pid))
    return now - alive_at > SILENT_AFTER or _node_of(server.pid) != server.node


def _node_of(pid: int) -> str:
    """Return the `Process.node` of a process of this machine; empty where there is none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    started = status.rpartition(")")[2].split()[19]  # field 22 of proc_pid_stat(5)
    return f"{boot}:{namespace}:{started}"
