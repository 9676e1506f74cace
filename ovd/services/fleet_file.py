"""Takes over `fleet.json`, in which version 0.1.0 remembered the cameras that it counted."""

import json
import logging
from pathlib import Path
from typing import Any

from ovd.domain.cameras import (
    CameraAddress,
    CameraOptions,
    CameraQuery,
    CameraRepository,
    CameraSettings,
)
from ovd.domain.live import Transport
from ovd.errors import InputError
from ovd.services.cameras import CameraService

_LOG = logging.getLogger(__name__)
_VERSION = 1
TAKEN_OVER = ".imported"


def take_over_fleet_file(path: Path, cameras: CameraRepository) -> tuple[str, ...]:
    """Put the cameras of the file into the database, enabled, then rename the file away.

    A file that cannot be read is reported in the log and stays where it is. One that could not be
    renamed is read again at the next start, which changes nothing.

    Returns:
        Names of the cameras that were taken over; none where there is no file.

    Raises:
        StoreError: If the database cannot be used; the file stays then.
    """
    try:
        wanted = _read(path)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, InputError) as error:
        _LOG.warning("cannot take over the cameras of %s: %s", path, error)
        return ()
    service = CameraService(cameras)
    for settings in wanted:
        service.save(settings)
    try:
        path.replace(path.with_name(path.name + TAKEN_OVER))
    except OSError as error:
        _LOG.warning("cannot rename %s, whose cameras are in the database now: %s", path, error)
    return tuple(settings.name for settings in wanted)


def _read(path: Path) -> list[CameraSettings]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["version"] != _VERSION:
        raise ValueError(f"version {data['version']}, known is {_VERSION}")
    return [_parse(entry) for entry in data["cameras"]]


def _parse(entry: dict[str, Any]) -> CameraSettings:
    uri, fps, transport = str(entry["uri"]), entry["sample_fps"], entry["transport"]
    return CameraSettings(
        name=str(entry["camera"]),
        address=CameraAddress(uri, uri if entry["complete"] else None),
        queries=tuple(CameraQuery(str(text), float(score)) for text, score in entry["queries"]),
        options=CameraOptions(
            None if fps is None else float(fps), None if transport is None else Transport(transport)
        ),
        enabled=True,
    )
