"""Finding cameras, and opening one to see whether it sends images; nothing is stored."""

import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from ovd.domain.frame import Frame
from ovd.domain.ports import Clock, SourceInfo, SourceOpener, SourceOptions
from ovd.errors import (
    AddressError,
    CredentialsError,
    OpenFailure,
    OvdError,
    SourceLostError,
    SourceOpenError,
)
from ovd.services.cached import Cached
from ovd.video.network.discovery import FoundCamera, discover_cameras


class OpenProblem(StrEnum):
    """Reasons for a camera that sends no image, as people are told them.

    Those of `OpenFailure`; besides, ADDRESS where the address is none of a camera, HOST where no
    host has its name, and CREDENTIALS where its stored password cannot be read.
    """

    ADDRESS = "address"
    HOST = "host"
    CREDENTIALS = "credentials"
    SILENT = "silent"
    AWAY = "away"
    REFUSED = "refused"
    RECORDED = "recorded"
    UNUSABLE = "unusable"


@dataclass(frozen=True, eq=False)
class OpenedCamera:
    """A camera that was opened.

    Attributes:
        info: Facts about its source.
        frame: Its first frame.
        took_s: Seconds until the frame was there.
    """

    info: SourceInfo
    frame: Frame
    took_s: float


class CameraTester:
    """Opens cameras and waits for their first frame."""

    def __init__(self, open_source: SourceOpener, clock: Clock) -> None:
        """Prepare to open.

        Args:
            open_source: Opens sources by their address.
            clock: Measures how long it takes.
        """
        self._open_source = open_source
        self._clock = clock

    def open(self, address: str, name: str, options: SourceOptions | None = None) -> OpenedCamera:
        """Return the first frame of a camera, which is closed again.

        Args:
            address: Address that opens it, with credentials.
            name: Its name, for messages.
            options: How it is read; it is not waited for if it is away.

        Raises:
            SourceOpenError: If it cannot be opened, or sends no frame.
        """
        started_s = self._clock.monotonic()
        options = options or SourceOptions(give_up_s=0.0)
        with closing(self._open_source(address, name, options)) as source:
            try:
                frame = next((item for item in source if isinstance(item, Frame)), None)
            except SourceLostError as error:
                raise SourceOpenError(
                    f"camera {name!r} sent no frame: {error}", OpenFailure.AWAY
                ) from error
            if frame is None:
                raise SourceOpenError(
                    f"camera {name!r} sent nothing to be seen: {source.info.uri}", OpenFailure.AWAY
                )
            return OpenedCamera(source.info, frame, self._clock.monotonic() - started_s)


class CameraFinder:
    """Finds cameras in the local network; asks it at most once in `AGE_S` seconds."""

    AGE_S = 10.0

    def __init__(
        self,
        discover: Callable[[], tuple[FoundCamera, ...]] = discover_cameras,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask nothing yet.

        Args:
            discover: Asks the network.
            monotonic: Seconds on a clock that never steps.
        """
        self._found = Cached(discover, self.AGE_S, monotonic)

    def find(self) -> tuple[FoundCamera, ...]:
        """Return the cameras that answer, by address."""
        return self._found.get()


def name_problem(error: OvdError) -> OpenProblem:
    """Return the kind of problem that an error of `CameraTester.open` tells of."""
    if isinstance(error.__cause__, socket.gaierror):
        return OpenProblem.HOST
    if isinstance(error, SourceOpenError):
        return OpenProblem(error.failure.value)
    if isinstance(error, AddressError):
        return OpenProblem.ADDRESS
    if isinstance(error, CredentialsError):
        return OpenProblem.CREDENTIALS
    return OpenProblem.UNUSABLE
