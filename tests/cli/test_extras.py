import tomllib
from pathlib import Path

import pytest

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
