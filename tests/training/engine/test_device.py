import pytest

from ovd.errors import SettingsError
from ovd.training.engine.device import find_device


def test_processor_is_found():
    assert find_device("cpu").type == "cpu"


@pytest.mark.parametrize("name", ["toaster", "cuda:99"])
def test_what_torch_cannot_compute_on_is_refused(name):
    with pytest.raises(SettingsError, match=f"'{name}' here; try cpu"):
        find_device(name)
