import tomllib
from pathlib import Path

import pytest

from ovd.bundled import PACKAGE, Bundle, bundled_dir


@pytest.mark.parametrize("bundle", Bundle)
def test_files_of_an_installed_wheel_lie_in_the_package(tmp_path: Path, bundle: Bundle):
    package = tmp_path / "site-packages" / "ovd"
    (package / "data" / bundle.value).mkdir(parents=True)

    assert bundled_dir(bundle, package) == package / "data" / bundle.value


@pytest.mark.parametrize("bundle", Bundle)
def test_files_of_a_checkout_lie_beside_the_package(bundle: Bundle):
    assert bundled_dir(bundle) == PACKAGE.parent / bundle.value
    assert bundled_dir(bundle).is_dir()


def test_every_weights_file_of_the_checkout_is_in_the_manifest():
    folder = bundled_dir(Bundle.WEIGHTS)
    entries = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))["weights"]

    assert {path.name for path in folder.glob("*.safetensors")} <= {
        entry["file"] for entry in entries
    }
