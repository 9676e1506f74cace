"""HttpFile: a video over HTTP for FFmpeg, which itself connects to no host."""

import errno
import os
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import av.error
from av.container import InputContainer

from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts, open_container
from ovd.video.network.http_request import HttpAnswer, request
from ovd.video.uri import SourceUri

# Skipping less than this is quicker than asking again.
_SHORT_SKIP = 1 << 20


def open_http_container(uri: SourceUri, timeouts: Timeouts) -> InputContainer:
    """Open a video over HTTP or HTTPS for reading; the connection ends with the container.

    Raises:
        SourceOpenError: If it is unreachable, refused, or no video.
    """
    return open_container(uri, timeouts, body=HttpFile(uri, timeouts))


class HttpFile:
    """A file of which each connection, also after a redirect, goes to an address that was checked.

    FFmpeg looks names up by itself, and would connect to whatever they stand for by then. One
    thread reads, then closes it.
    """

    def __init__(self, uri: SourceUri, timeouts: Timeouts) -> None:
        """Ask for the file.

        Args:
            uri: Its address.
            timeouts: Until it answers, and between two parts of it.

        Raises:
            SourceOpenError: If it does not answer, or refuses.
        """
        # FFmpeg guesses by the suffix.
        self.name = PurePosixPath(urlsplit(uri.address).path).name
        self._uri = uri
        self._timeouts = timeouts
        self._position = 0  # where the next read begins
        self._reached = 0  # where the answer is
        self._rest = b""  # what was received beyond the position
        self._answer = self._ask(0)
        self._length = self._answer.length
        self._seekable = self._length is not None and self._answer.accepts_ranges

    def __del__(self) -> None:
        if hasattr(self, "_answer"):
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._answer.close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether the host sends any part that is asked for."""
        return self._seekable

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Choose the next byte; nothing is asked for before it is read."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length or 0}
        self._position = max(0, begin[whence] + offset)
        return self._position

    def read(self, size: int) -> bytes:
        """Return what has arrived, at most `size` bytes; empty at the end.

        Raises:
            av.error.FFmpegError: If nothing arrives in time, or the connection breaks.
        """
        if self._length is not None and self._position >= self._length:
            return b""
        try:
            self._go_to_position()
            data = self._rest or self._answer.read()
        except TimeoutError:
            raise av.error.TimeoutError(errno.ETIMEDOUT, "nothing arrived in time") from None
        except (OSError, SourceOpenError):
            raise av.error.FFmpegError(errno.EIO, "the connection broke") from None
        if not data and self._length is not None:
            raise av.error.FFmpegError(errno.EIO, "the connection ended too early")
        if not self._rest:
            self._reached += len(data)
        self._rest = data[size:]
        self._position += min(size, len(data))
        return data[:size]

    def _go_to_position(self) -> None:
        """Let the next part of the answer begin at the position."""
        skipped = self._position - (self._reached - len(self._rest))
        if 0 <= skipped <= len(self._rest):
            self._rest = self._rest[skipped:]
            return
        self._rest = b""
        if 0 <= self._position - self._reached <= _SHORT_SKIP:
            self._skip()
            return
        self._answer.close()
        self._answer = self._ask(self._position)
        self._reached = self._position

    def _skip(self) -> None:
        while self._reached < self._position:
            data = self._answer.read()
            if not data:
                return
            self._reached += len(data)
            self._rest = data[len(data) - max(0, self._reached - self._position) :]

    def _ask(self, begin: int) -> HttpAnswer:
        answer = request(self._uri, self._timeouts, begin)
        if answer is None:
            raise SourceOpenError(f"cannot open {self._uri}: no video there; its answer is no HTTP")
        if begin and not answer.is_part:
            answer.close()
            raise SourceOpenError(f"cannot go on with {self._uri}: it sends no parts any more")
        return answer
