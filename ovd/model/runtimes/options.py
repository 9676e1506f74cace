"""Choice of a runtime: which library computes a network, in which precision, where."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Runtime(StrEnum):
    """A library that computes networks; `auto` takes the fastest that works here."""

    AUTO = "auto"
    EAGER = "eager"
    ONNX = "onnx"
    OPENVINO = "openvino"


class Precision(StrEnum):
    """Type of the numbers inside the network; `auto` takes the fastest that counts the same."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    INT8 = "int8"


class Device(StrEnum):
    """Where the network is computed; `auto` takes a GPU that is there."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Captions(StrEnum):
    """The way in which a model that reads texts together with the image is asked."""

    EACH = "each"
    TOGETHER = "together"


@dataclass(frozen=True)
class RuntimeOptions:
    """Options for running a network.

    Attributes:
        runtime: Library that computes it.
        precision: Type of the numbers in it.
        device: Where it is computed.
        threads: CPU threads; 0 takes all cores.
        cache_dir: Folder that keeps what was compiled or measured; None keeps nothing.
        encoder_keep: Share of the tokens that a sparse encoder encodes, in (0, 1]; others have
            none.
    """

    runtime: Runtime = Runtime.AUTO
    precision: Precision = Precision.AUTO
    device: Device = Device.AUTO
    threads: int = 0
    cache_dir: Path | None = None
    encoder_keep: float = 1.0
