import subprocess
import sys

import pytest

from ovd.errors import UnknownDetectorError
from ovd.model import LoadOptions, backend_names, load_detector


def test_unknown_detector_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(UnknownDetectorError, match=r"'yolo'.*embedded"):
        load_detector("yolo", LoadOptions(tmp_path))


def test_embedded_detector_is_a_backend():
    assert "embedded" in backend_names()


def test_importing_the_package_loads_no_torch():
    code = "import sys, ovd.model, ovd.model.weights; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
