"""Import Gradio without what its users never need: in half the time, and without pandas.

Gradio, while it is imported, parses the source of each of its components and writes type stubs
for editors beside it; and it imports pandas, which none of our components uses.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType

PACKAGE = "gradio"
STUB_WRITER = ("gradio.component_meta", "create_or_modify_pyi")
UNUSED = "pandas"


def import_gradio() -> None:
    """Import Gradio; where it is imported already, nothing changes."""
    if PACKAGE in sys.modules:
        return
    finder = _Finder()
    deferred = None if UNUSED in sys.modules else _DeferredModule(UNUSED)
    sys.meta_path.insert(0, finder)
    if deferred is not None:
        sys.modules[UNUSED] = deferred
    try:
        importlib.import_module(PACKAGE)
    finally:
        sys.meta_path.remove(finder)
        if deferred is not None:
            deferred.release_name()


class _DeferredModule(ModuleType):
    """Stands for a module until something in it is used, and imports it then."""

    def release_name(self) -> None:
        """Let others import the real module under its name."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def __getattr__(self, name: str) -> object:
        self.release_name()
        value: object = getattr(importlib.import_module(self.__name__), name)
        return value


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the module that writes stubs where it is, and has it loaded by `_Loader`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != STUB_WRITER[0]:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Loads the module, and takes out the function that writes stubs."""

    def __init__(self, inner: importlib.abc.Loader) -> None:
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        if hasattr(module, STUB_WRITER[1]):
            setattr(module, STUB_WRITER[1], _write_nothing)


def _write_nothing(*_: object) -> None:
    """Write no stubs."""
