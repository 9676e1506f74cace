"""Ranking: which runtimes were measured on this machine, the fastest first, kept in a file."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
from ovd.model.runtimes.processor import processor_id, thread_count

_LOG = logging.getLogger(__name__)
FILE = "ranking.json"
LIBRARIES = ("openvino", "onnxruntime", "torch")


@dataclass(frozen=True)
class RankedRuntime:
    """One runtime that counts alike here.

    Attributes:
        runtime: Library.
        precision: Type of the numbers inside.
        device: Where it computes.
        ms: Median time of one image in milliseconds.
    """

    runtime: Runtime
    precision: Precision
    device: Device
    ms: float


def ranking_key(network_checksum: str, options: RuntimeOptions) -> str:
    """Return what a ranking depends on: network, libraries, processor and threads."""
    facts = (
        network_checksum,
        *(f"{name} {_version(name)}" for name in LIBRARIES),
        processor_id(),
        str(thread_count(options.threads)),
    )
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def read_ranking(folder: Path | None, key: str) -> tuple[RankedRuntime, ...]:
    """Return what was measured under a key; nothing if nothing usable is kept."""
    if folder is None:
        return ()
    try:
        rows = json.loads((folder / FILE).read_text(encoding="utf-8")).get(key, [])
        return tuple(
            RankedRuntime(
                Runtime(row["runtime"]),
                Precision(row["precision"]),
                Device(row["device"]),
                float(row["ms"]),
            )
            for row in rows
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _LOG.warning("cannot read %s, so nothing counts as measured: %s", folder / FILE, error)
        return ()


def write_ranking(folder: Path, key: str, ranking: Sequence[RankedRuntime]) -> None:
    """Keep a ranking, the fastest first, and drop those of other networks and libraries.

    Raises:
        OSError: If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "runtime": entry.runtime,
            "precision": entry.precision,
            "device": entry.device,
            "ms": round(entry.ms, 3),
        }
        for entry in sorted(ranking, key=lambda entry: entry.ms)
    ]
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({key: rows}, file, indent=1)
    Path(name).replace(folder / FILE)
