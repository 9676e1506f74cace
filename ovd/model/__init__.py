"""Networks and their weights: the only package besides training that may import torch.

`import ovd.model` is light; what a detector needs comes with the first `load_detector`.
"""

from ovd.domain.ports import Detector
from ovd.model.backends import BACKENDS, LoadOptions, load_backend


def backend_names() -> tuple[str, ...]:
    """Return the names that `load_detector` knows."""
    return tuple(spec.name for spec in BACKENDS)


def load_detector(name: str, options: LoadOptions) -> Detector:
    """Load a detector; its network may be left to `NetworkOwner.open_network`.

    Args:
        name: One of `backend_names()`.
        options: Folders, text encoder, and how its network is run.

    Raises:
        UnknownDetectorError: If there is none of that name.
        UnknownRuntimeError: If the runtime does not compute in that precision.
        LicenceError: If its licence is not permissive and was not accepted.
        WeightsError: If its weights or the text tower are missing, damaged or do not fit.
    """
    return load_backend(name, options)


__all__ = ["LoadOptions", "backend_names", "load_detector"]
