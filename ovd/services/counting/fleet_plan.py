"""PlanFile: remembers which cameras are being counted, so that a restart goes on with them."""

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovd.domain.live import Transport
from ovd.domain.ports import SourceOptions

_LOG = logging.getLogger(__name__)
_VERSION = 1


@dataclass(frozen=True)
class KeptCamera:
    """A camera that was being counted.

    Attributes:
        camera: Its name.
        uri: Where it is read from, without credentials; `{NAME}` references may stand for them.
        complete: Whether it can be opened by that; else a person has to give its password.
        queries: What was counted: text as typed and threshold.
        sample_fps: Frames counted per second, None for all.
        transport: How an RTSP camera was asked to send, None for what the settings say.
    """

    camera: str
    uri: str
    complete: bool
    queries: tuple[tuple[str, float], ...]
    sample_fps: float | None
    transport: Transport | None

    @property
    def options(self) -> SourceOptions:
        """How it is read."""
        return SourceOptions(sample_fps=self.sample_fps, transport=self.transport)


class PlanFile:
    """A small JSON file, replaced as a whole. It holds no credentials."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, cameras: Sequence[KeptCamera]) -> None:
        """Write what is being counted; a disk that refuses is reported, counting goes on."""
        part = self._path.with_suffix(".part")
        entries = [vars(camera) for camera in cameras]
        text = json.dumps({"version": _VERSION, "cameras": entries}, ensure_ascii=False, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            _LOG.warning("cannot remember the running cameras in %s: %s", self._path, error)

    def load(self) -> tuple[KeptCamera, ...]:
        """What was being counted; nothing where there is no file, or none that can be read."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            if data["version"] != _VERSION:
                raise ValueError(f"version {data['version']}")
            return tuple(_parse(entry) for entry in data["cameras"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            _LOG.warning("cannot read the running cameras from %s: %s", self._path, error)
            return ()


def _parse(entry: dict[str, Any]) -> KeptCamera:
    transport = entry["transport"]
    return KeptCamera(
        camera=str(entry["camera"]),
        uri=str(entry["uri"]),
        complete=bool(entry["complete"]),
        queries=tuple((str(text), float(score)) for text, score in entry["queries"]),
        sample_fps=None if entry["sample_fps"] is None else float(entry["sample_fps"]),
        transport=None if transport is None else Transport(transport),
    )
