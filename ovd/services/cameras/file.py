"""Cameras as a JSON file, to be carried to another machine; it holds no credentials."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ovd.domain.cameras import (
    Camera,
    CameraAddress,
    CameraOptions,
    CameraQuery,
    CameraRepository,
    CameraSettings,
)
from ovd.domain.live import Transport
from ovd.domain.zones import Mask, build_mask
from ovd.errors import CameraError, InputError, OutputError, OvdError
from ovd.services.cameras import CameraService

_VERSION = 1


def describe_camera(camera: Camera) -> dict[str, object]:
    """Return a camera as in the file, and as in the JSON of `ovd cameras list`."""
    transport = camera.options.transport
    entry: dict[str, object] = {
        "name": camera.name,
        "uri": camera.uri,
        "queries": [vars(query) for query in camera.queries],
        "fps": camera.options.sample_fps,
        "transport": None if transport is None else transport.value,
        "enabled": camera.enabled,
    }
    entry |= {key: value for key, value in _choices(camera).items() if value}
    if camera.masks:
        entry["masks"] = [describe_mask(mask) for mask in camera.masks]
    return entry


def _choices(camera: Camera) -> dict[str, object]:
    return {"detector": camera.options.detector, "verify": camera.options.verify}


def describe_mask(mask: Mask) -> dict[str, object]:
    """Return a mask as in the file, and as in the JSON of the API."""
    return {
        "name": mask.name,
        "kind": mask.kind.value,
        "points": [list(point) for point in mask.points_norm],
        "anchor": mask.anchor.value,
        "query": mask.query,
    }


def describe_cameras(cameras: CameraRepository) -> str:
    """Return all cameras as the text of a file, without credentials.

    An entry whose address needs credentials has `needs_password`.

    Raises:
        StoreError: If the database cannot be read.
    """
    entries = [
        describe_camera(camera) | {"needs_password": _needs_password(cameras, camera)}
        for camera in cameras.all()
    ]
    content = {"version": _VERSION, "cameras": entries}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def export_cameras(cameras: CameraRepository, path: Path) -> int:
    """Write all cameras to a file; returns how many.

    Credentials are left out: an entry whose address needs them has `needs_password`.

    Raises:
        OutputError: If the file exists or cannot be written.
        StoreError: If the database cannot be read.
    """
    count, text = len(cameras.all()), describe_cameras(cameras)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise OutputError(f"{path} exists; choose another name") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; check the folder") from error
    return count


def _needs_password(cameras: CameraRepository, camera: Camera) -> bool:
    if not camera.complete:
        return True
    try:
        return cameras.find_address(camera.name) != camera.uri
    except CameraError:  # the key is missing: there are credentials
        return True


def import_cameras(
    cameras: CameraRepository,
    path: Path,
    merge: Callable[[CameraSettings], CameraSettings] = lambda settings: settings,
) -> tuple[str, ...]:
    """Add the cameras of a file, or change those of their names; returns the names.

    A camera that is known by the same address keeps its credentials. One that needs a password
    which is not kept cannot be opened until its address is given again.

    Args:
        cameras: Where they are kept.
        path: The file.
        merge: Leaves out queries of a camera that count the same as another one of it.

    Raises:
        InputError: If the file cannot be read, or an entry is wrong; then nothing was changed.
        StoreError: If the database cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the path") from error
    except UnicodeDecodeError as error:
        raise _not_a_file(str(path), error) from error
    return save_cameras(cameras, [merge(wanted) for wanted in read_cameras(text, str(path))])


def save_cameras(cameras: CameraRepository, wanted: Sequence[CameraSettings]) -> tuple[str, ...]:
    """Add cameras, or change those of their names; returns the names.

    A camera that is known by the same address keeps its credentials.

    Raises:
        StoreError: If the database cannot be used.
    """
    known = {camera.name: camera for camera in cameras.all()}
    service = CameraService(cameras)
    for settings in wanted:
        kept = known.get(settings.name)
        if kept is not None and kept.complete and kept.uri == settings.address.uri:
            address = CameraAddress(kept.uri, cameras.find_address(kept.name))
            settings = replace(settings, address=address)
        service.save(settings)
    return tuple(settings.name for settings in wanted)


def read_cameras(text: str, name: str) -> tuple[CameraSettings, ...]:
    """Return the cameras in the text of a file.

    Args:
        text: Of `describe_cameras`.
        name: Name of the file, for messages.

    Raises:
        InputError: If it is no such text, or an entry is wrong.
    """
    try:
        data = json.loads(text)
        if data["version"] != _VERSION:
            raise InputError(f"its version is {data['version']}, known is {_VERSION}")
        return tuple(_parse(entry) for entry in data["cameras"])
    except (OvdError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_a_file(name, error) from error


def _not_a_file(name: str, error: Exception) -> InputError:
    return InputError(
        f"{name} is no file of ovd cameras export, or an entry of it is wrong: {error}"
    )


def _parse(entry: dict[str, Any]) -> CameraSettings:
    uri, fps, transport = str(entry["uri"]), entry.get("fps"), entry.get("transport")
    queries = [(query["text"], query.get("min_score")) for query in entry.get("queries", ())]
    return CameraSettings(
        name=str(entry["name"]),
        address=CameraAddress(uri, None if entry.get("needs_password") else uri),
        queries=tuple(
            CameraQuery(str(text), None if score is None else float(score))
            for text, score in queries
        ),
        options=CameraOptions(
            None if fps is None else float(fps),
            None if transport is None else Transport(transport),
            str(entry.get("detector", "")),
            str(entry.get("verify", "")),
        ),
        enabled=bool(entry.get("enabled", True)),
        masks=tuple(
            build_mask(mask["kind"], mask["name"], mask["points"], mask["anchor"], mask["query"])
            for mask in entry.get("masks", ())
        ),
    )
