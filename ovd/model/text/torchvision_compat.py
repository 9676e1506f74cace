"""Let `import torchvision` work beside a CPU-only torch.

The PyPI wheel of torchvision for Linux links its extension `_C.so` to the CUDA libraries. Beside
a CPU build of torch the extension does not load, and the import ends in `RuntimeError: operator
torchvision::nms does not exist`. torchvision needs the schemas of two operators while it is being
imported; registering them, one with an implementation of ours, is enough for its transforms,
`nms`, and for open_clip and timm on top of it.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from ovd.domain.boxes import nms

PACKAGE = "torchvision"
SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def install() -> None:
    """Arrange for the next import of torchvision to work; nothing is imported now.

    Where torchvision's own extension loads, it is used and nothing is replaced.
    """
    if PACKAGE not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Finds torchvision where it is, and has it loaded by `_Loader`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, tuple(spec.submodule_search_locations or ()))
        return spec


class _Loader(importlib.abc.Loader):
    """Loads torchvision, after the operators it asks for were put in place."""

    def __init__(self, inner: importlib.abc.Loader, folders: tuple[str, ...]) -> None:
        self._inner = inner
        self._folders = folders

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if any(_extension_loads(Path(folder) / "_C.so") for folder in self._folders):
            self._inner.exec_module(module)
            return
        _register_operators()
        self._inner.exec_module(module)
        sys.modules["torchvision.ops.boxes"].__dict__["_assert_has_ops"] = _accept


def _extension_loads(extension: Path) -> bool:
    if not extension.exists():
        return False
    try:
        torch.ops.load_library(str(extension))  # type: ignore[no-untyped-call]
    except OSError:
        return False
    return True


def _register_operators() -> None:
    for operator in ("nms", "qnms"):
        torch.library.define(f"{PACKAGE}::{operator}", SCHEMA)
    torch.library.impl(f"{PACKAGE}::nms", "CPU", _nms)


def _nms(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    boxes = dets.detach().float().numpy()
    score = scores.detach().float().numpy()
    one_group = np.zeros(len(score), dtype=np.int64)
    return torch.from_numpy(nms(boxes, score, one_group, iou_threshold))


def _accept() -> None:
    """Replace torchvision's check that its extension was loaded."""
