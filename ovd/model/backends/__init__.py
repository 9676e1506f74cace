"""The table of detectors: name -> what loads it. One file per detector beside this one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ovd.domain.ports import Detector
from ovd.errors import UnknownDetectorError


@dataclass(frozen=True)
class LoadOptions:
    """What every detector is loaded with.

    Attributes:
        weights_dir: Folder of the manifest and the weights.
        text_encoder: A text tower as `ovd.model.text.encoder.load_tower` reads it, or None for
            the table of embeddings that ships with the detector.
        threads: CPU threads; 0 takes all cores.
    """

    weights_dir: Path
    text_encoder: str | None
    threads: int


def _load_embedded(options: LoadOptions) -> Detector:
    from ovd.model.backends.embedded import load_embedded

    return load_embedded(options)


def _load_ovdense(options: LoadOptions) -> Detector:
    from ovd.model.backends.ovdense import load_ovdense

    return load_ovdense(options)


BACKENDS: dict[str, Callable[[LoadOptions], Detector]] = {
    "embedded": _load_embedded,
    "ovdense": _load_ovdense,
}


def load_backend(name: str, options: LoadOptions) -> Detector:
    """Load a detector of the table; torch is imported here, not before.

    Raises:
        UnknownDetectorError: If the table has none of that name.
        WeightsError: If its weights are missing, damaged or do not fit.
    """
    if name not in BACKENDS:
        raise UnknownDetectorError(f"no detector {name!r}; known: {', '.join(sorted(BACKENDS))}")
    return BACKENDS[name](options)
