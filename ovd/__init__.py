"""Open-vocabulary detection analytics: type what to look for, get counts.

`import ovd` gives the domain types and errors and loads no torch.
"""

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, Gap, QueryCount
from ovd.domain.frame import Frame
from ovd.domain.query import Query, Vocabulary
from ovd.errors import OvdError

__version__ = "0.2.0"

__all__ = [
    "Detections",
    "Frame",
    "FrameResult",
    "Gap",
    "OvdError",
    "Query",
    "QueryCount",
    "Vocabulary",
    "__version__",
]
