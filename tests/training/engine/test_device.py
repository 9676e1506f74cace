import pytest

from ovd.errors import SettingsError
from ovd.training.engine.device import find_device


def test_cpu_is_found():
    assert find_device("cpu").type == "cpu"


@pytest.mark.parametrize("name", ["toaster", "cuda:99"])
def test_unavailable_device_is_refused(name):
    with pytest.raises(SettingsError, match=f"'{name}' here; try cpu"):
        find_device(name)
