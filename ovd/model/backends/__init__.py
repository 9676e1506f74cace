"""The table of detectors. One file per detector beside this one, imported when it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ovd.domain.ports import Detector
from ovd.errors import UnknownDetectorError, WeightsError
from ovd.model.runtimes.options import RuntimeOptions
from ovd.model.runtimes.selection import NetworkSource
from ovd.model.weights import WeightsRole, read_manifest


@dataclass(frozen=True)
class LoadOptions:
    """Options for loading a detector.

    Attributes:
        weights_dir: Folder of the manifest and the weights.
        text_encoder: A text tower as `ovd.model.text.tower.load_tower` reads it, or None for
            the table of embeddings that ships with the detector.
        run: Runtime, precision, device and threads of its network.
    """

    weights_dir: Path
    text_encoder: str | None = None
    run: RuntimeOptions = field(default_factory=RuntimeOptions)


@dataclass(frozen=True)
class BackendSpec:
    """One entry of the table: what is known of a detector before it is loaded.

    Attributes:
        name: Name by which users choose it.
        licence: SPDX identifier of its network's weights.
        parameters: Parameters of its network, that of the text encoder left out.
        input_sizes: Heights and widths in pixels that its input may have.
        revision: Version of the weights at their origin; empty where the checksum in the manifest
            is their only version.
        independent_scores: Whether the score of a query is the same whatever else is asked for.
        embedded: Whether its weights ship with ovd.
        load: Imports and loads it.
        open_source: Reads its network only, from a weights folder, for measuring.
    """

    name: str
    licence: str
    parameters: int
    input_sizes: tuple[tuple[int, int], ...]
    revision: str
    independent_scores: bool
    embedded: bool
    load: Callable[[LoadOptions], Detector]
    open_source: Callable[[Path], NetworkSource]

    def is_installed(self, weights_dir: Path) -> bool:
        """Return whether its network lies in a weights folder; nothing is read or imported."""
        return self.network_checksum(weights_dir) is not None

    def network_checksum(self, weights_dir: Path) -> str | None:
        """Return the SHA-256 of its network in a weights folder by the manifest, hexadecimal.

        None where it is not installed; nothing but the manifest is read.
        """
        try:
            entries = read_manifest(weights_dir)
        except WeightsError:
            return None
        own = (
            entry.sha256
            for entry in entries
            if entry.role is WeightsRole.NETWORK
            and self.name in entry.used_by
            and (weights_dir / entry.file).is_file()
        )
        return next(own, None)


def _load_embedded(options: LoadOptions) -> Detector:
    from ovd.model.backends.embedded import load_embedded

    return load_embedded(options)


def _open_embedded(weights_dir: Path) -> NetworkSource:
    from ovd.model.backends.embedded import open_source

    return open_source(weights_dir)


def _open_ovdetr(weights_dir: Path) -> NetworkSource:
    from ovd.model.backends.ovdetr import open_source

    return open_source(weights_dir)


def _load_ovdetr(options: LoadOptions) -> Detector:
    from ovd.model.backends.ovdetr import load_ovdetr

    return load_ovdetr(options)


def _open_ovdense(weights_dir: Path) -> NetworkSource:
    from ovd.model.backends.ovdense import open_source

    return open_source(weights_dir)


def _load_ovdense(options: LoadOptions) -> Detector:
    from ovd.model.backends.ovdense import load_ovdense

    return load_ovdense(options)


BACKENDS: tuple[BackendSpec, ...] = (
    BackendSpec(
        name="ovdense",
        licence="Apache-2.0",
        parameters=6_105_710,
        input_sizes=((320, 448), (448, 320), (384, 384), (256, 512)),
        revision="",
        independent_scores=True,
        embedded=True,
        load=_load_ovdense,
        open_source=_open_ovdense,
    ),
    BackendSpec(
        name="embedded",
        licence="Apache-2.0",
        parameters=15_202_164,
        input_sizes=((300, 300),),
        revision="ssd_mobilenet_v2_coco_2018_03_29",
        independent_scores=True,
        embedded=True,
        load=_load_embedded,
        open_source=_open_embedded,
    ),
    BackendSpec(
        name="ovdetr",
        licence="Apache-2.0",
        parameters=7_307_902,
        input_sizes=((320, 448), (448, 320), (384, 384), (256, 512)),
        revision="",
        independent_scores=True,
        embedded=False,
        load=_load_ovdetr,
        open_source=_open_ovdetr,
    ),
)


def find_backend(name: str) -> BackendSpec:
    """Return the entry of a detector.

    Raises:
        UnknownDetectorError: If the table has none of that name.
    """
    for spec in BACKENDS:
        if spec.name == name:
            return spec
    known = ", ".join(sorted(spec.name for spec in BACKENDS))
    raise UnknownDetectorError(f"no detector {name!r}; known: {known}")


def load_backend(name: str, options: LoadOptions) -> Detector:
    """Load a detector of the table; its network may be left to `NetworkOwner.open_network`.

    Raises:
        UnknownDetectorError: If the table has none of that name.
        WeightsError: If its weights are missing, damaged or do not fit.
    """
    return find_backend(name).load(options)
