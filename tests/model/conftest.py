"""The shipped detector and the recorded image, for the tests of this folder."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ovd.model.backends import LoadOptions
from ovd.model.backends.embedded import load_embedded
from ovd.model.detector import VocabularyDetector

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def embedded(weights_dir: Path) -> VocabularyDetector:
    return load_embedded(LoadOptions(weights_dir))


@pytest.fixture(scope="session")
def recorded() -> dict[str, NDArray[np.generic]]:
    """`image` (300, 300, 3), `logits` (1917, 80), `encodings` (1917, 4) of the original graph."""
    path = Path(__file__).parent / "data" / "ssd_mobilenet_v2_check.npz"
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
