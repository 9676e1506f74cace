"""Taught names as one file, to be taken to another database; numpy's `.npz` without pickles."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ovd.domain.teaching.regions import RegionVector
from ovd.domain.teaching.taught_names import (
    ExampleKind,
    TaughtExample,
    TaughtName,
    TeachingEstimate,
)
from ovd.errors import OutputError, TaughtNameError

FORMAT = "ovd taught names 1"
_ARRAYS = ("region_embeds", "region_xyxy", "other_embeds")


def save_taught_names(path: Path, taught: Sequence[TaughtName]) -> None:
    """Write names with everything they were learned from.

    Raises:
        OutputError: If the file cannot be written.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    names = []
    for at, item in enumerate(taught):
        arrays[f"{at}/vectors"] = np.stack([vector.vector for vector in item.vectors])
        arrays[f"{at}/biases"] = np.array(
            [(vector.bias, *vector.box_offset) for vector in item.vectors], np.float64
        )
        for number, example in enumerate(item.examples):
            for name in _ARRAYS:
                arrays[f"{at}/{number}/{name}"] = getattr(example, name)
        names.append(_describe(item))
    document = json.dumps({"format": FORMAT, "names": names}, ensure_ascii=False)
    arrays["document"] = np.frombuffer(document.encode(), np.uint8)
    try:
        with path.open("wb") as file:
            _write_arrays(file, arrays)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def _write_arrays(file: BinaryIO, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write arrays as numpy's `savez_compressed` does, whose types leave no room for names."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, np.asarray(values), allow_pickle=False)


def load_taught_names(path: Path) -> tuple[TaughtName, ...]:
    """Read names that `save_taught_names` wrote.

    Raises:
        TaughtNameError: If the file is missing, or holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            document = json.loads(arrays["document"].tobytes())
            if document["format"] != FORMAT:
                raise ValueError(f"its format is {document['format']!r}")
            return tuple(_read(arrays, at, item) for at, item in enumerate(document["names"]))
    except OSError as error:
        raise TaughtNameError(f"cannot read {path}: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise TaughtNameError(
            f"{path} holds no taught names: {error}; write one with: ovd teach export FILE"
        ) from error


def _describe(item: TaughtName) -> dict[str, Any]:
    return {
        "name": item.name,
        "version": item.version,
        "detector_id": item.detector_id,
        "camera": item.camera,
        "created_at": None if item.created_at is None else item.created_at.isoformat(),
        "estimate": asdict(item.estimate),
        "examples": [
            {
                "kind": example.kind.value,
                "xyxy": list(example.xyxy),
                "image_hw": list(example.image_hw),
                "source": example.source,
                "image_sha256": example.image_sha256,
            }
            for example in item.examples
        ],
    }


def _read(arrays: Any, at: int, item: dict[str, Any]) -> TaughtName:
    vectors = []
    for vector, values in zip(arrays[f"{at}/vectors"], arrays[f"{at}/biases"], strict=True):
        bias, x0, y0, x1, y1 = values.tolist()
        vectors.append(RegionVector(vector, bias, (x0, y0, x1, y1)))
    examples = []
    for number, example in enumerate(item["examples"]):
        x0, y0, x1, y1 = example["xyxy"]
        height, width = example["image_hw"]
        embeds, xyxy, others = (arrays[f"{at}/{number}/{name}"] for name in _ARRAYS)
        examples.append(
            TaughtExample(
                ExampleKind(example["kind"]),
                (x0, y0, x1, y1),
                (height, width),
                example["source"],
                example["image_sha256"],
                embeds,
                xyxy,
                others,
            )
        )
    created_at = item["created_at"]
    return TaughtName(
        item["name"],
        item["detector_id"],
        tuple(vectors),
        TeachingEstimate(**item["estimate"]),
        tuple(examples),
        item["camera"],
        item["version"],
        None if created_at is None else datetime.fromisoformat(created_at),
    )
