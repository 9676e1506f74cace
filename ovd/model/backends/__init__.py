"""The table of detectors. One file per detector beside this one, imported when it is loaded."""

from pathlib import Path

from ovd.domain.ports import Detector
from ovd.errors import UnknownDetectorError
from ovd.model.backends.pretrained.table import PRETRAINED
from ovd.model.backends.spec import BackendSpec, HubSource, LoadOptions
from ovd.model.runtimes.options import Captions
from ovd.model.runtimes.selection import NetworkSource

__all__ = [
    "BACKENDS",
    "BackendSpec",
    "Captions",
    "HubSource",
    "LoadOptions",
    "find_backend",
    "load_backend",
]


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
    *PRETRAINED,
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
        LicenceError: If its licence is not permissive and was not accepted.
        WeightsError: If its weights are missing, damaged or do not fit.
    """
    spec = find_backend(name)
    spec.require_licence(options.accepted_licences)
    return spec.load(options)
