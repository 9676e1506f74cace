"""Decode images one after the other in a process with limits; see `ImageDecoder`.

A path comes as a line of JSON; the answer is a head, then the pixels or a message.
"""

import json
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from ovd.errors import ImageError
from ovd.video.decoding.image_decoder import HEAD, READY
from ovd.video.decoding.limited import limit_resources
from ovd.video.images import load_image_within

MOST_BYTES = 2 << 30
MOST_CPU_S = 20


def main(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nothing is asked any more."""
    limit_resources(MOST_BYTES)
    answers.write(READY)
    answers.flush()
    for line in asked:
        _limit_next()
        path, most_pixels = json.loads(line)
        try:
            image = load_image_within(Path(path), most_pixels)
        except ImageError as error:
            message = str(error).encode()
            answers.write(HEAD.pack(False, len(message), 0) + message)
        else:
            answers.write(HEAD.pack(True, *image.shape[:2]))
            answers.write(image.tobytes())
        answers.flush()


def _limit_next() -> None:
    """Let the next image take `MOST_CPU_S` of processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + MOST_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
