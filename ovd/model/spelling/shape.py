"""Shape of the spelling network, which torch trains and numpy runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from ovd.model.spelling.edits import FIRST_SYMBOL, Alphabet

HEAD_DIM = 32
MAX_LETTERS = 48
MAX_EDITS = 2 * MAX_LETTERS
KINDS = 5
CONVOLUTIONS = 2


@dataclass(frozen=True)
class SpellingConfig:
    """Size of the network.

    Attributes:
        width: Channels, a multiple of 32.
        encoder_layers: Layers that read the typed text.
        decoder_layers: Layers that follow the edits.
    """

    width: int = 128
    encoder_layers: int = 3
    decoder_layers: int = 1

    def __post_init__(self) -> None:
        if self.width < HEAD_DIM or self.width % HEAD_DIM:
            raise ValueError(f"width must be a multiple of {HEAD_DIM}, got {self.width}")
        if min(self.encoder_layers, self.decoder_layers) < 1:
            raise ValueError("at least one layer must read and one must write")


def edit_kind(edit: int, letters: int) -> int:
    """Return the number of an edit's kind: start (edit -1), keep, drop, insert, replace.

    Args:
        edit: The edit.
        letters: How many letters the alphabet has.
    """
    return min(edit + 1, FIRST_SYMBOL + 1) + (edit >= FIRST_SYMBOL + letters)


def parameter_shapes(alphabet: Alphabet, config: SpellingConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter of a network by its name."""
    width = config.width
    shapes: dict[str, tuple[int, ...]] = {
        "symbols.weight": (alphabet.symbols, width),
        "places.weight": (MAX_LETTERS + 1, width),
        "written.weight": (alphabet.symbols, width),
        "kinds.weight": (KINDS, width),
        "steps.weight": (MAX_EDITS, width),
    }
    for name in ("read_norm", "write_norm"):
        shapes |= {f"{name}.weight": (width,), f"{name}.bias": (width,)}
    for index in range(CONVOLUTIONS):
        shapes |= {f"near.{index}.weight": (width, width, 3), f"near.{index}.bias": (width,)}
    shapes |= dict(_linear("is_wrong", width, 1)) | dict(_linear("edits", width, alphabet.edits))
    for layers, count in (("readers", config.encoder_layers), ("writers", config.decoder_layers)):
        for index in range(count):
            shapes |= dict(_layer(f"{layers}.{index}", width))
    return shapes


def _layer(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for norm in ("norm", "wide_norm"):
        yield f"{name}.{norm}.weight", (width,)
        yield f"{name}.{norm}.bias", (width,)
    yield from _linear(f"{name}.qkv", width, 3 * width)
    yield from _linear(f"{name}.join", width, width)
    yield from _linear(f"{name}.widen", width, 4 * width)
    yield from _linear(f"{name}.narrow", 4 * width, width)


def _linear(name: str, inputs: int, outputs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)
