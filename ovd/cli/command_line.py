"""The command line of this process as other users of the machine see it."""

import ctypes
import re
import sys
from pathlib import Path

_STAT = Path("/proc/self/stat")
# Where the arguments begin and end in memory, counted from the third field: proc(5).
_ARGUMENTS = slice(45, 47)
_LOGIN = re.compile(rb"://[^/\0]*@")


def hide_logins() -> None:
    """Overwrite user names, passwords and tokens of addresses; `ps` then shows stars.

    The arguments of the program itself stay. Does nothing where the system is not Linux.
    """
    if sys.platform != "linux" or not any("://" in argument for argument in sys.argv):
        return
    try:
        fields = _STAT.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        begin, end = map(int, fields[_ARGUMENTS])
    except (OSError, ValueError):
        return
    if not 0 < begin < end:
        return
    shown = ctypes.string_at(begin, end - begin)
    for start, stop in find_secrets(shown):
        ctypes.memset(begin + start, ord("*"), stop - start)


def find_secrets(arguments: bytes) -> list[tuple[int, int]]:
    """Return where logins and secret parameters of addresses begin and end."""
    from ovd.video.network.credentials import TELLING  # most commands need nothing of it

    parameter = rf"[?&][^=&\0]*(?:{TELLING})[^=&\0]*=([^&\0]*)".encode()
    logins = [(match.start() + 3, match.end() - 1) for match in _LOGIN.finditer(arguments)]
    return logins + [match.span(1) for match in re.finditer(parameter, arguments, re.IGNORECASE)]
