"""Import of `fleet.json`, in which ovd 0.1 remembered the cameras that it counted."""

import json
import logging
from pathlib import Path
from typing import Any

from ovd.domain.cameras import CameraAddress, CameraOptions, CameraQuery, CameraSettings
from ovd.domain.live import Transport
from ovd.errors import InputError
from ovd.logs import redact
from ovd.services.cameras import CameraService
from ovd.threads import describe_failure

_LOG = logging.getLogger(__name__)
_VERSION = 1


def import_fleet_file(path: Path, cameras: CameraService) -> None:
    """Make the cameras of the file enabled cameras of the database, and remove the file.

    Nothing happens where there is no file. One that cannot be read stays where it is, and a
    warning says why. One with a camera that cannot be kept is renamed to `fleet.json.refused`. A
    camera that was changed in the database stays as it is: the file may have been taken over
    before and not have been removable.

    Raises:
        StoreError: If the database cannot be used; the file stays.
    """
    try:
        entries = _read(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        _LOG.warning("the cameras in %s cannot be taken over: %s", path, error)
        return
    changed = cameras.changed_names()
    refused = [reason for entry in entries if (reason := _take_over(entry, cameras, changed))]
    try:
        _put_away(path, refused)
    except OSError as error:
        _LOG.warning("%s was taken over and cannot be removed: %s", path, error)
    _LOG.info("took %d cameras over from %s", len(entries) - len(refused), path)


def _take_over(entry: Any, cameras: CameraService, changed: frozenset[str]) -> str:
    """Keep one camera, and return why it cannot be kept; empty if it can."""
    name = entry.get("camera") if isinstance(entry, dict) else entry
    try:
        settings = _parse(entry)
        if settings.name in changed:
            _LOG.info("camera %r of the database stays as it is", settings.name)
        else:
            cameras.save(settings)
    except (ValueError, KeyError, TypeError, InputError) as error:
        return redact(f"{name!r} ({describe_failure(error)})")
    return ""


def _put_away(path: Path, refused: list[str]) -> None:
    """Remove the file, or rename it where it holds what the database does not."""
    if not refused:
        path.unlink()
        return
    beside = path.with_name(f"{path.name}.refused")
    _LOG.warning(
        "these cameras cannot be taken over and stay in %s; add them with ovd cameras add: %s",
        beside,
        ", ".join(refused),
    )
    path.replace(beside)


def _read(path: Path) -> list[Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["version"] != _VERSION:
        raise ValueError(f"version {data['version']} is unknown")
    return list(data["cameras"])


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
