"""Open-vocabulary detection analytics: type what to look for, get counts.

Names are imported when they are first used: `import ovd` takes no time, and PyTorch is imported
only where the network is run by it.
"""

import importlib
from typing import TYPE_CHECKING

from ovd.bundled import VERSION

if TYPE_CHECKING:
    from ovd.domain.detections import Detections
    from ovd.domain.events import FrameResult, Gap, QueryCount
    from ovd.domain.frame import Frame
    from ovd.domain.ports import Detector, DetectorInfo
    from ovd.domain.query import Query, Vocabulary
    from ovd.errors import OvdError
    from ovd.functions import count, detect, load_image, open_detector, read_query

__version__ = VERSION

__all__ = [
    "Detections",
    "Detector",
    "DetectorInfo",
    "Frame",
    "FrameResult",
    "Gap",
    "OvdError",
    "Query",
    "QueryCount",
    "Vocabulary",
    "__version__",
    "count",
    "detect",
    "load_image",
    "open_detector",
    "read_query",
]

_MODULES = {
    "ovd.domain.detections": ("Detections",),
    "ovd.domain.events": ("FrameResult", "Gap", "QueryCount"),
    "ovd.domain.frame": ("Frame",),
    "ovd.domain.ports": ("Detector", "DetectorInfo"),
    "ovd.domain.query": ("Query", "Vocabulary"),
    "ovd.errors": ("OvdError",),
    "ovd.functions": ("count", "detect", "load_image", "open_detector", "read_query"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module of a public name."""
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'ovd' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, imported or not."""
    return sorted({*globals(), *__all__})
