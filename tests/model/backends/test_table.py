import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ovd.model.backends import BACKENDS, LoadOptions, find_backend
from ovd.model.backends.ovdense import INPUT_SIZES
from ovd.model.detr.config import OvDetrConfig
from ovd.model.detr.network import OvDetr
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.ovssd import OvSsd, OvSsdConfig

SHIPPED = [spec for spec in BACKENDS if spec.embedded]
NETWORKS = {
    "ovdense": lambda: OvDense(OvDenseConfig()),
    "embedded": lambda: OvSsd(OvSsdConfig()),
    "ovdetr": lambda: OvDetr(OvDetrConfig()),
}


def test_listing_detectors_imports_none_of_them():
    code = (
        "import sys, ovd.model.backends; "
        "sys.exit('torch' in sys.modules or 'ovd.model.backends.embedded' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


@pytest.mark.parametrize("name", NETWORKS)
def test_entry_tells_the_size_of_the_network(name):
    spec = find_backend(name)
    with torch.device("meta"):
        network = NETWORKS[name]()

    assert sum(parameter.numel() for parameter in network.parameters()) == spec.parameters


def test_entries_tell_the_input_sizes():
    assert find_backend("ovdense").input_sizes == INPUT_SIZES
    assert find_backend("embedded").input_sizes == ((OvSsdConfig().input_size,) * 2,)


@pytest.mark.weights
@pytest.mark.parametrize("spec", SHIPPED, ids=lambda spec: spec.name)
def test_loaded_detector_is_what_its_entry_says(spec, weights_dir):
    info = spec.load(LoadOptions(weights_dir)).info

    assert info.name == spec.name
    assert info.independent_scores == spec.independent_scores
    assert spec.is_installed(weights_dir, Path("none"))
