import tomllib
from pathlib import Path

import pytest

from ovd.cli import extras
from ovd.cli.extras import MODULES, Extra, require_extra
from ovd.errors import MissingExtraError

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def test_missing_package_is_named_with_the_command_that_installs_it():
    with pytest.raises(
        MissingExtraError, match=r"matplotlib.*pip install 'ovd\[train\]'"
    ) as caught:
        require_extra(Extra.TRAIN, "train", lambda module: module != "matplotlib")

    assert "matplotlib" in str(caught.value)
    assert "faster_coco_eval" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_training_without_its_packages_is_refused_before_it_begins(ovd, tmp_path, monkeypatch):
    monkeypatch.setitem(extras.MODULES, Extra.TRAIN, ("a_package_nobody_has",))
    out = tmp_path / "weights"

    outcome = ovd("train", tmp_path / "no_such.toml", "--out", out)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[missing_extra]: ovd train needs packages")
    assert not out.exists()


@pytest.mark.parametrize("extra", Extra)
def test_extra_that_is_installed_is_accepted(extra):
    require_extra(extra, "eval", lambda module: True)


def test_extras_are_those_of_the_project():
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    for module in MODULES[Extra.TRAIN]:
        package = module.replace("_", "-")
        assert package in " ".join(extras["train"] + extras["eval"])
        assert package not in " ".join(project["dependencies"])
