"""Decode the first frames of a file in a process of its own, with limits of memory and time.

A file that makes a decoder crash, hang or take all memory ends that process, not the server.
"""

import os
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

from ovd.errors import InputError, OvdError

FRAMES = 3
MOST_BYTES = 4 << 30
MOST_CPU_S = 20
LONGEST_S = 60.0
_CANNOT_BE_READ = 3


def require_decodable(path: Path) -> None:
    """Refuse a file whose first frames cannot be decoded within the limits.

    Raises:
        InputError: If it is no video or image, or decoding it takes too much.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", __name__, str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and a path that the server made
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError("decoding the file takes too long") from None
    if done.returncode == _CANNOT_BE_READ:
        raise InputError("the file is no video or image that can be read")
    if done.returncode != 0:
        raise InputError("decoding the file takes more memory or time than is allowed")


def main(path: str) -> int:
    """Decode the first frames; returns the exit code."""
    limit_resources()
    _limit_processor_time()
    from ovd.video import open_source

    try:
        with closing(open_source(path, "upload")) as source:
            for _ in islice(source, FRAMES):
                pass
    except OvdError:
        return _CANNOT_BE_READ
    return 0


def limit_resources(most_bytes: int = MOST_BYTES) -> None:
    """Limit memory and files of this process, where the system can: it can write none."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_processor_time() -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
