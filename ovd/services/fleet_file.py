"""Import of `fleet.json`, in which ovd 0.1 remembered the cameras that it counted."""

import json
import logging
from pathlib import Path
from typing import Any

from ovd.domain.cameras import CameraAddress, CameraOptions, CameraQuery, CameraSettings
from ovd.domain.live import Transport
from ovd.errors import OvdError
from ovd.services.cameras import CameraService

_LOG = logging.getLogger(__name__)
_VERSION = 1


def import_fleet_file(path: Path, cameras: CameraService) -> None:
    """Make the cameras of the file enabled cameras of the database, and remove the file.

    Nothing happens where there is no file. One that cannot be read, or holds a camera that cannot
    be kept, stays where it is, and a warning says why.

    Raises:
        StoreError: If the database cannot be used; the file stays.
    """
    try:
        kept = _read(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, OvdError) as error:
        _LOG.warning("the cameras in %s cannot be taken over: %s", path, error)
        return
    for settings in kept:
        cameras.save(settings)
    try:
        path.unlink()
    except OSError as error:
        _LOG.warning("%s was taken over and cannot be removed: %s", path, error)
    _LOG.info("took %d cameras over from %s", len(kept), path)


def _read(path: Path) -> list[CameraSettings]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["version"] != _VERSION:
        raise ValueError(f"version {data['version']} is unknown")
    return [_parse(entry) for entry in data["cameras"]]


def _parse(entry: dict[str, Any]) -> CameraSettings:
    uri, fps, transport = str(entry["uri"]), entry["sample_fps"], entry["transport"]
    return CameraSettings(
        name=str(entry["camera"]),
        address=CameraAddress(uri, uri if entry["complete"] else None),
        queries=tuple(CameraQuery(str(text), float(score)) for text, score in entry["queries"]),
        options=CameraOptions(
            None if fps is None else float(fps),
            None if transport is None else Transport(transport),
        ),
    )
