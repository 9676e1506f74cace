"""Free memory of this machine."""

from pathlib import Path

MEMINFO = Path("/proc/meminfo")


def free_memory(meminfo: Path = MEMINFO) -> int | None:
    """Return the bytes that programs can still take; None where that is not known."""
    try:
        rows = (line.split() for line in meminfo.read_text(encoding="ascii").splitlines())
        return next((int(row[1]) * 1024 for row in rows if row[0] == "MemAvailable:"), None)
    except (OSError, ValueError, IndexError):
        return None
