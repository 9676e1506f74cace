"""Extras: packages that a few verbs need, and that a plain installation does not bring."""

from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec

from ovd.errors import MissingExtraError


class Extra(StrEnum):
    """An optional dependency of pyproject.toml."""

    EVAL = "eval"
    TRAIN = "train"


MODULES: dict[Extra, tuple[str, ...]] = {
    Extra.EVAL: ("faster_coco_eval",),
    Extra.TRAIN: ("faster_coco_eval", "matplotlib", "onnx"),
}


def _is_installed(module: str) -> bool:
    return find_spec(module) is not None


def require_extra(
    extra: Extra, verb: str, is_installed: Callable[[str], bool] = _is_installed
) -> None:
    """Raise before anything is done if the packages of an extra are missing.

    Args:
        extra: What is needed.
        verb: Which command needs it, for the message.
        is_installed: Tells whether a module can be imported.

    Raises:
        MissingExtraError: If one is missing; says how to install all of them.
    """
    missing = [module for module in MODULES[extra] if not is_installed(module)]
    if missing:
        raise MissingExtraError(
            f"ovd {verb} needs packages that are not installed ({', '.join(missing)}); "
            f"install them with: pip install 'ovd[{extra}]'"
        )
