"""Networks and their weights: the only package besides training that may import torch.

`import ovd.model` is light; what a detector needs comes with the first `load_detector`.
"""

from pathlib import Path

from ovd.domain.ports import Detector
from ovd.model.backends import BACKENDS, LoadOptions, load_backend
from ovd.model.runtimes.options import RuntimeOptions


def backend_names() -> tuple[str, ...]:
    """Return the names that `load_detector` knows."""
    return tuple(spec.name for spec in BACKENDS)


def load_detector(
    name: str,
    weights_dir: Path,
    text_encoder: str | None = None,
    run: RuntimeOptions | None = None,
) -> Detector:
    """Load a detector; its network may be left to `NetworkOwner.open_network`.

    Args:
        name: One of `backend_names()`.
        weights_dir: Folder of `manifest.toml` and the weights.
        text_encoder: Text tower on disk to use instead of the shipped table, as
            `local-dir:/path` or `MODEL/TAG`.
        run: Runtime, precision, device and threads of its network; default: the fastest here.

    Raises:
        UnknownDetectorError: If there is none of that name.
        UnknownRuntimeError: If the runtime does not compute in that precision.
        WeightsError: If its weights or the text tower are missing, damaged or do not fit.
    """
    return load_backend(name, LoadOptions(weights_dir, text_encoder, run or RuntimeOptions()))


__all__ = ["backend_names", "load_detector"]
